#include "copy/chunk.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

#include "copy/chunk_size.hpp"
#include "filter/text.hpp"

namespace dts {

namespace {

constexpr std::uint64_t held_max = 128 << 20;  // of large rows, by all workers together

// An ENUM is compared as text, but ordered by ordinal, a SET by its bits: bounds are lists of such.
constexpr std::size_t ordinals_max = 1023;

/// The highest value of an ENUM or SET as a number; nothing if it is not known.
std::optional<std::size_t> last_ordinal(const Column& column) {
  const std::size_t members = filter::members_of(column.definition).size();
  if (members == 0) return std::nullopt;
  if (column.type == ColumnType::enum_) return members;
  return members >= 64 ? std::nullopt : std::optional((std::size_t{1} << members) - 1);
}

bool is_ordered(const Column& column) {
  switch (column.type) {
    case ColumnType::enum_:
    case ColumnType::set:
      return last_ordinal(column).value_or(ordinals_max + 1) <= ordinals_max;
    case ColumnType::json:
    case ColumnType::geometry:
    case ColumnType::vector:
    case ColumnType::unknown:
      return false;
    default:
      return true;
  }
}

/// What is selected of a key column to make a bound of it.
Sql bound_expression(const Column& column) {
  if (column.type == ColumnType::bit) return sql("{} + 0", Name{column.name});
  const bool is_text = column.type == ColumnType::uuid || column.type == ColumnType::inet4 ||
                       column.type == ColumnType::inet6;
  return is_text ? sql("{}", Name{column.name}) : column_expression(column);
}

/// A key value read by SELECT as the literal that compares equal to it.
std::string bound_literal(const Column& column, std::string_view data) {
  std::string literal;
  switch (column.type) {
    case ColumnType::integer:
    case ColumnType::decimal:
    case ColumnType::year:
    case ColumnType::bit:
    case ColumnType::enum_:
    case ColumnType::set:
      return std::string(data);
    case ColumnType::float_:
    case ColumnType::double_:
      return std::string(data) + (data.find('e') == data.npos ? "e0" : "");
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

/// Ordinals from `first` to `last`.
std::string ordinals(std::string_view name, std::size_t first, std::size_t last) {
  std::string list;
  for (std::size_t i = first; i <= last; ++i) list += (i > first ? "," : "") + std::to_string(i);
  return list.empty() ? "1 = 0" : fmt::format("{} IN ({})", name, list);
}

/// "`a` > 1"; of ENUM, 0 is the value of what was not valid, of SET, none.
std::string compared(const Column& column, std::string_view how, const std::string& bound) {
  std::string name;
  append_name(name, column.name);
  if (column.type != ColumnType::enum_ && column.type != ColumnType::set)
    return fmt::format("{} {} {}", name, how, bound);
  const std::size_t at = std::strtoull(bound.c_str(), nullptr, 10);
  const bool including = how.ends_with('=');
  if (how.starts_with('>'))
    return ordinals(name, including ? at : at + 1, last_ordinal(column).value_or(0));
  return at == 0 && !including ? "1 = 0" : ordinals(name, 0, including ? at : at - 1);
}

/// Key columns compared with a bound as a tuple, spelled out so that the index is used:
/// a > 1 OR (a = 1 AND b > 2).
std::string tuple_condition(const Table& table, const KeyBound& bound, bool greater) {
  const auto& parts = table.key()->parts;
  const auto column = [&](std::size_t i) -> const Column& { return table.columns[parts[i].column]; };
  std::string text;
  for (std::size_t i = parts.size(); i-- > 0;) {
    if (i + 1 == parts.size()) {
      text = compared(column(i), greater ? ">" : "<=", bound[i]);
      continue;
    }
    std::string name;
    append_name(name, column(i).name);
    text = fmt::format("({} OR ({} = {} AND {}))",
                       compared(column(i), greater ? ">" : "<", bound[i]), name, bound[i], text);
  }
  if (parts.size() > 1)
    text = compared(column(0), greater ? ">=" : "<=", bound[0]) + " AND " + text;
  return text;
}

/// The key of the `rows`th row behind a bound; no bound if the table ends before.
KeyBound find_bound(Connection& server, const Table& table, const KeyBound& after,
                    std::uint64_t rows) {
  std::string columns, bounds;
  for (const KeyPart& part : table.key()->parts) {
    const Column& column = table.columns[part.column];
    if (!columns.empty()) columns += ", ", bounds += ", ";
    append_name(columns, column.name);
    bounds += bound_expression(column).text();
  }
  const Sql list = Sql::verbatim(columns);
  Sql where;
  if (!after.empty())
    where = sql(" WHERE {}", Sql::verbatim(tuple_condition(table, after, true)));
  auto found = server.query(sql("SELECT {} FROM {} FORCE INDEX ({}){} ORDER BY {} LIMIT 1 OFFSET {}",
                                Sql::verbatim(bounds), table.name, Name{table.key()->name}, where,
                                list, rows - 1));
  KeyBound bound;
  if (found.empty()) return bound;
  for (std::size_t i = 0; i < found[0].size(); ++i)
    bound.push_back(
        bound_literal(table.columns[table.key()->parts[i].column], found[0][i].value_or("")));
  return bound;
}

}  // namespace

bool is_splittable(const Table& table) {
  const Key* key = table.key();
  return !is_copied_whole(table) && std::all_of(key->parts.begin(), key->parts.end(), [&](auto& part) {
           return is_ordered(table.columns[part.column]);
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

KeyBound first_row(Connection& server, const Table& table) {
  const auto unique = std::count_if(table.keys.begin(), table.keys.end(),
                                    [](const Key& key) { return key.unique; });
  if (!is_splittable(table) || unique != 1) return {};
  return find_bound(server, table, {}, 1);
}

bool has_row_upto(Connection& server, const Table& table, const KeyBound& bound) {
  return server
      .value(sql("SELECT 1 FROM {} FORCE INDEX ({}) WHERE {} LIMIT 1", table.name,
                 Name{table.key()->name}, Sql::verbatim(tuple_condition(table, bound, false))))
      .has_value();
}

ChunkPlan::ChunkPlan(std::vector<MappedTable> tables, std::vector<TableProgress> progress,
                     PieceSize size, const std::set<TableName>& deferred) {
  std::set<TableName> left = deferred;
  for (std::size_t i = 0; i < tables.size(); ++i) {
    Entry& entry = tables_.emplace_back();
    entry.table = std::move(tables[i]);
    entry.progress = std::move(progress[i]);
    entry.last = entry.progress.copied_through;
    entry.exhausted = entry.progress.done;
    entry.indexes = left.erase(entry.table.target.name) > 0;
    entry.size = size;
    const Table& source = entry.table.source;
    entry.row_bytes = estimated_row_bytes(source);
    entry.bytes = source.bytes_estimated;
  }
  make_groups();
}

/// Tables of one snapshot are one chunk, of the first of them. If one is not copied, none is.
void ChunkPlan::make_groups() {
  std::map<std::string, std::vector<std::size_t>> groups;
  for (std::size_t i = 0; i < tables_.size(); ++i)
    if (const std::string& snapshot = tables_[i].table.source.snapshot; !snapshot.empty())
      groups[snapshot].push_back(i);
  for (auto& [name, group] : groups) {
    if (std::all_of(group.begin(), group.end(),
                    [&](std::size_t i) { return tables_[i].progress.done; }))
      continue;
    Entry& first = tables_[group.front()];
    for (const std::size_t i : group) {
      Entry& entry = tables_[i];
      entry.progress.done = false;
      entry.progress.chunks = 0;
      entry.exhausted = &entry != &first;
      if (entry.exhausted) {
        first.bytes += entry.bytes;
        first.row_bytes = std::max(first.row_bytes, entry.row_bytes);
      }
    }
    first.group = std::move(group);
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

/// By one worker. A row is in memory as a whole while it is sent; small ones don't count.
std::uint64_t ChunkPlan::held_bytes(const Entry& entry) {
  constexpr std::uint64_t large = 1 << 20;
  return entry.row_bytes < large ? 0 : entry.row_bytes * (entry.held_twice ? 2 : 1);
}

void ChunkPlan::hold_twice(const std::function<bool(const Table&)>& needs_insert) {
  std::lock_guard lock(mutex_);
  for (Entry& entry : tables_)
    entry.held_twice = entry.held_twice || needs_insert(entry.table.target);
}

/// The table with the fewest workers on it, and among those the largest. Workers that hold large rows
/// wait for each other.
std::optional<std::size_t> ChunkPlan::choose() const {
  std::uint64_t held = 0;
  for (const Entry& entry : tables_) held += entry.in_flight * held_bytes(entry);
  std::optional<std::size_t> best;
  for (std::size_t i = 0; i < tables_.size(); ++i) {
    const Entry& entry = tables_[i];
    if (entry.returned.empty() && (entry.exhausted || entry.cutting)) continue;
    const std::uint64_t row = held_bytes(entry);
    if (row > 0 && held > 0 && held + row > held_max) continue;
    if (!best || entry.in_flight < tables_[*best].in_flight ||
        (entry.in_flight == tables_[*best].in_flight &&
         entry.bytes > tables_[*best].bytes))
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
                false, entry.group};
    if (chunk.whole) {
      entry.exhausted = true;
      return chunk;
    }
    entry.cutting = true;
    const std::uint64_t rows = chunk_rows(entry.size, entry.row_bytes);
    lock.unlock();
    try {
      chunk.upto = find_bound(source, entry.table.source, chunk.after, rows);
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

void ChunkPlan::restart(const Chunk& chunk) {
  std::lock_guard lock(mutex_);
  const auto reset = [&](std::size_t table) {
    tables_[table].progress.rows = tables_[table].progress.bytes = 0;
  };
  reset(chunk.table);
  for (const std::size_t table : chunk.group) reset(table);
}

void ChunkPlan::note_first_row(std::size_t table, KeyBound row) {
  std::lock_guard lock(mutex_);
  tables_[table].progress.first_row = std::move(row);
}

void ChunkPlan::count(std::size_t table, std::uint64_t rows, std::uint64_t bytes) {
  std::lock_guard lock(mutex_);
  tables_[table].progress.rows += rows;
  tables_[table].progress.bytes += bytes;
}

/// The next rows are taken to be as large as the last ones were. Where chunks take long they get
/// smaller, so that little is lost with one and the source's snapshots stay short.
void ChunkPlan::adapt(Entry& entry, std::uint64_t rows, std::uint64_t bytes, double seconds) {
  constexpr double seconds_max = 5;
  constexpr std::uint64_t bytes_min = 512 << 10;
  if (rows > 0) entry.row_bytes = std::max(bytes / rows, entry.row_bytes / 4);
  if (seconds > seconds_max) entry.size.bytes = std::max(entry.size.bytes / 2, bytes_min);
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
  adapt(entry, rows, bytes, seconds);
  entry.finished.emplace(chunk.number, chunk.upto);
  while (!entry.finished.empty() && entry.finished.begin()->first == entry.low_watermark) {
    entry.progress.copied_through = std::move(entry.finished.begin()->second);
    entry.finished.erase(entry.finished.begin());
    ++entry.low_watermark;
  }
  if (entry.exhausted && entry.low_watermark == entry.next_number) entry.progress.done = true;
  for (const std::size_t table : chunk.group) {
    TableProgress& progress = tables_[table].progress;
    if (table != chunk.table) ++progress.chunks;
    progress.done = true;
  }
  changed_.notify_all();
}

std::vector<TableProgress> ChunkPlan::progress() const {
  std::lock_guard lock(mutex_);
  std::vector<TableProgress> list;
  for (const Entry& entry : tables_) {
    list.push_back(entry.progress);
    list.back().active = entry.in_flight > 0;
  }
  for (const Entry& entry : tables_)
    for (const std::size_t table : entry.group)
      if (!list[table].done) list[table].active = entry.in_flight > 0;
  return list;
}

}  // namespace dts
