#include "apply/ddl_evaluates.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <unordered_set>

#include "db/tokens.hpp"
#include "schema/letter_case.hpp"

namespace dts {

namespace {

/// Words before a parenthesis that give the same for the same values, or no value at all. Functions of
/// the current time are here, too: the session has the time and the time zone of the source's.
bool is_repeatable(const std::string& word) {
  static const std::unordered_set<std::string_view> words = {
      "abs", "acos", "adddate", "addtime", "and", "as", "ascii", "asin", "atan", "atan2", "between",
      "bigint", "bin", "binary", "bit_count", "bit_length", "case", "cast", "ceil", "ceiling", "char",
      "char_length", "character_length", "coalesce", "collate", "concat", "concat_ws", "conv",
      "convert", "cos", "cot", "crc32", "curdate", "current_date", "current_time",
      "current_timestamp", "curtime", "date", "date_add", "date_format", "date_sub", "datediff",
      "datetime", "day", "dayname", "dayofmonth", "dayofweek", "dayofyear", "decimal", "default",
      "degrees", "div", "double", "elt", "else", "exp", "export_set", "extract", "field",
      "find_in_set", "float", "floor", "format", "from_base64", "from_days", "from_unixtime",
      "geometrycollection", "greatest", "hex", "hour", "if", "ifnull", "in", "inet6_aton",
      "inet6_ntoa", "inet_aton", "inet_ntoa", "insert", "instr", "int", "integer", "interval", "is",
      "isnull", "json_array", "json_extract", "json_object", "json_quote", "json_unquote",
      "json_valid", "json_value", "last_day", "lcase", "least", "left", "length", "like",
      "linestring", "ln", "localtime", "localtimestamp", "locate", "log", "log10", "log2", "lower",
      "lpad", "ltrim", "makedate", "maketime", "md5", "microsecond", "mid", "minute", "mod", "month",
      "monthname", "multipoint", "not", "now", "nullif", "numeric", "oct", "octet_length", "or",
      "ord", "period_add", "period_diff", "pi", "point", "polygon", "position", "pow", "power",
      "quarter", "quote", "radians", "regexp", "repeat", "replace", "reverse", "right", "rlike",
      "round", "rpad", "rtrim", "sec_to_time", "second", "sha", "sha1", "sha2", "sign", "signed",
      "sin", "soundex", "space", "sqrt", "st_aswkb", "st_geomfromtext", "st_geomfromwkb", "st_x",
      "st_y", "str_to_date", "strcmp", "subdate", "substr", "substring", "substring_index",
      "subtime", "tan", "then", "time", "time_format", "time_to_sec", "timediff", "timestamp",
      "timestampadd", "timestampdiff", "to_base64", "to_days", "to_seconds", "trim", "truncate",
      "ucase", "unhex", "unix_timestamp", "unsigned", "upper", "using", "utc_date", "utc_time",
      "utc_timestamp", "varchar", "week", "weekday", "weekofyear", "when", "xor", "year", "yearweek"};
  return words.contains(lowered(word));
}

/// A statement's clauses behind the name of its table.
struct Statement {
  std::vector<Token> tokens;
  std::size_t first = 0;  ///< behind the name

  bool at(std::size_t i, std::string_view word) const {
    return i < tokens.size() && is_word(tokens[i], word);
  }
  bool symbol(std::size_t i, char c) const { return i < tokens.size() && is_symbol(tokens[i], c); }

  /// Behind the parenthesis that closes the one at `open`.
  std::size_t behind(std::size_t open) const {
    int depth = 0;
    for (std::size_t i = open; i < tokens.size(); ++i) {
      if (symbol(i, '(')) ++depth;
      if (symbol(i, ')') && --depth == 0) return i + 1;
    }
    return tokens.size();
  }

  /// What of an expression is not known to be repeatable; empty if all is.
  std::string doubtful(std::size_t from, std::size_t to) const {
    for (std::size_t i = from; i < to; ++i) {
      const Token& token = tokens[i];
      if (is_symbol(token, '@')) return "a variable";
      const bool named = token.kind == TokenKind::word || token.kind == TokenKind::quoted;
      if (named && symbol(i + 1, '(') && i + 1 < to && !is_repeatable(name_of(token)))
        return name_of(token) + "()";
      for (const char* word : {"CURRENT_USER", "SESSION_USER", "SYSTEM_USER", "CURRENT_ROLE", "SYSDATE"})
        if (is_word(token, word)) return word;
      if ((is_word(token, "NEXT") || is_word(token, "PREVIOUS")) && at(i + 1, "VALUE"))
        return "a sequence";
    }
    return {};
  }

  /// Where the value behind DEFAULT ends.
  std::size_t behind_value(std::size_t i) const {
    if (symbol(i, '(')) return behind(i);
    if (symbol(i, '-') || symbol(i, '+') || symbol(i, '@')) return i + 2;
    if (at(i, "NEXT") || at(i, "PREVIOUS")) return i + 4;
    std::size_t call = i + 1;
    while (symbol(call, '.')) call += 2;
    return symbol(call, '(') ? behind(call) : call;
  }

  /// What an ADD, MODIFY or CHANGE fills rows with.
  std::string values(std::size_t from, std::size_t to) const {
    for (std::size_t i = from; i < to; ++i) {
      if (at(i, "DEFAULT") && at(from, "ADD"))
        if (auto found = doubtful(i + 1, std::min(to, behind_value(i + 1))); !found.empty())
          return found;
      if (!at(i, "AS") || !symbol(i + 1, '(')) continue;
      const std::size_t end = behind(i + 1);
      const bool stored = at(end, "STORED") || at(end, "PERSISTENT");
      if (auto found = doubtful(i + 2, end); stored && !found.empty()) return found;
    }
    return {};
  }

  bool mentions(std::size_t from, std::size_t to, std::string_view word) const {
    for (std::size_t i = from; i < to; ++i)
      if (at(i, word)) return true;
    return false;
  }

  /// Calls `take` with the bounds of each clause.
  template <class Take>
  void each_clause(const Take& take) const {
    int depth = 0;
    std::size_t begin = first;
    for (std::size_t i = first; i <= tokens.size(); ++i) {
      if (i == tokens.size() || (depth == 0 && symbol(i, ','))) {
        while (at(begin, "WAIT") || at(begin, "NOWAIT") ||
               (begin < i && tokens[begin].kind == TokenKind::number))
          ++begin;
        take(begin, i);
        begin = i + 1;
      }
      if (symbol(i, '(')) ++depth;
      if (symbol(i, ')')) --depth;
    }
  }
};

Statement split(const Ddl& ddl, const DdlNames& names) {
  Statement statement{tokenize(ddl.statement, quote_rules(ddl.sql_mode))};
  const std::size_t end = names.places.empty() ? 0 : names.places.front().end;
  const auto begin_of = [&](const Token& token) {
    return static_cast<std::size_t>(token.text.data() - ddl.statement.data());
  };
  while (statement.first < statement.tokens.size() &&
         begin_of(statement.tokens[statement.first]) < end)
    ++statement.first;
  return statement;
}

/// Why rows may get other numbers here; empty if they are numbered in the order of a key that is the same.
std::string order_trouble(const Ddl& ddl, const Table* before, bool target_is_mariadb,
                          bool all_rows) {
  if (before == nullptr) return "its structure before is not known";
  if (!all_rows) return "the target does not have all of its rows";
  const Key* key = before->key();
  if (key == nullptr || key->name != "PRIMARY") return "it has no primary key";
  if (lowered(before->engine) != "innodb") return "its rows have no order";
  if (ddl.from_mariadb == target_is_mariadb) return {};
  for (const KeyPart& part : key->parts)
    if (!before->columns.at(part.column).charset.empty())
      return "texts of its primary key may have another order on a server of another kind";
  return {};
}

const TableName* table_of(const DdlNames& names) {
  return names.kind == "alter-table" && !names.tables.empty() ? &names.tables.front() : nullptr;
}

}  // namespace

std::string evaluation_trouble(const Ddl& ddl, const DdlNames& names, const Table* before,
                               bool target_is_mariadb, bool all_rows) {
  if (names.kind != "alter-table") return {};
  const Statement statement = split(ddl, names);
  const std::string order = order_trouble(ddl, before, target_is_mariadb, all_rows);
  for (std::size_t i = 0; i < statement.first; ++i)
    if (statement.at(i, "IGNORE") && !order.empty())
      return "which rows ALTER IGNORE removes depends on their order, and " + order;
  std::string trouble;
  statement.each_clause([&](std::size_t from, std::size_t to) {
    const bool adds = statement.at(from, "ADD");
    if (!trouble.empty() || (!adds && !statement.at(from, "MODIFY") && !statement.at(from, "CHANGE")))
      return;
    if (const std::string value = statement.values(from, to); !value.empty())
      trouble = fmt::format("it fills rows with {}, which is not the same on both servers", value);
    else if (statement.mentions(from, to, "AUTO_INCREMENT") && !order.empty())
      trouble = "AUTO_INCREMENT gives numbers to rows in their order, and " + order;
  });
  return trouble;
}

std::string evaluation_trouble(Connection& target, const Job& job, const Ddl& ddl,
                               const DdlNames& names, const Shapes& shapes, const Mapping& mapping) {
  const TableName* name = table_of(names);
  if (name == nullptr) return {};
  const MapRule* rule = mapping.rule(*name);
  const bool all_rows = job.schema.existing_tables == ExistingTables::fail &&
                        (rule == nullptr || (rule->where.empty() && rule->insert && rule->update &&
                                             rule->remove));
  std::string trouble =
      evaluation_trouble(ddl, names, shapes.kept(*name), target.is_mariadb(), all_rows);
  if (trouble.empty() || !all_rows) return trouble;
  const TableName there = mapping.table(*name);
  const bool is_there =
      target
          .value(sql("SELECT 1 FROM information_schema.TABLES WHERE TABLE_SCHEMA = {} AND "
                     "TABLE_NAME = {}",
                     Text{there.schema}, Text{there.table}))
          .has_value();
  if (is_there && !target.value(sql("SELECT 1 FROM {} LIMIT 1", there))) return {};
  return trouble;
}

std::string recopy_trouble(const Job& job, const DdlNames& names, const Shapes& shapes,
                           const Mapping& mapping) {
  if (job.schema.existing_tables == ExistingTables::keep)
    return "schema.existing_tables is \"keep\", so the table can't be copied again";
  if (!job.schema_phase || !job.data_phase)
    return "the job's phases leave \"schema\" or \"data\" out, so the table can't be copied again";
  for (const TableName& name : names.tables)
    if (!selects(job.objects, name))
      return fmt::format("'{}' is a table of an online DDL tool, so it can't be copied again",
                         to_string(name));
  for (const TableName& name : names.tables)
    for (const TableName& other : shapes.names())
      if (other != name && mapping.table(other) == mapping.table(name))
        return fmt::format("'{}' on the target holds rows of '{}', too, so it can't be copied again",
                           to_string(mapping.table(name)), to_string(other));
  return {};
}

std::vector<Sql> wait_for_copy(const Job& job, const DdlNames& names, const std::string& reason,
                               Shapes& shapes) {
  const TableName* name = table_of(names);
  if (name == nullptr) return {};
  std::vector<Sql> also;
  const Table* altered = nullptr;
  for (const TableName& table : names.tables)
    if (altered == nullptr) altered = shapes.kept(table);
  const std::string group = altered == nullptr ? std::string() : altered->snapshot;
  // With RENAME TO it has another of its names by now.
  const auto named = [&](const TableName& table) {
    return std::find(names.tables.begin(), names.tables.end(), table) != names.tables.end();
  };
  for (const TableName& other : shapes.names())
    if (named(other) || (!group.empty() && shapes.kept(other)->snapshot == group)) {
      shapes.wait(other, reason);
      also.push_back(save_late(job.bookkeeping, job.name,
                               {other, LateTable::Step::waiting, reason, {}}));
    }
  return also;
}

}  // namespace dts
