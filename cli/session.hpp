#pragma once

#include <functional>
#include <stop_token>
#include <string_view>

#include "options.hpp"
#include "report.hpp"

namespace dtsctl {

/// What a command works with.
struct Session {
  const GlobalOptions& options;
  Report& report;
  std::stop_token stop;
};

/// Calls `call`; with --wait again and again, as long as not even the first connection succeeds
/// and `[retry] connection_minutes` have not passed.
void when_connected(Session& session, const dts::Job& job, const std::function<void()>& call);

/// Runs a phase with the state file that it works on and tells how it ended.
void run_phase(Session& session, const dts::Job& job, std::string_view phase, dts::StateFile& state,
               const std::function<void()>& call);

/// Throws Error{usage} unless the job file names the phase.
void require_phase(bool selected, std::string_view phase, const dts::Job& job);

/// The command to run after `phase` ("precheck", "schema", "data" or "sync"): the first one of the
/// job's that is not done; or "" if none is left.
std::string next_command(const Session& session, const dts::Job& job, const dts::JobState& state,
                         std::string_view phase);

}  // namespace dtsctl
