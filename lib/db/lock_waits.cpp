#include "db/lock_waits.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace dts {

namespace {

/// Nothing where it is not allowed, or not there.
std::vector<TextRow> try_query(Connection& server, const Sql& statement) {
  try {
    return server.query(statement);
  } catch (const Error& error) {
    if (is_connection_loss(error.server_errno())) throw;
    return {};
  }
}

std::string beginning(const std::string& statement) {
  constexpr std::size_t limit = 90;
  return statement.size() <= limit ? statement : statement.substr(0, limit) + "...";
}

/// "session 12 of root@localhost": from its id, account and host.
std::string session_text(const TextRow& row) {
  const std::string host = row.at(2).value_or("");
  return fmt::format("session {} of {}@{}", row.at(0).value_or("?"), row.at(1).value_or("?"),
                     host.substr(0, host.rfind(':')));
}

/// Who holds the metadata lock that a session waits for. MariaDB tells by a plugin only.
std::vector<TextRow> metadata_holders(Connection& server, const std::string& waiting) {
  if (server.is_mariadb())
    return try_query(
        server,
        sql("SELECT DISTINCT p.ID, p.USER, p.HOST FROM information_schema.METADATA_LOCK_INFO m JOIN "
            "information_schema.PROCESSLIST p ON p.ID = m.THREAD_ID WHERE p.ID <> {} AND EXISTS "
            "(SELECT 1 FROM information_schema.PROCESSLIST w WHERE w.ID = {} AND INSTR(w.INFO, "
            "m.TABLE_NAME) > 0)",
            Sql::verbatim(waiting), Sql::verbatim(waiting)));
  return try_query(
      server,
      sql("SELECT DISTINCT t.PROCESSLIST_ID, t.PROCESSLIST_USER, t.PROCESSLIST_HOST FROM "
          "performance_schema.metadata_locks p JOIN performance_schema.metadata_locks g ON "
          "g.OBJECT_TYPE = p.OBJECT_TYPE AND g.OBJECT_SCHEMA <=> p.OBJECT_SCHEMA AND g.OBJECT_NAME "
          "<=> p.OBJECT_NAME AND g.LOCK_STATUS = 'GRANTED' JOIN performance_schema.threads t ON "
          "t.THREAD_ID = g.OWNER_THREAD_ID JOIN performance_schema.threads w ON w.THREAD_ID = "
          "p.OWNER_THREAD_ID WHERE p.LOCK_STATUS = 'PENDING' AND w.PROCESSLIST_ID = {} AND "
          "t.PROCESSLIST_ID <> {}",
          Sql::verbatim(waiting), Sql::verbatim(waiting)));
}

/// Sessions of this account that wait for rows: id, statement, and the holder's id, account, host.
std::vector<TextRow> row_waits(Connection& server, unsigned seconds) {
  const Sql blocking =
      server.is_mariadb()
          ? sql("information_schema.INNODB_LOCK_WAITS l ON l.requesting_trx_id = r.trx_id LEFT JOIN "
                "information_schema.INNODB_TRX b ON b.trx_id = l.blocking_trx_id")
          : sql("performance_schema.data_lock_waits l ON l.REQUESTING_ENGINE_TRANSACTION_ID = "
                "r.trx_id LEFT JOIN information_schema.INNODB_TRX b ON b.trx_id = "
                "l.BLOCKING_ENGINE_TRANSACTION_ID");
  return try_query(
      server,
      sql("SELECT DISTINCT w.ID, w.INFO, p.ID, p.USER, p.HOST FROM information_schema.INNODB_TRX r "
          "JOIN information_schema.PROCESSLIST w ON w.ID = r.trx_mysql_thread_id LEFT JOIN {} LEFT "
          "JOIN information_schema.PROCESSLIST p ON p.ID = b.trx_mysql_thread_id WHERE r.trx_state = "
          "'LOCK WAIT' AND w.TIME >= {} AND w.USER = SUBSTRING_INDEX(USER(), '@', 1)",
          blocking, seconds));
}

}  // namespace

std::vector<std::string> lock_waits(Connection& server, unsigned seconds) {
  std::vector<std::string> texts;
  for (const TextRow& row : server.query(
           sql("SELECT ID, STATE, INFO FROM information_schema.PROCESSLIST WHERE USER = "
               "SUBSTRING_INDEX(USER(), '@', 1) AND TIME >= {} AND STATE LIKE 'Waiting for % lock'",
               seconds))) {
    std::string holders;
    for (const TextRow& holder : metadata_holders(server, row.at(0).value_or("0")))
      holders += (holders.empty() ? "" : ", ") + session_text(holder);
    if (holders.empty())
      holders = server.is_mariadb()
                    ? "unknown (the plugin METADATA_LOCK_INFO and the right PROCESS would tell)"
                    : "unknown (the right SELECT ON performance_schema.* would tell)";
    texts.push_back(fmt::format("{}: {}; held by {}", row.at(1).value_or(""),
                                beginning(row.at(2).value_or("")), holders));
  }
  for (const TextRow& row : row_waits(server, seconds))
    texts.push_back(fmt::format(
        "Waiting for rows that another transaction has locked: {}; held by {}",
        beginning(row.at(1).value_or("")),
        row.at(2) ? session_text({row.at(2), row.at(3), row.at(4)}) : std::string("unknown")));
  return texts;
}

}  // namespace dts
