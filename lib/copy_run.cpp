#include "copy_run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <thread>

#include "copy/brake.hpp"
#include "copy/chunk_size.hpp"
#include "copy/copier.hpp"
#include "copy/deferred_index.hpp"
#include "copy/lock_watch.hpp"
#include "copy/start.hpp"
#include "db/server.hpp"
#include "rate.hpp"
#include "recopy.hpp"
#include "schema/read.hpp"
#include "schema/table_text.hpp"
#include "workers.hpp"

namespace dts {

namespace {

[[noreturn]] void interrupted() {
  throw Error(ErrorKind::interrupted, "interrupted", "run the same command again to resume");
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
  ChunkPlan plan(std::move(tables), state.state.tables, limited(chunk_size, job.data),
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

}  // namespace

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

void match_progress(const std::vector<Table>& tables, StateFile& state) {
  const std::vector<TableProgress> known = std::move(state.state.tables);
  state.state.tables.clear();
  note_tables(tables, state);
  for (TableProgress& progress : state.state.tables)
    for (const TableProgress& before : known)
      if (before.table == progress.table) progress = before;
}

Sql told_locks() {
  return sql("SET lock_wait_timeout = 50");
}

void check_same_target(Connection& target, const Job& job, const StateFile& state) {
  const std::string found = server_identity(target), &known = state.state.target_server;
  if (job.target.hosts.empty() || known.empty() || known == found) return;
  throw Error(ErrorKind::state,
              fmt::format("cannot go on with the copy on {}: it was begun on another server ('{}' "
                          "instead of '{}')",
                          to_string(target.endpoint()), found, known),
              "wait for that server, or copy the data again: dtsctl init-data --restart");
}

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

}  // namespace dts
