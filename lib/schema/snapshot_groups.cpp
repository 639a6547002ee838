#include "schema/snapshot_groups.hpp"

#include <algorithm>

#include "db/server_objects.hpp"

namespace dts {

namespace {

/// Which tables are connected.
class Sets {
 public:
  void join(const TableName& a, const TableName& b) { parent_[root(a)] = root(b); }
  std::map<TableName, std::vector<TableName>> all() {
    std::map<TableName, std::vector<TableName>> sets;
    std::vector<TableName> names;
    for (const auto& [name, parent] : parent_) names.push_back(name);
    for (const TableName& name : names) sets[root(name)].push_back(name);
    return sets;
  }

 private:
  TableName root(const TableName& name) {
    TableName at = parent_.try_emplace(name, name).first->second;
    while (parent_.at(at) != at) at = parent_.at(at);
    parent_[name] = at;
    return at;
  }
  std::map<TableName, TableName> parent_;
};

std::map<TableName, const Table*> by_name(const std::vector<Table>& tables) {
  std::map<TableName, const Table*> found;
  for (const Table& table : tables) found.emplace(table.name, &table);
  return found;
}

}  // namespace

bool changes_child(const std::string& action) {
  return action == "CASCADE" || action == "SET NULL";
}

bool is_cascading(const ForeignKey& key) {
  return changes_child(key.on_delete) || changes_child(key.on_update);
}

std::optional<TableName> find_cycle(const std::vector<ForeignKey>& keys) {
  std::set<std::pair<TableName, TableName>> left;  // child, parent
  for (const ForeignKey& key : keys)
    if (is_cascading(key)) left.emplace(key.child, key.parent);
  // Whoever has no parents left is in no cycle.
  for (std::size_t known = SIZE_MAX; known != left.size();) {
    known = left.size();
    std::set<TableName> children;
    for (const auto& [child, parent] : left) children.insert(child);
    std::erase_if(left, [&](const auto& key) { return !children.contains(key.second); });
  }
  if (left.empty()) return std::nullopt;
  return left.begin()->second;
}

std::string cycle_trouble(Connection& target, const std::vector<ForeignKey>& keys) {
  const auto cycle = find_cycle(keys);
  if (!cycle || !logs_cascades(target)) return {};
  return "this MySQL follows foreign keys above InnoDB, and not where they lead back to the same table, as "
         "those of " +
         to_string(*cycle) + " do";
}

// While rows go or change with checks on, the server looks at the children of all of them, which must
// not know rows that are yet to come; and at the parents of what is changed.
std::map<TableName, std::string> snapshot_groups(const std::vector<ForeignKey>& keys) {
  std::set<TableName> looked_below, changed;
  for (const ForeignKey& key : keys) {
    if (!is_cascading(key)) continue;
    looked_below.insert(key.parent);
    if (key.on_delete == "CASCADE" || key.on_update == "CASCADE") looked_below.insert(key.child);
    if (changes_child(key.on_update)) changed.insert({key.parent, key.child});
  }
  Sets sets;
  for (const ForeignKey& key : keys)
    if (is_cascading(key) || looked_below.contains(key.parent) || changed.contains(key.child))
      sets.join(key.child, key.parent);
  std::map<TableName, std::string> groups;
  for (const auto& [root, names] : sets.all())
    for (const TableName& name : names) groups[name] = to_string(names.front());
  return groups;
}

std::set<TableName> joined_groups(const std::vector<Table>& before, const std::vector<Table>& now) {
  const auto known = by_name(before);
  std::map<std::string, std::vector<const Table*>> groups;
  for (const Table& table : now)
    if (const auto old = known.find(table.name); !table.snapshot.empty() && old != known.end())
      groups[table.snapshot].push_back(old->second);
  std::set<TableName> names;
  for (const auto& [group, tables] : groups)
    if (std::any_of(tables.begin(), tables.end(), [&](const Table* table) {
          return table->snapshot.empty() || table->snapshot != tables[0]->snapshot;
        }))
      for (const Table* table : tables) names.insert(table->name);
  return names;
}

void complete_groups(std::set<TableName>& names, const std::vector<TableName>& gone,
                     const std::vector<Table>& before, const std::vector<Table>& now) {
  const auto old = by_name(before), present = by_name(now);
  std::set<std::string> groups;
  const auto note = [&](const TableName& name) {
    for (const auto* tables : {&old, &present})
      if (const auto found = tables->find(name); found != tables->end())
        groups.insert(found->second->snapshot);
  };
  for (const TableName& name : gone) note(name);
  for (std::size_t known = SIZE_MAX; known != names.size();) {
    known = names.size();
    for (const TableName& name : names) note(name);
    groups.erase("");
    for (const auto* tables : {&old, &present})
      for (const auto& [name, table] : *tables)
        if (groups.contains(table->snapshot) && present.contains(name)) names.insert(name);
  }
}

}  // namespace dts
