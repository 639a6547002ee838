#pragma once

#include <memory>

#include "db/connection.hpp"
#include "dts/job.hpp"
#include "dts/state.hpp"

namespace dts {

/// A connection to each server of a job.
struct Servers {
  std::unique_ptr<Connection> source, target;
};

/// Connects to both servers and makes sure that they are the ones that `state` is about: throws
/// Error{state} if an identity has changed, Error{connect} if one cannot be reached. Identities not
/// known yet are recorded.
Servers connect_servers(const Job& job, StateFile& state);
/// The same for servers that are connected; the source may have proved in another way that it is right.
void check_identities(Servers& servers, const Job& job, StateFile& state, bool source_proved);

}  // namespace dts
