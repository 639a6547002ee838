#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>
#include <set>

#include <unistd.h>

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
  std::string html, metrics;
  std::vector<std::string> jobs;
};

/// A job that has not begun has no state file; its job file then tells what it is.
dts::JobState not_started(const GlobalOptions& options, const std::filesystem::path& file) {
  std::error_code error;
  if (!std::filesystem::exists(job_file(options), error) && !options.state.empty())
    return dts::read_state(file);  // says that it is missing
  const dts::Job job = load_job(options);
  dts::JobState state;
  state.job = job.name;
  state.source = dts::to_string(job.source);
  state.target = dts::to_string(job.target);
  return state;
}

JobStatus look(const GlobalOptions& options) {
  const std::filesystem::path file = state_file(options);
  std::error_code error;
  JobStatus status;
  status.state =
      std::filesystem::exists(file, error) ? dts::read_state(file) : not_started(options, file);
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

bool is_state_file(const std::filesystem::path& file) {
  return file.string().ends_with(".state.toml");
}

/// The job files of a folder: whatever ends in .toml, and jobs of which only the state is left.
std::vector<std::filesystem::path> jobs_in(const std::filesystem::path& folder) {
  std::set<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const std::filesystem::path& file = entry.path();
    if (file.extension() != ".toml") continue;
    std::string name = file.string();
    if (is_state_file(file)) name.replace(name.size() - std::string(".state.toml").size(), std::string::npos, ".toml");
    files.insert(name);
  }
  if (files.empty())
    throw dts::Error(dts::ErrorKind::usage, fmt::format("there are no job files in '{}'", folder.string()),
                     "job files and state files end in .toml");
  return {files.begin(), files.end()};
}

/// What -f and the arguments name, folders opened.
std::vector<std::filesystem::path> listed(const StatusOptions& options, const GlobalOptions& global) {
  std::vector<std::filesystem::path> files;
  const auto add = [&](const std::string& name) {
    std::error_code error;
    if (!std::filesystem::is_directory(name, error)) return (void)files.emplace_back(name);
    for (const auto& file : jobs_in(name)) files.push_back(file);
  };
  for (const std::string& name : global.files) add(name);
  for (const std::string& name : options.jobs) add(name);
  return files;
}

/// One job that can't be read must not hide the others.
JobStatus look_at(const std::filesystem::path& file, GlobalOptions options) {
  options.file = file.string();
  options.state = dts::state_path(file).string();
  JobStatus status;
  try {
    std::error_code error;
    if (!std::filesystem::exists(options.state, error)) options.state.clear();
    status = look(options);
  } catch (const dts::Error& error) {
    status.job = file.stem().string();
    status.overall = "unreadable";
    status.unreadable = error.what();
  }
  status.file = file.string();
  return status;
}

/// Whole or not at all: whoever reads the file meanwhile sees the one before. What is no file, such as
/// /dev/stdout or a pipe, is written to, not replaced; nor is a link.
void write_file(const std::string& given, const std::string& text) {
  std::error_code error;
  const bool is_there = std::filesystem::exists(given, error);
  const bool replaced = !is_there || std::filesystem::is_regular_file(given, error);
  const bool is_link = std::filesystem::is_symlink(given, error);
  const std::string name =
      replaced && (is_there || is_link) ? std::filesystem::weakly_canonical(given, error).string() : given;
  const std::string fresh = replaced ? fmt::format("{}.{}", name, getpid()) : name;
  std::ofstream file(fresh, std::ios::binary);
  file << text;
  file.close();
  error.clear();
  if (file && replaced) std::filesystem::rename(fresh, name, error);
  if (file && !error) return;
  const std::string why = error ? error.message() : std::strerror(errno);
  if (replaced) std::filesystem::remove(fresh, error);
  throw dts::Error(dts::ErrorKind::usage, fmt::format("cannot write '{}': {}", name, why));
}

void show(const StatusOptions& options, Session& session,
          const std::vector<std::filesystem::path>& files) {
  std::vector<JobStatus> jobs;
  if (files.size() > 1 || !options.jobs.empty())
    for (const auto& file : files) jobs.push_back(look_at(file, session.options));
  const bool many = !jobs.empty();
  if (!many) jobs.push_back(look(session.options));
  if (!options.html.empty()) write_file(options.html, html_page(jobs));
  if (!options.metrics.empty()) write_file(options.metrics, metrics_text(jobs));
  if (!options.html.empty() || !options.metrics.empty()) return;
  many ? session.report.jobs(jobs, options.watch) : session.report.status(jobs.front(), options.watch);
}

/// The only part of the status that asks the servers.
int show_with_schema(Session& session) {
  dts::Job job = load_job(session.options);
  resolve_passwords(job, session.stop);
  JobStatus status = look(session.options);
  when_connected(session, job, [&] { status.schema = dts::compare_schema(job, session.stop); });
  session.report.status(status, false);
  // As the precheck, which makes the same comparison.
  return dts::any_harmful(*status.schema) ? 3 : 0;
}

int run(const StatusOptions& options, Session& session) {
  const auto files = listed(options, session.options);
  const bool many = files.size() > 1 || !options.jobs.empty();
  if (many && !session.options.state.empty())
    throw dts::Error(dts::ErrorKind::usage, "--state names the state of one job, and there are several",
                     "leave it out: the state of NAME.toml is NAME.state.toml");
  if (options.schema && (options.watch || many || !options.html.empty() || !options.metrics.empty()))
    throw dts::Error(dts::ErrorKind::usage, "--schema asks the servers of one job, and can't be watched",
                     "give --schema without --watch, --html, --metrics and other jobs");
  if (options.schema) return show_with_schema(session);
  do {
    show(options, session, files);
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
      .usage = "[--watch] [--html FILE] [--metrics FILE] [JOB...]\n       dtsctl status --schema",
      .example = "dtsctl status --json | jq .sync.lag_seconds",
      .options = {{"--watch", "", "show it again every second until Ctrl-C", &options->watch},
                  {"--html", "FILE", "write a page to look at instead, also with --watch", &options->html},
                  {"--metrics", "FILE", "write metrics for Prometheus instead (textfile collector)",
                   &options->metrics},
                  {"--schema", "", "ask both servers how their schemas differ", &options->schema},
                  {"JOB", "", "job files, or folders of them: all jobs as a table", &options->jobs}},
      .run = [options](Session& session) { return run(*options, session); },
  };
}

}  // namespace dtsctl
