#include "db/bookkeeping.hpp"

#include <string_view>

#include "db/bookkeeping_values.hpp"

namespace dts {

namespace {

// Rows of prepared XA transactions that the source has not decided about, in pieces.
constexpr std::string_view xa_event_definition =
    "xa_event (job VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL, "
    "xid VARCHAR(300) CHARACTER SET ascii COLLATE ascii_bin NOT NULL, "
    "piece INT UNSIGNED NOT NULL, events LONGBLOB NOT NULL, PRIMARY KEY (job, xid, piece))";

// Tables of online DDL tools that work on the source. Made when the first one comes.
constexpr std::string_view tool_table_definition =
    "tool_table (job VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL, "
    "schema_name VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL, "
    "table_name VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL, "
    "text LONGBLOB NOT NULL, PRIMARY KEY (job, schema_name, table_name))";

// How far lanes are ahead of the job's position. Made when a job first applies in parallel.
constexpr std::string_view lane_position_definition =
    "lane_position (job VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL, "
    "slot SMALLINT UNSIGNED NOT NULL, lanes BIGINT UNSIGNED NOT NULL, run BIGINT UNSIGNED NOT NULL, "
    "rules VARCHAR(64) CHARACTER SET ascii NOT NULL, "
    "gtid MEDIUMTEXT CHARACTER SET ascii COLLATE ascii_bin NOT NULL, "
    "log_file VARCHAR(512) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL, "
    "log_offset BIGINT UNSIGNED NOT NULL, PRIMARY KEY (job, slot))";

// Tables that are copied while the rest of the job is in step.
constexpr std::string_view late_definition =
    "late_table (job VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL, "
    "schema_name VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL, "
    "table_name VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL, "
    "step TINYINT UNSIGNED NOT NULL, reason LONGBLOB NOT NULL, "
    "end_gtid MEDIUMTEXT CHARACTER SET ascii COLLATE ascii_bin NULL, "
    "end_file VARCHAR(512) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL, "
    "end_offset BIGINT UNSIGNED NULL, PRIMARY KEY (job, schema_name, table_name))";


// Names and meanings of these tables are persistent: columns may be added, never changed.
constexpr std::string_view definitions[] = {
    "server (id CHAR(36) CHARACTER SET ascii NOT NULL PRIMARY KEY)",

    "position (job VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL, "
    "lane SMALLINT NOT NULL, fingerprint VARCHAR(64) CHARACTER SET ascii NOT NULL, "
    "source_id VARCHAR(512) CHARACTER SET utf8mb4 NOT NULL, "
    "gtid MEDIUMTEXT CHARACTER SET ascii COLLATE ascii_bin NOT NULL, "
    "log_file VARCHAR(512) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL, "
    "log_offset BIGINT UNSIGNED NOT NULL, "
    "copy_end_gtid MEDIUMTEXT CHARACTER SET ascii COLLATE ascii_bin NULL, "
    "copy_end_file VARCHAR(512) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL, "
    "copy_end_offset BIGINT UNSIGNED NULL, PRIMARY KEY (job, lane))",

    "tracked_table (job VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL, "
    "schema_name VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL, "
    "table_name VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL, "
    "shape LONGBLOB NOT NULL, "
    "start_gtid MEDIUMTEXT CHARACTER SET ascii COLLATE ascii_bin NULL, "
    "start_file VARCHAR(512) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL, "
    "start_offset BIGINT UNSIGNED NULL, PRIMARY KEY (job, schema_name, table_name))",

    "ddl_intent (job VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL PRIMARY KEY, "
    "gtid MEDIUMTEXT CHARACTER SET ascii COLLATE ascii_bin NOT NULL, "
    "log_file VARCHAR(512) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL, "
    "log_offset BIGINT UNSIGNED NOT NULL, session BIGINT UNSIGNED NOT NULL, "
    "statement LONGBLOB NOT NULL, before_text LONGBLOB NOT NULL)",

    xa_event_definition, late_definition,

    "selection (job VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL PRIMARY KEY, "
    "objects LONGBLOB NOT NULL)",

    "joined (job VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL, "
    "gtid MEDIUMTEXT CHARACTER SET ascii COLLATE ascii_bin NOT NULL, "
    "log_file VARCHAR(512) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL, "
    "log_offset BIGINT UNSIGNED NOT NULL, objects LONGBLOB NOT NULL, KEY (job))",

    "listed (job VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL PRIMARY KEY, "
    "gtid MEDIUMTEXT CHARACTER SET ascii COLLATE ascii_bin NOT NULL, "
    "log_file VARCHAR(512) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL, "
    "log_offset BIGINT UNSIGNED NOT NULL)",

    "deferred_index (job VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL, "
    "schema_name VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL, "
    "table_name VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL, "
    "number INT UNSIGNED NOT NULL, index_name VARCHAR(64) CHARACTER SET utf8mb4 NOT NULL, "
    "definition LONGBLOB NOT NULL, PRIMARY KEY (job, schema_name, table_name, number))",
};

std::optional<PositionRow> read_row(Connection& target, const std::string& database,
                                    const std::string& job, const Sql& lock) {
  auto rows = target.query(sql(
      "SELECT fingerprint, source_id, gtid, log_file, log_offset, copy_end_gtid, copy_end_file, "
      "copy_end_offset FROM {}.position WHERE job = {} AND lane = 0{}",
      Name{database}, Text{job}, lock));
  if (rows.empty()) return std::nullopt;
  const TextRow& row = rows[0];
  return PositionRow{row.at(0).value_or(""), row.at(1).value_or(""), position_from(row, 2),
                     optional_position(row, 5)};
}

}  // namespace

bool has_bookkeeping(Connection& target, const std::string& database) {
  return target
             .value(sql("SELECT COUNT(*) FROM information_schema.TABLES WHERE TABLE_SCHEMA = {} "
                        "AND TABLE_NAME IN ('server', 'position', 'tracked_table', 'ddl_intent')",
                        Text{database}))
             .value_or("0") == "4";
}

void create_bookkeeping(Connection& target, const std::string& database) {
  target.execute(sql("CREATE DATABASE IF NOT EXISTS {} CHARACTER SET utf8mb4", Name{database}));
  for (std::string_view definition : definitions)
    target.execute(sql("CREATE TABLE IF NOT EXISTS {}.{} ENGINE = InnoDB", Name{database},
                       Sql::verbatim(std::string(definition))));
  // One row, also when two jobs begin at the same time: the table is locked while we look.
  target.execute(sql("INSERT INTO {0}.server SELECT UUID() FROM (SELECT COUNT(*) AS rows_there "
                     "FROM {0}.server FOR UPDATE) AS counted WHERE rows_there = 0",
                     Name{database}));
}

void create_late(Connection& target, const std::string& database) {
  target.execute(sql("CREATE TABLE IF NOT EXISTS {}.{} ENGINE = InnoDB", Name{database},
                     Sql::verbatim(std::string(late_definition))));
}

std::string target_identity(Connection& target, const std::string& database) {
  if (!has_bookkeeping(target, database)) return {};
  return target.value(sql("SELECT MIN(id) FROM {}.server", Name{database})).value_or("");
}

void lock_job(Connection& target, const std::string& database, const std::string& job) {
  constexpr int wait_seconds = 5;  // a killed predecessor's session takes a moment to end
  std::string name = (database + ":" + job).substr(0, 64);
  auto got = target.value(sql("SELECT GET_LOCK({}, {})", Text{name}, wait_seconds));
  if (got.value_or("0") != "1")
    throw Error(ErrorKind::locked,
                fmt::format("cannot start: another dtsctl works on job '{}' (its lock on the "
                            "target is taken)",
                            job),
                fmt::format("find it with SELECT IS_USED_LOCK('{}') on the target", name));
}

std::optional<PositionRow> read_position(Connection& target, const std::string& database,
                                         const std::string& job) {
  return read_row(target, database, job, Sql{});
}

std::optional<PositionRow> read_position_locked(Connection& target, const std::string& database,
                                                const std::string& job) {
  return read_row(target, database, job, sql(" FOR UPDATE"));
}

void create_position(Connection& target, const std::string& database, const std::string& job,
                     const PositionRow& row) {
  target.execute(sql(
      "INSERT INTO {}.position (job, lane, fingerprint, source_id, gtid, log_file, log_offset, "
      "copy_end_gtid, copy_end_file, copy_end_offset) VALUES ({}, 0, {}, {}, {}, {})",
      Name{database}, Text{job}, Text{row.fingerprint}, Text{row.source_id},
      values_of(row.position), values_of(row.copy_end)));
}

void set_copy_end(Connection& target, const std::string& database, const std::string& job,
                  const Position& copy_end) {
  std::string gtids = gtid_text(copy_end);
  target.execute(sql("UPDATE {}.position SET copy_end_gtid = {}, copy_end_file = {}, "
                     "copy_end_offset = {} WHERE job = {} AND lane = 0",
                     Name{database}, Text{gtids}, Text{copy_end.file}, copy_end.offset, Text{job}));
}

Sql set_source(const std::string& database, const std::string& job, const std::string& source_id) {
  return sql("UPDATE {}.position SET source_id = {} WHERE job = {}", Name{database}, Text{source_id},
             Text{job});
}

Sql move_position(const std::string& database, const std::string& job, const Position& from,
                  const Position& to) {
  std::string before = gtid_text(from), after = gtid_text(to);
  return sql(
      "UPDATE {}.position SET gtid = {}, log_file = {}, log_offset = {} WHERE job = {} AND lane = 0 AND "
      "gtid = {} AND log_file = {} AND log_offset = {}",
      Name{database}, Text{after}, Text{to.file}, to.offset, Text{job}, Text{before},
      Text{from.file}, from.offset);
}

std::vector<LanePosition> take_over_lanes(Connection& target, const std::string& database,
                                          const std::string& job, std::uint64_t run) {
  std::vector<LanePosition> lanes;
  if (!target.value(sql("SELECT 1 FROM information_schema.TABLES WHERE TABLE_SCHEMA = {} AND "
                        "TABLE_NAME = 'lane_position'",
                        Text{database})))
    return lanes;
  target.execute(sql("START TRANSACTION"));
  for (auto& row : target.query(sql("SELECT slot, lanes, rules, gtid, log_file, log_offset FROM "
                                    "{}.lane_position WHERE job = {} FOR UPDATE",
                                    Name{database}, Text{job})))
    lanes.push_back({static_cast<unsigned>(number(row.at(0))), number(row.at(1)), run,
                     row.at(2).value_or(""), position_from(row, 3)});
  target.execute(sql("UPDATE {}.lane_position SET run = {} WHERE job = {}", Name{database}, run,
                     Text{job}));
  target.execute(sql("COMMIT"));
  return lanes;
}

void create_lanes(Connection& target, const std::string& database, const std::string& job,
                  const std::vector<LanePosition>& lanes) {
  target.execute(sql("CREATE TABLE IF NOT EXISTS {}.{} ENGINE = InnoDB", Name{database},
                     Sql::verbatim(std::string(lane_position_definition))));
  target.execute(sql("START TRANSACTION"));
  target.execute(sql("DELETE FROM {}.lane_position WHERE job = {}", Name{database}, Text{job}));
  for (const LanePosition& lane : lanes)
    target.execute(sql("INSERT INTO {}.lane_position (job, slot, lanes, run, rules, gtid, log_file, "
                       "log_offset) VALUES ({}, {}, {}, {}, {}, {})",
                       Name{database}, Text{job}, lane.slot, lane.lanes, lane.run, Text{lane.rules},
                       values_of(lane.position)));
  target.execute(sql("COMMIT"));
}

Sql move_lane(const std::string& database, const std::string& job, const LanePosition& from,
              const Position& to) {
  std::string before = gtid_text(from.position), after = gtid_text(to);
  return sql(
      "UPDATE {}.lane_position SET gtid = {}, log_file = {}, log_offset = {} WHERE job = {} AND slot = {} "
      "AND run = {} AND gtid = {} AND log_file = {} AND log_offset = {}",
      Name{database}, Text{after}, Text{to.file}, to.offset, Text{job}, from.slot, from.run,
      Text{before}, Text{from.position.file}, from.position.offset);
}

Sql set_fingerprint(const std::string& database, const std::string& job,
                    const std::string& fingerprint) {
  return sql("UPDATE {}.position SET fingerprint = {} WHERE job = {}", Name{database},
             Text{fingerprint}, Text{job});
}

std::vector<Position> read_lane_positions(Connection& target, const std::string& database,
                                          const std::string& job) {
  std::vector<Position> positions;
  try {
    for (auto& row : target.query(sql("SELECT gtid, log_file, log_offset FROM {}.lane_position "
                                      "WHERE job = {}",
                                      Name{database}, Text{job})))
      positions.push_back(position_from(row, 0));
  } catch (const Error& error) {
    if (error.server_errno() != no_such_table) throw;
  }
  return positions;
}

std::optional<DdlIntent> read_intent(Connection& target, const std::string& database,
                                     const std::string& job) {
  auto rows = target.query(sql("SELECT gtid, log_file, log_offset, session, statement, before_text FROM "
                               "{}.ddl_intent WHERE job = {}",
                               Name{database}, Text{job}));
  if (rows.empty()) return std::nullopt;
  const TextRow& row = rows[0];
  return DdlIntent{position_from(row, 0), row.at(4).value_or(""), number(row.at(3)),
                   row.at(5).value_or("")};
}

Sql save_intent(const std::string& database, const std::string& job, const DdlIntent& intent) {
  return sql(
      "REPLACE INTO {}.ddl_intent (job, gtid, log_file, log_offset, session, statement, before_text) "
      "VALUES ({}, {}, {}, {}, {})",
      Name{database}, Text{job}, values_of(intent.position), intent.session, hex(intent.statement),
      hex(intent.before));
}

Sql clear_intent(const std::string& database, const std::string& job) {
  return sql("DELETE FROM {}.ddl_intent WHERE job = {}", Name{database}, Text{job});
}

void create_xa_table(Connection& target, const std::string& database) {
  target.execute(sql("CREATE TABLE IF NOT EXISTS {}.{} ENGINE = InnoDB", Name{database},
                     Sql::verbatim(std::string(xa_event_definition))));
}

Sql save_xa_events(const std::string& database, const std::string& job, const std::string& xid,
                   unsigned piece, std::string_view events) {
  return sql("INSERT INTO {}.xa_event (job, xid, piece, events) VALUES ({}, {}, {}, {})",
             Name{database}, Text{job}, Text{xid}, piece, hex(events));
}

unsigned count_xa_pieces(Connection& target, const std::string& database, const std::string& job,
                         const std::string& xid) {
  return static_cast<unsigned>(
      number(target.value(sql("SELECT COUNT(*) FROM {}.xa_event WHERE job = {} AND xid = {}",
                              Name{database}, Text{job}, Text{xid}))));
}

std::string read_xa_events(Connection& target, const std::string& database, const std::string& job,
                           const std::string& xid, unsigned piece) {
  return target
      .value(sql("SELECT events FROM {}.xa_event WHERE job = {} AND xid = {} AND piece = {}",
                 Name{database}, Text{job}, Text{xid}, piece))
      .value_or("");
}

Sql forget_xa_events(const std::string& database, const std::string& job, const std::string& xid) {
  return sql("DELETE FROM {}.xa_event WHERE job = {} AND xid = {}", Name{database}, Text{job},
             Text{xid});
}

void create_tool_tables(Connection& target, const std::string& database) {
  target.execute(sql("CREATE TABLE IF NOT EXISTS {}.{} ENGINE = InnoDB", Name{database},
                     Sql::verbatim(std::string(tool_table_definition))));
}

std::vector<std::string> read_tool_tables(Connection& target, const std::string& database,
                                          const std::string& job) {
  std::vector<std::string> texts;
  if (!target.value(sql("SELECT 1 FROM information_schema.TABLES WHERE TABLE_SCHEMA = {} AND "
                        "TABLE_NAME = 'tool_table'",
                        Text{database})))
    return texts;
  for (auto& row : target.query(sql("SELECT text FROM {}.tool_table WHERE job = {} ORDER BY "
                                    "schema_name, table_name",
                                    Name{database}, Text{job})))
    texts.push_back(row.at(0).value_or(""));
  return texts;
}

Sql save_tool_table(const std::string& database, const std::string& job, const TableName& table,
                    std::string_view text) {
  return sql("REPLACE INTO {}.tool_table VALUES ({}, {}, {}, {})", Name{database}, Text{job},
             Text{table.schema}, Text{table.table}, hex(text));
}

Sql forget_tool_table(const std::string& database, const std::string& job, const TableName& table) {
  return sql("DELETE FROM {}.tool_table WHERE job = {} AND schema_name = {} AND table_name = {}",
             Name{database}, Text{job}, Text{table.schema}, Text{table.table});
}

void forget_job(Connection& target, const std::string& database, const std::string& job) {
  create_xa_table(target, database);
  create_tool_tables(target, database);
  create_lanes(target, database, job, {});
  for (const char* table : {"position", "tracked_table", "ddl_intent", "xa_event", "listed",
                            "late_table", "selection", "joined", "tool_table"})
    target.execute(sql("DELETE FROM {}.{} WHERE job = {}", Name{database}, Name{table}, Text{job}));
}

}  // namespace dts
