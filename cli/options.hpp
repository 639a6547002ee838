#pragma once

#include <filesystem>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "command.hpp"
#include "dts/job.hpp"

namespace dtsctl {

/// The options of every command.
struct GlobalOptions {
  std::vector<std::string> files;  ///< more than one for status only
  std::string file;                ///< the first of them
  std::string state, log;
  std::vector<std::string> config;
  bool json = false, quiet = false, no_color = false, wait = false, yes = false;
  int verbose = 0;
};

/// How they are written; `options` must outlive the result.
std::vector<Option> global_options(GlobalOptions& options);

/// The flag, else the environment, else ./dtsctl.toml.
std::filesystem::path job_file(const GlobalOptions& options);
/// The flag, else the environment, else beside the job file.
std::filesystem::path state_file(const GlobalOptions& options);

/// Loads the job file with -c and then `overrides` applied.
dts::Job load_job(const GlobalOptions& options, std::span<const std::string> overrides = {});

/// The override for -j, or nothing if it was not given. Throws Error{usage}.
std::vector<std::string> workers_override(std::string_view key, const std::string& value);

/// Finds both passwords; asks only where someone can answer.
void resolve_passwords(dts::Job& job, const std::stop_token& stop);

/// "dtsctl sync", with the -f and --state that were given.
std::string command_line(const GlobalOptions& options, std::string_view command);

}  // namespace dtsctl
