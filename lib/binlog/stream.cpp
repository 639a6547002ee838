#include "binlog/stream.hpp"

#include <mysql.h>

#include <algorithm>
#include <string>

#include "db/sql.hpp"

namespace dts {

namespace {

constexpr auto com_binlog_dump = static_cast<enum_server_command>(18);
constexpr auto com_register_replica = static_cast<enum_server_command>(21);

void put(std::string& to, std::uint64_t value, unsigned bytes) {
  for (unsigned i = 0; i < bytes; ++i) to += static_cast<char>(value >> (8 * i) & 0xff);
}

unsigned silence_limit(double heartbeat_seconds) {
  return std::max(10u, static_cast<unsigned>(heartbeat_seconds * 10));
}

/// What a refusal of the source means, as far as it is known: all of these are final.
Error refusal(const Connection& connection) {
  Error error = connection.error("cannot read the binlog");
  if (error.server_errno() == 1236)
    return {ErrorKind::source, error.what(),
            "if the log was purged, the gap cannot be closed: copy the data again (dtsctl init-data "
            "--restart)",
            1236};
  if (error.server_errno() == 4052)
    return {ErrorKind::source, error.what(),
            "another replica uses our server id: set source.server_id to one that is free", 4052};
  return error;
}

}  // namespace

BinlogStream::BinlogStream(const Endpoint& source, const Position& start, std::uint32_t server_id,
                           double heartbeat_seconds)
    : connection_(source, Side::source, silence_limit(heartbeat_seconds)) {
  shake_hands(start, server_id, heartbeat_seconds);
  register_replica(server_id);
  request_dump(server_id);
}

void BinlogStream::shake_hands(const Position& start, std::uint32_t server_id,
                               double heartbeat_seconds) {
  (void)server_id;
  auto nanoseconds = static_cast<std::uint64_t>(heartbeat_seconds * 1e9);
  std::string gtids = gtid_text(start);
  connection_.execute(sql("SET @master_heartbeat_period = {0}, @source_heartbeat_period = {0}, "
                          "@master_binlog_checksum = 'CRC32', @source_binlog_checksum = 'CRC32', "
                          "@mariadb_slave_capability = 4, @slave_connect_state = {1}, "
                          "@slave_gtid_strict_mode = 1, @slave_gtid_ignore_duplicates = 0",
                          nanoseconds, Text{gtids}));
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

void BinlogStream::request_dump(std::uint32_t server_id) {
  std::string payload;
  put(payload, 4, 4);  // offset, which the GTIDs override
  put(payload, 0, 2);
  put(payload, server_id, 4);
  MYSQL* mysql = connection_.handle();
  if (mysql->methods->db_command(mysql, com_binlog_dump, payload.data(), payload.size(), 1,
                                 nullptr) != 0)
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
