#include "apply/ddl_context.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "db/server_objects.hpp"
#include "db/tokens.hpp"
#include "schema/collations.hpp"
#include "schema/translate.hpp"

namespace dts {

namespace {

void set_sql_mode(Connection& session, const Ddl& ddl) {
  if (ddl.sql_mode < 0) return;
  if (ddl.from_mariadb && session.is_mariadb())
    return (void)session.execute(sql("SET sql_mode = {}", ddl.sql_mode));
  const SqlModes modes = sql_modes(static_cast<std::uint64_t>(ddl.sql_mode), ddl.from_mariadb,
                                   session.is_mariadb());
  if (!modes.unknown.empty())
    throw Error(ErrorKind::target,
                fmt::format("the target has no sql_mode {}, under which it ran", modes.unknown));
  session.execute(sql("SET sql_mode = {}", Text{modes.known}));
}

/// A server may refuse it (secure_timestamp): then only what can't depend on it is run.
void set_time(Connection& session, const Ddl& ddl, std::uint32_t timestamp) {
  try {
    session.execute(sql("SET timestamp = {}", Sql::verbatim(fmt::format(
                                                  "{}.{:06}", timestamp,
                                                  std::max(ddl.microseconds, 0)))));
  } catch (const Error& error) {
    const auto tokens = tokenize(ddl.statement, quote_rules(ddl.sql_mode), 1);
    const bool fills_rows = tokens.empty() || !(is_word(tokens[0], "CREATE") ||
                                                is_word(tokens[0], "DROP") ||
                                                is_word(tokens[0], "TRUNCATE") ||
                                                is_word(tokens[0], "RENAME"));
    if (fills_rows || ddl.microseconds >= 0 || error.kind() == ErrorKind::connect) throw;
  }
}

/// What utf8mb4 without COLLATE means. MySQL before 8.0 doesn't say: it had one answer only.
void set_utf8mb4_collation(Connection& session, const Ddl& ddl) {
  constexpr unsigned has_setting = 80011;
  constexpr int general_ci = 45;
  if (session.is_mariadb() || ddl.from_mariadb || session.version_number() < has_setting) return;
  const int wanted = ddl.utf8mb4_collation >= 0 ? ddl.utf8mb4_collation : general_ci;
  if (session.value(sql("SELECT ID FROM information_schema.COLLATIONS WHERE COLLATION_NAME = "
                        "@@SESSION.default_collation_for_utf8mb4")) != std::to_string(wanted))
    session.execute(sql("SET default_collation_for_utf8mb4 = {}", wanted));
}

std::string known_collation(Connection& session, int id, const Ddl& ddl) {
  std::string name = counterpart_by_number(session, id, ddl.from_mariadb);
  if (name.empty())
    throw Error(ErrorKind::target,
                fmt::format("the target has no collation of number {}, under which it ran", id));
  return name;
}

/// By name: not every number can be set.
void set_collations(Connection& session, const Ddl& ddl) {
  if (ddl.server_collation >= 0)
    session.execute(sql("SET collation_server = {}",
                        Text{known_collation(session, ddl.server_collation, ddl)}));
  // MySQL asks the database itself, and has made the variable one that needs a right.
  if (ddl.database_collation >= 0 && session.is_mariadb())
    session.execute(sql("SET collation_database = {}",
                        Text{known_collation(session, ddl.database_collation, ddl)}));
  if (ddl.client_charset < 0) return;
  const Collation client = collation_of(session, ddl.client_charset);
  session.execute(sql("SET character_set_client = {}, collation_connection = {}",
                      Text{client.charset.empty() ? "utf8mb4" : client.charset},
                      Text{known_collation(session, ddl.connection_collation, ddl)}));
}

}  // namespace

void set_context(Connection& session, const Ddl& ddl, std::uint32_t timestamp,
                 const std::string& schema, const std::string& default_engine) {
  if (!schema.empty() &&
      session.value(sql("SELECT 1 FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = {}",
                        Text{schema})))
    session.execute(sql("USE {}", Name{schema}));
  if (!default_engine.empty())
    session.execute(sql("SET default_storage_engine = {}", Name{default_engine}));
  if (ddl.explicit_defaults_for_timestamp >= 0)
    session.execute(sql("SET explicit_defaults_for_timestamp = {}",
                        ddl.explicit_defaults_for_timestamp));
  // ADD SYSTEM VERSIONING begins the versions of all rows at the time of the statement, a new column may
  // have it for default, and numbers of a new AUTO_INCREMENT go by these two.
  session.execute(sql("SET auto_increment_increment = {}, auto_increment_offset = {}",
                      ddl.auto_increment_increment, ddl.auto_increment_offset));
  set_time(session, ddl, timestamp);
  if (!ddl.time_zone.empty()) session.execute(sql("SET time_zone = {}", Text{ddl.time_zone}));
  set_sql_mode(session, ddl);
  set_utf8mb4_collation(session, ddl);
  set_collations(session, ddl);
}

}  // namespace dts
