#include "db/server.hpp"

#include <cstdlib>
#include <map>

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

Position position_of(Connection& source, std::string_view file, std::uint64_t offset) {
  Position position;
  auto gtid = source.value(sql("SELECT BINLOG_GTID_POS({}, {})", Text{file}, offset));
  if (!gtid)
    throw Error(ErrorKind::source,
                fmt::format("cannot find binlog position {}:{} on the source", file, offset),
                "the file may have been purged: SHOW BINARY LOGS");
  position.gtids = parse_gtids(*gtid);
  position.file = file;
  position.offset = offset;
  return position;
}

Position binlog_end(Connection& source) {
  auto rows = source.query(sql("SHOW MASTER STATUS"));
  if (rows.empty())
    throw Error(ErrorKind::source, "cannot read the binlog position: the binlog is off",
                "start the source with log_bin");
  Position position;
  position.file = rows[0].at(0).value_or("");
  position.offset = std::strtoull(rows[0].at(1).value_or("0").c_str(), nullptr, 10);
  position.gtids =
      parse_gtids(source.value(sql("SELECT @@GLOBAL.gtid_binlog_pos")).value_or(""));
  return position;
}

Position open_snapshot(Connection& source) {
  source.execute(sql("START TRANSACTION WITH CONSISTENT SNAPSHOT"));
  auto found = variables(source, sql("SHOW STATUS LIKE 'binlog_snapshot_%'"));
  const std::string& file = found["Binlog_snapshot_file"];
  if (file.empty())
    throw Error(ErrorKind::source, "cannot read the snapshot's binlog position: the binlog is off",
                "start the source with log_bin");
  return position_of(source, file,
                     std::strtoull(found["Binlog_snapshot_position"].c_str(), nullptr, 10));
}

double server_clock(Connection& connection) {
  return std::strtod(connection.value(sql("SELECT UNIX_TIMESTAMP(NOW(6))")).value_or("0").c_str(),
                     nullptr);
}

}  // namespace dts
