#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "db/connection.hpp"

// Every difference between servers in sessions, objects, rights and settings is one function here;
// those in identity and positions are in db/server.hpp.

namespace dts {

/// A server as far as texts for it depend on it.
struct ServerKind {
  bool mariadb = true;
  unsigned version = 0;  ///< as Connection::version_number()
};
ServerKind kind_of(const Connection& connection);
/// Whether tables of the one have to be translated for the other: MySQL and MariaDB, and MySQL 5.7
/// and later ones, whose utf8mb4 has another default collation.
bool are_translated(ServerKind from, ServerKind to);

/// Whether a session can make the server take a TIMESTAMP as it is written.
bool defaults_are_explicit(ServerKind server);

/// Why a server is none that dtsctl knows; empty if it is one.
std::string version_trouble(const Connection& connection);
/// Whether this series is one that dtsctl's own tests run.
bool is_tested_version(const Connection& connection);

/// Settings of a session that not every server has: ", name = value, ...". None needs a right.
std::string session_settings(const Connection& connection);
/// Settings that MySQL lets an account change for its session only with a right: without it, the
/// server's stay. They may refuse tables without a primary key, or give them one; limit the list of
/// warnings; and refuse tables that InnoDB finds odd.
void relax_session(Connection& target);

/// Why a server can't be the target of system-versioned tables; empty if it can. It has to take
/// versions as they are written, and to delete one without leaving another.
std::string history_trouble(Connection& target);

/// Whether both servers write the same object by the same SHOW CREATE text.
bool write_alike(const Connection& a, const Connection& b);

// Columns of information_schema, or NULL where the server has none.
Sql is_generated(const Connection& connection);    ///< COLUMNS: "ALWAYS" if the server computes it
Sql srs_id(const Connection& connection);          ///< COLUMNS: spatial reference system
Sql row_period(const Connection& connection);      ///< COLUMNS: "ROW START", "ROW END" of versions
Sql key_expression(const Connection& connection);  ///< STATISTICS: of a functional key part
/// Rows of STATISTICS have no order on MySQL, and on MariaDB that of the table.
Sql order_of_keys(const Connection& connection);
Sql schema_comment(const Connection& connection);  ///< SCHEMATA

/// All collations' names, in one or two columns.
Sql all_collations(const Connection& connection);
/// A collation by the number that binlogs give it; empty if this server has none of that number.
struct Collation {
  std::string charset, name;
};
Collation collation_of(Connection& connection, int id);
/// Whether columns can be of this type, as DATA_TYPE names it: "vector".
bool has_type(ServerKind server, std::string_view type);

/// Reads the text of a member of an ENUM or SET by its value, where SHOW CREATE loses it; empty if
/// the server has no way.
Sql member_text(const Connection& connection, const TableName& table, std::string_view column,
                std::uint64_t value);

/// The sql_mode of a stored routine, without the names that newer servers refuse and that mean
/// nothing there.
std::string routine_sql_mode(const Connection& connection, std::string_view names);

/// The modes that a number of sql_mode of a source means, by name, and those that the target
/// hasn't.
struct SqlModes {
  std::string known, unknown;
};
SqlModes sql_modes(std::uint64_t bits, bool from_mariadb, bool to_mariadb);

/// The table of InnoDB's own names and ids; needs PROCESS.
Sql innodb_tables(const Connection& connection);
/// Whether a session of this account is still there.
bool has_session(Connection& connection, std::uint64_t id);

/// Prepared XA transactions, as XA COMMIT takes them.
std::vector<std::string> prepared_xids(Connection& source);
/// The right that this needs; empty for none.
std::string xa_right(const Connection& source);

/// Whether the server replicates from another one.
bool is_replica(Connection& source);
/// Those that replicate from it: server_id, host, port.
std::vector<TextRow> replicas(Connection& source);
struct Right {
  std::string privilege, schema, table;  ///< empty: all
};
/// "SELECT ON mysql.proc"
std::string to_string(const Right& right);
/// Rights of which one shows the text of other accounts' routines.
std::vector<Right> routine_rights(const Connection& source);
/// Whether a snapshot of one table needs a moment's lock on it.
bool locks_for_snapshot(const Connection& source);
/// Rights of which one is needed to take a start position; none if any account may.
std::vector<std::string> start_rights(Connection& source);
/// The right to ask for the binlog's position.
std::string status_right(const Connection& source);
/// Whether the rows that a foreign key's CASCADE or SET NULL changes are in the binlog.
bool logs_cascades(Connection& source);

/// Rights of which one lets an account write while read_only is ON.
std::vector<std::string> read_only_rights(const Connection& target);
/// Rights of which one lets an account create functions and triggers unasked beside a binlog.
std::vector<std::string> creator_rights(const Connection& target);
/// Rights of which one lets an account create objects that belong to others.
std::vector<std::string> definer_rights(const Connection& target);
/// The right to name an account that is not there; empty where it needs none.
std::string absent_definer_right(const Connection& target);
/// The right to name an account that has it; empty where there is none.
std::string system_user_right(const Connection& target);
/// Rights of which one lets an account change settings such as sql_require_primary_key.
std::vector<std::string> setting_rights(const Connection& target);

}  // namespace dts
