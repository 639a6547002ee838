#include "dts/sync.hpp"

#include <algorithm>
#include <memory>

#include <fmt/format.h>

#include "command.hpp"
#include "session.hpp"

namespace dtsctl {
namespace {

struct SyncOptions {
  dts::SyncRange range;
  std::string workers;
  bool no_precheck = false;
};

/// Whether the text has the form of the pattern, where `d` stands for a digit.
bool matches(std::string_view text, std::string_view pattern) {
  const auto same = [](char c, char p) { return p == 'd' ? c >= '0' && c <= '9' : c == p; };
  return std::ranges::equal(text, pattern, same);
}

bool is_time(std::string_view text) {
  const std::string_view zone = text.substr(std::min<std::size_t>(19, text.size()));
  return matches(text.substr(0, 19), "dddd-dd-ddTdd:dd:dd") &&
         (zone == "Z" || matches(zone, "+dd:dd") || matches(zone, "-dd:dd"));
}

void check_position(const char* option, const std::string& text) {
  if (text.empty()) return;
  try {
    dts::parse_position(text);
  } catch (const dts::Error& error) {
    throw dts::Error(dts::ErrorKind::usage, fmt::format("{}: {}", option, error.what()),
                     "a position is a GTID list such as 0-1-5,7-2-9, or FILE:OFFSET");
  }
}

/// Finds slips before anything is connected.
void check(const dts::SyncRange& range) {
  check_position("--from", range.from);
  check_position("--skip-ddl", range.skip_ddl);
  check_position("--skip-transaction", range.skip_transaction);
  if (range.until == "now" || is_time(range.until)) return;
  // "2026-11-22T06:08:15" would otherwise pass for a FILE:OFFSET.
  if (matches(std::string_view(range.until).substr(0, 10), "dddd-dd-dd"))
    throw dts::Error(dts::ErrorKind::usage,
                     fmt::format("--until: '{}' is not an RFC 3339 time", range.until),
                     "write it as 2026-11-22T06:08:15Z or 2026-11-22T07:08:15+01:00");
  check_position("--until", range.until);
}

/// --recover-state rebuilds what can't be read; what can be read is never moved.
void move_damaged_aside(Session& session, const std::filesystem::path& file) {
  if (!std::filesystem::exists(file) || dts::lock_holder(file)) return;
  try {
    dts::read_state(file);
  } catch (const dts::Error& error) {
    if (error.kind() != dts::ErrorKind::state) throw;
    std::string stamp = dts::to_string(dts::now());
    std::erase_if(stamp, [](char c) { return c == '-' || c == ':'; });
    const std::filesystem::path aside = file.string() + ".damaged-" + stamp;
    std::filesystem::rename(file, aside);
    session.report.message(dts::Severity::warning,
                           fmt::format("{}; moved to '{}'", error.what(), aside.string()));
  }
}

int run(const SyncOptions& options, Session& session) {
  check(options.range);
  dts::Job job = load_job(session.options, workers_override("sync.workers", options.workers));
  if (!options.no_precheck) require_phase(job.sync_phase, "sync", job);
  const std::filesystem::path file = state_file(session.options);
  if (options.range.recover_state) move_damaged_aside(session, file);
  dts::StateFile state(file, "sync");
  // A state that is about to be rebuilt can't hold the precheck that the job passed long ago.
  if (!options.no_precheck && !(options.range.recover_state && state.fresh()))
    dts::require_precheck(job, state.state);
  resolve_passwords(job, session.stop);
  run_phase(session, job, "sync", state,
            [&] { dts::sync(job, state, options.range, session.report, session.stop); });
  return 0;
}

}  // namespace

Command sync_command() {
  auto options = std::make_shared<SyncOptions>();
  dts::SyncRange& range = options->range;
  return {
      .name = "sync",
      .summary = "apply the source's changes to the target, until stopped",
      .usage =
          "[--until now|POSITION|TIME] [--from POSITION] [-j N]\n"
          "         [--skip-ddl POSITION] [--skip-transaction POSITION]\n"
          "         [--recover-state] [--no-precheck]",
      .example = "dtsctl sync --until now",
      .phase = true,
      .options = {{"--until", "WHEN", "stop at 'now', a POSITION or a TIME", &range.until},
                  {"--from", "POSITION", "start here instead of after init-data", &range.from},
                  {"-j,--workers", "N", "parallel workers (sync.workers)", &options->workers},
                  {"--skip-ddl", "POSITION", "do not apply the DDL statement at POSITION",
                   &range.skip_ddl},
                  {"--skip-transaction", "POSITION", "do not apply the transaction at POSITION",
                   &range.skip_transaction},
                  {"--recover-state", "", "rebuild a lost state file from the target",
                   &range.recover_state},
                  {"--no-precheck", "", "without the gate, to debug this single step",
                   &options->no_precheck}},
      .run = [options](Session& session) { return run(*options, session); },
  };
}

}  // namespace dtsctl
