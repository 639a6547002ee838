#include "selection.hpp"

#include <charconv>
#include <cstdlib>
#include <set>

#include <fmt/format.h>

#include "dts/error.hpp"
#include "dts/precheck.hpp"
#include "schema/mapping.hpp"

namespace dts {

namespace {

/// Values with their lengths: names and conditions may hold anything.
void add(std::string& text, std::string_view key, std::string_view value) {
  text += fmt::format("{} {}:{}\n", key, value.size(), value);
}

struct Line {
  std::string_view key;
  std::string value;
};

std::optional<Line> take_line(std::string_view& text) {
  const auto space = text.find(' '), colon = text.find(':');
  if (space == text.npos || colon == text.npos || colon < space) return std::nullopt;
  std::size_t size = 0;
  const char* end = text.data() + colon;
  if (std::from_chars(text.data() + space + 1, end, size).ptr != end) return std::nullopt;
  if (text.size() - colon - 1 < size + 1 || text[colon + 1 + size] != '\n') return std::nullopt;
  Line line{text.substr(0, space), std::string(text.substr(colon + 1, size))};
  text.remove_prefix(colon + size + 2);
  return line;
}

bool take_rule_line(const Line& line, MapRule& rule, std::string& column) {
  if (line.key == "target")
    rule.target = line.value;
  else if (line.key == "column")
    column = line.value;
  else if (line.key == "renamed")
    rule.columns[column] = line.value;
  else if (line.key == "without")
    rule.exclude_columns.push_back(line.value);
  else if (line.key == "where")
    rule.where = line.value;
  else if (line.key == "dml" && line.value.size() == 3) {
    rule.insert = line.value[0] == '1';
    rule.update = line.value[1] == '1';
    rule.remove = line.value[2] == '1';
  } else
    return false;
  return true;
}

std::string fixed_part(const Job& job) {
  Job fixed = job;
  fixed.objects.include.clear();
  fixed.objects.exclude.clear();
  fixed.objects.map.clear();
  return fingerprint(fixed);
}

bool is_same(const MapRule* a, const MapRule* b) {
  const MapRule none;
  if (a == nullptr) a = &none;
  if (b == nullptr) b = &none;
  return a->columns == b->columns &&
         std::set(a->exclude_columns.begin(), a->exclude_columns.end()) ==
             std::set(b->exclude_columns.begin(), b->exclude_columns.end()) &&
         a->where == b->where && a->insert == b->insert && a->update == b->update &&
         a->remove == b->remove;
}

[[noreturn]] void refuse(const std::string& what) {
  throw Error(
      ErrorKind::state, "cannot go on: " + what,
      "undo the change in the job file, or begin a new job with another name and state file");
}

}  // namespace

std::string selection_text(const Job& job) {
  std::string text;
  add(text, "fixed", fixed_part(job));
  add(text, "name_case", std::to_string(static_cast<int>(job.objects.name_case)));
  for (const auto& pattern : job.objects.include) add(text, "include", pattern);
  for (const auto& pattern : job.objects.exclude) add(text, "exclude", pattern);
  for (const MapRule& rule : job.objects.map) {
    add(text, "map", rule.source);
    add(text, "target", rule.target);
    for (const auto& [column, renamed] : rule.columns) {
      add(text, "column", column);
      add(text, "renamed", renamed);
    }
    for (const auto& column : rule.exclude_columns) add(text, "without", column);
    add(text, "where", rule.where);
    add(text, "dml", fmt::format("{:d}{:d}{:d}", rule.insert, rule.update, rule.remove));
  }
  return text;
}

Selection parse_selection(const std::string& text) {
  Selection selection;
  std::string column;
  std::string_view rest = text;
  bool good = true;
  while (good && !rest.empty()) {
    const auto line = take_line(rest);
    if (!line)
      good = false;
    else if (line->key == "fixed")
      selection.fixed = line->value;
    else if (line->key == "name_case")
      selection.objects.name_case = static_cast<NameCase>(std::atoi(line->value.c_str()));
    else if (line->key == "include")
      selection.objects.include.push_back(line->value);
    else if (line->key == "exclude")
      selection.objects.exclude.push_back(line->value);
    else if (line->key == "map")
      selection.objects.map.emplace_back().source = line->value;
    else
      good = !selection.objects.map.empty() &&
             take_rule_line(*line, selection.objects.map.back(), column);
  }
  if (!good || selection.fixed.empty())
    throw Error(ErrorKind::state, "cannot read which objects the job has worked with",
                "a newer dtsctl may have written it: use that one");
  return selection;
}

bool objects_changed(const Job& job, const JobState& state) {
  return !state.selection.empty() && state.selection != selection_text(job);
}

std::optional<Selection> changed_selection(const Job& job, const JobState& state) {
  if (!objects_changed(job, state)) return std::nullopt;
  return parse_selection(state.selection);
}

void check_change(const Selection& before, const Job& job, const std::vector<TableName>& tables) {
  if (before.fixed != fixed_part(job))
    refuse("the job's name, objects.name_case or [schema] have changed since it began");
  const Mapping old(before.objects, 0), now(job.objects, 0);
  for (const TableName& name : tables) {
    if (!selects(before.objects, name) || !selects(job.objects, name)) continue;
    if (old.table(name) == now.table(name) && is_same(old.rule(name), now.rule(name))) continue;
    refuse(
        fmt::format("what objects.map makes of '{}' has changed since it was copied; maps may be "
                    "added for new tables only. To change it, exclude the table, run precheck, "
                    "init-data and sync, drop its table on the target, and include it again",
                    to_string(name)));
  }
  for (const std::string& pattern : before.objects.include) {
    if (pattern.find_first_of(".*?~") != std::string::npos) continue;
    if (selects_schema(job.objects, pattern) && old.schema(pattern) != now.schema(pattern))
      refuse(fmt::format("the map of database '{}' has changed", pattern));
  }
}

}  // namespace dts
