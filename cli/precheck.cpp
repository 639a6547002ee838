#include <memory>

#include <fmt/format.h>

#include "command.hpp"
#include "session.hpp"
#include "suggest.hpp"

namespace dtsctl {
namespace {

struct PrecheckOptions {
  std::vector<std::string> ignore;
  std::string explain;
};

/// The checks with this name. Throws Error{usage} if there is none.
std::vector<dts::CheckInfo> named(const std::string& name) {
  std::vector<dts::CheckInfo> found;
  std::vector<std::string> names;
  for (dts::CheckInfo& check : dts::checks()) {
    names.push_back(check.name);
    if (check.name == name) found.push_back(std::move(check));
  }
  if (found.empty())
    throw dts::Error(dts::ErrorKind::usage, fmt::format("there is no check '{}'", name),
                     did_you_mean(name, names, "dtsctl precheck --explain all lists them"));
  return found;
}

std::string advice(const Session& session, const dts::Job& job, const dts::JobState& state,
                   std::span<const dts::Finding> findings) {
  if (dts::passed(findings)) return next_command(session, job, state, "precheck");
  for (const dts::Finding& f : findings)
    if (f.level == dts::Level::failure)
      return fmt::format("mend what failed, then {}", command_line(session.options, "precheck"));
  return fmt::format("mend the warnings, or accept them with {}",
                     command_line(session.options, "precheck --ignore CHECK"));
}

int run(const PrecheckOptions& options, Session& session) {
  if (!options.explain.empty()) {
    session.report.explain(options.explain == "all" ? dts::checks() : named(options.explain));
    return 0;
  }
  for (const std::string& name : options.ignore) named(name);
  dts::Job job = load_job(session.options);
  dts::StateFile state(state_file(session.options), "precheck");
  resolve_passwords(job, session.stop);
  std::vector<dts::Finding> findings;
  when_connected(session, job, [&] {
    findings = dts::precheck(job, state, options.ignore, session.report, session.stop);
  });
  session.report.findings(job.name, findings);
  const std::string next = advice(session, job, state.state, findings);
  if (!session.options.json && !next.empty())
    session.report.message(dts::Severity::info, "next: " + next);
  return dts::passed(findings) ? 0 : 3;
}

}  // namespace

Command precheck_command() {
  auto options = std::make_shared<PrecheckOptions>();
  return {
      .name = "precheck",
      .summary = "check whether the job can run, and say what to mend",
      .usage = "[--ignore CHECK]... | --explain CHECK",
      .example = "dtsctl precheck --ignore binlog-retention",
      .options = {{"--ignore", "CHECK", "acknowledge this check's warnings; repeatable",
                   &options->ignore},
                  {"--explain", "CHECK", "say what a check is for, of 'all' what each is for",
                   &options->explain}},
      .run = [options](Session& session) { return run(*options, session); },
  };
}

}  // namespace dtsctl
