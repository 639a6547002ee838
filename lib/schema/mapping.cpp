#include "schema/mapping.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <regex>

namespace dts {

namespace {

bool is_regex(const MapRule& rule) { return rule.source.starts_with('~'); }

bool has_table(std::string_view name) { return name.find('.') != std::string_view::npos; }

TableName split(const std::string& name) {
  const auto dot = name.find('.');
  if (dot == name.npos) return {name, ""};
  return {name.substr(0, dot), name.substr(dot + 1)};
}

const std::regex& compiled(const std::string& source) {
  thread_local std::map<std::string, std::regex> known;
  auto found = known.find(source);
  if (found == known.end()) found = known.emplace(source, std::regex(source.substr(1))).first;
  return found->second;
}

/// "{1}_{2}" with the groups of a match; {0} is the whole name.
std::string filled(const std::string& pattern, const std::string& whole, const std::smatch& match) {
  std::string text;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    const auto end = pattern.find('}', i);
    const std::string digits =
        pattern[i] == '{' && end != pattern.npos ? pattern.substr(i + 1, end - i - 1) : "";
    if (digits.empty() || digits.find_first_not_of("0123456789") != digits.npos) {
      text += pattern[i];
      continue;
    }
    const std::size_t group = std::strtoul(digits.c_str(), nullptr, 10);
    text += group == 0 ? whole : match[group].str();
    i = end;
  }
  return text;
}

}  // namespace

Mapping::Mapping(const Objects& objects, unsigned lower_case_names)
    : objects_(objects), server_lowers_(lower_case_names == 1), target_folds_(lower_case_names > 0) {
  switch (objects.name_case) {
    case NameCase::by_default:
      case_ = lower_case_names > 0 ? Case::lower : Case::same;
      column_case_ = Case::same;
      break;
    case NameCase::source:
      case_ = column_case_ = Case::same;
      break;
    case NameCase::lower:
      case_ = column_case_ = Case::lower;
      break;
    case NameCase::upper:
      case_ = column_case_ = Case::upper;
      break;
  }
  identity_ = objects.map.empty() && case_ == Case::same && column_case_ == Case::same &&
              !server_lowers_;
}

std::string Mapping::tables_case(std::string name) const {
  if (server_lowers_ || case_ == Case::lower) return lowered(name);
  return case_ == Case::upper ? raised(name) : name;
}

std::string Mapping::schema(const std::string& source) const {
  for (const MapRule& rule : objects_.map)
    if (!is_regex(rule) && !rule.target.empty() && rule.source == source)
      return server_lowers_ ? lowered(rule.target) : rule.target;
  return tables_case(source);
}

const MapRule* Mapping::rule(const TableName& source) const {
  if (const auto found = followed_.find(source); found != followed_.end())
    return rule(found->second);
  const std::string whole = to_string(source);
  for (const MapRule& rule : objects_.map) {
    if (is_regex(rule) ? std::regex_search(whole, compiled(rule.source))
                       : rule.source == (has_table(rule.source) ? whole : source.schema))
      return &rule;
  }
  return nullptr;
}

/// "_t_gho" is "_x_gho" where "t" is "x".
TableName Mapping::beside(const TableName& base, const TableName& tool) const {
  const TableName there = table(base);
  std::string name = tables_case(tool.table);
  const std::string own = tables_case(base.table);
  if (there.table == own) return {there.schema, name};
  auto at = name.find('_' + own);
  while (at != name.npos && at + 1 + own.size() < name.size() && name[at + 1 + own.size()] != '_')
    at = name.find('_' + own, at + 1);
  if (at != name.npos) name.replace(at + 1, own.size(), there.table);
  return {there.schema, name};
}

TableName Mapping::table(const TableName& source) const {
  if (const auto found = followed_.find(source); found != followed_.end())
    return beside(found->second, source);
  const MapRule* rule = this->rule(source);
  if (rule == nullptr || rule->target.empty())
    return {schema(source.schema), tables_case(source.table)};
  const std::string whole = to_string(source);
  std::string target = rule->target;
  if (is_regex(*rule)) {
    std::smatch match;
    std::regex_search(whole, match, compiled(rule->source));
    target = filled(rule->target, whole, match);
  }
  TableName name = split(target);
  if (!has_table(target)) name.table = tables_case(source.table);
  if (server_lowers_) name = {lowered(name.schema), lowered(name.table)};
  return name;
}

std::optional<std::string> Mapping::column(const MapRule* rule, const std::string& source) const {
  if (rule != nullptr) {
    for (const std::string& name : rule->exclude_columns)
      if (same_column(name, source)) return std::nullopt;
    for (const auto& [from, to] : rule->columns)
      if (same_column(from, source)) return to;
  }
  if (column_case_ == Case::same) return source;
  return column_case_ == Case::lower ? lowered(source) : raised(source);
}

Mapping mapping_for(const Objects& objects, Connection& target) {
  const auto value = target.value(sql("SELECT @@lower_case_table_names"));
  return Mapping(objects, static_cast<unsigned>(std::strtoul(value.value_or("0").c_str(), nullptr, 10)));
}

MappedTable map_table(Table source, const Mapping& mapping) {
  MappedTable mapped;
  mapped.rule = mapping.rule(source.name);
  mapped.selected = source;
  mapped.selected.columns.clear();
  mapped.selected.keys.clear();
  std::vector<std::optional<std::size_t>> places(source.columns.size());
  std::vector<std::string> names;
  for (std::size_t i = 0; i < source.columns.size(); ++i) {
    auto name = mapping.column(mapped.rule, source.columns[i].name);
    if (!name) continue;
    places[i] = mapped.columns.size();
    mapped.columns.push_back(i);
    mapped.selected.columns.push_back(source.columns[i]);
    names.push_back(std::move(*name));
  }
  // A key without one of its columns is another key: it does not go to the target.
  for (Key key : source.keys) {
    const bool whole = std::all_of(key.parts.begin(), key.parts.end(), [&](const KeyPart& part) {
      return places[part.column].has_value();
    });
    if (!whole) continue;
    for (KeyPart& part : key.parts) part.column = *places[part.column];
    mapped.selected.keys.push_back(std::move(key));
  }
  mapped.selected.row_key = choose_row_key(mapped.selected);
  mapped.target = mapped.selected;
  mapped.target.name = mapping.table(source.name);
  for (std::size_t i = 0; i < names.size(); ++i) mapped.target.columns[i].name = std::move(names[i]);
  mapped.source = std::move(source);
  return mapped;
}

std::optional<Table> unmapped(const Table& target, const TableName& source, const Mapping& mapping) {
  Table table = target;
  table.name = source;
  const MapRule* rule = mapping.rule(source);
  if (rule == nullptr) return table;
  if (!rule->exclude_columns.empty()) return std::nullopt;
  for (Column& column : table.columns) {
    const auto renamed =
        std::find_if(rule->columns.begin(), rule->columns.end(),
                     [&](const auto& names) { return same_column(names.second, column.name); });
    if (renamed != rule->columns.end()) column.name = renamed->first;
  }
  return table;
}

std::vector<std::string> mapping_troubles(const Table& source, const Mapping& mapping) {
  std::vector<std::string> troubles;
  const MapRule* rule = mapping.rule(source.name);
  if (rule == nullptr) return troubles;
  const auto has = [&](const std::string& name) {
    return std::any_of(source.columns.begin(), source.columns.end(),
                       [&](const Column& column) { return same_column(column.name, name); });
  };
  for (const auto& [from, to] : rule->columns)
    if (!has(from)) troubles.push_back(fmt::format("columns: there is no column '{}'", from));
  for (const std::string& name : rule->exclude_columns)
    if (!has(name)) troubles.push_back(fmt::format("exclude_columns: there is no column '{}'", name));
  const MappedTable mapped = map_table(source, mapping);
  for (std::size_t i = 0; i < mapped.target.columns.size(); ++i)
    for (std::size_t j = 0; j < i; ++j)
      if (same_column(mapped.target.columns[i].name, mapped.target.columns[j].name))
        troubles.push_back(fmt::format("columns '{}' and '{}' would both be called '{}'",
                                       mapped.selected.columns[j].name,
                                       mapped.selected.columns[i].name,
                                       mapped.target.columns[i].name));
  if (mapped.columns.empty()) troubles.push_back("exclude_columns: no column is left");
  for (std::size_t i = 0; i < source.columns.size(); ++i) {
    if (std::find(mapped.columns.begin(), mapped.columns.end(), i) != mapped.columns.end()) continue;
    const Column& column = source.columns[i];
    const Key* key = source.key();
    if (key && std::any_of(key->parts.begin(), key->parts.end(),
                           [&](const KeyPart& part) { return part.column == i; }))
      troubles.push_back(
          fmt::format("exclude_columns: column '{}' is part of the key that names a row", column.name));
  }
  return troubles;
}

}  // namespace dts
