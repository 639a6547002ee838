#include "log.hpp"

#include <cerrno>
#include <cstring>

#include <unistd.h>

#include <fmt/format.h>

#include "dts/error.hpp"
#include "dts/state.hpp"
#include "terminal.hpp"

namespace dtsctl {

Log::Log(const std::filesystem::path& file, std::string command) : command_(std::move(command)) {
  if (file.empty()) return;
  file_.reset(std::fopen(file.c_str(), "ae"));
  if (!file_)
    throw dts::Error(dts::ErrorKind::usage, fmt::format("cannot open the log '{}': {}",
                                                        file.string(), std::strerror(errno)));
}

void Log::write(std::string_view level, std::string_view text) {
  if (!file_) return;
  // One write a line, so that lines of several processes don't mix.
  const std::string line = fmt::format("{} {}[{}] {}: {}\n", dts::to_string(dts::now()), command_,
                                       getpid(), level, printable(text));
  std::fwrite(line.data(), 1, line.size(), file_.get());
  std::fflush(file_.get());
}

}  // namespace dtsctl
