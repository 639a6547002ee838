#include "apply/statements.hpp"

#include <algorithm>
#include <map>

#include "apply/row_text.hpp"
#include "apply/update_run.hpp"
#include "db/connection.hpp"

namespace dts {

namespace {

constexpr std::size_t rows_max = 2000;  // of one statement: limits the target's memory and locks

/// The changed columns, and those that the server would set by itself. False if there is nothing
/// to set.
bool append_changes(std::string& to, const Table& table, const Row& before, const Row& after) {
  bool first = true, changed = false;
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    const Column& column = table.columns[i];
    if (column.generated) continue;
    bool differs = before[i] != after[i];
    if (!differs && !column.on_update) continue;
    changed = changed || differs;
    to += first ? "" : ", ";
    first = false;
    append_equal(to, column, after[i]);
  }
  return changed;
}

bool same_key(const Table& table, const RowChange& change) {
  for (const KeyPart& part : table.key()->parts)
    if (change.before[part.column] != change.after[part.column]) return false;
  return true;
}

/// Whether an update changes anything that is written.
bool differs(const Table& table, const NetRow& row) {
  for (std::size_t i = 0; i < row.after.size(); ++i)
    if (!table.columns[i].generated && row.before[i] != row.after[i]) return true;
  return false;
}

/// MySQL takes an UPDATE from 1 to 1.0 inside a JSON document for no change at all.
bool changes_json(const Table& table, const Row& before, const Row& after) {
  for (std::size_t i = 0; i < after.size(); ++i)
    if (table.columns[i].type == ColumnType::json && before[i] != after[i] &&
        !table.columns[i].generated)
      return true;
  return false;
}

/// Of a versioned table: whether the version is the one that is valid now.
bool is_current(const Table& table, const Row& row) {
  return is_end_of_time(row[*row_end_column(table)].data);
}

/// A version that ended when it began: an INSERT refuses it, a DELETE makes it.
bool is_instant(const Table& table, const Row& row) {
  for (std::size_t i = 0; i < table.columns.size(); ++i)
    if (table.columns[i].row_start) return row[i] == row[*row_end_column(table)];
  return false;
}

/// A DELETE at a time when the row was not born yet leaves no version of it.
constexpr std::string_view delete_version = "SET STATEMENT timestamp = 0.000001 FOR DELETE FROM ";

bool is_key_column(const Table& table, std::size_t column) {
  for (const KeyPart& part : table.key()->parts)
    if (part.column == column) return true;
  return false;
}

/// How many ENUM values of the row are 0.
unsigned enum_zeros(const Table& table, const Row& row) {
  unsigned count = 0;
  for (std::size_t i = 0; i < row.size(); ++i)
    if (table.columns[i].type == ColumnType::enum_ && row[i].data == "0") ++count;
  return count;
}

/// Writes statements of one table into a batch.
class Writer {
 public:
  Writer(const Table& table, WriteMode mode, std::size_t bytes_max, Batch& batch,
         const std::function<void()>& flush)
      : table_(table),
        exact_(mode == WriteMode::exact),
        versioned_(is_versioned(table)),
        bytes_max_(bytes_max),
        batch_(batch),
        flush_(flush) {
    for (const Column& column : table.columns)
      has_enum_ = has_enum_ || column.type == ColumnType::enum_;
  }

  void deletes(std::span<const NetRow> rows);
  void inserts(std::span<const NetRow> rows);
  void update(const NetRow& row);
  /// Of rows without a key: all that are alike are the same to it.
  void delete_whole(const Row& row);
  void delete_history(std::span<const NetRow> rows);
  void updates(std::span<const NetRow> rows);

 private:
  void delete_keyed(std::span<const NetRow> rows);
  void update_joined(std::span<const NetRow> rows);
  void update_alike(const std::vector<std::size_t>& columns, std::span<const NetRow* const> rows);
  void update_list(const std::vector<std::size_t>& columns, std::span<const NetRow* const> rows);
  template <class Append>
  void update_some(const std::vector<std::size_t>& columns, std::span<const NetRow* const> rows,
                   std::size_t count_max, const Append& append);
  void insert_rows(std::span<const NetRow> rows);
  void insert_instant(const Row& row);
  unsigned zeros(const Row& row) const { return has_enum_ ? enum_zeros(table_, row) : 0; }
  /// Of the columns that an update lists.
  unsigned zeros_set(const NetRow& row) const {
    unsigned count = 0;
    for (std::size_t i = 0; has_enum_ && i < row.after.size(); ++i)
      if (table_.columns[i].type == ColumnType::enum_ && row.after[i].data == "0" &&
          row.before[i] != row.after[i])
        ++count;
    return count;
  }
  void set_mode(const char* mode) {
    batch_.text += "SET sql_mode = '";
    batch_.text += mode;
    batch_.text += "';";
    batch_.statements.push_back({nullptr, 0, false, 0, true});  // MySQL finds the mode odd
  }
  /// `zeros`: how many warnings the statement is going to raise for them.
  std::string& begin(std::string_view verb, bool checked, unsigned zeros = 0) {
    if (zeros > 0) set_mode(lenient_mode);
    batch_.statements.push_back({&table_, 0, checked, zeros});
    started_ = batch_.text.size();
    batch_.text += verb;
    append_name(batch_.text, table_.name);
    return batch_.text;
  }
  /// Whether the statement under way has room for another row; counts the row if so.
  bool room() {
    auto& rows = batch_.statements.back().expected;
    if (rows > 0 && (batch_.text.size() - started_ >= bytes_max_ || rows >= rows_max)) return false;
    ++rows;
    return true;
  }
  void end() {
    batch_.text += ';';
    if (batch_.statements.back().warnings > 0) set_mode(strict_mode);
    if (batch_.text.size() >= bytes_max_) flush_();
  }

  const Table& table_;
  bool exact_, versioned_;
  std::size_t bytes_max_;
  Batch& batch_;
  const std::function<void()>& flush_;
  std::size_t started_ = 0;
  bool has_enum_ = false;
};

/// Rows of which the same columns change go together.
void Writer::update_joined(std::span<const NetRow> rows) {
  std::map<std::vector<std::size_t>, std::vector<const NetRow*>> alike;
  for (const NetRow& row : rows) {
    std::vector<std::size_t> columns = columns_to_set(table_, row);
    if (columns.empty()) continue;
    if (zeros_set(row) > 0 || !fits_list(table_, row, columns))
      update(row);
    else
      alike[std::move(columns)].push_back(&row);
  }
  for (const auto& [columns, list] : alike) update_alike(columns, list);
}

/// Rows with consecutive keys go together, the others as a list.
void Writer::update_alike(const std::vector<std::size_t>& columns,
                          std::span<const NetRow* const> rows) {
  constexpr std::size_t run_min = 12;  // below, statements of their own cost more than a list
  if (!has_numbered_rows(table_) || !fits_run(table_, columns)) return update_list(columns, rows);
  std::vector<const NetRow*> scattered;
  for (std::size_t i = 0; i < rows.size();) {
    const std::size_t length = run_length(table_, rows.subspan(i));
    if (length < run_min)
      scattered.insert(scattered.end(), rows.begin() + static_cast<long>(i),
                       rows.begin() + static_cast<long>(i + length));
    else
      update_some(columns, rows.subspan(i, length), rows_max, [&](auto some) {
        append_update_run(batch_.text, table_, columns, some);
      });
    i += length;
  }
  update_list(columns, scattered);
}

void Writer::update_list(const std::vector<std::size_t>& columns,
                         std::span<const NetRow* const> rows) {
  constexpr std::size_t rows_min = 4;  // the list costs as much as some single statements
  constexpr std::size_t joined_max = 1000;
  if (rows.size() < rows_min) {
    for (const NetRow* row : rows) update(*row);
    return;
  }
  update_some(columns, rows, joined_max, [&](auto some) {
    append_update_join(batch_.text, table_, batch_.row_list, columns, some);
  });
}

/// Statements of at most `count_max` rows each.
template <class Append>
void Writer::update_some(const std::vector<std::size_t>& columns,
                         std::span<const NetRow* const> rows, std::size_t count_max,
                         const Append& append) {
  for (std::size_t i = 0; i < rows.size();) {
    std::size_t count = 0, bytes = 0;
    for (; i + count < rows.size() && count < count_max && bytes < bytes_max_; ++count)
      for (const std::size_t column : columns) bytes += rows[i + count]->after[column].data.size();
    batch_.statements.push_back({&table_, count, true, 0});
    append(rows.subspan(i, count));
    end();
    i += count;
  }
}

/// Many updates in one statement: whole rows by INSERT ... ON DUPLICATE KEY UPDATE, at a third of
/// the cost of single UPDATEs. Each row that is there and changes counts 2, one that is missing
/// would be inserted and count 1, so that the sum tells; and with one unique key only, no other
/// row can be hit. Tables with more unique keys are updated row by row.
void Writer::updates(std::span<const NetRow> rows) {
  if (batch_.row_list != RowList::none && !is_never_replaced(table_) && is_joinable(table_, batch_.collations))
    return update_joined(rows);
  std::size_t unique = 0;
  for (const Key& key : table_.keys) unique += key.unique ? 1 : 0;
  if (unique > 1 || table_.without_overlaps) {
    for (const NetRow& row : rows) update(row);
    return;
  }
  std::string tail;
  for (std::size_t i = 0; i < table_.columns.size(); ++i) {
    const Column& column = table_.columns[i];
    if (column.generated || is_key_column(table_, i)) continue;
    tail += tail.empty() ? " ON DUPLICATE KEY UPDATE " : ", ";
    append_name(tail, column.name);
    tail += batch_.row_alias ? " = new." : " = VALUES(";
    append_name(tail, column.name);
    if (!batch_.row_alias) tail += ')';
  }
  if (batch_.row_alias) tail.insert(0, " AS new");
  constexpr std::uint64_t counted_as = 2;
  for (std::size_t i = 0; i < rows.size();) {
    if (!differs(table_, rows[i])) {
      ++i;
      continue;
    }
    if (zeros(rows[i].after) > 0) {
      update(rows[i++]);
      continue;
    }
    std::string& to = begin("INSERT INTO ", true);
    to += ' ';
    append_columns(to, table_);
    to += " VALUES ";
    for (bool first = true; i < rows.size(); ++i) {
      if (zeros(rows[i].after) > 0) break;
      if (!differs(table_, rows[i])) continue;
      if (!room()) break;
      if (!first) to += ", ";
      first = false;
      append_row(to, table_, rows[i].after);
    }
    to += tail;
    batch_.statements.back().expected *= counted_as;
    end();
  }
}

void Writer::deletes(std::span<const NetRow> rows) {
  if (!versioned_) return delete_keyed(rows);
  std::vector<NetRow> current, history;
  for (const NetRow& row : rows)
    (is_current(table_, row.before) ? current : history).push_back(row);
  delete_keyed(current);
  delete_history(history);
}

/// There is no statement that deletes a single version: all that ended until then go. Those are the
/// ones that the source deleted; see Statement::history.
void Writer::delete_history(std::span<const NetRow> rows) {
  if (rows.empty()) return;
  const std::size_t row_end = *row_end_column(table_);
  std::string_view last;
  for (const NetRow& row : rows) last = std::max(last, row.before[row_end].data);
  std::string& to = begin("DELETE HISTORY FROM ", false);
  batch_.statements.back().expected = rows.size();
  batch_.statements.back().history = true;
  to += " BEFORE SYSTEM_TIME TIMESTAMPADD(MICROSECOND, 1, TIMESTAMP'";
  to += last;
  to += "')";
  end();
}

void Writer::delete_whole(const Row& row) {
  const NetRow net{row, {}};
  if (versioned_ && !is_current(table_, row)) return delete_history({&net, 1});
  std::string& to = begin(versioned_ ? delete_version : "DELETE FROM ", true);
  room();
  to += " WHERE ";
  append_whole_row(to, table_, row);
  to += " LIMIT 1";
  end();
}

void Writer::delete_keyed(std::span<const NetRow> rows) {
  const Key& key = *table_.key();
  bool single = key.parts.size() == (versioned_ ? 2 : 1);
  std::size_t key_column = key.parts[0].column;
  if (table_.columns[key_column].row_end) single = false;
  for (std::size_t i = 0; i < rows.size();) {
    std::string& to = begin(versioned_ ? delete_version : "DELETE FROM ", exact_);
    to += " WHERE ";
    if (single) {
      append_name(to, table_.columns[key_column].name);
      to += " IN (";
    }
    for (bool first = true; i < rows.size() && room(); ++i, first = false) {
      if (!first) to += single ? ", " : " OR ";
      if (single)
        append_value(to, table_.columns[key_column], rows[i].before[key_column]);
      else
        append_key(to, table_, rows[i].before);
    }
    if (single) to += ')';
    end();
  }
}

void Writer::inserts(std::span<const NetRow> rows) {
  if (!versioned_) return insert_rows(rows);
  std::vector<NetRow> plain;
  for (const NetRow& row : rows)
    if (is_instant(table_, row.after))
      insert_instant(row.after);
    else
      plain.push_back(row);
  insert_rows(plain);
}

/// First of all: for a moment it is in the place of the version that is valid now.
void Writer::insert_instant(const Row& row) {
  std::string& to = begin("INSERT INTO ", true, zeros(row));
  room();
  to += ' ';
  append_columns(to, table_);
  to += " VALUES ";
  append_row(to, table_, row, true);
  end();
  std::string verb = "SET STATEMENT timestamp = UNIX_TIMESTAMP('";
  verb += row[*row_end_column(table_)].data;
  verb += "') FOR DELETE FROM ";
  std::string& remove = begin(verb, true);
  room();
  remove += " WHERE ";
  if (table_.key() != nullptr)
    append_key(remove, table_, row);
  else
    append_whole_row(remove, table_, row);
  remove += " LIMIT 1";
  end();
}

void Writer::insert_rows(std::span<const NetRow> rows) {
  const bool replace = !exact_ && !is_never_replaced(table_);
  for (std::size_t i = 0; i < rows.size();) {
    unsigned alone = zeros(rows[i].after);
    std::string& to = begin(replace ? "REPLACE INTO " : "INSERT INTO ", !replace, alone);
    to += ' ';
    append_columns(to, table_);
    to += " VALUES ";
    for (bool first = true; i < rows.size(); ++i, first = false) {
      if (!first && (alone > 0 || zeros(rows[i].after) > 0)) break;
      if (!room()) break;
      if (!first) to += ", ";
      append_row(to, table_, rows[i].after);
    }
    end();
  }
}

void Writer::update(const NetRow& row) {
  std::string changes;
  if (!append_changes(changes, table_, row.before, row.after)) return;
  std::string& to = begin("UPDATE ", exact_, zeros_set(row));
  to += " SET ";
  to += changes;
  room();
  to += " WHERE ";
  if (table_.key() != nullptr) {
    append_key(to, table_, row.before);
  } else {
    append_whole_row(to, table_, row.before);
    to += " LIMIT 1";
  }
  end();
}

}  // namespace

void write_net(const NetTable& net, WriteMode mode, std::size_t bytes_max, Batch& batch,
               const std::function<void()>& flush) {
  for (const RowChange* change : net.serial) {
    write_change(*change, WriteMode::exact, batch);
    if (batch.text.size() >= bytes_max) flush();
  }
  if (net.table->key() == nullptr) return;
  const bool versioned = is_versioned(*net.table);
  if (is_never_replaced(*net.table)) mode = WriteMode::exact;
  Writer writer(*net.table, mode, bytes_max, batch, flush);
  writer.deletes(net.deletes);
  if (mode == WriteMode::exact) {
    // An UPDATE of a version would leave another.
    std::vector<NetRow> plain, replaced;
    for (const NetRow& row : net.updates)
      (versioned || changes_json(*net.table, row.before, row.after) ? replaced : plain)
          .push_back(row);
    writer.updates(plain);
    writer.deletes(replaced);
    // Versions together, because some go first.
    if (versioned) replaced.insert(replaced.end(), net.inserts.begin(), net.inserts.end());
    writer.inserts(replaced);
    if (versioned) return;
  } else {
    writer.inserts(net.updates);
  }
  writer.inserts(net.inserts);
}

void write_change(const RowChange& change, WriteMode mode, Batch& batch) {
  const std::function<void()> keep = [] {};
  const Table& table = *change.table;
  bool keyed = table.key() != nullptr;
  Writer writer(table, keyed ? mode : WriteMode::exact, SIZE_MAX, batch, keep);
  NetRow row{change.before, change.after};
  auto remove = [&] {
    if (keyed)
      writer.deletes({&row, 1});
    else
      writer.delete_whole(row.before);
  };
  const bool versioned = is_versioned(table), remove_first = is_never_replaced(table);
  switch (change.kind) {
    case ChangeKind::insert:
      // To overwrite is to remove first; history can't be.
      if (remove_first && keyed && mode == WriteMode::converging &&
          (!versioned || is_current(table, row.after))) {
        const NetRow there{row.after, {}};
        writer.deletes({&there, 1});
      }
      return writer.inserts({&row, 1});
    case ChangeKind::update: {
      const bool exact = mode == WriteMode::exact || !keyed;
      const bool whole = versioned || changes_json(table, row.before, row.after);
      if (exact && !whole) return writer.update(row);
      if (exact || remove_first || !same_key(table, change)) remove();
      return writer.inserts({&row, 1});
    }
    case ChangeKind::remove:
      return remove();
  }
}

std::string describe_key(const Table& table, const Row& row) {
  std::string text = "(";
  if (table.key() != nullptr)
    append_key(text, table, row);
  else
    append_whole_row(text, table, row);
  constexpr std::size_t limit = 300;
  if (text.size() > limit) text = text.substr(0, limit) + "...";
  return text + ")";
}

}  // namespace dts
