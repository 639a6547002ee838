#include "db/server.hpp"

#include <algorithm>
#include <cstdlib>
#include <functional>
#include <map>
#include <mutex>

namespace dts {

namespace {

std::map<std::string, std::string> variables(Connection& connection, const Sql& statement) {
  std::map<std::string, std::string> found;
  for (auto& row : connection.query(statement))
    found[row.at(0).value_or("")] = row.at(1).value_or("");
  return found;
}

}  // namespace

std::string server_identity(Connection& connection) {
  auto found = variables(connection, sql("SHOW GLOBAL VARIABLES WHERE Variable_name IN "
                                         "('server_uuid', 'server_uid', 'hostname', 'port', "
                                         "'datadir')"));
  // server_uid is a hash over the machine's address and the port: the data directory tells apart
  // servers that ran on the same port one after the other.
  if (found.contains("server_uuid")) return found["server_uuid"];
  if (found.contains("server_uid")) return found["server_uid"] + ":" + found["datadir"];
  return found["hostname"] + ":" + found["port"] + ":" + found["datadir"];
}

bool uses_gtids(Connection& source) {
  return source.is_mariadb() || source.value(sql("SELECT @@GLOBAL.gtid_mode")) == "ON";
}

Position position_of(Connection& source, std::string_view file, std::uint64_t offset) {
  Position position;
  if (source.is_mariadb()) {
    auto gtid = source.value(sql("SELECT BINLOG_GTID_POS({}, {})", Text{file}, offset));
    if (!gtid)
      throw Error(ErrorKind::source,
                  fmt::format("cannot find the GTID of binlog position {}:{} on the source", file, offset),
                  "where the file holds an event larger than max_allowed_packet, the server gives none: SET "
                  "GLOBAL max_allowed_packet = 1073741824 or FLUSH BINARY LOGS on the source helps; or the file "
                  "was purged: SHOW BINARY LOGS");
    position = parse_gtids(*gtid);
  }
  position.file = file;
  position.offset = offset;
  return position;
}

std::optional<std::uint64_t> binlog_retention(Connection& source) {
  constexpr double day = 86400;
  auto found = variables(source, sql("SHOW GLOBAL VARIABLES WHERE Variable_name IN "
                                     "('binlog_expire_logs_seconds', 'expire_logs_days', "
                                     "'binlog_expire_logs_auto_purge')"));
  if (found["binlog_expire_logs_auto_purge"] == "OFF") return std::nullopt;
  double seconds = std::strtod(found["binlog_expire_logs_seconds"].c_str(), nullptr);
  if (seconds == 0) seconds = std::strtod(found["expire_logs_days"].c_str(), nullptr) * day;
  if (seconds == 0) return std::nullopt;
  return static_cast<std::uint64_t>(seconds);
}

TextRow binlog_status(Connection& source) {
  constexpr unsigned renamed_since = 80200;
  const bool old = source.is_mariadb() || source.version_number() < renamed_since;
  auto rows = source.query(old ? sql("SHOW MASTER STATUS") : sql("SHOW BINARY LOG STATUS"));
  if (rows.empty())
    throw Error(ErrorKind::source, "cannot read the binlog position: the binlog is off",
                "start the source with log_bin");
  rows[0].resize(std::max<std::size_t>(rows[0].size(), 5));
  return std::move(rows[0]);
}

Position binlog_end(Connection& source) {
  const TextRow status = binlog_status(source);
  Position position;
  if (source.is_mariadb())
    position = parse_gtids(source.value(sql("SELECT @@GLOBAL.gtid_binlog_pos")).value_or(""));
  position.file = status.at(0).value_or("");
  position.offset = std::strtoull(status.at(1).value_or("0").c_str(), nullptr, 10);
  return position;
}

Position committed_position(Connection& source) {
  if (source.is_mariadb() || !uses_gtids(source)) return binlog_end(source);
  return parse_gtids(source.value(sql("SELECT @@GLOBAL.gtid_executed")).value_or(""));
}

namespace {

/// SHOW STATUS prints the session's own position, but from a place that all sessions share: beside
/// another's SHOW STATUS it now and then is that one's. Ours does not change, so it is what comes
/// several times running.
auto snapshot_variables(Connection& source) {
  static std::mutex one_of_us;
  constexpr int enough = 5;
  std::lock_guard lock(one_of_us);
  auto found = variables(source, sql("SHOW STATUS LIKE 'binlog_snapshot_%'"));
  for (int same = 1; same < enough; ++same) {
    auto again = variables(source, sql("SHOW STATUS LIKE 'binlog_snapshot_%'"));
    if (again != found) same = 0;
    found = std::move(again);
  }
  return found;
}

Position open_mariadb_snapshot(Connection& source) {
  source.execute(sql("START TRANSACTION WITH CONSISTENT SNAPSHOT"));
  auto found = snapshot_variables(source);
  const std::string& file = found["Binlog_snapshot_file"];
  if (file.empty())
    throw Error(ErrorKind::source, "cannot read the snapshot's binlog position: the binlog is off",
                "start the source with log_bin");
  return position_of(source, file,
                     std::strtoull(found["Binlog_snapshot_position"].c_str(), nullptr, 10));
}

/// Runs `read` on a session of its own that holds a lock. While the lock is waited for behind a long
/// statement, it keeps all writers waiting behind it: so not for long.
Position while_locked(const Endpoint& endpoint, const Sql& lock,
                      const std::function<Position(Connection&)>& read) {
  Connection locker(endpoint, Side::source);
  locker.execute(sql("SET SESSION lock_wait_timeout = 5"));
  locker.execute(lock);
  Position position = read(locker);
  locker.execute(sql("UNLOCK TABLES"));
  return position;
}

}  // namespace

Position start_position(Connection& source) {
  if (source.is_mariadb()) {
    Position position = open_mariadb_snapshot(source);
    source.execute(sql("COMMIT"));
    return position;
  }
  if (uses_gtids(source)) return committed_position(source);
  return while_locked(source.endpoint(), sql("FLUSH TABLES WITH READ LOCK"), binlog_end);
}

Position open_snapshot(Connection& source, const std::vector<TableName>& tables) {
  if (source.is_mariadb()) return open_mariadb_snapshot(source);
  std::string lock = "LOCK TABLES ";
  for (const TableName& table : tables)
    lock += (&table == &tables.front() ? "" : ", ") + sql("{} READ", table).text();
  return while_locked(source.endpoint(), Sql::verbatim(lock), [&](Connection&) {
    Position position = committed_position(source);
    source.execute(sql("START TRANSACTION WITH CONSISTENT SNAPSHOT"));
    return position;
  });
}

double server_clock(Connection& connection) {
  return std::strtod(connection.value(sql("SELECT UNIX_TIMESTAMP(NOW(6))")).value_or("0").c_str(),
                     nullptr);
}

}  // namespace dts
