#include "recopy.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "copy/deferred_index.hpp"
#include "copy/start.hpp"
#include "db/bookkeeping.hpp"
#include "schema/definition.hpp"
#include "schema/list_objects.hpp"
#include "schema/mapping.hpp"
#include "schema/read.hpp"
#include "schema/snapshot_groups.hpp"
#include "schema_plan.hpp"

namespace dts {

namespace {

using Names = std::set<TableName>;

/// As far as rows of the one can be written over rows of the other.
bool same_rows(Table a, Table b) {
  for (Table* table : {&a, &b}) {
    std::erase_if(table->keys, [](const Key& key) { return !key.unique; });
    table->row_key = choose_row_key(*table);
  }
  return same_shape(a, b);
}

const Table* find_table(const std::vector<Table>& tables, const TableName& name) {
  const auto found = std::find_if(tables.begin(), tables.end(),
                                  [&](const Table& table) { return table.name == name; });
  return found == tables.end() ? nullptr : &*found;
}

bool is_listed(const std::vector<TableName>& list, const TableName& name) {
  return std::find(list.begin(), list.end(), name) != list.end();
}

TableChanges changes_between(const std::vector<Table>& before, const std::vector<Table>& now,
                             const std::vector<TableProgress>& progress) {
  TableChanges changes;
  for (std::size_t i = 0; i < before.size(); ++i) {
    const Table& table = before[i];
    const Table* found = find_table(now, table.name);
    if (found == nullptr)
      changes.gone.push_back(table.name);
    else if (!same_rows(table, *found) ||
             (!progress.at(i).done && table.create_hash != found->create_hash))
      changes.altered.push_back(table.name);
  }
  for (const TableName& name : joined_groups(before, now))
    if (std::find(changes.altered.begin(), changes.altered.end(), name) == changes.altered.end())
      changes.altered.push_back(name);
  return changes;
}

std::string describe(const TableChanges& changes) {
  const bool gone = changes.altered.empty();
  const auto& names = gone ? changes.gone : changes.altered;
  const std::size_t others = changes.gone.size() + changes.altered.size() - 1;
  return fmt::format("{} was {} on the source{}", to_string(names.front()),
                     gone ? "dropped" : "altered",
                     others == 0 ? "" : fmt::format(" ({} more tables changed)", others));
}

bool is_created(const JobState& state, const ObjectId& id) {
  return std::find(state.created.begin(), state.created.end(), to_string(id)) !=
         state.created.end();
}

bool is_there(Connection& target, const TableName& name) {
  return target
      .value(sql("SELECT 1 FROM information_schema.TABLES WHERE TABLE_SCHEMA = {} AND TABLE_NAME = {}",
                 Text{name.schema}, Text{name.table}))
      .has_value();
}

/// A table that is new on the source must not meet another one of its name.
void check_place(Connection& target, const JobState& state, const TableName& name) {
  if (!is_created(state, {"table", name}) && is_there(target, name))
    throw Error(ErrorKind::target,
                fmt::format("cannot copy {}, which was created on the source during the copy: the "
                            "target has another table of this name",
                            to_string(name)),
                "drop or rename the one on the target, then run the same command again");
}

/// Objects of the plan that concern the tables, and triggers that are not there.
std::vector<const Definition*> missing(Connection& target, const SchemaPlan& plan,
                                       const Names& names) {
  Names on_target;
  std::set<std::string> schemas;
  for (const TableName& name : names)
    if (const auto found = plan.tables.find(name); found != plan.tables.end()) {
      on_target.insert(found->second.target.name);
      schemas.insert(found->second.target.name.schema);
    }
  std::set<ObjectId> there;
  for (ObjectId& id : list_objects(target, schemas)) there.insert(std::move(id));
  std::vector<const Definition*> wanted;
  for (const Definition& definition : plan.objects) {
    const ObjectId& id = definition.id;
    const bool of_tables = id.kind == "table" || id.kind == "foreign-keys";
    const bool lost = (id.kind == "database" || id.kind == "trigger") &&
                      schemas.contains(id.name.schema) && !there.contains(id);
    if ((of_tables && on_target.contains(id.name)) || lost) wanted.push_back(&definition);
  }
  return wanted;
}

/// The progress of `tables`, in their order; `anew` begin anew.
void set_progress(StateFile& state, const std::vector<Table>& tables, const Names& anew) {
  std::map<TableName, TableProgress> known;
  for (TableProgress& progress : state.state.tables)
    known.emplace(progress.table, std::move(progress));
  state.state.tables.clear();
  for (const Table& table : tables) {
    const auto found = known.find(table.name);
    TableProgress progress;
    if (found != known.end() && !anew.contains(table.name)) progress = std::move(found->second);
    progress.table = table.name;
    progress.rows_estimated = table.rows_estimated;
    state.state.tables.push_back(std::move(progress));
  }
  state.save();
}

}  // namespace

TableChanges changes_since(Connection& source, const Job& job, const std::vector<Table>& tables,
                           const std::vector<TableProgress>& progress) {
  return changes_between(tables, sorted_tables(source, job), progress);
}

std::string remake_trouble(const Job& job, const Mapping& mapping, const std::vector<Table>& tables,
                     const std::set<TableName>& names) {
  if (job.schema.existing_tables == ExistingTables::keep)
    return "schema.existing_tables is \"keep\"";
  if (!job.schema_phase) return "the job's phases leave \"schema\" out";
  for (const TableName& name : names)
    for (const Table& other : tables)
      if (other.name != name && mapping.table(other.name) == mapping.table(name))
        return fmt::format("'{}' on the target holds rows of '{}', too",
                           to_string(mapping.table(name)), to_string(other.name));
  return {};
}

void make_anew(Servers& servers, const Job& job, StateFile& state, const Names& names,
               Observer& observer, const std::stop_token& stop) {
  const Mapping mapping = mapping_for(job.objects, *servers.target);
  // Statements of a plan set the session up as they need it.
  Connection session(job.target, Side::target);
  const SchemaPlan plan = plan_objects(job, *servers.source, *servers.target, mapping, observer, stop);
  for (const TableName& name : names) {
    servers.target->execute(forget_deferred(job.bookkeeping, job.name, mapping.table(name)));
    servers.target->execute(sql("DROP TABLE IF EXISTS {}", mapping.table(name)));
  }
  const auto objects = missing(*servers.target, plan, names);
  for (const Definition* object : objects)
    if (!is_created(state.state, object->id)) state.state.created.push_back(to_string(object->id));
  state.save();
  for (const Definition* object : objects) {
    check_stop(stop);
    try {
      for (const std::string& statement : object->statements)
        session.execute(Sql::verbatim(statement));
    } catch (const Error& error) {
      // A server of another kind may have refused the trigger when the schema was initialized.
      if (object->id.kind != "trigger" || is_connection_loss(error.server_errno())) throw;
      observer.message(Severity::warning,
                       fmt::format("trigger '{}' is left out: the target refuses it: {}",
                                   name_of(object->id), error.what()));
    }
  }
  std::vector<MappedTable> empty;
  for (const TableName& name : names)
    if (const auto found = plan.tables.find(name); found != plan.tables.end())
      empty.push_back(found->second);
  defer_indexes(*servers.target, job.bookkeeping, job.name, empty,
                [](std::size_t, const std::vector<DeferredIndex>&) {});
}

std::vector<Table> copy_again(Servers& servers, const Job& job, StateFile& state,
                              const std::vector<Table>& tables, const Names& late,
                              Observer& observer, const std::stop_token& stop) {
  Connection& target = *servers.target;
  const Mapping mapping = mapping_for(job.objects, target);
  CopyStart start = find_start(*servers.source, job, observer, stop);
  TableChanges changes = changes_between(tables, start.tables, state.state.tables);
  for (const TableName& name : late)
    if (!is_listed(changes.altered, name) && !is_listed(changes.gone, name))
      changes.altered.push_back(name);
  if (changes.empty()) return tables;  // and changed back again
  Names anew(changes.altered.begin(), changes.altered.end());
  for (const Table& table : start.tables)
    if (find_table(tables, table.name) == nullptr) anew.insert(table.name);
  complete_groups(anew, changes.gone, tables, start.tables);
  Names changed = anew;
  changed.insert(changes.gone.begin(), changes.gone.end());
  std::vector<Table> all = tables;
  all.insert(all.end(), start.tables.begin(), start.tables.end());
  if (const std::string why = remake_trouble(job, mapping, all, changed); !why.empty())
    throw Error(ErrorKind::source,
                fmt::format("cannot finish the copy: {}, and its table on the target can't be made "
                            "anew: {}",
                            describe(changes), why),
                "bring the target's tables in line, then copy again: dtsctl init-data --restart");
  for (const TableName& name : anew)
    if (find_table(tables, name) == nullptr) check_place(target, state.state, mapping.table(name));
  observer.message(
      Severity::warning,
      fmt::format("{} during the copy: {} are copied again from {}, {} are gone", describe(changes),
                  anew.size() == 1 ? "1 table is" : fmt::format("{} tables", anew.size()),
                  to_string(start.position), changes.gone.size()));

  std::vector<Table> kept = start.tables;
  for (Table& table : kept)
    if (!anew.contains(table.name)) table = *find_table(tables, table.name);
  // Until the bookkeeping says so the old tables count: whoever is killed here finds them changed again.
  set_progress(state, tables, anew);
  for (const TableName& name : changes.gone)
    target.execute(sql("DROP TABLE IF EXISTS {}", mapping.table(name)));
  target.execute(sql("START TRANSACTION"));
  for (const Table& table : kept)
    if (anew.contains(table.name))
      target.execute(save_tracked(job.bookkeeping, job.name, {table, start.position}));
  for (const TableName& name : changes.gone) {
    target.execute(forget_tracked(job.bookkeeping, job.name, name));
    target.execute(forget_deferred(job.bookkeeping, job.name, mapping.table(name)));
  }
  target.execute(save_listed(job.bookkeeping, job.name, start.position));
  target.execute(sql("COMMIT"));
  set_progress(state, kept, anew);
  make_anew(servers, job, state, anew, observer, stop);
  return kept;
}

}  // namespace dts
