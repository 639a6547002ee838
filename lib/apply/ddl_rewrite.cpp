#include "apply/ddl_rewrite.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "apply/ddl_columns.hpp"
#include "db/tokens.hpp"
#include "schema/map_text.hpp"

namespace dts {

namespace {

/// Words of CREATE TABLE, ALTER TABLE and CREATE INDEX that may be the name of a column, too: not
/// quoted, nobody can tell without the whole grammar.
constexpr std::array ambiguous_words = {
    "ACTION",     "AFTER",     "ALGORITHM", "ALWAYS",   "AUTO_INCREMENT", "AUTOINC",  "BEGIN",
    "BIT",        "BOOL",      "BOOLEAN",   "BTREE",    "CHARSET",        "CHECKSUM", "COALESCE",
    "COLUMNS",    "COMMENT",   "COMPRESSED", "CONNECTION", "DATA",        "DATE",     "DATETIME",
    "DAY",        "DISABLE",   "DISCARD",   "DISK",     "DYNAMIC",        "ENABLE",   "ENCRYPTION",
    "END",        "ENGINE",    "ENUM",      "EXCHANGE", "EXPANSION",      "FIRST",    "FIXED",
    "FORMAT",     "FULL",      "HASH",      "HISTORY",  "HOUR",           "IGNORED",  "IMPORT",
    "INVISIBLE",  "JSON",      "LESS",      "LIST",     "LOCAL",          "MEMORY",   "MERGE",
    "MINUTE",     "MODE",      "MODIFY",    "MONTH",    "NAME",           "NO",       "NONE",
    "NOWAIT",     "PACK_KEYS", "PARSER",    "PARTIAL",  "PARTITIONS",     "PASSWORD", "PERIOD",
    "POINT",      "QUARTER",   "REBUILD",   "REMOVE",   "REORGANIZE",     "REPAIR",   "SECOND",
    "SERIAL",     "SIMPLE",    "START",     "STORAGE",  "STORED",         "SUBPARTITION", "SYSTEM",
    "TABLES",     "TABLESPACE", "TEMPORARY", "TEXT",    "TIME",           "TIMESTAMP", "TRANSACTION",
    "TRUNCATE",   "TYPE",      "UPGRADE",   "UUID",     "VALIDATION",     "VALUE",    "VECTOR",
    "VERSIONING", "VIRTUAL",   "VISIBLE",   "WAIT",     "WEEK",           "WITHOUT",  "YEAR"};

bool is_ambiguous(const Token& token) {
  return token.kind == TokenKind::word &&
         std::any_of(ambiguous_words.begin(), ambiguous_words.end(),
                     [&](const char* word) { return is_word(token, word); });
}

/// Whether the token names an index, a constraint or a partition.
bool names_something_else(const std::vector<Token>& tokens, std::size_t i) {
  static constexpr std::array kinds = {"KEY",     "INDEX",  "CONSTRAINT", "PARTITION",
                                       "UNIQUE",  "FULLTEXT", "SPATIAL",  "CHECK"};
  std::size_t before = i;
  while (before > 0 && (is_word(tokens[before - 1], "IF") || is_word(tokens[before - 1], "NOT") ||
                        is_word(tokens[before - 1], "EXISTS")))
    --before;
  // RENAME KEY a TO b
  if (before > 2 && is_word(tokens[before - 1], "TO") &&
      (is_word(tokens[before - 3], "KEY") || is_word(tokens[before - 3], "INDEX")))
    return true;
  return before == 0 || std::any_of(kinds.begin(), kinds.end(), [&](const char* kind) {
           return is_word(tokens[before - 1], kind);
         });
}

/// One rewriting.
struct Rewriter {
  const Ddl& ddl;
  const DdlNames& names;
  const Mapping& mapping;
  std::vector<Token> tokens = tokenize(ddl.statement, quote_rules(ddl.sql_mode));
  std::vector<Edit> edits = {};
  std::string trouble = {};

  std::size_t begin(std::size_t i) const {
    return static_cast<std::size_t>(tokens[i].text.data() - ddl.statement.data());
  }

  void rename_place(const NamePlace& place) {
    std::string text;
    if (place.name.table.empty()) {
      const std::string target = mapping.schema(place.name.schema);
      if (target == place.name.schema && !place.lowered) return;
      append_name(text, target);
    } else {
      const TableName target = mapping.table(place.name);
      // An unqualified name is looked for in the default database, which is mapped, too.
      const bool qualified =
          tokenize(std::string_view(ddl.statement).substr(place.begin, place.end - place.begin))
              .size() > 1;
      const TableName as_read{
          qualified ? place.name.schema : mapping.schema(place.name.schema), place.name.table};
      if (target == as_read && !place.lowered) return;
      append_name(text, target);
    }
    edits.push_back({place.begin, place.end, text});
  }

  /// The place that token `i` is a part of; null if it is none.
  const NamePlace* place_of(std::size_t i) const {
    for (const NamePlace& place : names.places)
      if (begin(i) >= place.begin && begin(i) < place.end) return &place;
    return nullptr;
  }

  void rename_column(std::size_t i, const MapRule& rule) {
    const Token& token = tokens[i];
    if (token.kind != TokenKind::quoted && token.kind != TokenKind::word) return;
    const std::string name = name_of(token);
    const auto found = std::find_if(rule.columns.begin(), rule.columns.end(),
                                    [&](const auto& names) { return same_column(names.first, name); });
    if (found == rule.columns.end() || names_something_else(tokens, i)) return;
    if (is_ambiguous(token)) {
      trouble = fmt::format("it cannot be told whether {} means the column that is renamed", name);
      return;
    }
    std::string text;
    append_name(text, found->second);
    edits.push_back({begin(i), begin(i) + token.text.size(), text});
  }

  /// New names of columns, in the case that names have on the target.
  void case_columns(const TableName& table) {
    const auto place = std::find_if(names.places.begin(), names.places.end(), [&](const auto& one) {
      return one.name == table && !one.references;
    });
    if (place == names.places.end()) return;
    std::size_t from = 0;
    while (from < tokens.size() && begin(from) < place->end) ++from;
    const MapRule* rule = mapping.rule(table);
    for (const std::size_t i : declared_columns(tokens, names.kind, from)) {
      const std::string name = name_of(tokens[i]);
      const auto target = mapping.column(rule, name);
      const bool is_given =  // then it is renamed wherever it stands
          rule != nullptr &&
          std::any_of(rule->columns.begin(), rule->columns.end(),
                      [&](const auto& names) { return same_column(names.first, name); });
      if (!target || *target == name || is_given) continue;
      std::string text;
      append_name(text, *target);
      edits.push_back({begin(i), begin(i) + tokens[i].text.size(), text});
    }
  }

  /// The columns of the table that the statement is about, and of parents in parentheses behind
  /// them.
  void rename_columns(const TableName& table) {
    const MapRule* own = mapping.rule(table);
    const MapRule* parent = nullptr;
    bool in_parent = false;
    for (std::size_t i = 0; i < tokens.size(); ++i) {
      if (const NamePlace* place = place_of(i)) {
        if (!place->references) continue;
        parent = mapping.rule(place->name);
        in_parent = i + 1 < tokens.size() && is_symbol(tokens[i + 1], '(');
        continue;
      }
      if (in_parent && is_symbol(tokens[i], ')')) in_parent = false;
      if (const MapRule* rule = in_parent ? parent : own) rename_column(i, *rule);
    }
  }
};

/// The column of a condition that ALTER TABLE changes, drops or renames; empty if there is none.
std::string altered_column(const std::vector<Token>& tokens, std::string_view where) {
  static constexpr std::array verbs = {"MODIFY", "CHANGE", "DROP", "RENAME"};
  static constexpr std::array others = {"KEY",   "INDEX",   "CONSTRAINT", "FOREIGN", "PRIMARY",
                                        "CHECK", "DEFAULT", "PARTITION",  "TO",      "AS"};
  const auto is_one_of = [](const Token& token, const auto& words) {
    return std::any_of(words.begin(), words.end(),
                       [&](const char* word) { return is_word(token, word); });
  };
  const std::vector<Token> used = tokenize(where);
  for (std::size_t i = 0; i + 1 < tokens.size(); ++i) {
    if (is_word(tokens[i], "CONVERT") && is_word(tokens[i + 1], "TO")) return "of any text";
    if (!is_one_of(tokens[i], verbs)) continue;
    std::size_t at = i + 1;
    while (at + 1 < tokens.size() && (is_word(tokens[at], "COLUMN") || is_word(tokens[at], "IF") ||
                                      is_word(tokens[at], "EXISTS")))
      ++at;
    const Token& name = tokens[at];
    if ((name.kind != TokenKind::word && name.kind != TokenKind::quoted) || is_one_of(name, others))
      continue;
    for (const Token& token : used)
      if ((token.kind == TokenKind::word || token.kind == TokenKind::quoted) &&
          same_column(name_of(token), name_of(name)))
        return fmt::format("'{}'", name_of(name));
  }
  return {};
}

/// Whether rows go without a DELETE.
bool removes_rows(const std::vector<Token>& tokens, const std::string& kind) {
  if (kind == "truncate-table" || kind == "drop-table") return true;
  for (std::size_t i = 0; i + 1 < tokens.size(); ++i) {
    if (kind == "create-table" && is_word(tokens[i], "OR") && is_word(tokens[i + 1], "REPLACE"))
      return true;
    if (kind == "alter-table" && is_word(tokens[i + 1], "PARTITION") &&
        (is_word(tokens[i], "DROP") || is_word(tokens[i], "TRUNCATE")))
      return true;
  }
  return false;
}

/// Why the target would have other rows or columns than the maps say; empty if it would not.
std::string rule_trouble(const std::vector<Token>& tokens, const DdlNames& names,
                         const Mapping& mapping) {
  static const MapRule none;
  const auto rule_of = [&](const TableName& name) -> const MapRule& {
    const MapRule* rule = mapping.rule(name);
    return rule ? *rule : none;
  };
  // Tables become, or are made like, one another: pairs of a RENAME, else the first and the others.
  const bool pairs = names.kind == "rename-table";
  if (pairs || names.kind == "alter-table" || names.kind == "create-table")
    for (std::size_t i = 1; i < names.tables.size(); i += pairs ? 2 : 1) {
      const TableName &a = names.tables[pairs ? i - 1 : 0], &b = names.tables[i];
      if (rule_of(a).columns != rule_of(b).columns)
        return fmt::format("the maps of '{}' and '{}' rename columns in different ways",
                           to_string(a), to_string(b));
      if (names.kind != "create-table" && rule_of(a).where != rule_of(b).where)
        return fmt::format("the maps of '{}' and '{}' choose rows by different conditions",
                           to_string(a), to_string(b));
    }
  for (const TableName& name : names.tables)
    if (!rule_of(name).remove && removes_rows(tokens, names.kind))
      return fmt::format("it removes rows of '{}', and dml of its map leaves deletes out",
                         to_string(name));
  if (names.kind == "alter-table" && !names.tables.empty())
    if (const std::string& where = rule_of(names.tables.front()).where; !where.empty())
      if (const std::string column = altered_column(tokens, where); !column.empty())
        return fmt::format(
            "it alters column {}, by which where chooses rows: unless it still chooses the same "
            "ones, copy the table again (dtsctl init-data --restart)",
            column);
  return {};
}

}  // namespace

RewrittenDdl rewritten_ddl(const Ddl& ddl, const DdlNames& names, const Mapping& mapping) {
  Rewriter rewriter{ddl, names, mapping};
  for (const NamePlace& place : names.places) rewriter.rename_place(place);
  if (names.kind != "drop-table" && names.kind != "truncate-table")
    for (const TableName& table : names.tables)
      if (const MapRule* rule = mapping.rule(table); rule && !rule->exclude_columns.empty())
        return {ddl.statement,
                "columns of the table are left out, so that its new shape can't be known"};
  if (std::string trouble = rule_trouble(rewriter.tokens, names, mapping); !trouble.empty())
    return {ddl.statement, std::move(trouble)};
  const bool has_columns = names.kind == "create-table" || names.kind == "alter-table" ||
                           names.kind == "create-index";
  if (has_columns && !names.tables.empty()) {
    rewriter.rename_columns(names.tables.front());
    rewriter.case_columns(names.tables.front());
  }
  return {edited(ddl.statement, std::move(rewriter.edits)), rewriter.trouble};
}

std::string with_table_collation(const Ddl& ddl, const std::string& collation) {
  const auto tokens = tokenize(ddl.statement, quote_rules(ddl.sql_mode));
  std::size_t at = 0;
  while (at < tokens.size() && !is_symbol(tokens[at], '(')) {
    for (const char* word : {"LIKE", "SELECT", "AS", "WITH", "VALUES"})
      if (is_word(tokens[at], word)) return ddl.statement;
    ++at;
  }
  if (at + 1 >= tokens.size() || is_word(tokens[at + 1], "LIKE") || is_word(tokens[at + 1], "SELECT"))
    return ddl.statement;
  int depth = 0;
  std::size_t close = 0;
  for (; at < tokens.size(); ++at) {
    if (is_symbol(tokens[at], '(')) ++depth;
    if (is_symbol(tokens[at], ')') && --depth == 0 && close == 0) close = at;
    if (close == 0 || depth > 0) continue;
    if (is_word(tokens[at], "PARTITION") || is_word(tokens[at], "SELECT")) break;
    for (const char* word : {"CHARSET", "CHARACTER", "COLLATE"})
      if (is_word(tokens[at], word)) return ddl.statement;
  }
  if (close == 0) return ddl.statement;
  std::string text = ddl.statement;
  const auto end = static_cast<std::size_t>(tokens[close].text.data() - ddl.statement.data()) + 1;
  return text.insert(end, " COLLATE " + collation);
}

bool has_introducer(const Ddl& ddl) {
  const auto tokens = tokenize(ddl.statement, quote_rules(ddl.sql_mode));
  for (std::size_t i = 0; i + 1 < tokens.size(); ++i)
    if (tokens[i].kind == TokenKind::word && tokens[i].text.front() == '_' &&
        tokens[i + 1].kind == TokenKind::string)
      return true;
  return false;
}

}  // namespace dts
