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
  return kind == ChangeKind::insert ? rule.insert
         : kind == ChangeKind::update ? rule.update
                                      : rule.remove;
}

}  // namespace

const Router::Route& Router::find(const Table& source) {
  const auto known = routes_.find(&source);
  if (known != routes_.end()) return known->second;
  MappedTable mapped = map_table(source, mapping_);
  Route route;
  route.rule = mapped.rule;
  if (!mapped.all_columns()) route.columns = mapped.columns;
  const bool all_kinds = !mapped.rule || (mapped.rule->insert && mapped.rule->update && mapped.rule->remove);
  mapped.target.converging =
      job_.schema.existing_tables == ExistingTables::keep || !all_kinds;
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

bool Router::route(RowChange& change, const Route& route, Arena& arena) {
  if (route.rule != nullptr && !is_wanted(*route.rule, change.kind)) return false;
  change.table = route.target.get();
  change.before = projected(change.before, route.columns, arena);
  change.after = projected(change.after, route.columns, arena);
  return true;
}

void Router::route(Transaction& transaction) {
  if (mapping_.is_identity() && job_.schema.existing_tables == ExistingTables::fail) return;
  auto& changes = transaction.changes;
  const auto left = std::remove_if(changes.begin(), changes.end(), [&](RowChange& change) {
    return !route(change, find(*change.table), *transaction.arena);
  });
  left_out_ += static_cast<std::uint64_t>(changes.end() - left);
  changes.erase(left, changes.end());
}

}  // namespace dts
