#pragma once

#include <span>
#include <string>

#include "command.hpp"
#include "options.hpp"

namespace dtsctl {

/// What the arguments ask for: a command to run, or a text to print.
struct Request {
  const Command* command = nullptr;
  std::string text;
};

/// Reads the arguments into `options` and the commands' own options. Throws Error{usage}.
Request parse(int argc, const char* const* argv, std::span<const Command> commands,
              GlobalOptions& options);

}  // namespace dtsctl
