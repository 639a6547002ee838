// Makes up rows and conditions, and compares what lib/filter says of the rows as they are in the
// binlog with what the server says of the conditions.
//
//   filter_rows SOCKET DATABASE.TABLE BINLOG_FOLDER SEED CONDITIONS [CONDITION...]
//
// The account is root without a password. With conditions at the end, these instead.

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <vector>

#include "binlog/decoder.hpp"
#include "binlog/types.hpp"
#include "db/connection.hpp"
#include "filter/collator.hpp"
#include "filter/condition.hpp"
#include "filter_writer.hpp"
#include "schema/read.hpp"

namespace {

using namespace filter_writer;

// --- rows ----------------------------------------------------------------------------------------

std::string row_value(const Column& column, Dice& dice) {
  if (column.name == "id") return "NULL";
  if (column.name == "j") return dice.chance(50) ? "NULL" : "'[1]'";
  if (column.nullable && dice.chance(12)) return "NULL";
  if (column.type == ColumnType::text) {
    // A character that the set lacks becomes '?'.
    return fmt::format("CONVERT('{}' USING {})", dice.of(texts), column.charset);
  }
  if (column.type == ColumnType::enum_ || column.type == ColumnType::set)
    return fmt::format("{}", dice.below(column.type == ColumnType::enum_ ? 4 : 8));
  if (column.type == ColumnType::date && dice.chance(10)) return "'2024-02-31'";
  if (column.type == ColumnType::datetime && dice.chance(10)) return "'2024-00-10 12:34:56'";
  return literal_for(column, dice, true);
}

/// Values that do not fit are cut: what is stored counts.
void make_rows(dts::Connection& connection, const dts::Table& table, std::size_t count,
               Dice& dice) {
  connection.execute(dts::sql("SET sql_mode = 'ALLOW_INVALID_DATES'"));
  for (std::size_t i = 0; i < count; ++i) {
    std::string values;
    for (const Column& column : table.columns)
      values += (values.empty() ? "" : ", ") + row_value(column, dice);
    connection.execute(
        dts::sql("INSERT INTO {} VALUES ({})", table.name, dts::Sql::verbatim(values)));
  }
  connection.execute(dts::sql("FLUSH BINARY LOGS"));
  connection.execute(dts::Sql::verbatim(std::string("SET sql_mode = '") + dts::strict_mode + "'"));
}

struct Rows {
  std::vector<dts::Transaction> kept;  // their arenas hold the values
  std::vector<std::string> files;
  std::map<int, dts::Row> by_id;
};

template <class Take>
void for_each_event(std::string_view file, Take take) {
  constexpr std::size_t magic = 4, header = 19, flags_at = 17;
  file.remove_prefix(std::min(magic, file.size()));
  while (file.size() >= header) {
    const std::size_t size = dts::Bytes(file.substr(9)).number(4);
    if (size < header || size > file.size()) return;
    std::string event(file.substr(0, size));
    if (static_cast<std::uint8_t>(event[4]) == dts::event_type::format_description)
      event[flags_at] = static_cast<char>(event[flags_at] & ~1);
    take(event);
    file.remove_prefix(size);
  }
}

/// The rows as the decoder gives them to sync.
Rows read_rows(const std::string& folder, const dts::Table& table) {
  Rows rows;
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    if (entry.path().filename().string().starts_with("binlog.0")) paths.push_back(entry.path());
  std::sort(paths.begin(), paths.end());
  const auto lookup = [&](const dts::TableName& name, const dts::TransactionId&) {
    return name == table.name ? &table : nullptr;
  };
  const auto sink = [&](dts::Transaction&& transaction) {
    for (const dts::RowChange& change : transaction.changes)
      if (change.kind == dts::ChangeKind::insert)
        rows.by_id[std::stoi(std::string(change.after[0].data))] = change.after;
    rows.kept.push_back(std::move(transaction));
  };
  dts::Decoder decoder(lookup, sink, {});
  for (const auto& path : paths) {
    std::ifstream in(path, std::ios::binary);
    const std::string file{std::istreambuf_iterator<char>(in), {}};
    for_each_event(file, [&](const std::string& event) {
      // Values may point into the event.
      rows.files.push_back(event);
      decoder.feed(rows.files.back());
    });
  }
  return rows;
}

// --- comparing -----------------------------------------------------------------------------------

struct Counts {
  std::size_t compared = 0, rows = 0, held = 0, refused = 0, server_refused = 0, wild = 0,
              wild_refused = 0, wrong = 0;
  std::map<std::string, std::size_t> reasons;
  std::map<unsigned, std::size_t> errors;  // the server's
};

std::string shown(const dts::Table& table, const dts::Condition& condition, dts::Row row) {
  std::string text;
  for (std::size_t i : dts::columns_of(condition))
    text += fmt::format(" {}={}", table.columns[i].name,
                        row[i].is_null() ? "NULL" : fmt::format("[{}]", row[i].data));
  return text;
}

/// Without what is different each time.
std::string kind_of(std::string reason) {
  reason.erase(0, reason.find("\": ") + 1);
  return reason.substr(0, 90);
}

class Comparison {
 public:
  Comparison(dts::Connection& connection, const dts::Table& table, const Rows& rows)
      : connection_(connection),
        table_(table),
        rows_(rows),
        collator_(server_collator(connection)) {
    for (const auto& [id, row] : rows.by_id) {
      ids_.push_back(id);
      list_.push_back(row);
    }
  }

  void check(const std::string& where, bool wild) {
    counts.wild += wild ? 1 : 0;
    dts::Condition condition;
    try {
      condition = parse_condition(where, table_);
    } catch (const dts::Error& error) {
      ++(wild ? counts.wild_refused : counts.refused);
      if (!wild) ++counts.reasons[kind_of(error.what())];
      return;
    }
    std::map<int, bool> theirs;
    try {
      for (const auto& row :
           connection_.query(dts::sql("SELECT id FROM {} WHERE {}", table_.name,
                                      dts::Sql::verbatim(dts::pushed_down(where)))))
        theirs[std::stoi(*row.at(0))] = true;
    } catch (const dts::Error& error) {
      ++counts.server_refused;
      ++counts.errors[error.server_errno()];
      must_be_refused(where, error.what());
      return;
    }
    const std::vector<bool> ours = select_rows(condition, list_, collator_);
    std::string difference;
    for (std::size_t i = 0; i < ids_.size(); ++i) {
      counts.held += ours[i] ? 1 : 0;
      if (ours[i] != theirs.contains(ids_[i]) && difference.size() < 400)
        difference +=
            fmt::format("\n    id {}: server {}, filter {}:{}", ids_[i], theirs.contains(ids_[i]),
                        ours[i] ? "true" : "false", shown(table_, condition, list_[i]));
    }
    ++counts.compared;
    counts.rows += ids_.size();
    if (difference.empty()) return;
    if (++counts.wrong <= 40) fmt::print("WRONG: {}{}\n", where, difference);
  }

  Counts counts;

 private:
  /// What the server refuses must be found before there are rows.
  void must_be_refused(const std::string& where, const std::string& error) {
    try {
      check_condition(connection_, table_, where);
    } catch (const dts::Error& refusal) {
      if (refusal.kind() == dts::ErrorKind::usage) return;
    }
    ++counts.wrong;
    fmt::print("WRONG: refused with rows only: {}\n    {}\n", where, error);
  }

  dts::Connection& connection_;
  const dts::Table& table_;
  const Rows& rows_;
  dts::Collator collator_;
  std::vector<int> ids_;
  std::vector<dts::Row> list_;
};

void print(const Counts& counts) {
  for (const auto& [reason, count] : counts.reasons) fmt::print("refused {:4}:{}\n", count, reason);
  for (const auto& [number, count] : counts.errors)
    fmt::print("server's error {}: {}\n", number, count);
  fmt::print(
      "{} conditions compared on {} rows, {} held; refused {} ({:.1f} %); wild {}, refused {}; "
      "the server refused {}; WRONG {}\n",
      counts.compared, counts.rows, counts.held, counts.refused,
      100.0 * static_cast<double>(counts.refused) /
          static_cast<double>(counts.compared + counts.refused + 1),
      counts.wild, counts.wild_refused, counts.server_refused, counts.wrong);
}

int run(int argc, char** argv) {
  dts::Endpoint endpoint;
  endpoint.socket = argv[1];
  endpoint.user = "root";
  dts::Connection connection(endpoint, dts::Side::source);
  const std::string name = argv[2];
  const std::size_t point = name.find('.');
  const auto table = dts::read_table(connection, {name.substr(0, point), name.substr(point + 1)});
  if (!table) throw dts::Error(dts::ErrorKind::usage, "no table " + name);
  Dice dice(static_cast<unsigned>(std::atoi(argv[4])));
  if (connection.value(dts::sql("SELECT COUNT(*) FROM {}", table->name)) == "0")
    make_rows(connection, *table, 60, dice);
  const Rows rows = read_rows(argv[3], *table);
  Comparison comparison(connection, *table, rows);
  Writer writer(*table, dice);
  for (int i = 6; i < argc; ++i) comparison.check(argv[i], false);
  if (argc <= 6)
    for (int i = 0, count = std::atoi(argv[5]); i < count; ++i) {
      const bool wild = dice.chance(25);
      comparison.check(wild ? writer.wild() : writer.next(), wild);
    }
  print(comparison.counts);
  return comparison.counts.wrong == 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 6) {
    fmt::print(stderr, "usage: filter_rows SOCKET TABLE BINLOG_FOLDER SEED COUNT [CONDITION...]\n");
    return 2;
  }
  try {
    return run(argc, argv);
  } catch (const std::exception& error) {
    fmt::print(stderr, "filter_rows: {}\n", error.what());
    return 2;
  }
}
