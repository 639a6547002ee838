#include "dts/init_data.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <set>
#include <thread>

#include "cascade_check.hpp"
#include "copy/brake.hpp"
#include "copy/copier.hpp"
#include "copy/deferred_index.hpp"
#include "copy/lock_watch.hpp"
#include "copy/start.hpp"
#include "db/bookkeeping.hpp"
#include "db/server.hpp"
#include "failover.hpp"
#include "rate.hpp"
#include "recopy.hpp"
#include "schema/mapping.hpp"
#include "schema/read.hpp"
#include "schema/table_text.hpp"
#include "servers.hpp"
#include "workers.hpp"

namespace dts {

namespace {

constexpr std::uint64_t chunk_bytes = 8 << 20;

[[noreturn]] void interrupted() {
  throw Error(ErrorKind::interrupted, "interrupted", "run the same command again to resume");
}

std::vector<MappedTable> map_tables(const std::vector<Table>& tables, const Mapping& mapping) {
  std::vector<MappedTable> mapped;
  for (const Table& table : tables) mapped.push_back(map_table(table, mapping));
  return mapped;
}

void check_target_tables(Servers& servers, const Job& job, const std::vector<Table>& tables,
                         bool must_be_empty) {
  Connection& target = *servers.target;
  const Mapping mapping = mapping_for(job.objects, target);
  const ServerKind from = kind_of(*servers.source), to = kind_of(target);
  std::set<TableName> names;
  for (const Table& table : tables) names.insert(mapping.table(table.name));
  std::vector<Table> there = read_tables(target, names);
  for (const Table& source : tables) {
    const Table table = map_table(source, mapping).target;
    const auto found = std::find_if(there.begin(), there.end(),
                                    [&](const Table& other) { return other.name == table.name; });
    if (found == there.end() || !rows_difference(table, from, *found, to).empty())
      throw Error(ErrorKind::target,
                  fmt::format("cannot copy {}: the table {} on the target", to_string(table.name),
                              found == there.end() ? "is not there" : "has another structure"),
                  found == there.end()
                      ? "run dtsctl init-schema, and this again"
                      : "dtsctl init-schema tells the difference before the copy has begun; after "
                        "that, drop the table on the target, then run dtsctl init-schema, and this "
                        "again: its rows are copied again");
    if (must_be_empty && !is_sequence(table) && !is_empty(target, table))
      throw Error(ErrorKind::target,
                  fmt::format("cannot copy {}: the table on the target is not empty",
                              to_string(table.name)),
                  "empty it, or begin a new job that excludes it; after an earlier copy of this "
                  "job: dtsctl init-data --restart");
  }
}

/// The tables that a copy filled, by their names on the target. With `keep` they hold other rows,
/// too; else they were empty, and what is in them now, of several sources perhaps, is ours.
std::set<TableName> filled_tables(Connection& target, const Job& job, const StateFile& state) {
  std::set<TableName> sources, filled;
  for (const TableProgress& table : state.state.tables) sources.insert(table.table);
  for (const TrackedTable& table : read_tracked(target, job.bookkeeping, job.name))
    sources.insert(table.shape.name);
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

/// Forgets an earlier copy: empties exactly the tables that it filled.
void restart_copy(Connection& target, const Job& job, StateFile& state, Observer& observer) {
  const std::set<TableName> filled = filled_tables(target, job, state);
  forget_job(target, job.bookkeeping, job.name);
  for (const TableName& name : filled) {
    const auto table = read_table(target, name);
    if (!table || is_sequence(*table)) continue;
    observer.message(Severity::debug, "emptying " + to_string(name));
    empty_table(target, *table);
  }
  build_deferred(target, job);
  state.state.tables.clear();
  state.state.copy_start.reset();
  state.state.copy_end.reset();
  state.state.target_server.clear();
  state.state.sync = {};
  state.state.sync_phase = {};
  state.save();
}

void note_tables(const std::vector<Table>& tables, StateFile& state) {
  for (const Table& table : tables) {
    TableProgress progress;
    progress.table = table.name;
    progress.rows_estimated = table.rows_estimated;
    state.state.tables.push_back(std::move(progress));
  }
}

void note_indexes(const std::vector<DeferredIndex>& indexes, TableProgress& progress) {
  progress.indexes_waiting.clear();
  for (const DeferredIndex& index : indexes) progress.indexes_waiting.push_back(index.name);
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
  servers.target->execute(sql("COMMIT"));
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

/// Rows of a table that is empty now, or has lost its first ones, were lost with it: somebody made it
/// anew, or emptied it.
bool forget_lost(Connection& target, const Job& job, const std::vector<Table>& tables,
                 StateFile& state, Observer& observer) {
  const Mapping mapping = mapping_for(job.objects, target);
  bool found = false;
  for (std::size_t i = 0; i < tables.size(); ++i) {
    TableProgress& progress = state.state.tables[i];
    if (progress.rows == 0 || is_sequence(tables[i])) continue;
    const Table table = map_table(tables[i], mapping).target;
    const bool empty = is_empty(target, table);
    if (!empty && (progress.first_row.empty() || has_row_upto(target, table, progress.first_row)))
      continue;
    observer.message(
        Severity::warning,
        fmt::format("{} {} on the target, where {} rows had been copied: it is copied again",
                    to_string(tables[i].name), empty ? "is empty" : "has lost its first rows",
                    progress.rows));
    const TableProgress before = std::exchange(progress, {});
    progress.table = before.table;
    progress.rows_estimated = before.rows_estimated;
    found = true;
  }
  return found;
}

/// Which indexes the target does without for now, for those who look while nothing runs.
void note_deferred(Connection& target, const Job& job, const std::vector<MappedTable>& tables,
                   StateFile& state) {
  std::set<TableName> left;
  for (const TableName& name : read_deferred_tables(target, job.bookkeeping, job.name))
    left.insert(name);
  for (std::size_t i = 0; i < tables.size(); ++i) {
    const TableName& name = tables[i].target.name;
    std::vector<DeferredIndex> indexes;
    if (left.erase(name) > 0) indexes = read_deferred(target, job.bookkeeping, job.name, name);
    note_indexes(indexes, state.state.tables[i]);
  }
  state.save();
}

/// Adds what is not known yet, and forgets what is tracked no more.
void match_progress(const std::vector<Table>& tables, StateFile& state) {
  const std::vector<TableProgress> known = std::move(state.state.tables);
  state.state.tables.clear();
  note_tables(tables, state);
  for (TableProgress& progress : state.state.tables)
    for (const TableProgress& before : known)
      if (before.table == progress.table) progress = before;
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

/// Sizes as they are estimated now: kept shapes do not have them.
void refresh_estimates(Connection& source, const Job& job, std::vector<Table>& tables) {
  std::vector<Table> now = read_tables(source, job.objects);
  for (Table& table : tables)
    for (const Table& other : now)
      if (other.name == table.name) {
        table.rows_estimated = other.rows_estimated;
        table.bytes_estimated = other.bytes_estimated;
      }
}

void report(const std::vector<TableProgress>& tables, StateFile& state, Rate& rows, Rate& bytes,
            Observer& observer) {
  state.state.tables = tables;
  std::uint64_t rows_done = 0, bytes_done = 0, left = 0;
  for (const TableProgress& table : tables) {
    rows_done += table.rows;
    bytes_done += table.bytes;
    if (!table.done && table.rows_estimated > table.rows) left += table.rows_estimated - table.rows;
  }
  Progress progress;
  progress.phase = "data";
  progress.state = &state.state;
  progress.rows_per_second = rows.per_second(rows_done);
  progress.bytes_per_second = bytes.per_second(bytes_done);
  if (progress.rows_per_second > 0)
    progress.eta_seconds = static_cast<double>(left) / progress.rows_per_second;
  observer.progress(progress);
}

void copy_tables(const Job& job, StateFile& state, std::vector<MappedTable> tables,
                 const std::vector<TableName>& deferred, Observer& observer,
                 std::stop_token stop) {
  ChunkPlan plan(std::move(tables), state.state.tables, chunk_bytes,
                 {deferred.begin(), deferred.end()});
  Throttle throttle(job.data.rows_per_second, job.data.mb_per_second * 1'000'000);
  Brake brake(job, throttle, observer);
  brake.look();
  Notes notes;
  LockWatch source_locks(job.source, Side::source, notes);
  LockWatch target_locks(job.target, Side::target, notes);
  Workers workers(stop);
  auto snapshot_noted = [&job](Connection& target, const std::vector<const Table*>& copied,
                               const Position& start) {
    target.execute(sql("START TRANSACTION"));
    for (const Table* table : copied)
      target.execute(save_tracked(job.bookkeeping, job.name, {*table, start}));
    target.execute(sql("COMMIT"));
  };
  for (unsigned i = 0; i < job.data.workers; ++i)
    workers.start([&](std::stop_token token) {
      run_copier(job, plan, throttle, snapshot_noted, notes, token);
    });
  Rate rows, bytes;
  while (workers.running()) {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    brake.look();
    source_locks.look();
    target_locks.look();
    notes.tell(observer);
    report(plan.progress(), state, rows, bytes, observer);
    state.save_soon();
  }
  try {
    workers.join();
  } catch (...) {
    report(plan.progress(), state, rows, bytes, observer);
    throw;
  }
  report(plan.progress(), state, rows, bytes, observer);
  if (stop.stop_requested()) interrupted();
}

/// How far a try came: whether it had its sessions, and where the workers were when it failed.
struct Try {
  bool connected = false, copying = false, copied = false;
};

/// A lock that somebody holds is an error then; nothing hangs in silence.
Sql told_locks() {
  return sql("SET lock_wait_timeout = 50");
}

/// A replica of the target may lack rows that were copied to it.
void check_same_target(Connection& target, const Job& job, const StateFile& state) {
  const std::string found = server_identity(target), &known = state.state.target_server;
  if (job.target.hosts.empty() || known.empty() || known == found) return;
  throw Error(ErrorKind::state,
              fmt::format("cannot go on with the copy on {}: it was begun on another server ('{}' "
                          "instead of '{}')",
                          to_string(target.endpoint()), found, known),
              "wait for that server, or copy the data again: dtsctl init-data --restart");
}

/// Copies what is left of `tables`. False if some were altered or dropped on the source meanwhile.
bool copy_all(Servers& servers, const Job& job, StateFile& state, std::vector<Table> tables,
              Try& tried, Observer& observer, std::stop_token stop) {
  // Our own sessions may be lost during the copy, which the workers ride over.
  auto connect_again = [&] {
    servers = connect_servers(job, state);
    servers.source->cancel_on(stop);
    servers.target->cancel_on(stop);
    servers.target->execute(told_locks());
    lock_job(*servers.target, job.bookkeeping, job.name);
    check_same_target(*servers.target, job, state);
  };
  refresh_estimates(*servers.source, job, tables);
  forget_lost(*servers.target, job, tables, state, observer);
  const auto mapped = map_tables(tables, mapping_for(job.objects, *servers.target));
  note_deferred(*servers.target, job, mapped, state);
  const auto deferred = read_deferred_tables(*servers.target, job.bookkeeping, job.name);
  tried.copying = true;
  try {
    copy_tables(job, state, mapped, deferred, observer, stop);
  } catch (const Error& error) {
    if (stop.stop_requested() || is_connection_loss(error.server_errno())) throw;
    tried.copying = false;
    connect_again();
    if (changes_since(*servers.source, job, tables, state.state.tables).empty()) throw;
    return false;
  }
  tried.copying = false;
  tried.copied = true;
  connect_again();
  if (!changes_since(*servers.source, job, tables, state.state.tables).empty()) return false;
  // Somebody may have altered, emptied or made anew what was filled.
  check_target_tables(servers, job, tables, false);
  if (forget_lost(*servers.target, job, tables, state, observer))
    throw Error(ErrorKind::target,
                "cannot end the copy: rows were deleted on the target meanwhile",
                "run the same command again");
  return true;
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
  if (row && row->fingerprint != fingerprint(job))
    throw Error(ErrorKind::state, "cannot copy: the target's bookkeeping has another job of this name",
                "give this job another name");
  if (row && row->copy_end) {
    observer.message(Severity::info, "the data is copied already");
    state.state.copy_start = state.state.copy_start.value_or(row->position);
    state.state.copy_end = row->copy_end;
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
