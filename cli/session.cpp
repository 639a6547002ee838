#include "session.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "format.hpp"
#include "interrupt.hpp"

namespace dtsctl {
namespace {

using Clock = std::chrono::steady_clock;

/// Errors of a server that may soon be there. A wrong password never gets right by waiting.
bool may_pass(const dts::Error& error) {
  static constexpr std::array<unsigned, 10> numbers{
      1040,  // too many connections
      1053,  // server shutdown in progress
      1203,  // too many connections of the user
      2002,  // no server at the socket
      2003,  // no server at the host and port
      2005,  // unknown host
      2006,  // server has gone away
      2012,  // error in the handshake
      2013,  // lost connection
      2055,  // lost connection, with the system's error
  };
  return error.kind() == dts::ErrorKind::connect &&
         std::ranges::find(numbers, error.server_errno()) != numbers.end();
}

/// Where no password was found and nobody could be asked, says so.
dts::Error with_password_hint(const dts::Error& error, const dts::Job& job) {
  const std::string_view what = error.what();
  const auto lacks = [&](const dts::Endpoint& endpoint) {
    return endpoint.password.empty() && what.find(dts::to_string(endpoint)) != what.npos;
  };
  if (error.server_errno() != 1045 || (!lacks(job.source) && !lacks(job.target))) return error;
  return {error.kind(), error.what(),
          fmt::format("no password was given: set password_file in the job file or {} in the "
                      "environment, or run on a terminal to be asked",
                      lacks(job.source) ? "DTSCTL_SOURCE_PASSWORD" : "DTSCTL_TARGET_PASSWORD"),
          error.server_errno()};
}

}  // namespace

void when_connected(Session& session, const dts::Job& job, const std::function<void()>& call) {
  const auto end = Clock::now() + std::chrono::minutes(job.retry.connection_minutes);
  for (std::chrono::seconds delay{1};; delay = std::min(2 * delay, std::chrono::seconds(30))) {
    try {
      return call();
    } catch (const dts::Error& error) {
      if (!session.options.wait || session.report.under_way() || !may_pass(error) ||
          Clock::now() + delay > end)
        throw with_password_hint(error, job);
      session.report.message(
          dts::Severity::warning,
          fmt::format("{}; trying again in {}", error.what(),
                      counted(static_cast<std::uint64_t>(delay.count()), "second")));
    }
    if (!pause_for(delay, session.stop))
      throw dts::Error(dts::ErrorKind::interrupted, "interrupted while waiting for a server");
  }
}

void run_phase(Session& session, const dts::Job& job, std::string_view phase, dts::StateFile& state,
               const std::function<void()>& call) {
  const auto start = Clock::now();
  const auto seconds = [&] { return std::chrono::duration<double>(Clock::now() - start).count(); };
  const dts::PhaseState before = state.state.data;
  const dts::SyncProgress synced = state.state.sync;
  try {
    when_connected(session, job, call);
  } catch (const dts::Error& error) {
    if (error.kind() == dts::ErrorKind::interrupted && session.report.under_way())
      session.report.summary({phase, false, false, seconds(), state.state, "", synced});
    throw;
  }
  // A finished copy is left alone, its times included.
  const bool idle =
      phase == "data" && before.finished && state.state.data.finished == before.finished;
  session.report.summary(
      {phase, true, idle, seconds(), state.state, next_command(session, job, state.state, phase), synced});
}

void require_phase(bool selected, std::string_view phase, const dts::Job& job) {
  if (selected) return;
  throw dts::Error(dts::ErrorKind::usage,
                   fmt::format("the phases of job '{}' do not include '{}'", job.name, phase),
                   fmt::format("add \"{}\" to phases in '{}', then run dtsctl precheck", phase,
                               job.file.string()));
}

std::string next_command(const Session& session, const dts::Job& job, const dts::JobState& state,
                         std::string_view phase) {
  const bool data_done = state.data.status == dts::PhaseStatus::done;
  // Whoever has copied has made the tables somehow.
  const bool schema_done = data_done || state.schema.status == dts::PhaseStatus::done;
  // What joins a job that runs is made and copied before it goes on.
  if (job.data_phase && data_done && dts::objects_changed(job, state))
    return command_line(session.options, job.schema_phase && phase == "precheck" ? "init-schema" : "init-data");
  if (job.schema_phase && !schema_done) return command_line(session.options, "init-schema");
  if (job.data_phase && !data_done) return command_line(session.options, "init-data");
  return job.sync_phase && phase != "sync" ? command_line(session.options, "sync") : "";
}

}  // namespace dtsctl
