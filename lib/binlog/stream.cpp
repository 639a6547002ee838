#include "binlog/stream.hpp"

#include <mysql.h>

#include <algorithm>
#include <cstdint>
#include <string>

#include "db/sql.hpp"

namespace dts {

namespace {

constexpr std::uint64_t first_offset = 4;  // of the first event in a file
constexpr auto com_binlog_dump = static_cast<enum_server_command>(18);
constexpr auto com_register_replica = static_cast<enum_server_command>(21);
constexpr auto com_binlog_dump_gtid = static_cast<enum_server_command>(30);

void put(std::string& to, std::uint64_t value, unsigned bytes) {
  for (unsigned i = 0; i < bytes; ++i) to += static_cast<char>(value >> (8 * i) & 0xff);
}

unsigned silence_limit(double heartbeat_seconds) {
  return std::max(10u, static_cast<unsigned>(heartbeat_seconds * 10));
}

/// What a refusal of the source means, as far as it is known: all of these are final.
Error refusal(const Connection& connection) {
  Error error = connection.error("cannot read the binlog");
  const std::string_view what = error.what();
  const bool same_id = error.server_errno() == 4052 ||  // MariaDB; MySQL says it in words
                       what.find("same server_uuid/server_id") != std::string_view::npos;
  if (same_id)
    return {ErrorKind::source, error.what(),
            "another replica uses our server id: set source.server_id to one that is free",
            error.server_errno()};
  if (error.server_errno() == 1236)
    return {ErrorKind::source, error.what(),
            "if the log was purged, the gap cannot be closed: copy the data again (dtsctl init-data "
            "--restart)",
            1236};
  return error;
}

/// A GTID set as COM_BINLOG_DUMP_GTID takes it; ends are excluded. Servers before 8.3 know the form
/// without tags only. Source: MySQL sql/rpl_gtid_set.cc, Gtid_set::encode().
std::string encoded(const std::vector<UuidGtids>& sets) {
  constexpr unsigned tagged = 1;
  const bool tags = std::any_of(sets.begin(), sets.end(),
                                [](const UuidGtids& set) { return !set.tag.empty(); });
  std::string data;
  if (tags) {
    put(data, tagged, 1);
    put(data, sets.size(), 6);
    put(data, tagged, 1);
  } else {
    put(data, sets.size(), 8);
  }
  for (const UuidGtids& set : sets) {
    data.append(set.uuid.begin(), set.uuid.end());
    if (tags) {
      put(data, set.tag.size() << 1, 1);
      data += set.tag;
    }
    put(data, set.intervals.size(), 8);
    for (const auto& [first, last] : set.intervals) {
      put(data, first, 8);
      put(data, last + 1, 8);
    }
  }
  return data;
}

}  // namespace

BinlogStream::BinlogStream(const Endpoint& source, const Position& start, std::uint32_t server_id,
                           double heartbeat_seconds, GtidHoles holes)
    : connection_(source, Side::source, silence_limit(heartbeat_seconds)) {
  shake_hands(start, server_id, heartbeat_seconds, holes);
  register_replica(server_id);
  if (connection_.is_mariadb() || !is_by_file(start))
    request_gtid_dump(start, server_id);
  else
    request_file_dump(start, server_id);
}

void BinlogStream::shake_hands(const Position& start, std::uint32_t server_id,
                               double heartbeat_seconds, GtidHoles holes) {
  auto nanoseconds = static_cast<std::uint64_t>(heartbeat_seconds * 1e9);
  connection_.execute(sql("SET @master_heartbeat_period = {0}, @source_heartbeat_period = {0}, "
                          "@master_binlog_checksum = 'CRC32', @source_binlog_checksum = 'CRC32'",
                          nanoseconds));
  if (connection_.is_mariadb()) {
    std::string gtids = gtid_text(start);
    connection_.execute(sql("SET @mariadb_slave_capability = 4, @slave_connect_state = {}, "
                            "@slave_gtid_strict_mode = {}, @slave_gtid_ignore_duplicates = 0",
                            Text{gtids}, holes == GtidHoles::refused ? 1 : 0));
  } else {  // by which the server knows a replica that comes back
    std::string uuid = fmt::format("d75c7100-0000-4000-8000-{:012x}", server_id);
    connection_.execute(sql("SET @slave_uuid = {0}, @replica_uuid = {0}", Text{uuid}));
  }
}

// Makes us visible in SHOW SLAVE HOSTS; the server needs no registration.
void BinlogStream::register_replica(std::uint32_t server_id) {
  std::string payload;
  put(payload, server_id, 4);
  std::string name = "dtsctl";
  put(payload, name.size(), 1);
  payload += name;
  put(payload, 0, 1 + 1 + 2 + 4 + 4);  // user, password, port, rank, source id
  MYSQL* mysql = connection_.handle();
  if (mysql->methods->db_command(mysql, com_register_replica, payload.data(), payload.size(), 0,
                                 nullptr) != 0)
    throw connection_.error("cannot register as a replica");
}

void BinlogStream::request_gtid_dump(const Position& start, std::uint32_t server_id) {
  std::string payload;
  if (connection_.is_mariadb()) {  // which has the GTIDs already
    put(payload, first_offset, 4);
    put(payload, 0, 2);
    put(payload, server_id, 4);
    return send(com_binlog_dump, payload);
  }
  put(payload, 0, 2);
  put(payload, server_id, 4);
  put(payload, 0, 4);  // length of a file name
  put(payload, first_offset, 8);
  std::string set = encoded(start.sets);
  put(payload, set.size(), 4);
  send(com_binlog_dump_gtid, payload + set);
}

// The command has 32 bits for the offset; beyond, the file is read from its begin, and what is
// applied already is passed over.
void BinlogStream::request_file_dump(const Position& start, std::uint32_t server_id) {
  std::string payload;
  put(payload, start.offset > UINT32_MAX ? first_offset : start.offset, 4);
  put(payload, 0, 2);
  put(payload, server_id, 4);
  send(com_binlog_dump, payload + start.file);
}

void BinlogStream::send(int command, const std::string& payload) {
  MYSQL* mysql = connection_.handle();
  if (mysql->methods->db_command(mysql, static_cast<enum_server_command>(command), payload.data(),
                                 payload.size(), 1, nullptr) != 0)
    throw connection_.error("cannot ask for the binlog");
}

std::string_view BinlogStream::next() {
  MYSQL* mysql = connection_.handle();
  unsigned long size = mysql_net_read_packet(mysql);
  if (size == packet_error || size == 0) throw refusal(connection_);
  const auto* bytes = reinterpret_cast<const char*>(mysql->net.read_pos);
  constexpr unsigned char end_of_file = 0xfe;
  if (static_cast<unsigned char>(bytes[0]) == end_of_file && size < 9)
    throw Error(ErrorKind::connect, "cannot read the binlog: the source ended the stream", {}, 2013);
  return {bytes + 1, size - 1};
}

}  // namespace dts
