#include "apply/cascades.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "db/tokens.hpp"
#include "schema/letter_case.hpp"
#include "schema/snapshot_groups.hpp"

namespace dts {

Cascades::Cascades(std::span<const ForeignKey> keys) {
  for (const ForeignKey& key : keys) {
    if (!is_cascading(key)) continue;
    Parent& parent = parents_[key.parent];
    parent.deletes = parent.deletes || changes_child(key.on_delete);
    parent.own_child = parent.own_child || key.child == key.parent;
    if (changes_child(key.on_update))
      parent.updates.insert(parent.updates.end(), key.parent_columns.begin(),
                            key.parent_columns.end());
  }
}

const Cascades::Known& Cascades::find(const Table& table) const {
  const auto [at, added] = known_.try_emplace(&table);
  Known& known = at->second;
  const auto parent = parents_.find(table.name);
  if (!added || parent == parents_.end()) return known;
  known.deletes = parent->second.deletes;
  known.own_child = parent->second.own_child;
  for (std::size_t i = 0; i < table.columns.size(); ++i)
    for (const std::string& name : parent->second.updates)
      if (same_column(table.columns[i].name, name)) known.updates.push_back(i);
  return known;
}

bool Cascades::follow(const RowChange& change) const {
  if (change.unchecked || change.kind == ChangeKind::insert || empty()) return false;
  const Known& known = find(*change.table);
  if (change.kind == ChangeKind::remove) return known.deletes;
  return std::any_of(known.updates.begin(), known.updates.end(), [&](std::size_t column) {
    return change.before[column] != change.after[column];
  });
}

bool Cascades::follow_any(std::span<const Transaction> group) const {
  return !empty() && std::any_of(group.begin(), group.end(), [&](const Transaction& transaction) {
    return std::any_of(transaction.changes.begin(), transaction.changes.end(),
                       [&](const RowChange& change) { return follow(change); });
  });
}

bool Cascades::is_own_child(const Table& table) const {
  return find(table).own_child;
}

void split_at_cascades(std::span<const Transaction> group, const Cascades& cascades,
                       const std::function<void(std::span<const Transaction>)>& plain,
                       const std::function<void(std::span<const RowChange>)>& followed) {
  Transaction before;  // rows stay in the arenas of their transactions
  std::vector<RowChange> alike;
  const auto write = [&] {
    if (!before.changes.empty()) plain({&before, 1});
    if (!alike.empty()) followed(alike);
    before.changes.clear();
    alike.clear();
  };
  for (const Transaction& transaction : group)
    for (const RowChange& change : transaction.changes) {
      const bool is_followed = cascades.follow(change);
      const bool fits = alike.empty() || (is_followed && change.kind == ChangeKind::remove &&
                                          alike.back().kind == ChangeKind::remove &&
                                          alike.back().table == change.table);
      if (!fits) write();
      (is_followed ? alike : before.changes).push_back(change);
    }
  write();
}

Sql foreign_key_checks(bool on) {
  return on ? sql("SET foreign_key_checks = 1") : sql("SET foreign_key_checks = 0");
}

std::vector<RowChange> parts_of_followed(const RowChange& change, Arena& arena) {
  if (change.kind != ChangeKind::update) return {change};
  Value* between = nullptr;
  for (std::size_t i = 0; i < change.after.size(); ++i) {
    if (change.table->columns[i].type != ColumnType::json || change.before[i] == change.after[i])
      continue;
    if (between == nullptr) {
      between = arena.values(change.after.size());
      std::copy(change.after.begin(), change.after.end(), between);
    }
    between[i] = change.before[i];
  }
  if (between == nullptr) return {change};
  RowChange first = change, rest = change;
  first.after = rest.before = {between, change.after.size()};
  rest.unchecked = true;
  return {first, rest};
}

void write_followed(std::span<const RowChange> changes, const Cascades& cascades,
                    std::size_t bytes_max, Batch& batch, const std::function<void()>& flush) {
  const auto turn = [&](bool on) {
    batch.text += foreign_key_checks(on).text() + ";";
    batch.statements.push_back({nullptr, 0, false, 0});
  };
  const Table& table = *changes.front().table;
  turn(true);
  if (changes.size() > 1 && table.key() != nullptr && !cascades.is_own_child(table)) {
    NetTable net;
    net.table = &table;
    for (const RowChange& change : changes) net.deletes.push_back({change.before, {}});
    write_net(net, WriteMode::exact, bytes_max, batch, flush);
    return turn(false);
  }
  Arena arena;
  std::vector<RowChange> rest;
  for (const RowChange& change : changes) {
    const auto parts = parts_of_followed(change, arena);
    write_change(parts.front(), WriteMode::exact, batch);
    rest.insert(rest.end(), parts.begin() + 1, parts.end());
    if (batch.text.size() >= bytes_max) flush();
  }
  turn(false);
  for (const RowChange& change : rest) write_change(change, WriteMode::exact, batch);
}

namespace {

[[noreturn]] void refuse(const ForeignKey& key, const std::string& why) {
  throw Error(ErrorKind::target,
              fmt::format("cannot apply changes exactly: the foreign key '{}' of {} changes rows by "
                          "itself, and {}",
                          key.name, to_string(key.child), why),
              "copy the data again: dtsctl init-data --restart");
}

/// While the job is catching up, a cascade that meets rows which are yet to come would be wrong for ever.
void check_copied(const std::vector<ForeignKey>& keys, const std::map<TableName, TableName>& sources,
                  const Shapes& shapes, const Position& applied, bool catching_up) {
  const auto groups = snapshot_groups(keys);
  const auto is_passed = [&](const TableName& source) {
    const auto& start = shapes.start(source);
    return !start || contains(applied, *start);
  };
  for (const ForeignKey& key : keys) {
    const auto group = groups.find(key.child), of_parent = groups.find(key.parent);
    if (group == groups.end() || of_parent == groups.end() || group->second != of_parent->second)
      continue;
    const TableName &child = sources.at(key.child), &parent = sources.at(key.parent);
    for (const TableName& name : {child, parent})
      if (const Table* table = shapes.kept(name); catching_up && table->snapshot.empty())
        refuse(key, fmt::format("{} was not copied in one snapshot with the tables that depend on it, "
                                "and what happened during the copy is not applied yet",
                                to_string(name)));
    if (shapes.start(child) != shapes.start(parent) && !(is_passed(child) && is_passed(parent)))
      refuse(key, fmt::format("{} and {} were copied at different positions", to_string(child),
                              to_string(parent)));
  }
}

}  // namespace

Cascades read_cascades(Connection& target, const Shapes& shapes, const Mapping& mapping,
                       const Position& applied, bool catching_up) {
  std::map<TableName, TableName> sources;  // by their names on the target
  std::set<TableName> tables;
  for (const TableName& name : shapes.names()) {
    sources.emplace(mapping.table(name), name);
    tables.insert(mapping.table(name));
  }
  std::vector<ForeignKey> keys = read_foreign_keys(target, tables);
  for (const ForeignKey& key : keys)
    if (is_cascading(key) && !sources.contains(key.parent) &&
        (shapes.listed() || read_table(target, key.parent)))
      refuse(key, fmt::format("its parent {} is not of this job", to_string(key.parent)));
  std::erase_if(keys, [&](const ForeignKey& key) { return !sources.contains(key.parent); });
  if (const auto trouble = cycle_trouble(target, keys); !trouble.empty())
    throw Error(ErrorKind::target, "cannot apply changes exactly: " + trouble,
                "start the target with innodb_native_foreign_keys = ON, and run this again");
  check_copied(keys, sources, shapes, applied, catching_up);
  return Cascades(keys);
}

bool follows_keys(const Shapes& shapes, bool source_logs) {
  if (!source_logs) return true;
  for (const TableName& name : shapes.names())
    if (!shapes.kept(name)->snapshot.empty())
      throw Error(ErrorKind::source,
                  fmt::format("cannot apply changes exactly: the source logs what foreign keys change, which "
                              "it did not when {} was copied, and it can't be told since when",
                              to_string(name)),
                  "start the source with innodb_native_foreign_keys = ON for as long as this job runs; or copy "
                  "the data again: dtsctl init-data --restart");
  return false;
}

std::string cascade_trouble(const Ddl& ddl, const DdlNames& names, const Objects& objects) {
  if (names.kind != "create-table" && names.kind != "alter-table") return {};
  const auto outside = std::find_if(names.places.begin(), names.places.end(), [&](const auto& place) {
    return place.references && !selects(objects, place.name);
  });
  if (outside == names.places.end()) return {};
  const auto tokens = tokenize(ddl.statement, quote_rules(ddl.sql_mode));
  for (std::size_t i = 2; i < tokens.size(); ++i)
    if (is_word(tokens[i - 2], "ON") &&
        (is_word(tokens[i], "CASCADE") || is_word(tokens[i], "SET")))
      return fmt::format("a foreign key would change rows by itself with those of '{}', which is not "
                         "selected, and the binlog does not tell",
                         to_string(outside->name));
  return {};
}

std::string snapshot_after(const DdlNames& names, const TableName& table, const Shapes& before) {
  const Table* kept = before.kept(table);
  if (kept != nullptr && names.kind != "rename-table") return kept->snapshot;
  std::string snapshot = to_string(table);
  for (const TableName& name : names.tables)
    if (const Table* other = before.kept(name)) {
      if (other->snapshot.empty()) return {};
      snapshot = other->snapshot;
    }
  return snapshot;
}

}  // namespace dts
