#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

#include "copy/chunk_size.hpp"
#include "db/connection.hpp"
#include "dts/state.hpp"
#include "schema/mapping.hpp"

namespace dts {

/// A key as the server compares it: one SQL literal for each key column. Empty: no bound.
using KeyBound = std::vector<std::string>;

/// A piece of a table to copy: the rows whose key is in (after, upto].
struct Chunk {
  std::size_t table = 0;  ///< index into the plan's tables
  std::uint64_t number = 0;
  KeyBound after, upto;
  bool whole = false;  ///< the table is not split
  bool indexes = false;  ///< no rows: all are copied, and the deferred indexes are to be built
  std::vector<std::size_t> group = {};  ///< with `whole`: all tables of the snapshot, `table` is the first
};

/// Whether a table can be cut by its row key: it has one, and the server can order and compare
/// every column of it by a literal.
bool is_splittable(const Table& table);

/// "`a` > 1 ..." for the rows of a chunk; empty for all rows.
Sql chunk_condition(const Table& table, const Chunk& chunk);

/// What is selected for a column so that its value arrives exactly.
Sql column_expression(const Column& column);

/// The first row of a table by its key; nothing if it is empty, or if rows of it may go by what we write:
/// those that have a unique value of another one.
KeyBound first_row(Connection& server, const Table& table);
/// Whether the table has a row up to that key.
bool has_row_upto(Connection& server, const Table& table, const KeyBound& bound);

/// Cuts tables into chunks and remembers which are copied. Bounds are found by the server itself,
/// never by comparing keys here. Thread-safe.
class ChunkPlan {
 public:
  /// `progress` has an entry for each of `tables`, in the same order; what is done is left out.
  /// A chunk holds about `size`, by the size of the rows before it; less where chunks take long.
  /// Large tables come first, and workers spread over tables.
  /// Tables of the target in `deferred` get their indexes once their rows are copied.
  ChunkPlan(std::vector<MappedTable> tables, std::vector<TableProgress> progress,
            PieceSize size, const std::set<TableName>& deferred = {});

  /// The next chunk; nothing if there is no more to take or `stop` is requested. Runs a query on
  /// `source` to find where the chunk ends.
  std::optional<Chunk> next(Connection& source, std::stop_token stop);
  /// Gives back a chunk that could not be copied: somebody will take it again.
  void put_back(Chunk chunk);
  /// The chunk is copied and committed.
  void done(const Chunk& chunk, std::uint64_t rows, std::uint64_t bytes, double seconds);
  /// The tables of a chunk that is `whole` are copied from their first rows.
  void restart(const Chunk& chunk);
  /// A row that is on the target now.
  void note_first_row(std::size_t table, KeyBound row);
  /// Counts what is under way, for progress only.
  void count(std::size_t table, std::uint64_t rows, std::uint64_t bytes);

  /// Rows are written by INSERT: a row is in memory as it came and in the statement, too. `needs_insert`
  /// says for which tables of the target.
  void hold_twice(const std::function<bool(const Table&)>& needs_insert);

  const MappedTable& table(std::size_t index) const { return tables_[index].table; }
  std::vector<TableProgress> progress() const;

 private:
  struct Entry {
    MappedTable table;
    TableProgress progress;
    KeyBound last;              ///< where the chunks handed out so far end
    bool exhausted = false;     ///< all chunks are handed out
    bool cutting = false;       ///< somebody asks the server for the next bound
    std::uint64_t next_number = 0, low_watermark = 0;
    std::uint64_t in_flight = 0;
    bool indexes = false;       ///< are to be built, and nobody is at it
    std::map<std::uint64_t, KeyBound> finished;  ///< beyond the low watermark: number, end
    std::vector<Chunk> returned;
    std::uint64_t row_bytes = 0;    ///< that the next rows are expected to have
    PieceSize size;                 ///< that chunks are to have
    bool held_twice = false;
    std::uint64_t bytes = 0;        ///< of the table and what is copied with it
    std::vector<std::size_t> group;  ///< tables of its snapshot, if it is the first of them
  };

  void make_groups();
  std::optional<std::size_t> choose() const;
  std::optional<std::size_t> choose_indexes() const;
  bool all_taken() const;
  static std::uint64_t held_bytes(const Entry& entry);
  static void adapt(Entry& entry, std::uint64_t rows, std::uint64_t bytes, double seconds);

  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  std::vector<Entry> tables_;
};

}  // namespace dts
