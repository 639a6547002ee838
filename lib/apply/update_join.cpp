#include "apply/update_join.hpp"

#include <algorithm>

#include "db/sql.hpp"

namespace dts {

namespace {

bool is_plain_number(ColumnType type) {
  return type == ColumnType::integer || type == ColumnType::decimal || type == ColumnType::year ||
         type == ColumnType::float_ || type == ColumnType::double_;
}

/// Types whose literals keep their value as a column of a list. All values of a column have the same
/// form there, so nothing is converted to what others have; but large and small whole numbers together are
/// DECIMAL, from which MariaDB makes another SET.
bool is_listable(ColumnType type) {
  switch (type) {
    case ColumnType::date:
    case ColumnType::time:
    case ColumnType::datetime:
    case ColumnType::timestamp:
    case ColumnType::text:
    case ColumnType::binary:
    case ColumnType::bytes:
    case ColumnType::enum_:
      return true;
    default:
      return is_plain_number(type);
  }
}

void append_alias(std::string& to, const char* prefix, std::size_t number) {
  to += prefix;
  to += std::to_string(number);
}

/// Calls `append(name)` for k0, k1, ... and c0, c1, ..., with commas between.
template <class Append>
void for_each_name(std::size_t keys, std::size_t columns, const Append& append) {
  for (std::size_t i = 0; i < keys; ++i) append("k", i);
  for (std::size_t i = 0; i < columns; ++i) append("c", i);
}

void append_values(std::string& to, const Table& table, const std::vector<std::size_t>& columns,
                   const NetRow& row, bool named) {
  bool first = true;
  const auto append = [&](std::size_t column, const char* prefix, std::size_t number) {
    if (!first) to += ", ";
    first = false;
    const Column& of = table.columns[column];
    append_literal(to, row.after[column], of.charset, of.text_form);
    if (!named) return;
    to += " AS ";
    append_alias(to, prefix, number);
  };
  const auto& parts = table.key()->parts;
  for (std::size_t i = 0; i < parts.size(); ++i) append(parts[i].column, "k", i);
  for (std::size_t i = 0; i < columns.size(); ++i) append(columns[i], "c", i);
}

void append_list(std::string& to, const Table& table, RowList form,
                 const std::vector<std::size_t>& columns, std::span<const NetRow* const> rows) {
  const bool select = form == RowList::select;
  to += select ? "(SELECT " : "(VALUES ";
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const bool bare = select && i == 0;
    if (i > 0) to += select && i == 1 ? " UNION ALL VALUES " : ", ";
    if (!bare) to += select ? "(" : "ROW(";
    append_values(to, table, columns, *rows[i], bare);
    if (!bare) to += ')';
  }
  to += ") AS v";
  if (select) return;
  bool first = true;
  for_each_name(table.key()->parts.size(), columns.size(), [&](const char* prefix, std::size_t i) {
    to += first ? " (" : ", ";
    first = false;
    append_alias(to, prefix, i);
  });
  to += ')';
}

}  // namespace

bool is_joinable(const Table& table, const std::set<std::string>& collations) {
  const auto& parts = table.key()->parts;
  return std::all_of(parts.begin(), parts.end(), [&](const KeyPart& part) {
    const Column& column = table.columns[part.column];
    // Text that is listed in another character set than the column's would not use its index.
    const bool own_text = column.type == ColumnType::text && collations.contains(column.collation) &&
                          (column.text_form != TextForm::plain || column.charset == "utf8mb4");
    return own_text || column.type == ColumnType::integer || column.type == ColumnType::binary ||
           column.type == ColumnType::bytes;
  });
}

std::vector<std::size_t> columns_to_set(const Table& table, const NetRow& row) {
  std::vector<std::size_t> columns;
  bool changed = false;
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    if (table.columns[i].generated) continue;
    const bool differs = row.before[i] != row.after[i];
    if (!differs && !table.columns[i].on_update) continue;
    changed = changed || differs;
    columns.push_back(i);
  }
  if (!changed) columns.clear();
  return columns;
}

bool fits_list(const Table& table, const NetRow& row, const std::vector<std::size_t>& columns) {
  constexpr std::size_t bytes_max = 1024;
  std::size_t bytes = 0;
  for (const std::size_t i : columns) {
    if (!is_listable(table.columns[i].type) || row.after[i].kind == ValueKind::expression)
      return false;
    bytes += row.after[i].data.size();
  }
  return bytes <= bytes_max;
}

void append_update_join(std::string& to, const Table& table, RowList form,
                        const std::vector<std::size_t>& columns,
                        std::span<const NetRow* const> rows) {
  to += "UPDATE ";
  append_list(to, table, form, columns, rows);
  to += " STRAIGHT_JOIN ";
  append_name(to, table.name);
  to += " AS t ON ";
  const auto& parts = table.key()->parts;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const Column& column = table.columns[parts[i].column];
    to += i == 0 ? "t." : " AND t.";
    append_name(to, column.name);
    to += " = v.";
    append_alias(to, "k", i);
    // The list's text is not a literal any more: both sides would claim their collation.
    if (column.type == ColumnType::text) {
      to += " COLLATE ";
      to += column.collation;
    }
  }
  for (std::size_t i = 0; i < columns.size(); ++i) {
    to += i == 0 ? " SET t." : ", t.";
    append_name(to, table.columns[columns[i]].name);
    to += " = v.";
    append_alias(to, "c", i);
  }
}

}  // namespace dts
