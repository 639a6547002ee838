#include <algorithm>
#include <array>
#include <cstdlib>
#include <string_view>
#include <utility>

#include "precheck/limits.hpp"

namespace dts {

namespace {

/// The number behind a type's name: 12 of "char(12)", "decimal(12,2)".
std::uint64_t length_of(const Column& column) {
  const auto open = column.definition.find('(');
  return open == std::string::npos ? 0 : std::strtoull(column.definition.c_str() + open + 1, nullptr, 10);
}

std::uint64_t members(const Column& column) {
  std::uint64_t count = 1;
  bool quoted = false;
  for (const char c : column.definition) {
    if (c == '\'') quoted = !quoted;
    if (c == ',' && !quoted) ++count;
  }
  return count;
}

std::uint64_t integer_bytes(std::string_view type) {
  static constexpr std::array<std::pair<std::string_view, std::uint64_t>, 5> sizes = {
      {{"tinyint", 1}, {"smallint", 2}, {"mediumint", 3}, {"int", 4}, {"bigint", 8}}};
  for (const auto& [name, bytes] : sizes)
    if (type.starts_with(name)) return bytes;
  return 8;
}

/// Nine digits are four bytes, and fewer have fewer.
std::uint64_t decimal_bytes(const Column& column) {
  static constexpr std::array<std::uint64_t, 9> rest = {0, 1, 1, 2, 2, 3, 3, 4, 4};
  const auto bytes = [](std::uint64_t digits) { return digits / 9 * 4 + rest[digits % 9]; };
  const auto fraction = static_cast<std::uint64_t>(std::max(column.digits, 0));
  const std::uint64_t digits = std::max(length_of(column), fraction);
  return bytes(digits - fraction) + bytes(fraction);
}

std::uint64_t set_bytes(const Column& column) {
  const std::uint64_t bytes = (members(column) + 7) / 8;
  return bytes > 4 ? 8 : bytes;
}

/// Of a column whose values all have one size; nothing of the others.
std::optional<std::uint64_t> fixed_bytes(const Column& column) {
  const auto fraction = static_cast<std::uint64_t>(std::max(column.digits, 0) + 1) / 2;
  switch (column.type) {
    case ColumnType::integer:
      return integer_bytes(column.definition);
    case ColumnType::decimal:
      return decimal_bytes(column);
    case ColumnType::float_:
      return 4;
    case ColumnType::double_:
      return 8;
    case ColumnType::bit:
      return (length_of(column) + 7) / 8;
    case ColumnType::year:
      return 1;
    case ColumnType::date:
      return 3;
    case ColumnType::time:
      return 3 + fraction;
    case ColumnType::datetime:
      return 5 + fraction;
    case ColumnType::timestamp:
      return 4 + fraction;
    case ColumnType::binary:
      return column.bytes_max;
    case ColumnType::text:  // CHAR of one byte a character
      if (column.definition.starts_with("char") && column.bytes_max == length_of(column))
        return column.bytes_max;
      return std::nullopt;
    case ColumnType::enum_:
      return members(column) < 256 ? 1 : 2;
    case ColumnType::set:
      return set_bytes(column);
    case ColumnType::uuid:
    case ColumnType::inet6:
      return 16;
    case ColumnType::inet4:
      return 4;
    case ColumnType::bytes:
    case ColumnType::json:
    case ColumnType::geometry:
    case ColumnType::vector:
    case ColumnType::unknown:
      return std::nullopt;
  }
  return std::nullopt;
}

std::uint64_t character_bytes(const Column& column) {
  static constexpr std::array<std::pair<std::string_view, std::uint64_t>, 18> widths = {{
      {"utf8mb4", 4}, {"utf8mb3", 3}, {"utf8", 3},   {"ucs2", 2},    {"utf16", 4}, {"utf16le", 4},
      {"utf32", 4},   {"gbk", 2},     {"big5", 2},   {"sjis", 2},    {"cp932", 2}, {"euckr", 2},
      {"gb2312", 2},  {"gb18030", 4}, {"ujis", 3},   {"eucjpms", 3}, {"binary", 1}, {"", 1},
  }};
  for (const auto& [name, bytes] : widths)
    if (column.charset == name) return bytes;
  return 1;
}

/// The clustered key is kept whole.
bool is_in_key(const Table& table, std::size_t column) {
  const Key* key = table.key();
  return key != nullptr && std::any_of(key->parts.begin(), key->parts.end(), [&](const KeyPart& part) {
           return part.column == column && !part.prefix;
         });
}

}  // namespace

InnodbLimits innodb_limits(std::uint64_t page, bool dynamic, bool mariadb) {
  constexpr std::uint64_t page_overhead = 132, row_max = 16383, old_part = 767;
  InnodbLimits limits;
  limits.key = page > 8192 ? 3072 : page > 4096 ? 1536 : mariadb ? 1173 : 768;
  limits.key_part = dynamic ? limits.key : std::min(limits.key, old_part);
  limits.row = std::min((page - std::min(page, page_overhead)) / 2 - 1, row_max);
  return limits;
}

std::uint64_t indexed_bytes(const Column& column, std::optional<std::uint64_t> prefix) {
  if (prefix) return *prefix * character_bytes(column);
  return fixed_bytes(column).value_or(column.bytes_max);
}

namespace {

/// Of a value that may lie elsewhere: with its length, what is in the page of a full one.
std::uint64_t local_bytes(std::uint64_t most, bool dynamic, bool mariadb) {
  constexpr std::uint64_t place = 20, piece = 768;  // place: of the rest
  const std::uint64_t whole = most + (most < 256 ? 1 : 2);
  if (!dynamic) return most < piece + place ? whole : piece + place + 2;
  if (mariadb) return most < 256 ? whole : place + 1;
  return most < 2 * place ? whole : 2 * place + 1;
}

}  // namespace

std::uint64_t full_row_bytes(const Table& table, bool dynamic, bool mariadb) {
  // The header, and the numbers of transaction and undo record, and of the row where it has no key.
  std::uint64_t bytes = 5 + 6 + 7 + (table.row_key ? 0 : 6), nullable = 0;
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    const Column& column = table.columns[i];
    if (column.generated) continue;  // may be virtual
    if (column.nullable) ++nullable;
    if (const auto fixed = fixed_bytes(column)) {
      bytes += *fixed;
      continue;
    }
    const std::uint64_t most =
        column.bytes_max > 0 ? column.bytes_max : std::uint64_t{1} << 32;  // JSON, geometry
    bytes += is_in_key(table, i) ? most + (most < 256 ? 1 : 2) : local_bytes(most, dynamic, mariadb);
  }
  return bytes + (nullable + 7) / 8;
}

}  // namespace dts
