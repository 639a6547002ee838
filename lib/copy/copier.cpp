#include "copy/copier.hpp"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>

#include "copy/load.hpp"
#include "db/server.hpp"

namespace dts {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::uint64_t part_bytes = 64 << 20;  // of a table read whole: bounds the target's undo

struct Sessions {
  std::unique_ptr<Connection> source, target;

  void open(const Job& job, const std::stop_token& stop) {
    if (!source) {
      source = std::make_unique<Connection>(job.source, Side::source);
      source->cancel_on(stop);
    }
    if (target) return;
    target = std::make_unique<Connection>(job.target, Side::target);
    target->cancel_on(stop);
    target->execute(sql("SET sql_mode = {}", Text{lenient_mode}));  // see check_load()
  }
  void drop() {
    // A result that is half read would be read to its end first.
    if (source) source->cancel();
    source.reset();
    target.reset();
  }
};

/// One LOAD DATA in a transaction of its own.
void load_part(Connection& target, const Table& table, LoadEncoder& encoder, bool replace,
               std::stop_token stop) {
  target.execute(sql("START TRANSACTION"));
  LoadResult result =
      target.load_data(load_rows(table, replace), [&](char* buffer, std::size_t size) {
        if (stop.stop_requested())
          throw Error(ErrorKind::interrupted, "interrupted while copying " + to_string(table.name));
        return encoder.read(buffer, size);
      });
  check_load(target, table, result, encoder);
  target.execute(sql("COMMIT"));
}

void copy_chunk(Sessions& sessions, ChunkPlan& plan, const Chunk& chunk, std::stop_token stop) {
  const Table& table = plan.table(chunk.table);
  auto started = Clock::now();
  std::uint64_t rows = 0, bytes = 0;
  Cursor cursor(*sessions.source, select_rows(table, chunk_condition(table, chunk)));
  LoadEncoder encoder(cursor, table);
  do {
    encoder.restart(chunk.whole ? part_bytes : UINT64_MAX);
    load_part(*sessions.target, table, encoder, true, stop);
    rows += encoder.part_rows();
    bytes += encoder.part_bytes();
  } while (!encoder.at_end());
  plan.done(chunk, rows, bytes, std::chrono::duration<double>(Clock::now() - started).count());
}

/// A table whose rows have no names is read in one snapshot, the position of which is exact, into
/// an empty table.
void copy_snapshot(Sessions& sessions, ChunkPlan& plan, const Chunk& chunk,
                   const SnapshotNoted& snapshot_noted, std::stop_token stop) {
  const Table& table = plan.table(chunk.table);
  auto started = Clock::now();
  sessions.target->execute(sql("TRUNCATE TABLE {}", table.name));
  Position start = open_snapshot(*sessions.source);
  {
    Cursor cursor(*sessions.source, select_rows(table, Sql{}));
    LoadEncoder encoder(cursor, table);
    do {
      encoder.restart(part_bytes);
      load_part(*sessions.target, table, encoder, false, stop);
      plan.count(chunk.table, encoder.part_rows(), encoder.part_bytes());
    } while (!encoder.at_end());
  }
  sessions.source->execute(sql("COMMIT"));
  snapshot_noted(*sessions.target, table, start);
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

void run_copier(const Job& job, ChunkPlan& plan, const SnapshotNoted& snapshot_noted,
                std::stop_token stop) {
  Sessions sessions;
  BackOff back_off;
  while (!stop.stop_requested()) {
    std::optional<Chunk> chunk;
    try {
      sessions.open(job, stop);
      chunk = plan.next(*sessions.source, stop);
      if (!chunk) return;
      if (plan.table(chunk->table).key() == nullptr)
        copy_snapshot(sessions, plan, *chunk, snapshot_noted, stop);
      else
        copy_chunk(sessions, plan, *chunk, stop);
      back_off.reset();
    } catch (const Error& error) {
      if (chunk) plan.put_back(*chunk);
      if (stop.stop_requested()) return;
      sessions.drop();
      bool lost = is_connection_loss(error.server_errno());
      if (!lost && !is_transient(error.server_errno())) throw;
      auto limit = std::chrono::minutes(lost ? job.retry.connection_minutes
                                             : job.retry.statement_minutes);
      if (!back_off.wait(limit, stop)) throw;
    }
  }
}

}  // namespace dts
