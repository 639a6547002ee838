#include <memory>

#include <fmt/format.h>

#include "command.hpp"
#include "format.hpp"
#include "interrupt.hpp"
#include "session.hpp"

namespace dtsctl {
namespace {

struct StatusOptions {
  bool watch = false;
  bool schema = false;
};

/// A job that has not begun has no state file; its job file then tells what it is.
dts::JobState not_started(const Session& session, const std::filesystem::path& file) {
  std::error_code error;
  if (!std::filesystem::exists(job_file(session.options), error) && !session.options.state.empty())
    return dts::read_state(file);  // says that it is missing
  const dts::Job job = load_job(session.options);
  dts::JobState state;
  state.job = job.name;
  state.source = dts::to_string(job.source);
  state.target = dts::to_string(job.target);
  return state;
}

JobStatus look(const Session& session) {
  const std::filesystem::path file = state_file(session.options);
  std::error_code error;
  JobStatus status;
  status.state =
      std::filesystem::exists(file, error) ? dts::read_state(file) : not_started(session, file);
  const dts::JobState& state = status.state;
  status.holder = dts::lock_holder(file);
  status.job = state.job;
  status.overall = dts::overall_state(state, status.holder.has_value());
  status.copy = totals(state);
  const bool copying = status.holder && !state.data.finished;
  if (!state.data.started || (!state.data.finished && !copying)) return status;
  // Since the start of the phase, so an interruption in between makes it too low.
  const double seconds = seconds_between(*state.data.started, state.data.finished);
  if (seconds <= 0) return status;
  status.copy_rows_per_second = static_cast<double>(status.copy.rows) / seconds;
  if (copying && status.copy.rows > 0)
    status.copy_eta_seconds = static_cast<double>(status.copy.rows_estimated - status.copy.rows) /
                              status.copy_rows_per_second;
  return status;
}

/// The only part of the status that asks the servers.
int show_with_schema(Session& session) {
  dts::Job job = load_job(session.options);
  resolve_passwords(job, session.stop);
  JobStatus status = look(session);
  when_connected(session, job, [&] { status.schema = dts::compare_schema(job, session.stop); });
  session.report.status(status, false);
  return dts::any_harmful(*status.schema) ? 1 : 0;
}

int run(const StatusOptions& options, Session& session) {
  if (options.schema && options.watch)
    throw dts::Error(dts::ErrorKind::usage, "--schema can't be watched",
                     "give --schema without --watch");
  if (options.schema) return show_with_schema(session);
  do {
    session.report.status(look(session), options.watch);
  } while (options.watch && !session.report.in_vain() &&
           pause_for(std::chrono::seconds(1), session.stop));
  return 0;
}

}  // namespace

Command status_command() {
  auto options = std::make_shared<StatusOptions>();
  return {
      .name = "status",
      .summary = "show the whole job at a glance, also while nothing runs",
      .usage = "[--watch | --schema]",
      .example = "dtsctl status --json | jq .sync.lag_seconds",
      .options = {{"--watch", "", "show it again every second until Ctrl-C", &options->watch},
                  {"--schema", "", "ask both servers how their schemas differ", &options->schema}},
      .run = [options](Session& session) { return run(*options, session); },
  };
}

}  // namespace dtsctl
