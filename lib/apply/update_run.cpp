#include "apply/update_run.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>

#include "db/sql.hpp"

namespace dts {

namespace {

/// Far from the ends, so that no sum is out of range on the target either.
std::optional<std::int64_t> key_of(const Table& table, const NetRow& row) {
  constexpr std::int64_t limit = std::int64_t{1} << 62;
  const std::string_view digits = row.after[table.key()->parts[0].column].data;
  std::int64_t key = 0;
  const auto [end, failure] = std::from_chars(digits.data(), digits.data() + digits.size(), key);
  if (failure != std::errc{} || end != digits.data() + digits.size() || key < -limit || key > limit)
    return std::nullopt;
  return key;
}

/// Numbers as text, because ELT would write them as it likes.
void append_argument(std::string& to, const Column& column, const Value& value) {
  const bool number = value.kind == ValueKind::number;
  if (number) to += '\'';
  append_literal(to, value, column.charset, column.text_form);
  if (number) to += '\'';
}

}  // namespace

bool has_numbered_rows(const Table& table) {
  const Key* key = table.key();
  return key != nullptr && key->parts.size() == 1 && !key->functional &&
         table.columns[key->parts[0].column].type == ColumnType::integer;
}

bool fits_run(const Table& table, const std::vector<std::size_t>& columns) {
  return std::all_of(columns.begin(), columns.end(), [&](std::size_t i) {
    switch (table.columns[i].type) {
      case ColumnType::integer:
      case ColumnType::decimal:
      case ColumnType::date:
      case ColumnType::time:
      case ColumnType::datetime:
      case ColumnType::timestamp:
      case ColumnType::text:
      case ColumnType::binary:
      case ColumnType::bytes:
        return true;
      default:  // as text, the ordinal of an ENUM could be a member, and YEAR '0' is 2000
        return false;
    }
  });
}

std::size_t run_length(const Table& table, std::span<const NetRow* const> rows) {
  const auto first = key_of(table, *rows.front());
  if (!first) return 1;
  std::size_t length = 1;
  while (length < rows.size() &&
         key_of(table, *rows[length]) == *first + static_cast<std::int64_t>(length))
    ++length;
  return length;
}

void append_update_run(std::string& to, const Table& table, const std::vector<std::size_t>& columns,
                       std::span<const NetRow* const> rows) {
  const std::int64_t first = key_of(table, *rows.front()).value();
  const std::string& key = table.columns[table.key()->parts[0].column].name;
  to += "UPDATE ";
  append_name(to, table.name);
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const Column& column = table.columns[columns[i]];
    to += i == 0 ? " SET " : ", ";
    append_name(to, column.name);
    to += " = ELT(";
    append_name(to, key);
    to += " - (" + std::to_string(first - 1) + ")";
    for (const NetRow* row : rows) {
      to += ',';
      append_argument(to, column, row->after[columns[i]]);
    }
    to += ')';
  }
  to += " WHERE ";
  append_name(to, key);
  to += " BETWEEN " + std::to_string(first) + " AND " +
        std::to_string(first + static_cast<std::int64_t>(rows.size()) - 1);
}

}  // namespace dts
