#include <fmt/format.h>

#include <algorithm>

#include "schema/collations.hpp"
#include "schema/difference.hpp"

namespace dts {

namespace {

/// A type without what says nothing about its values, and is not kept by every server.
std::string bare_type(const Column& column) {
  std::string text = normal_type(column.definition);
  for (const char* mark : {" srid ", " /*M!100301 COMPRESSED*/", " /*!100301 COMPRESSED*/"})
    if (const auto at = text.find(mark); at != text.npos) text.erase(at);
  return text;
}

bool is_long_text(const Column& column) {
  return bare_type(column) == "longtext" && column.charset == "utf8mb4";
}

std::string facts(const Column& column) {
  std::string text = column.definition;
  if (!column.collation.empty()) text += " collate " + column.collation;
  text += column.nullable ? " null" : " not null";
  if (column.generated) text += " generated";
  return text;
}

/// Names and prefixes of a key's columns.
std::string parts_of(const Table& table, const Key& key) {
  std::string text;
  for (const KeyPart& part : key.parts) {
    text += (text.empty() ? "" : ", ") + table.columns[part.column].name;
    if (part.prefix) text += fmt::format("({})", *part.prefix);
  }
  return text;
}

std::string key_difference(const Table& source, const Key& key, const Table& target) {
  const auto there = std::find_if(target.keys.begin(), target.keys.end(),
                                  [&](const Key& other) { return other.name == key.name; });
  if (there == target.keys.end()) return fmt::format("key '{}' is missing there", key.name);
  if (!there->unique || there->functional != key.functional ||
      parts_of(source, key) != parts_of(target, *there))
    return fmt::format("key '{}' has other columns there", key.name);
  return {};
}

}  // namespace

bool carries(const Column& source, const Column& target) {
  if (source.generated != target.generated) return false;
  // Only MySQL lets a generated column be NOT NULL.
  if (source.nullable != target.nullable && !source.generated) return false;
  if (source.type == ColumnType::json && is_long_text(target)) return true;
  return bare_type(source) == bare_type(target) && source.charset == target.charset &&
         is_counterpart(source.collation, target.collation);
}

std::string carried_difference(const Table& source, const Table& target) {
  for (std::size_t i = 0; i < std::max(source.columns.size(), target.columns.size()); ++i) {
    if (i >= target.columns.size())
      return fmt::format("column '{}' is missing there", source.columns[i].name);
    if (i >= source.columns.size())
      return fmt::format("column '{}' is only there", target.columns[i].name);
    const Column &here = source.columns[i], &there = target.columns[i];
    if (here.name != there.name)
      return fmt::format("column {} is '{}' here and '{}' there", i + 1, here.name, there.name);
    if (!carries(here, there))
      return fmt::format("column '{}' is '{}' here and '{}' there", here.name, facts(here),
                         facts(there));
  }
  for (const Key& key : source.keys)
    if (key.unique)
      if (auto text = key_difference(source, key, target); !text.empty()) return text;
  for (const Key& key : target.keys)
    if (key.unique && std::none_of(source.keys.begin(), source.keys.end(),
                                   [&](const Key& k) { return k.name == key.name; }))
      return fmt::format("key '{}' is only there", key.name);
  return {};
}

std::string shape_difference(const Table& source, ServerKind from, const Table& target,
                             ServerKind to) {
  return are_translated(from, to) ? carried_difference(source, target)
                                  : shape_difference(source, target);
}

}  // namespace dts
