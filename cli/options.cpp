#include "options.hpp"

#include <charconv>
#include <cstdlib>

#include <fmt/format.h>

#include "dts/error.hpp"
#include "dts/state.hpp"
#include "interrupt.hpp"
#include "terminal.hpp"

namespace dtsctl {
namespace {

std::filesystem::path first_of(const std::string& flag, const char* variable,
                               const std::filesystem::path& otherwise) {
  if (!flag.empty()) return flag;
  const char* value = std::getenv(variable);
  return value != nullptr && *value != '\0' ? std::filesystem::path(value) : otherwise;
}

std::string shell_quoted(const std::string& word) {
  const bool plain = !word.empty() && word.find_first_not_of(
                                          "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                          "0123456789_./:@%+=,-") == std::string::npos;
  if (plain) return word;
  std::string out = "'";
  for (const char c : word) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

void resolve(dts::Endpoint& endpoint, const char* variable, const std::stop_token& stop) {
  std::function<std::string(std::string_view)> prompt;
  if (can_ask())
    prompt = [&](std::string_view) {
      return ask(fmt::format("password of {}: ", printable(dts::to_string(endpoint))), true, stop);
    };
  if (endpoint.password_command.empty()) return dts::resolve_password(endpoint, variable, prompt);
  SignalsAsUsual while_it_runs;
  dts::resolve_password(endpoint, variable);
}

}  // namespace

std::vector<Option> global_options(GlobalOptions& o) {
  return {
      {"-f,--file", "FILE", "the job file (dtsctl.toml)", &o.files},
      {"-c,--config", "KEY=VALUE", "override a key of the job file; repeatable", &o.config},
      {"--state", "FILE", "the state file (NAME.state.toml for NAME.toml)", &o.state},
      {"--json", "", "results and progress as JSON, for scripts", &o.json},
      {"--log", "FILE", "append events to FILE; as JSON if it ends in .jsonl", &o.log},
      {"-q,--quiet", "", "say nothing but errors", &o.quiet},
      {"-v,--verbose", "", "say more; repeatable", &o.verbose},
      {"--no-color", "", "no colours", &o.no_color},
      {"--wait", "", "retry the first connection too", &o.wait},
      {"--yes", "", "answer the questions of destructive options with yes", &o.yes},
  };
}

std::filesystem::path job_file(const GlobalOptions& options) {
  return first_of(options.file, "DTSCTL_FILE", "dtsctl.toml");
}

std::filesystem::path state_file(const GlobalOptions& options) {
  return first_of(options.state, "DTSCTL_STATE", dts::state_path(job_file(options)));
}

dts::Job load_job(const GlobalOptions& options, std::span<const std::string> overrides) {
  const std::filesystem::path file = job_file(options);
  std::error_code error;
  if (!std::filesystem::exists(file, error))
    throw dts::Error(dts::ErrorKind::usage,
                     fmt::format("cannot read the job file '{}': no such file", file.string()),
                     "name it with -f FILE; dtsctl.toml(5) describes it");
  std::vector<std::string> all = options.config;
  all.insert(all.end(), overrides.begin(), overrides.end());
  return dts::load_job(file, all);
}

std::vector<std::string> workers_override(std::string_view key, const std::string& value) {
  if (value.empty()) return {};
  unsigned workers = 0;
  const char* end = value.data() + value.size();
  const auto [rest, error] = std::from_chars(value.data(), end, workers);
  if (error != std::errc() || rest != end || workers == 0)
    throw dts::Error(dts::ErrorKind::usage,
                     fmt::format("-j needs a number from 1 on, not '{}'", value));
  return {fmt::format("{}={}", key, workers)};
}

void resolve_passwords(dts::Job& job, const std::stop_token& stop) {
  resolve(job.source, "DTSCTL_SOURCE_PASSWORD", stop);
  resolve(job.target, "DTSCTL_TARGET_PASSWORD", stop);
}

std::string command_line(const GlobalOptions& options, std::string_view command) {
  std::string line = "dtsctl";
  if (!options.file.empty()) line += " -f " + shell_quoted(options.file);
  if (!options.state.empty()) line += " --state " + shell_quoted(options.state);
  return fmt::format("{} {}", line, command);
}

}  // namespace dtsctl
