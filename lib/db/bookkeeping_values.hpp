#pragma once

#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>

#include "db/bookkeeping.hpp"

// How values stand in the columns of our tables.

namespace dts {

constexpr unsigned no_such_table = 1146;  // the bookkeeping of an older version

inline std::uint64_t number(const std::optional<std::string>& text) {
  return std::strtoull(text.value_or("0").c_str(), nullptr, 10);
}

inline Position position_from(const TextRow& row, std::size_t first) {
  Position position = parse_gtids(row.at(first).value_or(""));
  position.file = row.at(first + 1).value_or("");
  position.offset = number(row.at(first + 2));
  return position;
}

inline std::optional<Position> optional_position(const TextRow& row, std::size_t first) {
  if (!row.at(first)) return std::nullopt;
  return position_from(row, first);
}

inline Sql values_of(const Position& position) {
  std::string gtids = gtid_text(position);
  return sql("{}, {}, {}", Text{gtids}, Text{position.file}, position.offset);
}

inline Sql values_of(const std::optional<Position>& position) {
  return position ? values_of(*position) : sql("NULL, NULL, NULL");
}

inline Sql hex(std::string_view bytes) {
  std::string text;
  append_hex(text, bytes);
  return Sql::verbatim(std::move(text));
}

}  // namespace dts
