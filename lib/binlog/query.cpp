#include "binlog/query.hpp"

#include <fmt/format.h>

#include <cctype>

#include "db/tokens.hpp"

namespace dts {

namespace {

/// The token behind the verb and OR REPLACE.
std::size_t behind_verb(const std::vector<Token>& tokens) {
  return tokens.size() > 3 && is_word(tokens[1], "OR") && is_word(tokens[2], "REPLACE") ? 3 : 1;
}

bool is_account_statement(const std::vector<Token>& tokens) {
  if (is_word(tokens[0], "GRANT") || is_word(tokens[0], "REVOKE")) return true;
  if (is_word(tokens[0], "SET"))
    return tokens.size() > 1 && (is_word(tokens[1], "PASSWORD") || is_word(tokens[1], "DEFAULT"));
  if (!is_word(tokens[0], "CREATE") && !is_word(tokens[0], "DROP") && !is_word(tokens[0], "ALTER") &&
      !is_word(tokens[0], "RENAME"))
    return false;
  const std::size_t at = behind_verb(tokens);
  return at < tokens.size() && (is_word(tokens[at], "USER") || is_word(tokens[at], "ROLE"));
}

bool is_one_of(const Token& token, std::initializer_list<std::string_view> keywords) {
  for (std::string_view keyword : keywords)
    if (is_word(token, keyword)) return true;
  return false;
}

/// Whether a CREATE, ALTER or DROP is about the server and not about a database.
bool is_server_wide(const std::vector<Token>& tokens) {
  const std::size_t at = behind_verb(tokens);
  if (at >= tokens.size()) return false;
  if (is_word(tokens[at], "SPATIAL"))
    return at + 1 < tokens.size() && is_word(tokens[at + 1], "REFERENCE");
  return is_one_of(tokens[at],
                   {"SERVER", "TABLESPACE", "UNDO", "LOGFILE", "RESOURCE", "INSTANCE"});
}

/// Sizes of the status variables of a QUERY event: MySQL statement_events.h, MariaDB log_event.h.
void read_status_variables(Bytes in, Ddl& query) {
  while (!in.done()) {
    switch (in.byte()) {
      case 0: {  // flags2
        constexpr std::uint64_t no_foreign_key_checks = 1 << 26;
        constexpr std::uint64_t explicit_defaults = 1 << 24;  // MariaDB; MySQL has variable 16
        std::uint64_t flags = in.number(4);
        query.foreign_key_checks = (flags & no_foreign_key_checks) == 0;
        query.explicit_defaults_for_timestamp = (flags & explicit_defaults) != 0 ? 1 : 0;
        break;
      }
      case 1:
        query.sql_mode = static_cast<std::int64_t>(in.number(8));
        break;
      case 2:  // catalog with a final zero byte
        in.skip(in.byte() + 1u);
        break;
      case 3:
        query.auto_increment_increment = static_cast<unsigned>(in.number(2));
        query.auto_increment_offset = static_cast<unsigned>(in.number(2));
        break;
      case 4:
        query.client_charset = static_cast<int>(in.number(2));
        query.connection_collation = static_cast<int>(in.number(2));
        query.server_collation = static_cast<int>(in.number(2));
        break;
      case 5:
        query.time_zone = in.take(in.byte());
        break;
      case 6:  // catalog
        in.skip(in.byte());
        break;
      case 7:  // lc_time_names
        in.skip(2);
        break;
      case 8:
        query.database_collation = static_cast<int>(in.number(2));
        break;
      case 9:  // tables updated by a multi-table statement
        in.skip(8);
        break;
      case 10:
        in.skip(4);
        break;
      case 11:  // invoker: user and host
        in.skip(in.byte());
        in.skip(in.byte());
        break;
      case 12: {  // databases that the statement changes, each with a final zero byte
        constexpr unsigned too_many = 254;
        const unsigned count = in.byte();
        for (unsigned i = 0; i < count && count < too_many; ++i) in.c_string();
        break;
      }
      case 14:  // commit timestamps of MySQL's own labs
      case 15:
      case 17:  // number of an atomic DDL
        in.skip(8);
        break;
      case 18:
        query.utf8mb4_collation = static_cast<int>(in.number(2));
        break;
      case 19:  // sql_require_primary_key
      case 20:  // default_table_encryption
        in.skip(1);
        break;
      case 13:  // microseconds
      case 128:
        query.microseconds = static_cast<int>(in.number(3));
        break;
      case 16:
        query.explicit_defaults_for_timestamp = in.byte();
        break;
      case 129:
        in.skip(8);
        break;
      default:
        return;  // sizes of unknown ones cannot be known
    }
  }
}

}  // namespace

QueryKind classify(std::string_view statement, long long sql_mode) {
  constexpr std::size_t enough = 200;  // tokens, for the longest SET STATEMENT
  auto tokens = tokenize(statement, quote_rules(sql_mode), enough);
  tokens.erase(tokens.begin(), tokens.begin() + static_cast<long>(behind_set_statement(tokens)));
  if (tokens.empty()) return QueryKind::nothing;
  const Token& first = tokens[0];
  if (is_word(first, "BEGIN")) return QueryKind::begin;
  if (is_word(first, "COMMIT")) return QueryKind::commit;
  if (is_word(first, "ROLLBACK"))
    return tokens.size() > 1 ? QueryKind::rollback_to : QueryKind::rollback;
  if (is_word(first, "SAVEPOINT")) return QueryKind::savepoint;
  if (is_word(first, "RELEASE")) return QueryKind::nothing;
  if (is_word(first, "XA")) return QueryKind::xa;
  if (is_account_statement(tokens)) return QueryKind::account;
  if (is_one_of(first, {"CREATE", "ALTER", "DROP"}) && is_server_wide(tokens))
    return QueryKind::maintenance;
  if (is_one_of(first, {"CREATE", "ALTER", "DROP", "RENAME", "TRUNCATE"})) return QueryKind::ddl;
  if (is_one_of(first, {"ANALYZE", "OPTIMIZE", "REPAIR", "FLUSH", "CHECK", "INSTALL", "UNINSTALL"}))
    return QueryKind::maintenance;
  return QueryKind::statement;
}

std::string savepoint_name(std::string_view statement) {
  auto tokens = tokenize(statement);
  std::string name = tokens.empty() ? std::string() : name_of(tokens.back());
  for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return name;
}

XaStatement read_xa(std::string_view statement) {
  const auto tokens = tokenize(statement);
  XaStatement xa;
  if (tokens.size() < 3)
    throw Error(ErrorKind::source,
                fmt::format("cannot read the binlog: '{}' is no XA statement", statement));
  const Token& verb = tokens[1];
  xa.verb = is_word(verb, "END")        ? XaVerb::end
            : is_word(verb, "PREPARE")  ? XaVerb::prepare
            : is_word(verb, "COMMIT")   ? XaVerb::commit
            : is_word(verb, "ROLLBACK") ? XaVerb::rollback
                                        : XaVerb::start;
  for (std::size_t i = 2; i < tokens.size(); ++i) {
    if (is_one_of(tokens[i], {"ONE", "JOIN", "RESUME", "SUSPEND"})) break;
    xa.xid += tokens[i].text;
  }
  for (char& c : xa.xid) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return xa;
}

Ddl read_query(Bytes& body, std::string_view& statement) {
  body.skip(4 + 4);  // session and duration
  std::size_t schema_size = body.byte();
  body.skip(2);  // error code
  std::size_t status_size = body.number(2);
  Ddl query;
  read_status_variables(Bytes(body.take(status_size)), query);
  query.schema = body.take(schema_size);
  body.skip(1);
  statement = body.rest();
  return query;
}

}  // namespace dts
