#include "copy/start.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>

#include "db/server.hpp"
#include "db/server_objects.hpp"
#include "fnv.hpp"
#include "schema/ddl.hpp"
#include "schema/read.hpp"
#include "schema/snapshot_groups.hpp"

namespace dts {

namespace {

/// A prepared XA transaction is in the binlog before the start position, and its rows become
/// visible after: they would be in neither.
void wait_for_xa(Connection& source, const Job& job, Observer& observer,
                 const std::stop_token& stop) {
  auto until = std::chrono::steady_clock::now() + std::chrono::minutes(job.retry.statement_minutes);
  for (bool told = false;; told = true) {
    auto open = source.query(sql("XA RECOVER"));
    if (open.empty()) return;
    std::string xid = open[0].at(3).value_or("");
    if (!told) observer.message(Severity::info, "waiting for prepared XA transactions to end");
    if (std::chrono::steady_clock::now() > until)
      throw Error(ErrorKind::source,
                  fmt::format("cannot begin the copy: {} prepared XA transactions are open on the "
                              "source, the first is '{}'",
                              open.size(), xid),
                  "end them with XA COMMIT or XA ROLLBACK");
    wait_or_stop(std::chrono::seconds(1), stop);
  }
}

bool same_shapes(const std::vector<Table>& a, const std::vector<Table>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const Table& x, const Table& y) {
    return x.name == y.name && x.create_hash == y.create_hash && x.snapshot == y.snapshot &&
           same_shape(x, y);
  });
}

}  // namespace

void wait_or_stop(std::chrono::milliseconds time, const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any never;
  std::unique_lock lock(mutex);
  never.wait_for(lock, stop, time, [] { return false; });
  if (stop.stop_requested())
    throw Error(ErrorKind::interrupted, "interrupted", "run the same command again to resume");
}

std::string create_hash(Connection& source, const TableName& name) {
  const auto rows = source.query(sql("SHOW CREATE TABLE {}", name));
  // The time tells a table from another one that has taken its name.
  const auto time = source.value(sql("SELECT CREATE_TIME FROM information_schema.TABLES WHERE "
                                     "TABLE_SCHEMA = {} AND TABLE_NAME = {}",
                                     Text{name.schema}, Text{name.table}));
  return fmt::format("{:016x}", fnv1a(without_auto_increment(rows.at(0).at(1).value_or("")) +
                                      time.value_or("")));
}

void sort_by_name(std::vector<Table>& tables) {
  std::sort(tables.begin(), tables.end(),
            [](const Table& a, const Table& b) { return a.name < b.name; });
}

void mark_snapshots(Connection& source, const Job& job, std::vector<Table>& tables) {
  if (!job.sync_phase || logs_cascades(source)) return;
  const auto groups = snapshot_groups(read_foreign_keys(source, job.objects));
  for (Table& table : tables)
    if (const auto found = groups.find(table.name); found != groups.end())
      table.snapshot = found->second;
}

std::vector<Table> sorted_tables(Connection& source, const Job& job) {
  std::vector<Table> tables = read_tables(source, job.objects);
  sort_by_name(tables);
  mark_snapshots(source, job, tables);
  for (Table& table : tables)
    if (is_copied_whole(table) && !is_sequence(table))
      table.create_hash = create_hash(source, table.name);
  return tables;
}

CopyStart find_start(Connection& source, const Job& job, Observer& observer,
                     const std::stop_token& stop) {
  wait_for_xa(source, job, observer, stop);
  for (int tries = 0;; ++tries) {
    CopyStart start;
    start.tables = sorted_tables(source, job);
    start.position = start_position(source);
    if (same_shapes(start.tables, sorted_tables(source, job))) return start;
    if (tries == 10)
      throw Error(ErrorKind::source, "cannot begin the copy: the tables' structure keeps changing",
                  "wait until no DDL runs on the source");
    wait_or_stop(std::chrono::seconds(1), stop);
  }
}

}  // namespace dts
