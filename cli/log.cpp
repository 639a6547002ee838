#include "log.hpp"

#include <cerrno>
#include <cstring>

#include <unistd.h>

#include <fmt/format.h>

#include "dts/error.hpp"
#include "dts/state.hpp"
#include "terminal.hpp"

namespace dtsctl {

Log::Log(const std::filesystem::path& file, std::string command)
    : command_(std::move(command)),
      json_(file.extension() == ".json" || file.extension() == ".jsonl") {
  if (file.empty()) return;
  file_.reset(std::fopen(file.c_str(), "ae"));
  if (!file_)
    throw dts::Error(dts::ErrorKind::usage, fmt::format("cannot open the log '{}': {}",
                                                        file.string(), std::strerror(errno)));
}

void Log::write(std::string_view level, std::string_view text, const json::Object& facts) {
  if (!file_) return;
  const std::string time = dts::to_string(dts::now());
  const json::Json object = json::Object()
                                .add("time", time)
                                .add("command", command_)
                                .add("pid", getpid())
                                .add("level", level)
                                .add("message", text)
                                .add_all(facts);
  // One write a line, so that lines of several processes don't mix.
  const std::string line =
      json_ ? object.text + '\n'
            : fmt::format("{} {}[{}] {}: {}\n", time, command_, getpid(), level, printable(text));
  std::fwrite(line.data(), 1, line.size(), file_.get());
  std::fflush(file_.get());
}

}  // namespace dtsctl
