#include "db/server_objects.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <span>

#include "db/server.hpp"

namespace dts {

namespace {

bool is_mysql(const Connection& connection, unsigned since = 0) {
  return !connection.is_mariadb() && connection.version_number() >= since;
}

Sql column_or_null(bool there, const char* name) {
  return there ? Sql::verbatim(name) : sql("NULL");
}

}  // namespace

ServerKind kind_of(const Connection& connection) {
  return {connection.is_mariadb(), connection.version_number()};
}

bool are_translated(ServerKind from, ServerKind to) {
  if (from.mariadb != to.mariadb) return true;
  constexpr unsigned other_default = 80000;
  return !from.mariadb && (from.version < other_default) != (to.version < other_default);
}

bool defaults_are_explicit(ServerKind server) {
  return server.version >= (server.mariadb ? 101001u : 80000u);
}

std::string version_trouble(const Connection& connection) {
  const bool old = connection.version_number() < (connection.is_mariadb() ? 100500 : 50700);
  if (!old) return {};
  return fmt::format("{} is too old: {} or later is needed", connection.server_version(),
                     connection.is_mariadb() ? "MariaDB 10.5" : "MySQL 5.7");
}

bool is_tested_version(const Connection& connection) {
  const unsigned series = connection.version_number() / 100;
  if (!connection.is_mariadb()) return series == 907;
  return series == 1005 || series == 1011 || series == 1108;
}

std::string session_settings(const Connection& connection) {
  if (connection.is_mariadb()) {
    const bool target = connection.side() == Side::target;
    return std::string(", max_error_count = 65535, max_statement_time = 0") +
           (target ? ", check_constraint_checks = 0" : "");
  }
  std::string text = ", max_execution_time = 0";
  // Sizes of tables would else be a day old.
  if (is_mysql(connection, 80000)) text += ", information_schema_stats_expiry = 0";
  if (is_mysql(connection, 80030)) text += ", show_gipk_in_create_table_and_information_schema = 1";
  return text;
}

std::string history_trouble(Connection& target) {
  // Before these, a DELETE at a time before the row's birth leaves a version that ends before it
  // begins.
  const unsigned version = target.version_number(), series = version / 100;
  const bool able = target.is_mariadb() && ((series == 1011 && version >= 101115) ||
                                            (series == 1104 && version >= 110409) ||
                                            (series == 1108 && version >= 110804) ||
                                            version >= 120102);
  if (!able)
    return fmt::format("the target, {}, can't be written the history of system-versioned tables: "
                       "MariaDB 10.11.15, 11.4.9, 11.8.4, 12.1.2 or later of these series can",
                       target.server_version());
  if (target.value(sql("SELECT @@GLOBAL.secure_timestamp")) != "NO")
    return "the history of system-versioned tables can't be written: secure_timestamp of the target "
           "is not NO";
  return {};
}

void relax_session(Connection& target) {
  constexpr unsigned access_denied = 1227;
  const auto set = [&](const char* statement) {
    try {
      target.execute(Sql::verbatim(statement));
    } catch (const Error& e) {
      if (e.server_errno() != access_denied) throw;
    }
  };
  if (target.is_mariadb()) {  // with secure_timestamp they need a right
    set("SET SESSION system_versioning_alter_history = KEEP");
    constexpr unsigned takes_history = 101100;
    if (target.version_number() >= takes_history)
      set("SET SESSION system_versioning_insert_history = 1");
    return;
  }
  set("SET SESSION max_error_count = 65535");
  set("SET SESSION innodb_strict_mode = 0");
  if (is_mysql(target, 80013)) set("SET SESSION sql_require_primary_key = 0");
  if (is_mysql(target, 80030)) set("SET SESSION sql_generate_invisible_primary_key = 0");
}

bool write_alike(const Connection& a, const Connection& b) {
  if (a.is_mariadb() != b.is_mariadb()) return false;
  // MySQL 8.0 has changed its texts within the series.
  const unsigned within = a.is_mariadb() ? 100 : 1;
  return a.version_number() / within == b.version_number() / within;
}

Sql is_generated(const Connection& connection) {
  return column_or_null(connection.is_mariadb(), "IS_GENERATED");
}

Sql srs_id(const Connection& connection) {
  return column_or_null(is_mysql(connection, 80003), "SRS_ID");
}

Sql row_period(const Connection& connection) {
  return column_or_null(connection.is_mariadb(), "GENERATION_EXPRESSION");
}

Sql key_expression(const Connection& connection) {
  return column_or_null(is_mysql(connection, 80013), "EXPRESSION");
}

Sql order_of_keys(const Connection& connection) {
  return connection.is_mariadb() ? Sql{} : sql(" ORDER BY TABLE_NAME, INDEX_NAME, SEQ_IN_INDEX");
}

Sql schema_comment(const Connection& connection) {
  return column_or_null(connection.is_mariadb(), "SCHEMA_COMMENT");
}

Collation collation_of(Connection& connection, int id) {
  // Since 10.10 a collation may serve several character sets, with a number for each.
  const bool full_names = connection.is_mariadb() && connection.version_number() >= 101001;
  const auto rows = connection.query(
      full_names ? sql("SELECT CHARACTER_SET_NAME, FULL_COLLATION_NAME FROM "
                       "information_schema.COLLATION_CHARACTER_SET_APPLICABILITY WHERE ID = {}",
                       id)
                 : sql("SELECT CHARACTER_SET_NAME, COLLATION_NAME FROM "
                       "information_schema.COLLATIONS WHERE ID = {}",
                       id));
  if (rows.empty()) return {};
  return {rows[0].at(0).value_or(""), rows[0].at(1).value_or("")};
}

Sql all_collations(const Connection& connection) {
  // There a collation may serve several character sets, and has a longer name for each.
  const bool full_names = connection.is_mariadb() && connection.version_number() >= 101001;
  return sql(
      "SELECT COLLATION_NAME{} FROM information_schema.COLLATION_CHARACTER_SET_APPLICABILITY",
      full_names ? sql(", FULL_COLLATION_NAME") : Sql{});
}

bool has_type(ServerKind server, std::string_view type) {
  const auto [mariadb, version] = server;
  if (type == "uuid") return mariadb && version >= 100700;
  if (type == "inet4") return mariadb && version >= 101000;
  if (type == "inet6") return mariadb;
  if (type == "vector") return version >= (mariadb ? 110700u : 90000u);
  return true;
}

Sql member_text(const Connection& connection, const TableName& table, std::string_view column,
                std::uint64_t value) {
  // Both give the column's type to something that takes a number: a variable, or the second row of
  // a recursive table whose first row has made the type. No row of the table is needed.
  if (connection.is_mariadb())
    return sql(
        "BEGIN NOT ATOMIC DECLARE x TYPE OF {}.{}; SET x = {}; "
        "SELECT CONVERT(x USING utf8mb4); END",
        table, Name{column}, value);
  if (!is_mysql(connection, 80001)) return {};
  return sql(
      "WITH RECURSIVE typed (x, n) AS (SELECT t.{}, 0 FROM (SELECT 1) AS one LEFT JOIN {} AS "
      "t ON FALSE UNION ALL SELECT {}, 1 FROM typed WHERE n = 0) "
      "SELECT CONVERT(x USING utf8mb4) FROM typed WHERE n = 1",
      Name{column}, table, value);
}

namespace {

template <class Function>
void for_each_name(std::string_view names, const Function& take) {
  while (!names.empty()) {
    const auto end = std::min(names.find(','), names.size());
    take(names.substr(0, end));
    names.remove_prefix(std::min(end + 1, names.size()));
  }
}

void append_word(std::string& to, std::string_view word) {
  if (!to.empty()) to += ',';
  to += word;
}

/// What MySQL 8 took away: names for sets of modes, which are listed beside them, and modes that
/// change SHOW CREATE or accounts only.
bool is_obsolete_mode(std::string_view name) {
  static constexpr std::array names = {
      "POSTGRESQL",         "ORACLE",           "MSSQL",    "DB2",     "MAXDB",
      "NO_KEY_OPTIONS",     "NO_TABLE_OPTIONS", "MYSQL323", "MYSQL40", "NO_FIELD_OPTIONS",
      "NO_AUTO_CREATE_USER"};
  return std::find(names.begin(), names.end(), name) != names.end();
}

// By bit. From the 32nd on the servers differ.
constexpr std::array<std::string_view, 32> mode_names = {"REAL_AS_FLOAT",
                                                         "PIPES_AS_CONCAT",
                                                         "ANSI_QUOTES",
                                                         "IGNORE_SPACE",
                                                         "IGNORE_BAD_TABLE_OPTIONS",
                                                         "ONLY_FULL_GROUP_BY",
                                                         "NO_UNSIGNED_SUBTRACTION",
                                                         "NO_DIR_IN_CREATE",
                                                         "POSTGRESQL",
                                                         "ORACLE",
                                                         "MSSQL",
                                                         "DB2",
                                                         "MAXDB",
                                                         "NO_KEY_OPTIONS",
                                                         "NO_TABLE_OPTIONS",
                                                         "NO_FIELD_OPTIONS",
                                                         "MYSQL323",
                                                         "MYSQL40",
                                                         "ANSI",
                                                         "NO_AUTO_VALUE_ON_ZERO",
                                                         "NO_BACKSLASH_ESCAPES",
                                                         "STRICT_TRANS_TABLES",
                                                         "STRICT_ALL_TABLES",
                                                         "NO_ZERO_IN_DATE",
                                                         "NO_ZERO_DATE",
                                                         "ALLOW_INVALID_DATES",
                                                         "ERROR_FOR_DIVISION_BY_ZERO",
                                                         "TRADITIONAL",
                                                         "NO_AUTO_CREATE_USER",
                                                         "HIGH_NOT_PRECEDENCE",
                                                         "NO_ENGINE_SUBSTITUTION",
                                                         "PAD_CHAR_TO_FULL_LENGTH"};
constexpr std::array<std::string_view, 3> mariadb_modes = {
    "EMPTY_STRING_IS_NULL", "SIMULTANEOUS_ASSIGNMENT", "TIME_ROUND_FRACTIONAL"};
constexpr std::array<std::string_view, 1> mysql_modes = {"TIME_TRUNCATE_FRACTIONAL"};

}  // namespace

std::string routine_sql_mode(const Connection& connection, std::string_view names) {
  if (connection.is_mariadb()) return std::string(names);
  std::string kept;
  for_each_name(names, [&](std::string_view name) {
    if (!is_obsolete_mode(name)) append_word(kept, name);
  });
  return kept;
}

SqlModes sql_modes(std::uint64_t bits, bool from_mariadb, bool to_mariadb) {
  SqlModes modes;
  for (std::size_t i = 0; i < mode_names.size(); ++i) {
    if ((bits >> i & 1) == 0) continue;
    const std::string_view name = mode_names[i];
    if (from_mariadb && to_mariadb)
      append_word(modes.known, name);
    else if (from_mariadb && name == "ORACLE")  // a language of its own there
      append_word(modes.unknown, name);
    else if (!is_obsolete_mode(name) && name != "IGNORE_BAD_TABLE_OPTIONS")
      append_word(modes.known, name);
  }
  const std::uint64_t more = bits >> mode_names.size();
  const std::span<const std::string_view> names =
      from_mariadb ? std::span<const std::string_view>(mariadb_modes) : mysql_modes;
  for (std::size_t i = 0; more >> i != 0; ++i) {
    if ((more >> i & 1) == 0) continue;
    const std::string_view name = i < names.size() ? names[i] : std::string_view("unknown");
    if (from_mariadb == to_mariadb)
      append_word(i < names.size() ? modes.known : modes.unknown, name);
    else if (name == "EMPTY_STRING_IS_NULL" || i >= names.size())
      append_word(modes.unknown, name);
  }
  // Unasked, MariaDB cuts fractions of a second that a column has no room for, and MySQL rounds.
  const bool other_than_usual = more & (from_mariadb ? 4 : 1);
  if (from_mariadb != to_mariadb && !other_than_usual)
    append_word(modes.known, to_mariadb ? mariadb_modes[2] : mysql_modes[0]);
  return modes;
}

Sql innodb_tables(const Connection& connection) {
  return is_mysql(connection, 80000) ? sql("information_schema.INNODB_TABLES")
                                     : sql("information_schema.INNODB_SYS_TABLES");
}

bool has_session(Connection& connection, std::uint64_t id) {
  if (connection.is_mariadb())
    return connection.value(sql("SELECT 1 FROM information_schema.PROCESSLIST WHERE ID = {}", id))
        .has_value();
  // The table is going away, and its successor is empty without performance_schema.
  for (auto& row : connection.query(sql("SHOW PROCESSLIST")))
    if (row.at(0) == std::to_string(id)) return true;
  return false;
}

std::vector<std::string> prepared_xids(Connection& source) {
  std::vector<std::string> xids;
  if (source.is_mariadb()) {
    for (auto& row : source.query(sql("XA RECOVER FORMAT = 'SQL'")))
      xids.push_back(row.at(3).value_or(""));
    return xids;
  }
  // formatID, lengths of the two parts, and both parts as 0x...
  for (auto& row : source.query(sql("XA RECOVER CONVERT XID"))) {
    const auto first = std::strtoul(row.at(1).value_or("0").c_str(), nullptr, 10) * 2;
    const std::string digits = row.at(3).value_or("0x").substr(2);
    xids.push_back(fmt::format("X'{}',X'{}',{}", digits.substr(0, first),
                               digits.substr(std::min<std::size_t>(first, digits.size())),
                               row.at(0).value_or("1")));
  }
  return xids;
}

std::string xa_right(const Connection& source) {
  return is_mysql(source, 80000) ? "XA_RECOVER_ADMIN" : "";
}

bool is_replica(Connection& source) {
  const Sql statement = source.is_mariadb()       ? sql("SHOW ALL SLAVES STATUS")
                        : is_mysql(source, 80022) ? sql("SHOW REPLICA STATUS")
                                                  : sql("SHOW SLAVE STATUS");
  return !source.query(statement).empty();
}

std::vector<TextRow> replicas(Connection& source) {
  return source.query(is_mysql(source, 80022) ? sql("SHOW REPLICAS") : sql("SHOW SLAVE HOSTS"));
}

std::string to_string(const Right& right) {
  const auto name = [](const std::string& text) { return text.empty() ? "*" : text; };
  return fmt::format("{} ON {}.{}", right.privilege, name(right.schema), name(right.table));
}

std::vector<Right> routine_rights(const Connection& source) {
  const Right all{"SELECT", "", ""}, table{"SELECT", "mysql", "proc"};
  if (source.is_mariadb()) return {table, {"SHOW CREATE ROUTINE", "", ""}};
  if (is_mysql(source, 80020)) return {{"SHOW_ROUTINE", "", ""}, all};
  return {is_mysql(source, 80000) ? all : table};
}

bool locks_for_snapshot(const Connection& source) {
  return !source.is_mariadb();
}

std::vector<std::string> start_rights(Connection& source) {
  if (uses_gtids(source)) return {};
  if (is_mysql(source, 80023)) return {"RELOAD", "FLUSH_TABLES"};
  return {"RELOAD"};
}

std::string status_right(const Connection& source) {
  return source.is_mariadb() ? "BINLOG MONITOR" : "REPLICATION CLIENT";
}

bool logs_cascades(Connection& source) {
  return is_mysql(source, 90600) &&
         source.value(sql("SELECT @@GLOBAL.innodb_native_foreign_keys")) == "0";
}

std::vector<std::string> read_only_rights(const Connection& target) {
  if (target.is_mariadb())  // SUPER has not included it since 10.11
    return target.version_number() < 101100 ? std::vector<std::string>{"READ_ONLY ADMIN", "SUPER"}
                                            : std::vector<std::string>{"READ_ONLY ADMIN"};
  if (is_mysql(target, 80000)) return {"CONNECTION_ADMIN", "SUPER"};
  return {"SUPER"};
}

std::vector<std::string> creator_rights(const Connection& target) {
  if (target.is_mariadb()) return {"SUPER", "BINLOG ADMIN"};
  return {"SUPER"};
}

std::vector<std::string> definer_rights(const Connection& target) {
  if (target.is_mariadb())
    return target.version_number() < 110000 ? std::vector<std::string>{"SET USER", "SUPER"}
                                            : std::vector<std::string>{"SET USER"};
  if (is_mysql(target, 80200)) return {"SET_ANY_DEFINER"};
  if (is_mysql(target, 80000)) return {"SET_USER_ID", "SUPER"};
  return {"SUPER"};
}

std::string absent_definer_right(const Connection& target) {
  return is_mysql(target, 80200) ? "ALLOW_NONEXISTENT_DEFINER" : "";
}

std::string system_user_right(const Connection& target) {
  return is_mysql(target, 80016) ? "SYSTEM_USER" : "";
}

std::vector<std::string> setting_rights(const Connection& target) {
  if (is_mysql(target, 80000))
    return {"SESSION_VARIABLES_ADMIN", "SYSTEM_VARIABLES_ADMIN", "SUPER"};
  return {"SUPER"};
}

}  // namespace dts
