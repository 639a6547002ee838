#include <memory>

#include "command.hpp"
#include "session.hpp"

namespace dtsctl {
namespace {

struct InitSchemaOptions {
  bool dry_run = false, no_precheck = false;
};

int run(const InitSchemaOptions& options, Session& session) {
  dts::Job job = load_job(session.options);
  if (options.dry_run) {
    resolve_passwords(job, session.stop);
    when_connected(session, job, [&] {
      session.report.schema_plan(dts::plan_schema(job, session.report, session.stop));
    });
    return 0;
  }
  if (!options.no_precheck) require_phase(job.schema_phase, "schema", job);
  dts::StateFile state(state_file(session.options), "init-schema");
  if (!options.no_precheck) dts::require_precheck(job, state.state);
  resolve_passwords(job, session.stop);
  run_phase(session, job, "schema", state,
            [&] { dts::init_schema(job, state, session.report, session.stop); });
  return 0;
}

}  // namespace

Command init_schema_command() {
  auto options = std::make_shared<InitSchemaOptions>();
  return {
      .name = "init-schema",
      .summary = "create the selected objects on the target",
      .usage = "[--dry-run] [--no-precheck]",
      .example = "dtsctl init-schema --dry-run",
      .phase = true,
      .options = {{"--dry-run", "", "print the statements, change nothing", &options->dry_run},
                  {"--no-precheck", "", "without the gate, to debug this single step",
                   &options->no_precheck}},
      .run = [options](Session& session) { return run(*options, session); },
  };
}

}  // namespace dtsctl
