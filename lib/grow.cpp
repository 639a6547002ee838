#include "grow.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "apply/online_ddl.hpp"
#include "cascade_check.hpp"
#include "copy/copier.hpp"
#include "copy/deferred_index.hpp"
#include "copy/start.hpp"
#include "db/server.hpp"
#include "recopy.hpp"
#include "schema/read.hpp"
#include "schema/snapshot_groups.hpp"
#include "selection.hpp"

namespace dts {

namespace {

using Names = std::set<TableName>;

bool is_open(const LateTable& table) {
  return table.step != LateTable::Step::copied;
}

std::vector<LateTable> open_tables(Connection& target, const Job& job) {
  std::vector<LateTable> late = read_late(target, job.bookkeeping, job.name);
  std::erase_if(late, [](const LateTable& table) { return !is_open(table); });
  return late;
}

std::map<TableName, Table> tracked_tables(Connection& target, const Job& job) {
  std::map<TableName, Table> tables;
  for (TrackedTable& table : read_tracked(target, job.bookkeeping, job.name)) {
    const TableName name = table.shape.name;
    tables.emplace(name, std::move(table.shape));
  }
  return tables;
}

/// The state's progress of the late tables alone, which the copy goes by; that of all others is set
/// aside.
void separate(const std::vector<Table>& tables, StateFile& state) {
  std::vector<TableProgress> all = std::move(state.state.settled);
  for (TableProgress& progress : state.state.tables) all.push_back(std::move(progress));
  const auto is_late = [&](const TableProgress& progress) {
    return std::any_of(tables.begin(), tables.end(),
                       [&](const Table& table) { return table.name == progress.table; });
  };
  const auto others = std::stable_partition(all.begin(), all.end(), is_late);
  state.state.settled.assign(std::move_iterator(others), std::move_iterator(all.end()));
  all.erase(others, all.end());
  state.state.tables = std::move(all);
  match_progress(tables, state);
}

void forget_progress(StateFile& state, const Names& names) {
  for (auto* list : {&state.state.tables, &state.state.settled})
    std::erase_if(*list, [&](const TableProgress& table) { return names.contains(table.table); });
}

void unite(StateFile& state) {
  auto& tables = state.state.tables;
  for (TableProgress& progress : state.state.settled) tables.push_back(std::move(progress));
  state.state.settled.clear();
  std::sort(tables.begin(), tables.end(),
            [](const TableProgress& a, const TableProgress& b) { return a.table < b.table; });
}

/// What cascading foreign keys connect has to be at one position.
void check_groups(const std::vector<Table>& now, const Names& late) {
  std::map<std::string, std::pair<TableName, TableName>>
      groups;  // one that is late, one that is not
  for (const Table& table : now) {
    if (table.snapshot.empty()) continue;
    auto& [joining, staying] = groups[table.snapshot];
    (late.contains(table.name) ? joining : staying) = table.name;
  }
  for (const auto& [name, group] : groups)
    if (!group.first.table.empty() && !group.second.table.empty())
      throw Error(
          ErrorKind::state,
          fmt::format("cannot copy {} alone: foreign keys with CASCADE or SET NULL connect it "
                      "with {}, which is in step already, and the binlog does not tell what "
                      "they change; such tables have to be copied in one snapshot",
                      to_string(group.first), to_string(group.second)),
          "copy all tables again with dtsctl init-data --restart, or exclude the table");
}

void check_merges(const Mapping& mapping, const std::vector<Table>& joining,
                  const std::map<TableName, Table>& known) {
  for (const Table& table : joining)
    for (const auto& [name, shape] : known)
      if (name != table.name && mapping.table(name) == mapping.table(table.name))
        throw Error(
            ErrorKind::state,
            fmt::format("cannot copy {}: '{}' on the target holds rows of '{}', which is in "
                        "step already",
                        to_string(table.name), to_string(mapping.table(name)), to_string(name)),
            "map it to a table of its own, or begin a new job");
}

/// Rows are given to lanes by the target's foreign keys, which new tables change.
void check_lanes(Connection& target, const Job& job, const PositionRow& row) {
  for (const Position& lane : read_lane_positions(target, job.bookkeeping, job.name))
    if (!contains(row.position, lane))
      throw Error(
          ErrorKind::state,
          "cannot change the job's objects: sync was ended while some of its lanes were ahead "
          "of others",
          "undo the change in the job file, run dtsctl precheck and dtsctl sync --until now, and "
          "change it again");
}

void forget_created(StateFile& state, const Names& target_names) {
  std::erase_if(state.state.created, [&](const std::string& entry) {
    return std::any_of(target_names.begin(), target_names.end(), [&](const TableName& name) {
      return entry == "table " + to_string(name) || entry == "foreign-keys " + to_string(name);
    });
  });
}

/// Tables of online DDL tools belong to their real tables, whatever the selection says of their names.
void check_tools(Connection& target, const Job& job) {
  for (const std::string& text : read_tool_tables(target, job.bookkeeping, job.name))
    if (const ToolTable table = parse_tool_table(text); table.made)
      throw Error(ErrorKind::state,
                  fmt::format("cannot change the job's objects: an online DDL tool has made '{}' of '{}', "
                              "and has not done with it",
                              to_string(table.name), to_string(table.base)),
                  "let the tool finish, drop its tables on the source, and let dtsctl sync apply that, "
                  "with the objects as they were; then change them");
}

void tell_change(const std::vector<Table>& joining, const Names& leaving, Observer& observer) {
  for (const Table& table : joining)
    observer.message(Severity::info, to_string(table.name) + " joins the job");
  for (const TableName& name : leaving)
    observer.message(Severity::info,
                     to_string(name) +
                         " leaves the job: the target's table stays as it is, and is "
                         "kept in step no longer");
}

/// Deletes of a parent run with the target's foreign keys on: these do not ask whose the child is.
void tell_cascades(Connection& target, const std::map<TableName, Table>& known, const Names& leaving,
                   const Mapping& mapping, Observer& observer) {
  Names children, parents;
  for (const TableName& name : leaving) children.insert(mapping.table(name));
  for (const auto& [name, table] : known)
    if (!leaving.contains(name) && !table.snapshot.empty()) parents.insert(mapping.table(name));
  if (children.empty() || parents.empty()) return;
  for (const ForeignKey& key : read_foreign_keys(target, children))
    if (is_cascading(key) && parents.contains(key.parent))
      observer.message(Severity::warning,
                       fmt::format("the target's foreign key '{}' of {} may still change it with {}: drop "
                                   "the key on the target if its rows are to stay",
                                   key.name, to_string(key.child), to_string(key.parent)));
}

/// How the job's objects change.
struct Change {
  std::string text;  ///< of the selection before
  Selection before;
  Position start;
  std::vector<Table> joining;
  Names leaving;
};

Change find_change(Servers& servers, const Job& job, const std::map<TableName, Table>& known,
                   const PositionRow& row, Observer& observer, std::stop_token stop) {
  Connection& target = *servers.target;
  const auto text = read_selection(target, job.bookkeeping, job.name);
  if (!text)
    throw Error(
        ErrorKind::state,
        "cannot change the job's objects: an older dtsctl did not write down what they were",
        "undo the change in the job file, run dtsctl precheck and dtsctl init-data, and change "
        "it again");
  Change change;
  change.text = *text;
  change.before = parse_selection(*text);
  std::vector<TableName> names;
  for (const auto& [name, shape] : known) names.push_back(name);
  check_change(change.before, job, names);
  check_tools(target, job);
  check_lanes(target, job, row);
  CopyStart start = find_start(*servers.source, job, observer, stop);
  change.start = start.position;
  Names joining;
  for (const Table& table : start.tables)
    if (!selects(change.before.objects, table.name)) joining.insert(table.name);
  check_groups(start.tables, joining);
  for (Table& table : start.tables)
    if (joining.contains(table.name)) change.joining.push_back(std::move(table));
  for (const TableName& name : names)
    if (!selects(job.objects, name)) change.leaving.insert(name);
  return change;
}

void check_joining(Servers& servers, const Job& job, const std::vector<Table>& joining,
                   const std::map<TableName, Table>& known) {
  Connection& target = *servers.target;
  check_merges(mapping_for(job.objects, target), joining, known);
  check_target_tables(servers, job, joining, job.schema.existing_tables != ExistingTables::keep);
  const auto any = [&](auto is) { return std::any_of(joining.begin(), joining.end(), is); };
  if (any([](const Table& table) { return !table.snapshot.empty(); })) check_cascades(servers, job);
  if (any(is_versioned)) try_removing_versions(target, job.bookkeeping);
}

/// Has the job work with other objects.
void change_objects(Servers& servers, const Job& job, StateFile& state, const PositionRow& row,
                    Observer& observer, std::stop_token stop) {
  Connection& target = *servers.target;
  const auto known = tracked_tables(target, job);
  const Change change = find_change(servers, job, known, row, observer, stop);
  check_joining(servers, job, change.joining, known);
  const Mapping old = mapping_for(change.before.objects, target);
  const auto deferred = read_deferred_tables(target, job.bookkeeping, job.name);
  Names gone;
  for (const TableName& name : change.leaving) {
    gone.insert(old.table(name));
    // One that was dropped meanwhile has none.
    if (std::find(deferred.begin(), deferred.end(), old.table(name)) != deferred.end())
      build_indexes(target, job.bookkeeping, job.name, old.table(name));
  }
  // If they come back, rows that are there are not ours.
  forget_created(state, gone);
  forget_progress(state, change.leaving);
  Names joining;
  for (const Table& table : change.joining) joining.insert(table.name);
  forget_progress(state, joining);
  state.save();
  target.execute(sql("START TRANSACTION"));
  for (const Table& table : change.joining) {
    target.execute(save_tracked(job.bookkeeping, job.name, {table, change.start}));
    target.execute(save_late(job.bookkeeping, job.name,
                             {table.name, LateTable::Step::copying, "it joined the job", {}}));
  }
  for (const TableName& name : change.leaving) {
    target.execute(forget_tracked(job.bookkeeping, job.name, name));
    target.execute(forget_late(job.bookkeeping, job.name, name));
  }
  target.execute(save_joined(job.bookkeeping, job.name, {change.start, change.text}));
  target.execute(save_selection(job.bookkeeping, job.name, selection_text(job)));
  target.execute(set_fingerprint(job.bookkeeping, job.name, fingerprint(job)));
  target.execute(sql("COMMIT"));
  tell_change(change.joining, change.leaving, observer);
  tell_cascades(target, known, change.leaving, old, observer);
  if (job.schema.existing_tables != ExistingTables::keep)
    defer_indexes(target, job.bookkeeping, job.name,
                  map_tables(change.joining, mapping_for(job.objects, target)),
                  [](std::size_t, const std::vector<DeferredIndex>&) {});
}

/// Takes a new start position for some of the late tables, and makes them anew on the target. What
/// the source no longer has stays known with that position: what came before it is passed over.
void start_anew(Servers& servers, const Job& job, StateFile& state, Names names, Observer& observer,
                std::stop_token stop) {
  Connection& target = *servers.target;
  const std::string& database = job.bookkeeping;
  const Mapping mapping = mapping_for(job.objects, target);
  auto known = tracked_tables(target, job);
  const CopyStart start = find_start(*servers.source, job, observer, stop);
  Names late;
  std::map<TableName, LateTable> open;
  for (LateTable& table : open_tables(target, job)) {
    late.insert(table.name);
    open.emplace(table.name, std::move(table));
  }
  check_groups(start.tables, late);
  std::vector<Table> before;
  for (const auto& [name, shape] : known) before.push_back(shape);
  complete_groups(names, {}, before, start.tables);
  std::erase_if(names, [&](const TableName& name) { return !late.contains(name); });
  if (const std::string why = remake_trouble(job, mapping, before, names); !why.empty())
    throw Error(ErrorKind::target,
                fmt::format("cannot copy {} again: its table on the target can't be made anew: {}",
                            to_string(*names.begin()), why),
                "copy all tables again: dtsctl init-data --restart");
  forget_progress(state, names);
  state.save();
  Names gone = names;
  for (const Table& table : start.tables) gone.erase(table.name);
  for (const TableName& name : gone) {
    observer.message(Severity::warning, to_string(name) + " was dropped or renamed on the source");
    target.execute(sql("DROP TABLE IF EXISTS {}", mapping.table(name)));
  }
  target.execute(sql("START TRANSACTION"));
  for (const Table& table : start.tables) {
    if (!names.contains(table.name)) continue;
    LateTable& entry = open.at(table.name);
    entry.step = LateTable::Step::making;
    target.execute(save_tracked(database, job.name, {table, start.position}));
    target.execute(save_late(database, job.name, entry));
  }
  for (const TableName& name : gone) {
    target.execute(save_tracked(database, job.name, {known.at(name), start.position}));
    target.execute(forget_late(database, job.name, name));
    target.execute(forget_deferred(database, job.name, mapping.table(name)));
  }
  target.execute(sql("COMMIT"));
}

/// Makes tables of which nobody knows whether they have been made.
void make_waiting(Servers& servers, const Job& job, StateFile& state, std::vector<LateTable> late,
                  Observer& observer, std::stop_token stop) {
  std::erase_if(late, [](const LateTable& table) { return table.step != LateTable::Step::making; });
  Names names;
  for (const LateTable& table : late) names.insert(table.name);
  if (names.empty()) return;
  make_anew(servers, job, state, names, observer, stop);
  Connection& target = *servers.target;
  target.execute(sql("START TRANSACTION"));
  for (LateTable& table : late) {
    table.step = LateTable::Step::copying;
    target.execute(save_late(job.bookkeeping, job.name, table));
  }
  target.execute(sql("COMMIT"));
}

/// Takes out those that wait and are no longer on the source: sync has yet to come to where they were
/// dropped or renamed. Returns the others that wait.
Names leave_moved(Connection& source, const Job& job, const std::vector<LateTable>& late,
                  std::vector<Table>& tables) {
  Names there;
  for (const Table& table : sorted_tables(source, job)) there.insert(table.name);
  Names waiting;
  for (const LateTable& table : late) {
    if (table.step != LateTable::Step::waiting) continue;
    if (there.contains(table.name))
      waiting.insert(table.name);
    else
      std::erase_if(tables, [&](const Table& other) { return other.name == table.name; });
  }
  return waiting;
}

void tell_moved(const std::vector<LateTable>& late, const std::vector<Table>& tables,
                Observer& observer) {
  for (const LateTable& table : late)
    if (std::none_of(tables.begin(), tables.end(),
                     [&](const Table& other) { return other.name == table.name; }))
      observer.message(Severity::warning,
                       fmt::format("{} was dropped or renamed on the source: run dtsctl sync, which takes "
                                   "that over, and then init-data, if it is to be copied still",
                                   to_string(table.name)));
}

/// The late tables, ready to be copied: what has not begun, and what was altered or dropped
/// meanwhile, begins.
std::vector<Table> resume_late(Servers& servers, const Job& job, StateFile& state,
                               Observer& observer, std::stop_token stop) {
  for (;;) {
    const std::vector<LateTable> late = open_tables(*servers.target, job);
    const auto known = tracked_tables(*servers.target, job);
    std::vector<Table> tables;
    for (const LateTable& table : late)
      if (const auto found = known.find(table.name); found != known.end())
        tables.push_back(found->second);
    sort_by_name(tables);
    Names anew = leave_moved(*servers.source, job, late, tables);
    separate(tables, state);
    state.state.sync.uncopied = waiting_texts(late);
    state.save();
    const TableChanges changes = changes_since(*servers.source, job, tables, state.state.tables);
    anew.insert(changes.altered.begin(), changes.altered.end());
    anew.insert(changes.gone.begin(), changes.gone.end());
    if (anew.empty()) {
      make_waiting(servers, job, state, late, observer, stop);
      check_target_tables(servers, job, tables, false);
      tell_moved(late, tables, observer);
      return tables;
    }
    start_anew(servers, job, state, anew, observer, stop);
  }
}

/// From here on sync takes them along; their rows converge until it has passed the end of the copy.
void end_late(Servers& servers, const Job& job, StateFile& state,
              const std::vector<Table>& tables) {
  Connection& target = *servers.target;
  const Position end = binlog_end(*servers.source);
  target.execute(sql("START TRANSACTION"));
  for (const Table& table : tables)
    target.execute(is_copied_whole(table)
                       ? forget_late(job.bookkeeping, job.name, table.name)
                       : save_late(job.bookkeeping, job.name,
                                   {table.name, LateTable::Step::copied, "copied", end}));
  target.execute(sql("COMMIT"));
  unite(state);
  state.state.sync.uncopied = waiting_texts(open_tables(target, job));
  state.state.sync.caught_up_copy = false;
  state.save();
}

}  // namespace

std::vector<std::string> waiting_texts(const std::vector<LateTable>& late) {
  std::vector<std::string> texts;
  for (const LateTable& table : late)
    if (is_open(table)) texts.push_back(to_string(table.name) + ": " + table.reason);
  return texts;
}

bool copy_late(Servers& servers, const Job& job, StateFile& state, const PositionRow& row,
               Try& tried, Observer& observer, std::stop_token stop) {
  Connection& target = *servers.target;
  const bool changed = row.fingerprint != fingerprint(job);
  if (changed)
    change_objects(servers, job, state, row, observer, stop);
  else if (!read_selection(target, job.bookkeeping, job.name))
    target.execute(save_selection(job.bookkeeping, job.name, selection_text(job)));
  state.state.selection = selection_text(job);
  if (open_tables(target, job).empty()) {
    unite(state);
    state.state.sync.uncopied.clear();
    return changed;
  }
  state.state.data.started = now();
  std::vector<Table> tables = resume_late(servers, job, state, observer, stop);
  while (!copy_all(servers, job, state, tables, tried, observer, stop))
    tables = resume_late(servers, job, state, observer, stop);
  end_late(servers, job, state, tables);
  return true;
}

}  // namespace dts
