#include "apply/route.hpp"

#include <algorithm>

namespace dts {

namespace {

Row projected(const Row& row, const std::vector<std::size_t>& columns, Arena& arena) {
  if (row.empty() || columns.empty()) return row;
  Value* values = arena.values(columns.size());
  for (std::size_t i = 0; i < columns.size(); ++i) values[i] = row[columns[i]];
  return {values, columns.size()};
}

bool is_wanted(const MapRule& rule, ChangeKind kind) {
  if (kind == ChangeKind::insert) return rule.insert;
  return kind == ChangeKind::update ? rule.update : rule.remove;
}

}  // namespace

const Router::Route& Router::find(const Table& source) {
  const auto known = routes_.find(&source);
  if (known != routes_.end()) return known->second;
  MappedTable mapped = map_table(source, mapping_);
  Route route;
  route.rule = mapped.rule;
  if (!mapped.all_columns()) route.columns = mapped.columns;
  if (mapped.rule && !mapped.rule->where.empty())
    route.where = parse_condition(mapped.rule->where, source);
  const bool all_kinds =
      !mapped.rule || (mapped.rule->insert && mapped.rule->update && mapped.rule->remove);
  mapped.target.converging = job_.schema.existing_tables == ExistingTables::keep || !all_kinds;
  // Changes of tables that are merged are folded together.
  const auto same = std::find_if(targets_.begin(), targets_.end(), [&](const auto& table) {
    return table->name == mapped.target.name && same_shape(*table, mapped.target) &&
           table->converging == mapped.target.converging;
  });
  if (same != targets_.end()) {
    route.target = *same;
  } else {
    route.target = std::make_shared<const Table>(std::move(mapped.target));
    targets_.push_back(route.target);
  }
  return routes_.emplace(&source, std::move(route)).first->second;
}

/// For each change whether its before-image, and whether its after-image is wanted. Rows of one
/// filter are decided together.
std::vector<bool> Router::chosen(const Transaction& transaction) {
  const auto& changes = transaction.changes;
  std::vector<bool> wanted(changes.size() * 2);
  std::unordered_map<const Route*, std::vector<std::size_t>> filtered;
  for (std::size_t i = 0; i < changes.size(); ++i) {
    const Route& route = find(*changes[i].table);
    const bool of_kind = route.rule == nullptr || is_wanted(*route.rule, changes[i].kind);
    wanted[2 * i] = of_kind && changes[i].kind != ChangeKind::insert;
    wanted[2 * i + 1] = of_kind && changes[i].kind != ChangeKind::remove;
    if (!route.where || !of_kind) continue;
    if (wanted[2 * i]) filtered[&route].push_back(2 * i);
    if (wanted[2 * i + 1]) filtered[&route].push_back(2 * i + 1);
  }
  std::vector<Row> rows;
  for (const auto& [route, places] : filtered) {
    rows.clear();
    for (const std::size_t place : places)
      rows.push_back(place % 2 == 0 ? changes[place / 2].before : changes[place / 2].after);
    const std::vector<bool> holds = select_rows(*route->where, rows, collator_);
    for (std::size_t i = 0; i < places.size(); ++i) wanted[places[i]] = holds[i];
  }
  return wanted;
}

void Router::route(Transaction& transaction) {
  if (mapping_.is_identity() && job_.schema.existing_tables == ExistingTables::fail) return;
  if (transaction.changes.empty()) return;
  const std::vector<bool> wanted = chosen(transaction);
  auto& changes = transaction.changes;
  std::size_t kept = 0;
  for (std::size_t i = 0; i < changes.size(); ++i) {
    const bool before = wanted[2 * i], after = wanted[2 * i + 1];
    if (!before && !after) continue;
    const RowChange change = changes[i];
    const Route& route = find(*change.table);
    RowChange& to = changes[kept++];
    to.kind = !before ? ChangeKind::insert : !after ? ChangeKind::remove : ChangeKind::update;
    to.table = route.target.get();
    to.before = before ? projected(change.before, route.columns, *transaction.arena) : Row{};
    to.after = after ? projected(change.after, route.columns, *transaction.arena) : Row{};
  }
  left_out_ += changes.size() - kept;
  changes.resize(kept);
}

}  // namespace dts
