#include "apply/route.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_set>
#include <utility>

#include "apply/net.hpp"
#include "apply/statements.hpp"
#include "fnv.hpp"

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

bool serves_all_kinds(const MapRule* rule) {
  return rule == nullptr || (rule->insert && rule->update && rule->remove);
}

std::uint64_t key_hash(const Table& table, const Row& row) {
  std::string bytes;
  for (const KeyPart& part : table.key()->parts) {
    const std::string_view data = row[part.column].data;
    bytes += fmt::format("{}:", data.size());
    bytes += data;
  }
  return fnv1a(bytes);
}

/// The table may have been created, or altered, since the rules were tried on it.
Condition condition_of(const MapRule& rule, const Table& source) {
  try {
    return parse_condition(rule.where, source);
  } catch (const Error& error) {
    throw Error(
        error.kind(),
        fmt::format("cannot choose rows of {} by where of objects.map with source \"{}\": {}",
                    to_string(source.name), rule.source, error.what()),
        error.hint(), error.server_errno());
  }
}

}  // namespace

const Router::Route& Router::find(const Table& source) {
  const auto known = routes_.find(&source);
  if (known != routes_.end()) return known->second;
  MappedTable mapped = map_table(source, mapping_);
  Route route;
  route.rule = mapped.rule;
  if (!mapped.all_columns()) route.columns = mapped.columns;
  if (mapped.rule && !mapped.rule->where.empty()) route.where = condition_of(*mapped.rule, source);
  mapped.target.converging =
      source.converging || job_.schema.existing_tables == ExistingTables::keep ||
      !serves_all_kinds(mapped.rule);
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

/// A row that moves from one table to another of those that are one on the target may be in both
/// inside its transaction. So what the transaction does to each of them in the end is written
/// instead: what goes before what comes.
void Router::settle_merged(Transaction& transaction) {
  if (!transaction.first || !transaction.last) return;
  const Table* known = nullptr;
  for (const RowChange& change : transaction.changes)
    if (change.table != known) find(*(known = change.table));
  if (targets_.size() == routes_.size()) return;  // none are merged
  std::unordered_map<const Table*, const Table*> sources;
  std::unordered_set<const Table*> mixed;
  for (const RowChange& change : transaction.changes) {
    const Route& route = find(*change.table);
    if (route.target->key() == nullptr || !serves_all_kinds(route.rule)) continue;
    const auto [at, added] = sources.try_emplace(route.target.get(), change.table);
    if (!added && at->second != change.table) mixed.insert(route.target.get());
  }
  if (mixed.empty()) return;
  Transaction merged;
  std::vector<RowChange> settled;
  for (const RowChange& change : transaction.changes)
    (mixed.contains(find(*change.table).target.get()) ? merged.changes : settled).push_back(change);
  const std::vector<NetTable> net = net_changes({&merged, 1});
  for (const NetTable& table : net)
    for (const NetRow& row : table.deletes)
      settled.push_back({ChangeKind::remove, table.table, row.before, {}});
  for (const NetTable& table : net)
    for (const NetRow& row : table.updates)
      settled.push_back({ChangeKind::update, table.table, row.before, row.after});
  for (const NetTable& table : net)
    for (const NetRow& row : table.inserts)
      settled.push_back({ChangeKind::insert, table.table, {}, row.after});
  transaction.changes = std::move(settled);
}

/// settle_merged() needs the whole transaction. In pieces, the delete of a row that is in another of the
/// merged tables by now would remove that one.
void Router::check_move(const Table* source, const RowChange& change) {
  constexpr std::size_t keys_max = 8'000'000;  // 64 MB
  const Table* target = change.table;
  if (target->key() == nullptr) return;
  if (change.kind != ChangeKind::remove) {
    Inserted& inserted = inserted_[{target, source}];
    inserted.complete = inserted.complete && keys_ < keys_max;
    if (inserted.complete) {
      inserted.keys.push_back(key_hash(*target, change.after));
      inserted.sorted = false;
      ++keys_;
    }
  }
  if (change.kind == ChangeKind::insert) return;
  for (auto& [tables, inserted] : inserted_) {
    if (tables.first != target || tables.second == source) continue;
    if (!std::exchange(inserted.sorted, true)) std::sort(inserted.keys.begin(), inserted.keys.end());
    if (inserted.complete && !std::binary_search(inserted.keys.begin(), inserted.keys.end(),
                                                 key_hash(*target, change.before)))
      continue;
    throw Error(ErrorKind::source,
                fmt::format("cannot apply changes of {} to {}: a transaction of more than 4 MiB "
                            "inserts the row {} into {} before it deletes it here",
                            to_string(source->name), to_string(target->name),
                            describe_key(*target, change.before), to_string(tables.second->name)),
                "delete such rows before they are inserted, or in smaller transactions; the target "
                "has nothing of this one: copy the data again with dtsctl init-data --restart, or "
                "pass over it with dtsctl sync --skip-transaction and make its changes by hand");
  }
}

void Router::route(Transaction& transaction) {
  if (mapping_.is_identity() && job_.schema.existing_tables == ExistingTables::fail) return;
  if (transaction.first) inserted_.clear(), keys_ = 0;
  if (transaction.changes.empty()) return;
  for (const RowChange& change : transaction.changes) find(*change.table);
  settle_merged(transaction);
  // Which tables are merged is known only when the last of them has been met.
  const bool in_pieces = !transaction.first || !transaction.last;
  const bool check = in_pieces && !mapping_.is_identity();
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
    to.unchecked = change.unchecked;
    to.before = before ? projected(change.before, route.columns, *transaction.arena) : Row{};
    to.after = after ? projected(change.after, route.columns, *transaction.arena) : Row{};
    if (check) check_move(change.table, to);
  }
  left_out_ += changes.size() - kept;
  changes.resize(kept);
}

}  // namespace dts
