#include "copy/load.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "binlog/json.hpp"
#include "copy/chunk.hpp"

namespace dts {

namespace {

constexpr std::array<char, 256> escape_table() {
  std::array<char, 256> table{};
  table[0] = '0';
  table['\t'] = 't';
  table['\n'] = 'n';
  table['\\'] = '\\';
  return table;
}
constexpr auto escapes = escape_table();

constexpr std::size_t longest_unit = 3;  // an escape and a separator

}  // namespace

LoadEncoder::LoadEncoder(Cursor& cursor, const Table& table) : cursor_(cursor) {
  for (const Column& column : table.columns)
    if (!column.generated) by_ordinal_.push_back(column.type == ColumnType::enum_);
}

bool LoadEncoder::next_row() {
  if (part_bytes_ >= limit_.bytes || part_rows_ >= limit_.rows) return false;
  if (!cursor_.next()) {
    at_end_ = true;
    return false;
  }
  in_row_ = true;
  column_ = 0;
  offset_ = 0;
  return true;
}

std::size_t LoadEncoder::read(char* buffer, std::size_t size) {
  char* to = buffer;
  char* const end = buffer + size;
  while (!at_end_ && to + longest_unit <= end) {
    if (!in_row_ && !next_row()) break;
    const char* data = cursor_.data(column_);
    std::size_t length = cursor_.length(column_);
    if (by_ordinal_[column_] && data != nullptr && length == 1 && *data == '0') ++part_enum_zeros_;
    if (data == nullptr) {
      *to++ = '\\';
      *to++ = 'N';
    } else {
      while (offset_ < length && to + longest_unit <= end) {
        const char* from = data + offset_;
        std::size_t room = std::min(length - offset_, static_cast<std::size_t>(end - to) - 2);
        std::size_t plain = 0;
        while (plain < room && escapes[static_cast<unsigned char>(from[plain])] == 0) ++plain;
        std::memcpy(to, from, plain);
        to += plain;
        offset_ += plain;
        if (plain == room) continue;
        *to++ = '\\';
        *to++ = escapes[static_cast<unsigned char>(from[plain])];
        ++offset_;
      }
      if (offset_ < length) break;  // the buffer is full
    }
    offset_ = 0;
    if (++column_ < cursor_.columns()) {
      *to++ = '\t';
    } else {
      *to++ = '\n';
      in_row_ = false;
      ++part_rows_;
    }
  }
  part_bytes_ += static_cast<std::uint64_t>(to - buffer);
  return static_cast<std::size_t>(to - buffer);
}

Sql select_rows(const Table& table, const RowChoice& rows, bool json_types) {
  std::string columns, types;
  for (const Column& column : table.columns) {
    if (column.generated) continue;
    if (!columns.empty()) columns += ", ";
    columns += column_expression(column).text();
    if (json_types && column.type == ColumnType::json)
      types += ", " + json_types_sql(sql("{}.{}", table.name, Name{column.name}).text());
  }
  if (!types.empty())
    columns = "/*+ SET_VAR(group_concat_max_len = 4294967295) */ " + columns + types;
  Sql list = Sql::verbatim(std::move(columns));
  const Sql filter = Sql::verbatim(rows.where);
  if (is_versioned(table))
    return sql("SELECT {} FROM {} FOR SYSTEM_TIME ALL WHERE {}", list, table.name, rows.chunk);
  if (rows.chunk.text().empty() && rows.where.empty())
    return sql("SELECT {} FROM {}", list, table.name);
  if (rows.chunk.text().empty()) return sql("SELECT {} FROM {} WHERE {}", list, table.name, filter);
  Sql text = sql("SELECT {} FROM {} FORCE INDEX ({}) WHERE {}", list, table.name,
                 Name{table.key()->name}, rows.chunk);
  return rows.where.empty() ? text : sql("{} AND {}", text, filter);
}

Sql load_rows(const Table& table, Clash clash) {
  // As a field, an ordinal is taken for a member that looks like it, is not read in character sets
  // with wider digits, and a 0 makes only some servers warn.
  const auto by_ordinal = [](const Column& column) {
    return column.type == ColumnType::enum_ || column.type == ColumnType::set;
  };
  // Where anything is assigned, MariaDB forgets of an AUTO_INCREMENT field that it was given: 0 would
  // become the next number.
  const bool assigns = std::ranges::any_of(table.columns, by_ordinal);
  std::string columns, assignments;
  for (const Column& column : table.columns) {
    if (column.generated) continue;
    if (!columns.empty()) columns += ", ";
    if (by_ordinal(column) || (assigns && column.auto_increment)) {
      std::string variable = fmt::format("@v{}", columns.size());
      columns += variable;
      assignments += assignments.empty() ? " SET " : ", ";
      append_name(assignments, column.name);
      assignments += column.type == ColumnType::enum_ ? fmt::format(" = {} + 0", variable)
                     : column.type == ColumnType::set
                         ? fmt::format(" = CAST({} AS UNSIGNED)", variable)
                         : " = " + variable;
    } else {
      append_name(columns, column.name);
    }
  }
  return sql("LOAD DATA LOCAL INFILE 'dtsctl' {}INTO TABLE {} CHARACTER SET binary "
             "FIELDS TERMINATED BY '\\t' ESCAPED BY '\\\\' LINES TERMINATED BY '\\n' ({}){}",
             Sql::verbatim(clash == Clash::replace ? "REPLACE "
                           : clash == Clash::keep  ? "IGNORE "
                                                   : ""),
             table.name, Sql::verbatim(columns),
             Sql::verbatim(assignments));
}

void refuse_changes(Connection& target, const Table& table, std::uint64_t changes) {
  constexpr unsigned truncated = 1265;  // what an ENUM value 0 raises, too
  std::string first = "no details";
  unsigned code = 0;
  for (const Warning& warning : target.warnings())
    if (code == 0 || code == truncated) {
      first = warning.message;
      code = warning.code;
    }
  throw Error(ErrorKind::target,
              fmt::format("cannot copy {}: {} values arrived changed: {} ({})",
                          to_string(table.name), changes, first, code),
              "the target's table differs from the source's, or the value is not valid in its "
              "character set; nothing of this part was kept",
              code);
}

void check_kept(Connection& target, const Table& table, std::uint64_t count) {
  constexpr unsigned duplicate_key = 1062, truncated = 1265;  // an ENUM value 0 raises the latter
  const auto refuse = [&](const std::string& what, unsigned code) {
    throw Error(ErrorKind::target,
                fmt::format("cannot copy {}: a row would stay out that no other one is kept for: {}",
                            to_string(table.name), what),
                "make the target's table take the source's rows, or begin a new job that excludes "
                "it; nothing of this part was kept",
                code);
  };
  const auto list = target.warnings();
  for (const Warning& warning : list)
    if (warning.code != duplicate_key && warning.code != truncated && !is_benign(warning.code))
      refuse(fmt::format("{} ({})", warning.message, warning.code), warning.code);
  if (list.size() >= count) return;
  // The rest is not listed: it can be nothing else only where nothing else drops rows.
  const auto created = target.query(sql("SHOW CREATE TABLE {}", table.name));
  const std::string text = created.at(0).at(1).value_or("");
  if (text.find(" CHECK (") != text.npos || text.find("PARTITION BY") != text.npos)
    refuse(fmt::format("the server shows {} of {} warnings only, and the table has a CHECK or "
                       "partitions",
                       list.size(), count),
           0);
}

void check_load(Connection& target, const Table& table, const LoadResult& result,
                const LoadEncoder& sent, Clash clash) {
  // Each row that stays out for another one raises one warning.
  const std::uint64_t kept = clash == Clash::keep ? result.skipped : 0;
  const auto [fewer, more] = std::minmax({result.warnings, sent.part_enum_zeros() + kept});
  if (fewer != more) refuse_changes(target, table, more - fewer);
  if (kept > 0) check_kept(target, table, result.warnings);
  if (result.records != sent.part_rows() || result.skipped != kept)
    throw Error(ErrorKind::target,
                fmt::format("cannot copy {}: {} rows were sent, {} arrived, {} were skipped",
                            to_string(table.name), sent.part_rows(), result.records,
                            result.skipped),
                "rows clash on the target: was it written to by somebody else?");
}

}  // namespace dts
