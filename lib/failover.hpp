#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "db/bookkeeping.hpp"
#include "dts/job.hpp"
#include "dts/observer.hpp"
#include "dts/state.hpp"
#include "servers.hpp"

// [source] and [target] may name several hosts. Which of them is used is decided where a run begins,
// and holds until its connections are lost. What must never happen is to go on from a server that has
// other data; so a server that is not the one before has to prove that it is a replica of it.

namespace dts {

/// What speaks against a server. If it may pass, the server is tried again later.
struct Objection {
  std::string why;
  bool may_pass = false;
};
using Inspect = std::function<std::optional<Objection>(Connection&)>;

/// Connects to the host that `endpoint` leads to or, if that does not answer or `inspect` has something
/// against it, to the next of its hosts; `endpoint` leads there then. With no hosts to choose from it
/// just connects. Throws Error{connect}, with the number of a lost connection if one of them may answer
/// later, and the reasons of all.
std::unique_ptr<Connection> connect_first(Endpoint& endpoint, Side side, const Inspect& inspect,
                                          Observer& observer);

/// The job with its hosts chosen, for phases that go on with the servers they have begun with.
Job with_hosts(Job job, JobState& state, Observer& observer);

/// For commands that have no state: the first that answers.
Job with_hosts(Job job);

/// For sync: connects both; `job` leads to the hosts chosen. Another source than the one before is
/// taken where it proves by GTIDs that it has what the target has applied; that is written down then.
Servers connect_for_sync(Job& job, StateFile& state, Observer& observer);

/// "0-1-5@1763800000"; empty for a transaction without a GTID of MariaDB.
std::string transaction_mark(const TransactionId& id, std::uint32_t time);

/// Throws where a DDL statement was under way when the last target was lost: on another one nobody knows
/// whether it was done. Writes down which target it is.
void check_target_server(Connection& target, const Job& job, StateFile& state, bool may_skip_ddl);

}  // namespace dts
