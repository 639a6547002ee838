#include "apply/online_ddl.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <regex>

#include "apply/ddl_columns.hpp"
#include "db/sql.hpp"
#include "db/tokens.hpp"
#include "dts/error.hpp"
#include "schema/letter_case.hpp"
#include "schema/map_text.hpp"

namespace dts {

namespace {

/// 1 is without what stands behind the statements.
constexpr int format_version = 2;

/// Fields of any bytes, each behind its length.
struct Writer {
  std::string text = {};
  void put(std::string_view field) {
    text += fmt::format("{}:", field.size());
    text += field;
  }
  void put(std::int64_t number) { put(fmt::format("{}", number)); }
};

struct Reader {
  std::string_view text;

  std::string take() {
    std::size_t size = 0;
    const char* end = text.data() + text.size();
    const auto [at, failed] = std::from_chars(text.data(), end, size);
    if (failed != std::errc() || at == end || *at != ':' ||
        size > static_cast<std::size_t>(end - at) - 1)
      throw Error(ErrorKind::state, "a table of an online DDL tool in the bookkeeping is damaged",
                  "copy the data again: dtsctl init-data --restart");
    std::string field(at + 1, size);
    text.remove_prefix(static_cast<std::size_t>(at + 1 - text.data()) + size);
    return field;
  }
  std::int64_t number() { return std::strtoll(take().c_str(), nullptr, 10); }
};

void put(Writer& to, const ToolStatement& statement) {
  const Ddl& ddl = statement.ddl;
  to.put(ddl.schema);
  to.put(ddl.statement);
  to.put(ddl.time_zone);
  for (const std::int64_t number :
       {ddl.sql_mode, std::int64_t{ddl.client_charset}, std::int64_t{ddl.connection_collation},
        std::int64_t{ddl.server_collation}, std::int64_t{ddl.database_collation},
        std::int64_t{ddl.explicit_defaults_for_timestamp}, std::int64_t{ddl.microseconds},
        std::int64_t{ddl.utf8mb4_collation}, std::int64_t{ddl.from_mariadb},
        std::int64_t{ddl.foreign_key_checks}, std::int64_t{statement.timestamp}})
    to.put(number);
}

ToolStatement take_statement(Reader& from) {
  ToolStatement statement;
  Ddl& ddl = statement.ddl;
  ddl.schema = from.take();
  ddl.statement = from.take();
  ddl.time_zone = from.take();
  ddl.sql_mode = from.number();
  for (int* number : {&ddl.client_charset, &ddl.connection_collation, &ddl.server_collation,
                      &ddl.database_collation, &ddl.explicit_defaults_for_timestamp,
                      &ddl.microseconds, &ddl.utf8mb4_collation})
    *number = static_cast<int>(from.number());
  ddl.from_mariadb = from.number() != 0;
  ddl.foreign_key_checks = from.number() != 0;
  statement.timestamp = static_cast<std::uint32_t>(from.number());
  return statement;
}

std::vector<Token> tokens_of(const Ddl& ddl) {
  return tokenize(ddl.statement, quote_rules(ddl.sql_mode));
}

bool is_one_of(const Token& token, std::initializer_list<const char*> words) {
  return std::any_of(words.begin(), words.end(),
                     [&](const char* word) { return is_word(token, word); });
}

/// Whether what stands behind DEFAULT is the same whenever it is read.
bool is_constant(const std::vector<Token>& tokens, std::size_t i) {
  if (i >= tokens.size()) return true;
  const Token& token = tokens[i];
  if (token.kind == TokenKind::string || token.kind == TokenKind::number) return true;
  if (is_symbol(token, '-') || is_symbol(token, '+') || is_symbol(token, '=')) return true;
  if (token.kind == TokenKind::word && token.text.front() == '_') return true;  // _utf8mb4'...'
  const bool bits = is_one_of(token, {"B", "X", "N"}) && i + 1 < tokens.size() &&
                    tokens[i + 1].kind == TokenKind::string;
  return bits || is_one_of(token, {"NULL", "TRUE", "FALSE", "CHARACTER", "CHARSET", "COLLATE"});
}

/// Whether CHANGE at `i` leaves the column its name.
bool keeps_name(const std::vector<Token>& tokens, std::size_t i) {
  for (++i; i < tokens.size() && is_one_of(tokens[i], {"COLUMN", "IF", "EXISTS"});) ++i;
  return i + 1 < tokens.size() && same_column(name_of(tokens[i]), name_of(tokens[i + 1]));
}

/// The columns that ALTER TABLE drops.
std::vector<std::string> dropped_columns(const std::vector<Token>& tokens) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i + 1 < tokens.size(); ++i) {
    if (!is_word(tokens[i], "DROP")) continue;
    std::size_t at = i + 1;
    while (at + 1 < tokens.size() && is_one_of(tokens[at], {"COLUMN", "IF", "EXISTS"})) ++at;
    names.push_back(name_of(tokens[at]));
  }
  return names;
}

}  // namespace

std::string tool_table_text(const ToolTable& table) {
  Writer to;
  to.put(format_version);
  for (const std::string* name : {&table.name.schema, &table.name.table, &table.base.schema,
                                  &table.base.table, &table.trouble})
    to.put(*name);
  to.put(static_cast<std::int64_t>(table.kind));
  to.put(std::int64_t{table.made});
  to.put(std::int64_t{table.rows});
  to.put(static_cast<std::int64_t>(table.statements.size()));
  for (const ToolStatement& statement : table.statements) put(to, statement);
  to.put(std::int64_t{table.fresh});
  for (const ToolStatement& statement : table.statements) {
    to.put(std::int64_t{statement.ddl.auto_increment_increment});
    to.put(std::int64_t{statement.ddl.auto_increment_offset});
  }
  return to.text;
}

ToolTable parse_tool_table(std::string_view text) {
  Reader from{text};
  const std::int64_t version = from.number();
  if (version < 1 || version > format_version)
    throw Error(ErrorKind::state, "the bookkeeping was written by a newer version of dtsctl",
                "use that version");
  ToolTable table;
  for (std::string* name : {&table.name.schema, &table.name.table, &table.base.schema,
                            &table.base.table, &table.trouble})
    *name = from.take();
  table.kind = static_cast<ToolTableKind>(from.number());
  table.made = from.number() != 0;
  table.rows = from.number() != 0;
  for (std::int64_t count = from.number(); count > 0; --count)
    table.statements.push_back(take_statement(from));
  if (version == 1) return table;
  table.fresh = from.number() != 0;
  for (ToolStatement& statement : table.statements) {
    statement.ddl.auto_increment_increment = static_cast<int>(from.number());
    statement.ddl.auto_increment_offset = static_cast<int>(from.number());
  }
  return table;
}

ToolPatterns tool_patterns(const SyncOptions& options) {
  ToolPatterns patterns{
      {"^_(.+)_(?:gho|new)$", "^tp_[0-9]+_(?:ogt|g)_(.+)$"},
      {"^_(.+)_[0-9]{14}_(?:del|old)$", "^_(.+)_(?:del|old)$", "^tp_[0-9]+_(?:del|d)_(.+)$"},
      {"^_(.+)_(?:ghc|ghk)$", "^tp_[0-9]+_(?:ogl|l)_(.+)$"}};
  if (!options.shadow_tables.empty()) patterns.shadow = options.shadow_tables;
  if (!options.trash_tables.empty()) patterns.old = patterns.log = options.trash_tables;
  return patterns;
}

std::optional<TableName> base_of(const std::vector<std::string>& patterns, const TableName& name,
                                 const std::function<bool(const TableName&)>& is_known) {
  for (const std::string& pattern : patterns) {
    std::smatch match;
    if (!std::regex_search(name.table, match, std::regex(pattern)) || match.size() < 2) continue;
    for (std::string base = match[1].str(); !base.empty(); base.erase(0, 1)) {
      if (is_known({name.schema, base})) return TableName{name.schema, base};
      if (base.front() != '_') break;
    }
  }
  return std::nullopt;
}

bool is_tool_trigger(const DdlNames& names) {
  return names.kind == "trigger" && !names.tables.empty() &&
         std::all_of(names.tables.begin(), names.tables.end(),
                     [](const TableName& name) { return name.table.starts_with("pt_osc_"); });
}

std::vector<std::pair<TableName, TableName>> renames(const Ddl& text, const DdlNames& names) {
  std::vector<std::pair<TableName, TableName>> pairs;
  if (names.kind == "rename-table")
    for (std::size_t i = 1; i < names.tables.size(); i += 2)
      pairs.emplace_back(names.tables[i - 1], names.tables[i]);
  if (names.kind != "alter-table" || names.tables.size() != 2) return pairs;
  // Another table may come in by EXCHANGE PARTITION and the like, too.
  const auto place = std::find_if(names.places.begin() + 1, names.places.end(),
                                  [](const NamePlace& one) { return !one.references; });
  const auto tokens = tokens_of(text);
  std::size_t at = 0;
  while (at < tokens.size() && place != names.places.end() &&
         tokens[at].text.data() < text.statement.data() + place->begin)
    ++at;
  while (at > 0 && (is_one_of(tokens[at - 1], {"TO", "AS"}) || is_symbol(tokens[at - 1], '=')))
    --at;
  if (at > 0 && is_word(tokens[at - 1], "RENAME"))
    pairs.emplace_back(names.tables[0], names.tables[1]);
  return pairs;
}

std::optional<Ddl> on_base(const Ddl& original, const Ddl& text, const DdlNames& names,
                           const TableName& shadow, const TableName& base) {
  std::string name;
  append_name(name, base);
  std::vector<Edit> edits;
  for (const NamePlace& place : names.places)
    if (place.name == shadow) edits.push_back({place.begin, place.end, name});
  if (edits.empty() || names.tables.size() != 1) return std::nullopt;
  Ddl ddl = text;
  ddl.statement = edited(text.statement, std::move(edits));
  const auto is_ascii = [](unsigned char c) { return c < 0x80; };
  const bool ascii = std::all_of(name.begin(), name.end(), is_ascii);
  if (text.statement == original.statement && ascii) return ddl;
  for (const Token& token : tokens_of(text))  // its string would be read in another character set
    if (token.kind == TokenKind::word && token.text.front() == '_') return std::nullopt;
  constexpr int utf8mb4_general_ci = 45;
  ddl.client_charset = utf8mb4_general_ci;
  return ddl;
}

std::string rows_trouble(const Ddl& text, const DdlNames& names, const Table& base) {
  if (names.kind == "create-index" || names.kind == "drop-index") return {};
  const auto tokens = tokens_of(text);
  const bool counts = std::any_of(base.columns.begin(), base.columns.end(),
                                  [](const Column& column) { return column.auto_increment; });
  bool adds = false;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    const Token& token = tokens[i];
    const auto next_is = [&](std::initializer_list<const char*> words) {
      return i + 1 < tokens.size() && is_one_of(tokens[i + 1], words);
    };
    if (is_word(token, "ADD")) adds = true;
    if (is_one_of(token, {"MODIFY", "CHANGE", "DROP", "ALTER"})) adds = false;
    if (is_word(token, "DEFAULT") && !is_constant(tokens, i + 1))
      return "a default that is not a constant";
    if (is_one_of(token, {"TIMESTAMP", "CURRENT_TIMESTAMP", "NOW", "LOCALTIME", "LOCALTIMESTAMP"}))
      return "a time that is taken when a row is written";
    if (is_one_of(token, {"CHECK", "REFERENCES", "FOREIGN", "CONSTRAINT"})) return "a constraint";
    if (is_one_of(token, {"VERSIONING", "PERIOD"})) return "versions of rows";
    if (is_word(token, "TABLESPACE")) return "a tablespace";
    if ((is_word(token, "CHANGE") && !keeps_name(tokens, i)) ||
        (is_word(token, "RENAME") && next_is({"COLUMN"})))
      return "a column that gets another name";
    if (is_one_of(token, {"DROP", "TRUNCATE", "EXCHANGE", "CONVERT"}) && next_is({"PARTITION"}))
      return "rows of a partition";
    const bool is_option = i + 1 < tokens.size() && (is_symbol(tokens[i + 1], '=') ||
                                                     tokens[i + 1].kind == TokenKind::number);
    if (is_word(token, "AUTO_INCREMENT") && !is_option && (adds || !counts))
      return "numbers that are given to rows in the order of the copy";
  }
  std::size_t from = 0;
  const char* behind_name = text.statement.data() + names.places.front().end;
  while (from < tokens.size() && tokens[from].text.data() < behind_name) ++from;
  const auto dropped = dropped_columns(tokens);
  for (const std::size_t i : declared_columns(tokens, names.kind, from))
    for (const std::string& name : dropped)
      if (same_column(name, name_of(tokens[i]))) return "a column that is dropped and added";
  return {};
}

}  // namespace dts
