#include "apply/ddl_tables.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

namespace dts {

namespace {

/// The statement with some of the parts between its first and its last name, which commas separate.
std::string with_parts(const Ddl& ddl, const DdlNames& names,
                       const std::vector<std::string_view>& parts) {
  const std::string& text = ddl.statement;
  std::string result = text.substr(0, names.places.front().begin);
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (i > 0) result += ", ";
    result += parts[i];
  }
  return result + text.substr(names.places.back().end);
}

std::string_view between(const Ddl& ddl, const NamePlace& first, const NamePlace& last) {
  return std::string_view(ddl.statement).substr(first.begin, last.end - first.begin);
}

}  // namespace

std::string cut_drop(const Ddl& ddl, const DdlNames& names, const Wanted& wanted) {
  std::vector<std::string_view> parts;
  for (const NamePlace& place : names.places)
    if (wanted(place.name)) parts.push_back(between(ddl, place, place));
  if (parts.empty()) return {};
  return with_parts(ddl, names, parts);
}

RenamePlan plan_rename(const Ddl& ddl, const DdlNames& names, const Wanted& wanted) {
  RenamePlan plan;
  // Where each table comes from, by the name that it has at the moment.
  std::map<TableName, TableName> origins;
  std::vector<TableName> moved;  // by pairs
  for (std::size_t i = 0; i + 1 < names.tables.size(); i += 2) {
    const auto known = origins.find(names.tables[i]);
    const TableName origin = known == origins.end() ? names.tables[i] : known->second;
    origins.erase(names.tables[i]);
    origins[names.tables[i + 1]] = origin;
    moved.push_back(origin);
  }
  std::set<TableName> leaving;
  for (const auto& [name, origin] : origins) {
    if (wanted(origin) && !wanted(name)) leaving.insert(origin);
    if (wanted(origin) || !wanted(name)) continue;
    plan.trouble =
        fmt::format("'{}', of which nothing is known because it is not selected, becomes '{}'",
                    to_string(origin), to_string(name));
    return plan;
  }
  std::vector<std::string_view> parts;
  for (std::size_t i = 0; i < moved.size(); ++i) {
    if (!wanted(moved[i]) || leaving.contains(moved[i])) continue;
    if (leaving.contains(names.tables[2 * i + 1])) {
      plan.trouble = fmt::format("'{}' leaves the selected tables, and another one gets its name",
                                 to_string(names.tables[2 * i + 1]));
      return plan;
    }
    parts.push_back(between(ddl, names.places[2 * i], names.places[2 * i + 1]));
  }
  plan.leaving.assign(leaving.begin(), leaving.end());
  if (!parts.empty()) plan.statement = with_parts(ddl, names, parts);
  return plan;
}

std::string written(const Tenants& tenants) {
  std::string text;
  for (const auto& [name, tenant] : tenants) text += tenant + "\n";
  return text;
}

std::optional<Tenants> read_tenants(const std::string& text, Tenants names) {
  std::size_t at = 0;
  for (auto& [name, tenant] : names) {
    const std::size_t end = text.find('\n', at);
    if (end == text.npos) return std::nullopt;
    tenant = text.substr(at, end - at);
    at = end + 1;
  }
  if (at != text.size()) return std::nullopt;
  return names;
}

std::optional<std::vector<Renaming>> rest_of_rename(const std::vector<Renaming>& all,
                                                    const Tenants& before, const Tenants& now,
                                                    std::optional<bool> touched) {
  std::set<std::string> tenants;
  bool distinct = true;
  for (const auto& [name, tenant] : before)
    if (!tenant.empty()) distinct = tenants.insert(tenant).second && distinct;
  Tenants state = before;
  std::vector<std::size_t> steps;  // after which all looks as it does now
  for (std::size_t step = 0;; ++step) {
    if (state == now) steps.push_back(step);
    if (step == all.size()) break;
    state[all[step].second] = std::exchange(state[all[step].first], std::string());
  }
  if (!distinct && steps.size() > 1 && touched && steps.front() == 0) {
    if (!*touched) return all;
    steps.erase(steps.begin());
  }
  // From states that are the same, the way is the same; from those that only look so, it is not.
  if (steps.empty() || (!distinct && steps.size() > 1)) return std::nullopt;
  return std::vector<Renaming>(all.begin() + static_cast<std::ptrdiff_t>(steps.back()), all.end());
}

}  // namespace dts
