#include <algorithm>

#include "precheck/check.hpp"
#include "precheck/copy_estimate.hpp"

namespace dts {

namespace {

/// Sessions that the busiest phase opens: its workers, and those that watch and keep the position.
std::uint64_t sessions_needed(const Job& job, Side side) {
  const std::uint64_t copy = job.data_phase ? job.data.workers + 3 : 0;
  std::uint64_t sync = job.sync_phase ? 3 : 0;
  if (job.sync_phase && side == Side::source && !job.sync.heartbeat_table.empty()) ++sync;
  if (job.sync_phase && side == Side::target && job.sync.apply == ApplyMode::parallel)
    sync += job.sync.workers;
  return std::max<std::uint64_t>({copy, sync, 4});
}

std::uint64_t asked(Connection& connection, const Sql& statement) {
  return std::strtoull(connection.value(statement).value_or("0").c_str(), nullptr, 10);
}

/// What a server still grants, and which setting says so; other accounts' sessions count for the
/// whole server only.
struct Room {
  std::uint64_t sessions = 0;
  std::string setting;
  std::uint64_t limit = 0;  ///< the value of the setting
  bool of_account = false;
};

Room room_on(Context& context, Side side) {
  Connection& connection = context.connection(side);
  const std::uint64_t limit = context.number(side, "max_connections");
  std::uint64_t used = 0;
  for (auto& row : connection.query(sql("SHOW GLOBAL STATUS LIKE 'Threads_connected'")))
    used = std::strtoull(row.at(1).value_or("0").c_str(), nullptr, 10);
  // Ours is one of those used.
  Room room{limit + 1 - std::min(used, limit + 1), fmt::format("max_connections is {}", limit),
            limit};
  const std::uint64_t own = asked(connection, sql("SELECT @@SESSION.max_user_connections"));
  if (own > 0 && own < room.sessions)
    room = {own, fmt::format("the account may have {} sessions (max_user_connections)", own), own,
            true};
  return room;
}

std::string more_sessions(Context& context, Side side, const Room& room, std::uint64_t needed) {
  constexpr std::uint64_t spare = 5;  // for others that come and go
  const std::uint64_t limit = room.limit + needed - room.sessions + spare;
  const std::string raise =
      !room.of_account ? set_global(side, fmt::format("max_connections = {}", limit))
      : context.number(side, "max_user_connections") > 0
          ? set_global(side, fmt::format("max_user_connections = {}", limit))
          : on(side, fmt::format("ALTER USER {} WITH MAX_USER_CONNECTIONS {};",
                                 context.grants(side).account, limit));
  return raise + "\nor " + in_job_file("data.workers = 1");
}

}  // namespace

Findings check_connections(Context& context) {
  context.target_reading.wait();  // its sessions are not somebody else's
  Findings findings;
  for (const Side side : {Side::source, Side::target}) {
    const std::uint64_t needed = sessions_needed(context.job, side);
    const Room room = room_on(context, side);
    const std::string fact =
        fmt::format("{}, and {} sessions are free for the {} that the job may open", room.setting,
                    room.sessions, needed);
    if (room.sessions >= needed)
      findings.push_back(pass(fact, name_of(side)));
    else
      findings.push_back(warning(name_of(side),
                                 fact + ": workers would wait for each other, or fail",
                                 more_sessions(context, side, room, needed)));
  }
  return findings;
}

Findings check_disk_space(Context& context) {
  if (!context.job.data_phase) return {pass("the job copies no rows", "target")};
  std::uint64_t bytes = 0, copied = 0;
  for (const Table& table : context.tables()) bytes += table.bytes_estimated;
  for (const TableProgress& table : context.state.tables) copied += table.bytes;
  bytes -= std::min(bytes, copied);
  const double needed = static_cast<double>(bytes) / 1e9;
  const std::string fact =
      fmt::format("the rows to copy take about {:.1f} GB on the source, without indexes", needed);
  // A plugin of MariaDB.
  constexpr unsigned unknown_table = 1109, denied = 1227, no_right = 1142;
  std::optional<std::string> free;
  try {
    free = context.target->value(
        sql("SELECT Available * 1024 FROM information_schema.DISKS WHERE @@datadir LIKE "
            "CONCAT(TRIM(TRAILING '/' FROM Path), '/%') ORDER BY LENGTH(Path) DESC LIMIT 1"));
  } catch (const Error& error) {
    const unsigned code = error.server_errno();
    if (code != unknown_table && code != denied && code != no_right) throw;
  }
  if (!free)
    return {
        pass(fact + "; whether the target has the room it does not say: look yourself", "target")};
  const double there = std::strtod(free->c_str(), nullptr) / 1e9;
  if (there > needed || context.state.data.status == PhaseStatus::done)
    return {pass(fmt::format("{}; {:.1f} GB are free on the target", fact, there), "target")};
  return {warning("target",
                  fmt::format("{}, and only {:.1f} GB are free on the target", fact, there),
                  "make room on the target, or select less")};
}

}  // namespace dts
