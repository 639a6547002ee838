#pragma once

#include <functional>
#include <string>
#include <variant>
#include <vector>

namespace dtsctl {

struct Session;

/// One option: read by the parser and shown by the help.
struct Option {
  std::string names;  ///< "-j,--workers"
  std::string value;  ///< what the help calls its value; empty: a flag
  std::string help;
  std::variant<bool*, int*, std::string*, std::vector<std::string>*> target;  ///< int: a count
};

/// One subcommand.
struct Command {
  std::string name;
  std::string summary;  ///< one line
  std::string usage;    ///< its own options, after the command's name
  std::string example;
  bool phase = false;  ///< changes the target; with --json it prints lines
  std::vector<Option> options;
  std::function<int(Session&)> run;  ///< returns the exit code; throws dts::Error
};

Command precheck_command();
Command init_schema_command();
Command init_data_command();
Command sync_command();
Command status_command();

}  // namespace dtsctl
