#include "copy/deferred_index.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "db/tokens.hpp"

namespace dts {

namespace {

// Below, two statements more cost as much as they save.
constexpr std::uint64_t rows_min = 20'000;

/// One definition in the parentheses of CREATE TABLE.
struct Item {
  std::vector<Token> tokens;
  std::string_view text;
};

std::vector<Item> items_of(std::string_view create) {
  const auto tokens = tokenize(create);
  std::vector<Item> items;
  std::size_t first = 0;
  int depth = 0;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    const bool opens = is_symbol(tokens[i], '('), closes = is_symbol(tokens[i], ')');
    if (opens && depth++ == 0) first = i + 1;
    if (closes) --depth;
    const bool ends = (closes && depth == 0) || (depth == 1 && is_symbol(tokens[i], ','));
    if (!ends) continue;
    if (i > first) {
      const char* begin = tokens[first].text.data();
      const std::string_view last = tokens[i - 1].text;
      items.push_back({{tokens.begin() + static_cast<long>(first), tokens.begin() + static_cast<long>(i)},
                       {begin, static_cast<std::size_t>(last.data() + last.size() - begin)}});
    }
    first = i + 1;
    if (depth == 0) break;
  }
  return items;
}

bool has_word(const Item& item, std::string_view word) {
  return std::any_of(item.tokens.begin(), item.tokens.end(),
                     [&](const Token& token) { return is_word(token, word); });
}

/// The first name in the first parentheses: of `KEY k (a, b)` the column a. Empty for an expression.
std::string first_column(const std::vector<Token>& tokens, std::size_t from) {
  for (std::size_t i = from; i + 1 < tokens.size(); ++i)
    if (is_symbol(tokens[i], '('))
      return tokens[i + 1].kind == TokenKind::quoted ? name_of(tokens[i + 1]) : "";
  return {};
}

/// Columns that need an index which begins with them.
std::set<std::string> needed_columns(const std::vector<Item>& items,
                                     const std::vector<std::string>& referenced) {
  std::set<std::string> needed(referenced.begin(), referenced.end());
  for (const Item& item : items) {
    if (item.tokens[0].kind == TokenKind::quoted && has_word(item, "AUTO_INCREMENT"))
      needed.insert(name_of(item.tokens[0]));
    for (std::size_t i = 0; i < item.tokens.size(); ++i)
      if (is_word(item.tokens[i], "FOREIGN")) needed.insert(first_column(item.tokens, i));
  }
  return needed;
}

std::vector<std::string> referenced_columns(Connection& target, const TableName& table) {
  std::vector<std::string> columns;
  for (auto& row : target.query(
           sql("SELECT REFERENCED_COLUMN_NAME FROM information_schema.KEY_COLUMN_USAGE WHERE "
               "REFERENCED_TABLE_SCHEMA = {} AND REFERENCED_TABLE_NAME = {}",
               Text{table.schema}, Text{table.table})))
    columns.push_back(row.at(0).value_or(""));
  return columns;
}

std::set<std::string> index_names(Connection& target, const TableName& table) {
  std::set<std::string> names;
  for (auto& row : target.query(sql("SHOW INDEX FROM {}", table)))
    names.insert(row.at(2).value_or(""));
  return names;
}

/// "ALTER TABLE t DROP KEY `a`, DROP KEY `b`"
Sql alter(const TableName& table, const std::vector<std::string>& clauses) {
  std::string text = sql("ALTER TABLE {} ", table).text();
  for (std::size_t i = 0; i < clauses.size(); ++i) text += (i ? ", " : "") + clauses[i];
  return Sql::verbatim(std::move(text));
}

bool is_worth_it(const Table& table) {
  return table.engine == "InnoDB" && table.rows_estimated >= rows_min && !is_never_replaced(table);
}

}  // namespace

std::vector<DeferredIndex> deferrable_indexes(std::string_view create,
                                              const std::vector<std::string>& referenced) {
  const auto items = items_of(create);
  const auto needed = needed_columns(items, referenced);
  std::vector<DeferredIndex> indexes;
  for (const Item& item : items) {
    // `KEY` alone: the others begin with PRIMARY, UNIQUE, FULLTEXT, SPATIAL or VECTOR.
    if (!is_word(item.tokens[0], "KEY") || item.tokens.size() < 2) continue;
    if (needed.contains(first_column(item.tokens, 1)))
      indexes.clear();
    else
      indexes.push_back({name_of(item.tokens[1]), std::string(item.text)});
  }
  return indexes;
}

void defer_indexes(Connection& target, const std::string& database, const std::string& job,
                   const std::vector<MappedTable>& tables, const IndexesDeferred& deferred) {
  std::set<TableName> seen;
  for (std::size_t number = 0; number < tables.size(); ++number) {
    const MappedTable& mapped = tables[number];
    const TableName& table = mapped.target.name;
    if (!is_worth_it(mapped.source) || !seen.insert(table).second) continue;
    const auto rows = target.query(sql("SHOW CREATE TABLE {}", table));
    const auto indexes =
        deferrable_indexes(rows.at(0).at(1).value_or(""), referenced_columns(target, table));
    if (indexes.empty()) continue;
    std::vector<std::string> drops;
    target.execute(sql("START TRANSACTION"));
    for (const DeferredIndex& index : indexes) {
      target.execute(save_deferred(database, job, table, drops.size(), index));
      drops.push_back(sql("DROP KEY {}", Name{index.name}).text());
    }
    target.execute(sql("COMMIT"));
    deferred(number, indexes);
    target.execute(alter(table, drops));
  }
}

void build_indexes(Connection& target, const std::string& database, const std::string& job,
                   const TableName& table) {
  constexpr unsigned duplicate_name = 1061;
  // The sort is what takes the time, and its default buffer is small.
  target.execute(sql("SET lock_wait_timeout = 31536000 /*!80027 , innodb_ddl_buffer_size = 134217728 */"));
  for (bool again = true; again;) {
    again = false;
    const auto present = index_names(target, table);
    std::vector<std::string> adds;
    for (const DeferredIndex& index : read_deferred(target, database, job, table))
      if (!present.contains(index.name)) adds.push_back("ADD " + index.definition);
    if (adds.empty()) break;
    try {
      target.execute(alter(table, adds));
    } catch (const Error& error) {
      if (error.server_errno() != duplicate_name)
        throw Error(error.kind(),
                    fmt::format("cannot build the indexes of {}: {}", to_string(table), error.what()),
                    error.hint().empty() ? "mend the cause and run the same command again: they are "
                                           "written down and will be built"
                                         : error.hint(),
                    error.server_errno());
      again = true;  // somebody was building it while we waited
    }
  }
  target.execute(forget_deferred(database, job, table));
}

}  // namespace dts
