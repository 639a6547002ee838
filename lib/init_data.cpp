#include "dts/init_data.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <set>

#include "apply/online_ddl.hpp"
#include "cascade_check.hpp"
#include "copy/chunk.hpp"
#include "copy/copier.hpp"
#include "copy/deferred_index.hpp"
#include "copy/start.hpp"
#include "copy_run.hpp"
#include "db/bookkeeping.hpp"
#include "db/server.hpp"
#include "failover.hpp"
#include "grow.hpp"
#include "recopy.hpp"
#include "schema/mapping.hpp"
#include "schema/read.hpp"
#include "selection.hpp"
#include "servers.hpp"

namespace dts {

namespace {

[[noreturn]] void interrupted() {
  throw Error(ErrorKind::interrupted, "interrupted", "run the same command again to resume");
}

/// The tables that a copy filled, by their names on the target. With `keep` they hold other rows,
/// too; else they were empty, and what is in them now, of several sources perhaps, is ours.
std::set<TableName> filled_tables(Connection& target, const Job& job, const StateFile& state) {
  std::set<TableName> sources, filled;
  for (const TableProgress& table : state.state.tables) sources.insert(table.table);
  for (const TableProgress& table : state.state.settled) sources.insert(table.table);
  for (const TrackedTable& table : read_tracked(target, job.bookkeeping, job.name))
    sources.insert(table.shape.name);
  if (const auto text = read_selection(target, job.bookkeeping, job.name))
    check_change(parse_selection(*text), job, {sources.begin(), sources.end()});
  // What has left the job stays as it is.
  std::erase_if(sources, [&](const TableName& name) { return !selects(job.objects, name); });
  const Mapping mapping = mapping_for(job.objects, target);
  for (const TableName& name : sources) filled.insert(mapping.table(name));
  if (!sources.empty() && job.schema.existing_tables == ExistingTables::keep)
    throw Error(
        ErrorKind::usage,
        "cannot restart the copy: schema.existing_tables is \"keep\", so its tables can't be "
        "emptied",
        fmt::format("empty or drop the target's tables by hand, remove the job with DELETE "
                    "FROM {}.position WHERE job = '{}' and its other rows, and the state "
                    "file, then begin anew",
                    job.bookkeeping, job.name));
  return filled;
}

/// Of a copy that was given up.
void build_deferred(Connection& target, const Job& job) {
  for (const TableName& table : read_deferred_tables(target, job.bookkeeping, job.name))
    build_indexes(target, job.bookkeeping, job.name, table);
}

/// Tables of online DDL tools that are on the target only because sync followed them there.
std::set<TableName> followed_tables(Connection& target, const Job& job) {
  std::set<TableName> followed;
  Mapping mapping = mapping_for(job.objects, target);
  for (const std::string& text : read_tool_tables(target, job.bookkeeping, job.name)) {
    const ToolTable table = parse_tool_table(text);
    if (!table.made || selects(job.objects, table.name)) continue;
    mapping.follow(table.name, table.base);
    followed.insert(mapping.table(table.name));
  }
  return followed;
}

/// Forgets an earlier copy: empties exactly the tables that it filled.
void restart_copy(Connection& target, const Job& job, StateFile& state, Observer& observer) {
  const std::set<TableName> filled = filled_tables(target, job, state);
  for (const TableName& name : followed_tables(target, job))
    target.execute(sql("DROP TABLE IF EXISTS {}", name));
  forget_job(target, job.bookkeeping, job.name);
  for (const TableName& name : filled) {
    const auto table = read_table(target, name);
    if (!table || is_sequence(*table)) continue;
    observer.message(Severity::debug, "emptying " + to_string(name));
    empty_table(target, *table);
  }
  build_deferred(target, job);
  state.state.tables.clear();
  state.state.settled.clear();
  state.state.copy_start.reset();
  state.state.copy_end.reset();
  state.state.target_server.clear();
  state.state.sync = {};
  state.state.sync_phase = {};
  state.save();
}

/// Takes the start position and writes it, with the shapes that belong to it, to the target before
/// the first row is read.
std::vector<Table> begin_copy(Servers& servers, const Job& job, StateFile& state,
                              Observer& observer, std::stop_token stop) {
  CopyStart start = find_start(*servers.source, job, observer, stop);
  const bool keep = job.schema.existing_tables == ExistingTables::keep;
  build_deferred(*servers.target, job);
  check_target_tables(servers, job, start.tables, !keep);
  check_cascades(servers, job);
  if (std::any_of(start.tables.begin(), start.tables.end(), is_versioned))
    try_removing_versions(*servers.target, job.bookkeeping);
  servers.target->execute(sql("START TRANSACTION"));
  for (const Table& table : start.tables)
    servers.target->execute(save_tracked(job.bookkeeping, job.name, {table, {}}));
  create_position(*servers.target, job.bookkeeping, job.name,
                  {fingerprint(job), state.state.source_id, start.position, {}});
  servers.target->execute(save_selection(job.bookkeeping, job.name, selection_text(job)));
  servers.target->execute(sql("COMMIT"));
  state.state.selection = selection_text(job);
  state.state.copy_start = start.position;
  state.state.target_server = server_identity(*servers.target);
  note_tables(start.tables, state);
  state.save();
  auto deferred = [&](std::size_t number, const std::vector<DeferredIndex>& indexes) {
    note_indexes(indexes, state.state.tables[number]);
    state.save();
  };
  if (!keep)
    defer_indexes(*servers.target, job.bookkeeping, job.name,
                  map_tables(start.tables, mapping_for(job.objects, *servers.target)), deferred);
  observer.message(Severity::info, "start position " + to_string(start.position));
  return start.tables;
}

/// The tables of a copy that was begun before.
std::vector<Table> resume_copy(Servers& servers, const Job& job, StateFile& state,
                               Observer& observer, std::stop_token stop) {
  std::vector<Table> tables;
  const auto listed = read_listed(*servers.target, job.bookkeeping, job.name);
  std::set<TableName> late;  // to be copied again, and perhaps not made anew yet
  for (TrackedTable& tracked : read_tracked(*servers.target, job.bookkeeping, job.name)) {
    if (listed && tracked.start == listed) late.insert(tracked.shape.name);
    tables.push_back(std::move(tracked.shape));
  }
  sort_by_name(tables);
  match_progress(tables, state);
  for (const TableProgress& progress : state.state.tables)
    if (progress.chunks > 0 || progress.done) late.erase(progress.table);
  if (!changes_since(*servers.source, job, tables, state.state.tables).empty())
    return copy_again(servers, job, state, tables, late, observer, stop);
  if (!late.empty()) make_anew(servers, job, state, late, observer, stop);
  // The last statement of a copy that was killed may be at work still, and hide its table.
  constexpr int tries_max = 50;
  for (int tries = 0;; ++tries) {
    try {
      check_target_tables(servers, job, tables, false);
      return tables;
    } catch (const Error& error) {
      if (error.server_errno() != 0 || tries == tries_max) throw;
    }
    wait_or_stop(std::chrono::milliseconds(100), stop);
  }
}

/// The row is that of another job, or of this one with other objects than its unfinished copy has.
void check_row(Connection& target, const Job& job, const PositionRow& row) {
  if (row.fingerprint == fingerprint(job)) return;
  if (!read_selection(target, job.bookkeeping, job.name))
    throw Error(ErrorKind::state, "cannot copy: the target's bookkeeping has another job of this name",
                "give this job another name; if only its objects were changed: undo that, run dtsctl "
                "precheck and dtsctl init-data, and change them again");
  if (!row.copy_end)
    throw Error(ErrorKind::state,
                "cannot change the job's objects: the copy of those that it had is not finished",
                "undo the change in the job file, run dtsctl precheck and dtsctl init-data to its end, "
                "and change it again; or copy all anew: dtsctl init-data --restart");
}

void run(const Job& job, StateFile& state, bool& restart, Try& tried, Observer& observer,
         std::stop_token stop) {
  Servers servers = connect_servers(job, state);
  tried.connected = true;
  servers.source->cancel_on(stop);
  servers.target->cancel_on(stop);
  servers.target->execute(told_locks());
  create_bookkeeping(*servers.target, job.bookkeeping);
  lock_job(*servers.target, job.bookkeeping, job.name);
  if (restart) restart_copy(*servers.target, job, state, observer);
  restart = false;

  auto row = read_position(*servers.target, job.bookkeeping, job.name);
  if (row) check_row(*servers.target, job, *row);
  if (row && row->copy_end) {
    state.state.copy_start = state.state.copy_start.value_or(row->position);
    state.state.copy_end = row->copy_end;
    if (!copy_late(servers, job, state, *row, tried, observer, stop))
      observer.message(Severity::info, "the data is copied already");
    return;
  }
  if (!row && !state.state.tables.empty())
    throw Error(ErrorKind::state,
                "cannot resume the copy: the target's bookkeeping knows nothing of it",
                "start it again: dtsctl init-data --restart");
  if (row) check_same_target(*servers.target, job, state);
  if (row) state.state.copy_start = state.state.copy_start.value_or(row->position);
  std::vector<Table> tables = row ? resume_copy(servers, job, state, observer, stop)
                                  : begin_copy(servers, job, state, observer, stop);
  while (!copy_all(servers, job, state, tables, tried, observer, stop))
    tables = copy_again(servers, job, state, tables, {}, observer, stop);
  Position end = binlog_end(*servers.source);
  set_copy_end(*servers.target, job.bookkeeping, job.name, end);
  state.state.copy_end = end;
}

/// Workers ride over lost connections by themselves. When our own session is lost before or after
/// them, what was begun is resumed, as the next call would.
void run_to_end(const Job& job, StateFile& state, bool restart, Observer& observer,
                std::stop_token stop) {
  using Clock = std::chrono::steady_clock;
  constexpr std::chrono::milliseconds pause_min{200}, pause_max{10'000};
  std::optional<Clock::time_point> failing_since;
  std::chrono::milliseconds pause = pause_min;
  bool connected = false;
  for (;;) {
    Try tried;
    try {
      return run(job, state, restart, tried, observer, stop);
    } catch (const Error& error) {
      // The first connection of an invocation fails at once.
      connected = connected || tried.connected;
      const bool lost = is_connection_loss(error.server_errno());
      if (stop.stop_requested() || !connected || !lost || tried.copying) throw;
      if (!failing_since || tried.copied) {
        failing_since = Clock::now();
        pause = pause_min;
      }
      if (Clock::now() - *failing_since > std::chrono::minutes(job.retry.connection_minutes)) throw;
      observer.message(Severity::warning, fmt::format("{}; trying again", error.what()));
    }
    wait_or_stop(pause, stop);
    pause = std::min(pause * 2, pause_max);
  }
}

}  // namespace

std::vector<CopyPlan> plan_data(const Job& given, Observer&, std::stop_token) {
  const Job job = with_hosts(given);
  Connection source(job.source, Side::source);
  std::vector<CopyPlan> plan;
  std::vector<Table> tables = read_tables(source, job.objects);
  mark_snapshots(source, job, tables);
  for (const Table& table : tables) {
    CopyPlan& entry = plan.emplace_back();
    entry.table = table.name;
    entry.rows_estimated = table.rows_estimated;
    entry.bytes_estimated = table.bytes_estimated;
    if (!is_splittable(table)) continue;
    for (const KeyPart& part : table.key()->parts)
      entry.key += (entry.key.empty() ? "" : ", ") + table.columns[part.column].name;
  }
  return plan;
}

void init_data(const Job& job, StateFile& state, bool restart, Observer& observer,
               std::stop_token stop) {
  PhaseState& phase = state.state.data;
  if (!phase.started || restart) phase.started = now();
  phase.status = PhaseStatus::running;
  phase.error.clear();
  phase.finished.reset();
  state.save();
  auto ended = [&](PhaseStatus status, const char* error) {
    state.state.data.status = status;
    state.state.data.error = error;
    state.save();
  };
  try {
    run_to_end(with_hosts(job, state.state, observer), state, restart, observer, stop);
  } catch (const std::exception& error) {
    if (stop.stop_requested()) {  // then the error is that we cut our own connections
      ended(PhaseStatus::interrupted, "");
      interrupted();
    }
    ended(PhaseStatus::failed, error.what());
    throw;
  }
  state.state.data.status = PhaseStatus::done;
  state.state.data.finished = now();
  state.save();
}

}  // namespace dts
