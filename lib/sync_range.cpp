#include "sync_range.hpp"

#include <fmt/format.h>

#include <chrono>
#include <cstdio>

#include "db/server.hpp"
#include "dts/error.hpp"

namespace dts {

namespace {

std::optional<std::int64_t> parse_time(const std::string& text) {
  int year, month, day, hour, minute, second, read = 0;
  if (std::sscanf(text.c_str(), "%4d-%2d-%2d%*1[Tt ]%2d:%2d:%2d%n", &year, &month, &day, &hour,
                  &minute, &second, &read) != 6)
    return std::nullopt;
  using namespace std::chrono;
  auto at = sys_days{std::chrono::year(year) / month / day} + hours(hour) + minutes(minute) +
            seconds(second);
  std::int64_t time = duration_cast<seconds>(at.time_since_epoch()).count();
  std::string zone = text.substr(static_cast<std::size_t>(read));
  int zone_hours, zone_minutes;
  if (zone == "Z" || zone == "z") return time;
  if (std::sscanf(zone.c_str(), "%3d:%2d", &zone_hours, &zone_minutes) == 2)
    return time - zone_hours * 3600 - (zone[0] == '-' ? -60 : 60) * zone_minutes;
  throw Error(ErrorKind::usage, fmt::format("cannot read the time '{}': it has no time zone", text),
              "write it as 2026-11-22T06:08:15Z");
}

}  // namespace

Position resolve_position(Connection& source, const std::string& text) {
  Position position = parse_position(text);
  const bool foreign = source.is_mariadb() ? !position.sets.empty() : !position.gtids.empty();
  if (foreign)
    throw Error(ErrorKind::usage,
                fmt::format("cannot use the position '{}': the source is {}, which has no such "
                            "GTIDs",
                            text, source.is_mariadb() ? "MariaDB" : "MySQL"),
                source.is_mariadb() ? "MariaDB's are written 0-1-5" : "MySQL's are written UUID:1-5");
  if (is_by_file(position)) position = position_of(source, position.file, position.offset);
  return position;
}

namespace {

Until resolve_until(Connection& source, const std::string& text) {
  Until until;
  if (text.empty()) return until;
  if (text == "now")
    until.position = committed_position(source);
  else if (auto time = parse_time(text))
    until.time = time;
  else
    until.position = resolve_position(source, text);
  return until;
}

}  // namespace

void check_skipped(const Position& skipped, const Position& applied, const Position& there) {
  if (!skipped.has_gtids()) return;
  const bool passed = contains(applied, skipped);
  if (!passed && contains(there, skipped)) return;
  throw Error(ErrorKind::usage,
              passed ? fmt::format("cannot leave out {}: it has been applied already, the target is at {}",
                                   to_string(skipped), to_string(applied))
                     : fmt::format("cannot leave out {}: the source, at {}, does not have it",
                                   to_string(skipped), to_string(there)),
              "give the position that the error of the last run names");
}

Range resolve(Connection& source, const SyncRange& range) {
  Range resolved;
  resolved.until = resolve_until(source, range.until);
  if (!range.skip_ddl.empty())
    resolved.skip_ddl = resolve_position(source, range.skip_ddl);
  if (!range.skip_transaction.empty())
    resolved.skip_transactions = resolve_position(source, range.skip_transaction);
  return resolved;
}

void refuse_files(const Range& range) {
  if ((range.until.position && is_by_file(*range.until.position)) || is_by_file(range.skip_ddl) ||
      is_by_file(range.skip_transactions))
    throw Error(ErrorKind::usage,
                "cannot use FILE:OFFSET as a position: source.hosts names several servers, and files "
                "are those of one of them",
                "give the position as GTIDs, or name one host in [source]");
}

}  // namespace dts
