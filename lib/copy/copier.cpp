#include "copy/copier.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <chrono>
#include <condition_variable>
#include <mutex>

#include "copy/deferred_index.hpp"
#include "copy/insert.hpp"
#include "copy/load.hpp"
#include "copy/start.hpp"
#include "db/trouble.hpp"
#include "db/server.hpp"
#include "filter/condition.hpp"

namespace dts {

namespace {

using Clock = std::chrono::steady_clock;

struct Sessions {
  std::unique_ptr<Connection> source, target;
  bool takes_load = false;  ///< the target lets us LOAD DATA LOCAL
  Throttle* throttle = nullptr;
  PieceSize part;  ///< of a transaction

  /// What is not open.
  void open(const Job& job, ChunkPlan& plan, Notes& notes, const std::stop_token& stop) {
    if (!source) {
      source = std::make_unique<Connection>(job.source, Side::source);
      source->cancel_on(stop);
    }
    if (target) return;
    target = std::make_unique<Connection>(job.target, Side::target);
    target->cancel_on(stop);
    target->execute(sql("SET sql_mode = {}", Text{lenient_mode}));  // see check_load()
    takes_load = target->value(sql("SELECT @@GLOBAL.local_infile")) == "1";
    if (!takes_load)
      notes.add(Severity::info,
                "local_infile is OFF on the target: rows are copied by INSERT, which is slower");
    plan.hold_twice([&](const Table& table) { return !takes_load || needs_insert(table, *target); });
  }
  /// Large rows leave large buffers behind.
  void shrink() {
    constexpr std::size_t large = 4 << 20;
    if (source && source->buffer_bytes() > large) source.reset();
    if (target && target->buffer_bytes() > large) target.reset();
  }
  void drop() {
    // A result that is half read would be read to its end first.
    if (source) source->cancel();
    source.reset();
    target.reset();
  }
};

// While a statement is open: servers wait 30 seconds for the next piece by default.
constexpr std::chrono::seconds statement_pause{5};
// Between statements: as long as it takes.
constexpr std::chrono::hours any_pause{24};

/// One LOAD DATA in a transaction of its own.
void write_part(Connection& target, const Table& table, LoadEncoder& encoder, Clash clash,
                Throttle& throttle, std::stop_token stop) {
  target.execute(sql("START TRANSACTION"));
  LoadResult result =
      target.load_data(load_rows(table, clash), [&](char* buffer, std::size_t size) {
        if (stop.stop_requested())
          throw Error(ErrorKind::interrupted, "interrupted while copying " + to_string(table.name));
        throttle.wait(statement_pause, stop);
        const std::uint64_t rows = encoder.part_rows();
        const std::size_t bytes = encoder.read(buffer, size);
        throttle.spend(encoder.part_rows() - rows, bytes);
        return bytes;
      });
  check_load(target, table, result, encoder, clash);
  target.execute(sql("COMMIT"));
}

/// Of the last statement's `count` warnings, those that are about data. The server's list may be
/// shorter (max_error_count): what it does not show may be anything, and counts.
std::uint64_t count_changes(Connection& target, std::uint64_t count) {
  const auto list = target.warnings();
  return count - static_cast<std::uint64_t>(std::count_if(
                     list.begin(), list.end(),
                     [](const Warning& warning) { return is_benign(warning.code); }));
}

/// INSERT statements in one transaction.
void write_part(Connection& target, const Table& table, InsertEncoder& encoder, Clash clash,
                Throttle& throttle, std::stop_token stop) {
  target.execute(sql("START TRANSACTION"));
  std::string statement;
  std::vector<StatementResult> results;
  const std::size_t packet_max = max_packet(target);
  while (encoder.next(statement)) {
    if (statement.size() >= packet_max)
      throw Error(ErrorKind::target,
                  fmt::format("cannot copy {}: the row {} makes a statement of {} bytes, larger than "
                              "the target's max_allowed_packet of {}",
                              to_string(table.name), encoder.last_row(), statement.size(), packet_max),
                  fmt::format("SET GLOBAL max_allowed_packet = {} on the target, and run this again",
                              std::bit_ceil(statement.size() + 1)));
    if (stop.stop_requested())
      throw Error(ErrorKind::interrupted, "interrupted while copying " + to_string(table.name));
    results.clear();
    throttle.wait(statement_pause, stop);
    throttle.spend(encoder.rows(), statement.size());
    target.execute_batch(statement, results);
    const StatementResult& result = results.at(0);
    const bool keep = clash == Clash::keep && result.affected <= encoder.rows();
    const std::uint64_t kept = keep ? encoder.rows() - result.affected : 0;
    if (result.warnings != encoder.enum_zeros() + kept) {
      const std::uint64_t changes = count_changes(target, result.warnings);
      const auto [fewer, more] = std::minmax({changes, encoder.enum_zeros() + kept});
      if (fewer != more) refuse_changes(target, table, more - fewer);
    }
    if (kept > 0) check_kept(target, table, result.warnings);
    // REPLACE counts what it removes, too.
    if (clash == Clash::replace ? result.affected < encoder.rows()
                                : result.affected + kept != encoder.rows())
      throw Error(ErrorKind::target,
                  fmt::format("cannot copy {}: {} rows were sent, {} arrived",
                              to_string(table.name), encoder.rows(), result.affected));
  }
  target.execute(sql("COMMIT"));
}

/// Writes all rows of a result in parts. `written` is told rows and bytes of each part.
template <class Encoder, class Written>
void write_parts(Connection& target, const Table& table, Encoder&& encoder, Clash clash,
                 PieceSize part, Throttle& throttle, const Written& written,
                 std::stop_token stop) {
  do {
    encoder.restart(part);
    write_part(target, table, encoder, clash, throttle, stop);
    written(encoder.part_rows(), encoder.part_bytes());
  } while (!encoder.at_end());
}

template <class Written>
void write_rows(Sessions& sessions, const MappedTable& table, const Sql& chunk, Clash clash,
                const Written& written, std::stop_token stop) {
  Connection& target = *sessions.target;
  const JsonCopy json = json_copy(*sessions.source, target);
  const bool filtered = table.rule && !table.rule->where.empty();
  const std::string where = filtered ? pushed_down(table.rule->where) : "";
  Cursor cursor(*sessions.source,
                select_rows(table.selected, {chunk, where}, json == JsonCopy::typed));
  const Table& to = table.target;
  if (sessions.takes_load && !needs_insert(to, target))
    write_parts(target, to, LoadEncoder(cursor, to), clash, sessions.part, *sessions.throttle,
                written, stop);
  else
    write_parts(target, to, InsertEncoder(cursor, to, clash, json), clash, sessions.part,
                *sessions.throttle, written, stop);
}

/// "`row_start` = `row_end`": versions that ended when they began. An INSERT refuses them.
Sql is_instant(const Table& table) {
  std::string start, end;
  for (const Column& column : table.columns)
    if (column.row_start || column.row_end)
      append_name(column.row_start ? start : end, column.name);
  return Sql::verbatim(start + " = " + end);
}

/// They are made by a DELETE at that time, while the table has no rows that are valid now.
void write_instants(Sessions& sessions, const MappedTable& table, std::stop_token stop) {
  Connection& target = *sessions.target;
  Cursor cursor(*sessions.source, select_rows(table.selected, {is_instant(table.selected), ""}));
  InsertEncoder encoder(cursor, table.target, Clash::refuse, JsonCopy::text);
  encoder.write_as_current();
  for (std::string statement; encoder.next(statement);) {
    if (stop.stop_requested())
      throw Error(ErrorKind::interrupted,
                  "interrupted while copying " + to_string(table.source.name));
    target.execute(Sql::verbatim(statement));
    target.execute(sql("SET STATEMENT timestamp = UNIX_TIMESTAMP({}) FOR DELETE FROM {}",
                       Text{encoder.row_end()}, table.target.name));
  }
}

void copy_chunk(Sessions& sessions, ChunkPlan& plan, const Chunk& chunk, Clash clash,
                std::stop_token stop) {
  const MappedTable& table = plan.table(chunk.table);
  auto started = Clock::now();
  std::uint64_t rows = 0, bytes = 0;
  auto written = [&](std::uint64_t part_rows, std::uint64_t part) {
    rows += part_rows;
    bytes += part;
  };
  write_rows(sessions, table, chunk_condition(table.source, chunk), clash, written, stop);
  if (chunk.number == 0) plan.note_first_row(chunk.table, first_row(*sessions.target, table.target));
  plan.done(chunk, rows, bytes, std::chrono::duration<double>(Clock::now() - started).count());
}

/// Older servers let a version end before it began, when the clock went back; no INSERT takes it.
[[noreturn]] void explain_refusal(const Table& table, const Error& error) {
  constexpr unsigned wrong_row_start = 1525;
  if (!is_versioned(table) || error.server_errno() != wrong_row_start) throw error;
  throw Error(error.kind(),
              fmt::format("cannot copy {}: it has a version that ended before it began, which the "
                          "target does not take: {}",
                          to_string(table.name), error.what()),
              "delete that history on the source (DELETE HISTORY ... BEFORE SYSTEM_TIME), or begin a "
              "new job that excludes the table",
              error.server_errno());
}

void copy_whole(Sessions& sessions, ChunkPlan& plan, std::size_t index, std::stop_token stop) {
  const MappedTable& table = plan.table(index);
  const bool sequence = is_sequence(table.source);
  auto written = [&](std::uint64_t rows, std::uint64_t bytes) { plan.count(index, rows, bytes); };
  Sql condition;
  if (is_versioned(table.source)) {
    write_instants(sessions, table, stop);
    condition = sql("NOT ({})", is_instant(table.selected));
  }
  try {
    write_rows(sessions, table, condition, sequence ? Clash::replace : Clash::refuse,
               written, stop);
  } catch (const Error& error) {
    explain_refusal(table.source, error);
  }
}

/// Tables whose rows can't be replayed onto themselves are read in one snapshot, the position of
/// which is exact, into empty tables.
void copy_snapshot(Sessions& sessions, ChunkPlan& plan, const Chunk& chunk,
                   const SnapshotNoted& snapshot_noted, std::stop_token stop) {
  const auto group = chunk.group.empty() ? std::vector{chunk.table} : chunk.group;
  std::vector<const Table*> tables;
  std::vector<TableName> names;
  for (const std::size_t index : group) {
    tables.push_back(&plan.table(index).source);
    names.push_back(tables.back()->name);
  }
  auto started = Clock::now();
  for (const std::size_t index : group)
    if (!is_sequence(plan.table(index).source))
      empty_table(*sessions.target, plan.table(index).target);
  plan.restart(chunk);
  Position start = open_snapshot(*sessions.source, names);
  for (const std::size_t index : group) copy_whole(sessions, plan, index, stop);
  // The snapshot still holds them, so this is what they were then.
  for (const Table* table : tables)
    if (!table->create_hash.empty() &&
        create_hash(*sessions.source, table->name) != table->create_hash)
      throw Error(ErrorKind::source,
                  fmt::format("cannot copy {}: it was altered before it was read",
                              to_string(table->name)),
                  "run the same command again");
  sessions.source->execute(sql("COMMIT"));
  snapshot_noted(*sessions.target, tables, start);
  plan.done(chunk, 0, 0, std::chrono::duration<double>(Clock::now() - started).count());
}

void build_indexes(Sessions& sessions, const Job& job, ChunkPlan& plan, const Chunk& chunk) {
  auto started = Clock::now();
  build_indexes(*sessions.target, job.bookkeeping, job.name, plan.table(chunk.table).target.name);
  plan.done(chunk, 0, 0, std::chrono::duration<double>(Clock::now() - started).count());
}

/// Waits, growing from a tenth of a second to ten; false once `limit` is over or stop requested.
class BackOff {
 public:
  bool wait(std::chrono::minutes limit, std::stop_token stop) {
    if (!since_) since_ = Clock::now();
    if (Clock::now() - *since_ > limit) return false;
    std::mutex mutex;
    std::condition_variable_any never;
    std::unique_lock lock(mutex);
    never.wait_for(lock, stop, pause_, [] { return false; });
    pause_ = std::min<std::chrono::milliseconds>(pause_ * 2, std::chrono::seconds(10));
    return !stop.stop_requested();
  }
  void reset() { *this = BackOff{}; }

 private:
  std::optional<Clock::time_point> since_;
  std::chrono::milliseconds pause_{100};
};

}  // namespace

void try_removing_versions(Connection& target, const std::string& bookkeeping) {
  const TableName probe{bookkeeping, "version_probe"};
  target.execute(sql("CREATE OR REPLACE TABLE {} (id INT PRIMARY KEY) WITH SYSTEM VERSIONING", probe));
  target.execute(sql("INSERT INTO {} VALUES (1)", probe));
  target.execute(sql("SET STATEMENT timestamp = 0.000001 FOR DELETE FROM {}", probe));
  const auto left = target.value(sql("SELECT COUNT(*) FROM {} FOR SYSTEM_TIME ALL", probe));
  target.execute(sql("DROP TABLE {}", probe));
  if (left != "0")
    throw Error(ErrorKind::target,
                fmt::format("cannot write system-versioned tables to the target, {}: its DELETE "
                            "always leaves a version",
                            target.server_version()),
                "use a later release of MariaDB as target, or begin a new job that excludes the "
                "system-versioned tables");
}

void empty_table(Connection& target, const Table& table) {
  if (!is_versioned(table)) return (void)target.execute(sql("TRUNCATE TABLE {}", table.name));
  target.execute(sql("DELETE FROM {}", table.name));
  target.execute(sql("DELETE HISTORY FROM {}", table.name));
}

bool is_empty(Connection& target, const Table& table) {
  const Sql all = is_versioned(table) ? sql(" FOR SYSTEM_TIME ALL") : Sql{};
  return !target.value(sql("SELECT 1 FROM {}{} LIMIT 1", table.name, all));
}

void run_copier(const Job& job, ChunkPlan& plan, Throttle& throttle,
                const SnapshotNoted& snapshot_noted, Notes& notes, std::stop_token stop) {
  Sessions sessions;
  sessions.throttle = &throttle;
  sessions.part = limited(part_size, job.data);
  BackOff back_off;
  const bool keep = job.schema.existing_tables == ExistingTables::keep;
  const Clash clash = keep ? Clash::keep : Clash::replace;
  while (!stop.stop_requested()) {
    std::optional<Chunk> chunk;
    try {
      sessions.open(job, plan, notes, stop);
      throttle.wait(any_pause, stop);
      chunk = plan.next(*sessions.source, stop);
      if (!chunk) return;
      if (chunk->indexes)
        build_indexes(sessions, job, plan, *chunk);
      else if (is_copied_whole(plan.table(chunk->table).source))
        copy_snapshot(sessions, plan, *chunk, snapshot_noted, stop);
      else
        copy_chunk(sessions, plan, *chunk, clash, stop);
      sessions.shrink();
      back_off.reset();
    } catch (const Error& error) {
      if (chunk) plan.put_back(*chunk);
      if (stop.stop_requested()) return;
      sessions.drop();
      const bool lost = is_connection_loss(error.server_errno());
      const Error told = explained(error, chunk ? to_string(plan.table(chunk->table).source.name) : "");
      if (!lost && !is_transient(error.server_errno()) && !trouble_of(error).passes) throw told;
      const auto limit = std::chrono::minutes(lost ? job.retry.connection_minutes
                                                   : job.retry.statement_minutes);
      notes.add(Severity::warning,
                fmt::format("{}; trying again for {} minutes{}{}", told.what(), limit.count(),
                            told.hint().empty() ? "" : "; ", told.hint()));
      if (!back_off.wait(limit, stop)) throw told;
    }
  }
}

}  // namespace dts
