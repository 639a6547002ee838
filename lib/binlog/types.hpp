#pragma once

#include <cstdint>

namespace dts {

/// Column type codes of TABLE_MAP events (MySQL's include/field_types.h and MariaDB's additions).
/// Connector/C's mysql.h lacks some and pollutes the global namespace.
namespace binlog_type {
enum : std::uint8_t {
  tiny = 1,
  short_ = 2,
  long_ = 3,
  float_ = 4,
  double_ = 5,
  timestamp = 7,
  longlong = 8,
  int24 = 9,
  date = 10,
  time = 11,
  datetime = 12,
  year = 13,
  varchar = 15,
  bit = 16,
  timestamp2 = 17,
  datetime2 = 18,
  time2 = 19,
  blob_compressed = 140,
  varchar_compressed = 141,
  vector = 242,
  json = 245,
  new_decimal = 246,
  enum_ = 247,
  set = 248,
  blob = 252,
  var_string = 253,
  string = 254,
  geometry = 255,
};
}  // namespace binlog_type

/// Event type codes: MySQL's own are at most 42, MariaDB's own at least 160.
namespace event_type {
enum : std::uint8_t {
  query = 2,
  stop = 3,
  rotate = 4,
  intvar = 5,
  append_block = 9,  // LOAD DATA logged as a statement, with its file
  delete_file = 11,
  rand = 13,
  user_var = 14,
  format_description = 15,
  xid = 16,
  begin_load_query = 17,
  execute_load_query = 18,
  table_map = 19,
  write_rows_v1 = 23,
  update_rows_v1 = 24,
  delete_rows_v1 = 25,
  incident = 26,
  heartbeat = 27,
  ignorable = 28,
  rows_query = 29,
  write_rows = 30,
  update_rows = 31,
  delete_rows = 32,
  gtid_mysql = 33,
  anonymous_gtid = 34,
  previous_gtids = 35,
  transaction_context = 36,  // Group Replication
  view_change = 37,
  xa_prepare = 38,
  partial_update_rows = 39,
  transaction_payload = 40,
  heartbeat_v2 = 41,
  gtid_tagged = 42,
  annotate_rows = 160,
  binlog_checkpoint = 161,
  gtid = 162,
  gtid_list = 163,
  start_encryption = 164,
  query_compressed = 165,
  write_rows_compressed = 166,
  update_rows_compressed = 167,
  delete_rows_compressed = 168,
};
}  // namespace event_type

}  // namespace dts
