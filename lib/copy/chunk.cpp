#include "copy/chunk.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace dts {

namespace {

constexpr std::uint64_t rows_min = 1, rows_max = 200'000;

constexpr std::uint64_t held_max = 128 << 20;  // of large rows, by all workers together

std::uint64_t row_bytes(const Table& table) {
  return std::max<std::uint64_t>(
      1, table.bytes_estimated / std::max<std::uint64_t>(1, table.rows_estimated));
}

/// A row is in memory as a whole while it is sent; small ones don't count.
std::uint64_t held_bytes(const Table& table) {
  constexpr std::uint64_t large = 1 << 20;
  return row_bytes(table) < large ? 0 : row_bytes(table);
}

bool is_ordered(ColumnType type) {
  switch (type) {
    case ColumnType::integer:
    case ColumnType::decimal:
    case ColumnType::year:
    case ColumnType::date:
    case ColumnType::time:
    case ColumnType::datetime:
    case ColumnType::timestamp:
    case ColumnType::text:
    case ColumnType::binary:
    case ColumnType::bytes:
      return true;
    default:  // ENUM and SET sort by ordinal but compare as text; the rest is rare in keys
      return false;
  }
}

/// A key value read by SELECT as the literal that compares equal to it.
std::string bound_literal(const Column& column, std::string_view data) {
  std::string literal;
  switch (column.type) {
    case ColumnType::integer:
    case ColumnType::decimal:
    case ColumnType::year:
      return std::string(data);
    case ColumnType::text:
      literal = "_" + column.charset + " ";
      append_hex(literal, data);
      return literal;
    case ColumnType::binary:
    case ColumnType::bytes:
      append_hex(literal, data);
      return literal;
    default:
      append_quoted(literal, data);
      return literal;
  }
}

/// Key columns compared with a bound as a tuple, spelled out so that the index is used:
/// a > 1 OR (a = 1 AND b > 2).
std::string tuple_condition(const Table& table, const KeyBound& bound, bool greater) {
  const auto& parts = table.key()->parts;
  std::string text;
  for (std::size_t i = parts.size(); i-- > 0;) {
    std::string name;
    append_name(name, table.columns[parts[i].column].name);
    const char* strict = greater ? ">" : "<";
    if (i + 1 == parts.size())
      text = fmt::format("{} {} {}", name, greater ? ">" : "<=", bound[i]);
    else
      text = fmt::format("({0} {1} {2} OR ({0} = {2} AND {3}))", name, strict, bound[i], text);
  }
  if (parts.size() > 1) {
    std::string name;
    append_name(name, table.columns[parts[0].column].name);
    text = fmt::format("{} {} {} AND {}", name, greater ? ">=" : "<=", bound[0], text);
  }
  return text;
}

}  // namespace

bool is_splittable(const Table& table) {
  const Key* key = table.key();
  return !is_copied_whole(table) && std::all_of(key->parts.begin(), key->parts.end(), [&](auto& part) {
           return is_ordered(table.columns[part.column].type);
         });
}

Sql chunk_condition(const Table& table, const Chunk& chunk) {
  std::string text;
  if (!chunk.after.empty()) text = tuple_condition(table, chunk.after, true);
  if (!chunk.upto.empty()) {
    if (!text.empty()) text += " AND ";
    text += tuple_condition(table, chunk.upto, false);
  }
  return Sql::verbatim(std::move(text));
}

Sql column_expression(const Column& column) {
  switch (column.type) {
    case ColumnType::float_:  // as text it would have six digits
    case ColumnType::double_:
      return sql("{} * 1e0", Name{column.name});
    case ColumnType::enum_:  // the ordinal, so that the value 0 is told from a member ''
      return sql("{} + 0", Name{column.name});
    case ColumnType::set:  // the bits, so that a member '' is told from none; as text it gets lost
      return sql("CAST({} AS UNSIGNED)", Name{column.name});
    case ColumnType::uuid:  // LOAD DATA without a character set takes their bytes, not their text
    case ColumnType::inet6:
      return sql("CAST({} AS BINARY(16))", Name{column.name});
    case ColumnType::inet4:
      return sql("CAST({} AS BINARY(4))", Name{column.name});
    default:
      return sql("{}", Name{column.name});
  }
}

ChunkPlan::ChunkPlan(std::vector<MappedTable> tables, std::vector<TableProgress> progress,
                     std::uint64_t chunk_bytes, const std::set<TableName>& deferred)
    : chunk_bytes_(chunk_bytes) {
  std::set<TableName> left = deferred;
  for (std::size_t i = 0; i < tables.size(); ++i) {
    Entry& entry = tables_.emplace_back();
    entry.table = std::move(tables[i]);
    entry.progress = std::move(progress[i]);
    entry.last = entry.progress.copied_through;
    entry.exhausted = entry.progress.done;
    entry.indexes = left.erase(entry.table.target.name) > 0;
  }
}

bool ChunkPlan::all_taken() const {
  return std::all_of(tables_.begin(), tables_.end(), [](const Entry& entry) {
    return entry.exhausted && entry.returned.empty() && entry.in_flight == 0 && !entry.indexes;
  });
}

/// A table of which, and of all that become one with it, every row is copied.
std::optional<std::size_t> ChunkPlan::choose_indexes() const {
  for (std::size_t i = 0; i < tables_.size(); ++i)
    if (tables_[i].indexes &&
        std::all_of(tables_.begin(), tables_.end(), [&](const Entry& entry) {
          return entry.table.target.name != tables_[i].table.target.name || entry.progress.done;
        }))
      return i;
  return std::nullopt;
}

/// The table with the fewest workers on it, and among those the largest. Workers that hold large rows
/// wait for each other.
std::optional<std::size_t> ChunkPlan::choose() const {
  std::uint64_t held = 0;
  for (const Entry& entry : tables_) held += entry.in_flight * held_bytes(entry.table.source);
  std::optional<std::size_t> best;
  for (std::size_t i = 0; i < tables_.size(); ++i) {
    const Entry& entry = tables_[i];
    if (entry.returned.empty() && (entry.exhausted || entry.cutting)) continue;
    const std::uint64_t row = held_bytes(entry.table.source);
    if (row > 0 && held > 0 && held + row > held_max) continue;
    if (!best || entry.in_flight < tables_[*best].in_flight ||
        (entry.in_flight == tables_[*best].in_flight &&
         entry.table.source.bytes_estimated > tables_[*best].table.source.bytes_estimated))
      best = i;
  }
  return best;
}

std::optional<Chunk> ChunkPlan::next(Connection& source, std::stop_token stop) {
  std::unique_lock lock(mutex_);
  for (;;) {
    if (stop.stop_requested() || all_taken()) return std::nullopt;
    if (const auto ready = choose_indexes()) {
      Entry& entry = tables_[*ready];
      entry.indexes = false;
      ++entry.in_flight;
      entry.progress.indexing = true;
      return Chunk{*ready, 0, {}, {}, false, true};
    }
    std::optional<std::size_t> index = choose();
    if (!index) {  // others are at the last ones, and may give them back
      changed_.wait(lock, stop, [&] {
        return choose().has_value() || choose_indexes().has_value() || all_taken();
      });
      continue;
    }
    Entry& entry = tables_[*index];
    ++entry.in_flight;
    if (!entry.returned.empty()) {
      Chunk chunk = std::move(entry.returned.back());
      entry.returned.pop_back();
      return chunk;
    }
    Chunk chunk{*index, entry.next_number++, entry.last, {}, !is_splittable(entry.table.source),
                false};
    if (chunk.whole) {
      entry.exhausted = true;
      return chunk;
    }
    entry.cutting = true;
    lock.unlock();
    try {
      chunk.upto = find_bound(source, entry);
    } catch (...) {
      lock.lock();
      entry.cutting = false;
      --entry.next_number;
      --entry.in_flight;
      changed_.notify_all();
      throw;
    }
    lock.lock();
    entry.cutting = false;
    entry.last = chunk.upto;
    if (chunk.upto.empty()) entry.exhausted = true;
    changed_.notify_all();
    return chunk;
  }
}

/// The key of the last row of the next chunk; no bound if the table ends before.
KeyBound ChunkPlan::find_bound(Connection& source, const Entry& entry) const {
  const Table& table = entry.table.source;
  std::uint64_t rows = std::clamp(chunk_bytes_ / row_bytes(table), rows_min, rows_max);
  std::string columns;
  for (const KeyPart& part : table.key()->parts) {
    if (!columns.empty()) columns += ", ";
    append_name(columns, table.columns[part.column].name);
  }
  Sql list = Sql::verbatim(columns);
  Sql where;
  if (!entry.last.empty())
    where = sql(" WHERE {}", Sql::verbatim(tuple_condition(table, entry.last, true)));
  auto found = source.query(sql("SELECT {} FROM {} FORCE INDEX ({}){} ORDER BY {} LIMIT 1 OFFSET {}",
                                list, table.name, Name{table.key()->name}, where, list, rows - 1));
  KeyBound bound;
  if (found.empty()) return bound;
  for (std::size_t i = 0; i < found[0].size(); ++i)
    bound.push_back(
        bound_literal(table.columns[table.key()->parts[i].column], found[0][i].value_or("")));
  return bound;
}

void ChunkPlan::put_back(Chunk chunk) {
  std::lock_guard lock(mutex_);
  Entry& entry = tables_[chunk.table];
  --entry.in_flight;
  if (chunk.indexes) {
    entry.indexes = true;
    entry.progress.indexing = false;
  } else {
    entry.returned.push_back(std::move(chunk));
  }
  changed_.notify_all();
}

void ChunkPlan::count(std::size_t table, std::uint64_t rows, std::uint64_t bytes) {
  std::lock_guard lock(mutex_);
  tables_[table].progress.rows += rows;
  tables_[table].progress.bytes += bytes;
}

void ChunkPlan::done(const Chunk& chunk, std::uint64_t rows, std::uint64_t bytes, double seconds) {
  std::lock_guard lock(mutex_);
  Entry& entry = tables_[chunk.table];
  --entry.in_flight;
  entry.progress.seconds += seconds;
  if (chunk.indexes) {
    entry.progress.indexing = false;
    entry.progress.indexes_waiting.clear();
    return changed_.notify_all();
  }
  entry.progress.rows += rows;
  entry.progress.bytes += bytes;
  ++entry.progress.chunks;
  entry.finished.emplace(chunk.number, chunk.upto);
  while (!entry.finished.empty() && entry.finished.begin()->first == entry.low_watermark) {
    entry.progress.copied_through = std::move(entry.finished.begin()->second);
    entry.finished.erase(entry.finished.begin());
    ++entry.low_watermark;
  }
  if (entry.exhausted && entry.low_watermark == entry.next_number) entry.progress.done = true;
  changed_.notify_all();
}

std::vector<TableProgress> ChunkPlan::progress() const {
  std::lock_guard lock(mutex_);
  std::vector<TableProgress> list;
  for (const Entry& entry : tables_) {
    list.push_back(entry.progress);
    list.back().active = entry.in_flight > 0;
  }
  return list;
}

}  // namespace dts
