#include <memory>

#include <fmt/format.h>

#include "command.hpp"
#include "format.hpp"
#include "session.hpp"

namespace dtsctl {
namespace {

struct InitDataOptions {
  bool dry_run = false, restart = false, no_precheck = false;
  std::string workers;
};

void require_answer(const Session& session) {
  if (session.options.yes || can_ask()) return;
  throw dts::Error(dts::ErrorKind::usage,
                   "--restart empties tables, and there is no terminal to ask on",
                   "add --yes if that is what you want");
}

void confirm_restart(const Session& session, const dts::Job& job, const dts::JobState& state) {
  if (session.options.yes) return;
  const CopyTotals sum = totals(state);
  const std::string question = fmt::format(
      "This empties the tables of job '{}' on {}\n"
      "({}, {} copied so far) and copies them again.\nGo on? [y/N] ",
      printable(job.name), printable(dts::to_string(job.target)), counted(sum.tables, "table"),
      counted(sum.rows, "row"));
  const std::string answer = ask(question, false, session.stop);
  if (answer != "y" && answer != "Y" && answer != "yes")
    throw dts::Error(dts::ErrorKind::interrupted, "not restarted; nothing was changed",
                     "without --restart the copy goes on where it stopped");
}

int run(const InitDataOptions& options, Session& session) {
  const auto overrides = workers_override("data.workers", options.workers);
  if (options.restart && !options.dry_run) require_answer(session);
  dts::Job job = load_job(session.options, overrides);
  if (options.dry_run) {
    resolve_passwords(job, session.stop);
    when_connected(session, job, [&] {
      session.report.copy_plan(dts::plan_data(job, session.report, session.stop));
    });
    return 0;
  }
  if (!options.no_precheck) require_phase(job.data_phase, "data", job);
  dts::StateFile state(state_file(session.options), "init-data");
  if (!options.no_precheck) dts::require_precheck(job, state.state);
  if (options.restart) confirm_restart(session, job, state.state);
  resolve_passwords(job, session.stop);
  run_phase(session, job, "data", state,
            [&] { dts::init_data(job, state, options.restart, session.report, session.stop); });
  return 0;
}

}  // namespace

Command init_data_command() {
  auto options = std::make_shared<InitDataOptions>();
  return {
      .name = "init-data",
      .summary = "copy the rows; goes on where it stopped",
      .usage = "[--dry-run] [--restart] [-j N] [--no-precheck]",
      .example = "dtsctl init-data -j 8",
      .phase = true,
      .options = {{"--dry-run", "", "show what would be copied, copy nothing", &options->dry_run},
                  {"--restart", "", "empty what this job copied and begin again; asks first",
                   &options->restart},
                  {"-j,--workers", "N", "parallel workers (data.workers)", &options->workers},
                  {"--no-precheck", "", "without the gate, to debug this single step",
                   &options->no_precheck}},
      .run = [options](Session& session) { return run(*options, session); },
  };
}

}  // namespace dtsctl
