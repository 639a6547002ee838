#include "db/trouble.hpp"

#include <fmt/format.h>

namespace dts {

namespace {

constexpr const char* no_room = "make room on the target's disk; it goes on where it stopped";
constexpr const char* read_only =
    "SET GLOBAL read_only = OFF on the target (on MySQL super_read_only and offline_mode, too); it "
    "goes on where it stopped";
constexpr const char* gone_from_target =
    "somebody changed the table on the target: drop it there, then run dtsctl init-schema, which "
    "makes it as it was, and dtsctl init-data, which copies it again and goes on with the others";
constexpr const char* gone_from_source =
    "it was dropped, renamed or altered on the source: run the same command again";

Trouble of_target(unsigned code) {
  switch (code) {
    case 3:     // writing a file of the server, no space
    case 1021:  // disk full
    case 1026:  // error writing file
    case 1030:  // error of the engine
    case 1114:  // table full
    case 1878:  // temporary file
      return {true, no_room};
    case 1290:  // an option of the server prevents it
    case 1792:  // read-only transaction
    case 1836:  // read-only mode
    case 3032:  // offline mode
      return {true, read_only};
    case 1148:  // LOAD DATA LOCAL was switched off: the next try is an INSERT
    case 3948:
    case 4166:
      return {true, ""};
    case 1049:  // no such database
    case 1054:  // no such column
    case 1136:  // other number of columns
    case 1146:  // no such table
      return {false, gone_from_target};
    default:
      return {};
  }
}

}  // namespace

Trouble trouble_of(const Error& error) {
  const unsigned code = error.server_errno();
  constexpr unsigned offline = 3032;
  if (error.kind() == ErrorKind::target || code == offline) return of_target(code);
  if (error.kind() == ErrorKind::source && (code == 1049 || code == 1054 || code == 1146))
    return {false, gone_from_source};
  return {};
}

Error explained(const Error& error, const std::string& table) {
  const std::string what = error.what();
  const bool named = table.empty() || what.find(table) != what.npos;
  const std::string remedy = trouble_of(error).remedy;
  return {error.kind(), named ? what : fmt::format("cannot copy {}: {}", table, what),
          remedy.empty() ? error.hint() : remedy, error.server_errno()};
}

}  // namespace dts
