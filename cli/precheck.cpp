#include <charconv>
#include <memory>

#include <fmt/format.h>

#include "command.hpp"
#include "session.hpp"
#include "suggest.hpp"

namespace dtsctl {
namespace {

struct PrecheckOptions {
  std::vector<std::string> ignore;
  std::string explain, speed;
  bool plan = false, all = false;
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

double speed_of(const std::string& text) {
  if (text.empty()) return dts::assumed_mb_per_second;
  double speed = 0;
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, speed);
  if (error != std::errc() || rest != end || !(speed > 0))
    throw dts::Error(dts::ErrorKind::usage,
                     fmt::format("--speed needs megabytes a second, not '{}'", text));
  return speed;
}

int run_plan(const PrecheckOptions& options, Session& session) {
  if (!options.ignore.empty())
    throw dts::Error(dts::ErrorKind::usage, "--plan runs no checks, so there is nothing to ignore",
                     "run precheck without --plan");
  const double speed = speed_of(options.speed);
  dts::Job job = load_job(session.options);
  resolve_passwords(job, session.stop);
  when_connected(session, job, [&] {
    session.report.plan(job.name, dts::plan_job(job, speed, session.report, session.stop), options.all);
  });
  return 0;
}

int run(const PrecheckOptions& options, Session& session) {
  if (!options.explain.empty()) {
    session.report.explain(options.explain == "all" ? dts::checks() : named(options.explain));
    return 0;
  }
  if (options.plan) return run_plan(options, session);
  if (options.all || !options.speed.empty())
    throw dts::Error(dts::ErrorKind::usage, "--all and --speed are for --plan", "add --plan");
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
      .usage = "[--ignore CHECK]... | --plan [--all] | --explain CHECK",
      .example = "dtsctl precheck --ignore binlog-retention",
      .options = {{"--ignore", "CHECK", "acknowledge this check's warnings; repeatable",
                   &options->ignore},
                  {"--plan", "", "show what the job will do, check nothing", &options->plan},
                  {"--all", "", "with --plan: every table, not only the largest", &options->all},
                  {"--speed", "MB", "with --plan: assume so many megabytes a second",
                   &options->speed},
                  {"--explain", "CHECK", "say what a check is for, of 'all' what each is for",
                   &options->explain}},
      .run = [options](Session& session) { return run(*options, session); },
  };
}

}  // namespace dtsctl
