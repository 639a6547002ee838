#include "copy/insert.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "binlog/json.hpp"
#include "copy/chunk.hpp"
#include "db/sql.hpp"

namespace dts {

namespace {

constexpr std::size_t statement_bytes = 512 * 1024;  // far below any max_allowed_packet in use

/// With an exponent, so that the server takes it for a DOUBLE: a DECIMAL would lose the sign of -0.
Value real(std::string_view text, Arena& arena) {
  if (text.find('e') != std::string_view::npos) return {ValueKind::number, text};
  std::string with_exponent(text);
  with_exponent += "e0";
  return {ValueKind::number, arena.copy(with_exponent)};
}

}  // namespace

JsonCopy json_copy(const Connection& source, const Connection& target) {
  constexpr unsigned json_table_since = 80004;
  if (target.is_mariadb()) return JsonCopy::text;
  if (source.is_mariadb() || source.version_number() < json_table_since) return JsonCopy::plain;
  return JsonCopy::typed;
}

Value selected_value(const Column& column, const char* data, std::size_t length, JsonCopy form,
                     std::string_view json_types, Arena& arena) {
  if (data == nullptr) return {};
  const std::string_view text(data, length);
  switch (column.type) {
    case ColumnType::integer:
    case ColumnType::decimal:
    case ColumnType::year:
    case ColumnType::enum_:
    case ColumnType::set:
      return {ValueKind::number, text};
    case ColumnType::float_:
    case ColumnType::double_:
      return real(text, arena);
    case ColumnType::date:
    case ColumnType::time:
    case ColumnType::datetime:
    case ColumnType::timestamp:
      return {ValueKind::temporal, text};
    case ColumnType::text:
      return {ValueKind::text, text};
    case ColumnType::json: {
      if (form == JsonCopy::text) return {ValueKind::text, text};
      Json document = parse_json_text(text, arena);
      if (form == JsonCopy::typed) set_json_types(document, json_types, arena);
      return {ValueKind::expression, arena.copy(json_sql(document))};
    }
    default:
      return {ValueKind::bytes, text};
  }
}

InsertEncoder::InsertEncoder(Cursor& cursor, const Table& table, Clash clash, JsonCopy form)
    : cursor_(cursor), table_(table), form_(form) {
  head_ = clash == Clash::replace ? "REPLACE INTO "
          : clash == Clash::keep  ? "INSERT IGNORE INTO "
                                  : "INSERT INTO ";
  append_name(head_, table.name);
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    if (table.columns[i].generated) continue;
    head_ += columns_.empty() ? " (" : ", ";
    append_name(head_, table.columns[i].name);
    columns_.push_back(i);
  }
  head_ += ") VALUES ";
}

/// The result has the columns of the table, then the types of those that are typed JSON.
void InsertEncoder::append_row(std::string& to) {
  Arena arena;
  unsigned types = static_cast<unsigned>(columns_.size());
  std::size_t bytes = 0;
  for (unsigned i = 0; i < columns_.size(); ++i) bytes += cursor_.length(i);
  // At worst each byte is escaped: a large text is not to grow step by step. What is not used takes
  // no memory.
  if (bytes > statement_bytes) to.reserve(head_.size() + 2 * bytes + 64 * columns_.size());
  for (unsigned i = 0; i < columns_.size(); ++i) {
    const Column& column = table_.columns[columns_[i]];
    std::string_view json_types;
    if (form_ == JsonCopy::typed && column.type == ColumnType::json) {
      if (cursor_.data(types) != nullptr) json_types = {cursor_.data(types), cursor_.length(types)};
      ++types;
    }
    Value value;
    try {
      value = selected_value(column, cursor_.data(i), cursor_.length(i), form_, json_types, arena);
    } catch (const Error& error) {
      throw Error(error.kind(),
                  fmt::format("cannot copy column {} of {}: {}", column.name,
                              to_string(table_.name), error.what()),
                  error.hint(), error.server_errno());
    }
    if (column.type == ColumnType::enum_ && value.data == "0") ++row_zeros_;
    to += i == 0 ? '(' : ',';
    if (column.row_end) row_end_ = value.data;
    if (column.row_end && (as_current_ || is_end_of_time(value.data)))
      to += "DEFAULT";
    else
      append_literal(to, value, column.charset, column.text_form);
  }
  to += ')';
}

std::string InsertEncoder::last_row() const {
  std::string text;
  const Key* key = table_.key();
  if (key == nullptr) return "a row without a key";
  for (const KeyPart& part : key->parts) {
    const auto found = std::find(columns_.begin(), columns_.end(), part.column);
    if (found == columns_.end()) continue;
    const auto column = static_cast<unsigned>(found - columns_.begin());
    text += fmt::format("{}{} = ", text.empty() ? "" : ", ", table_.columns[part.column].name);
    if (cursor_.data(column) == nullptr)
      text += "NULL";
    else
      append_quoted(text, {cursor_.data(column), std::min<std::size_t>(cursor_.length(column), 60)});
  }
  return text;
}

bool InsertEncoder::next(std::string& statement) {
  statement.clear();
  rows_ = enum_zeros_ = 0;
  while (!at_end_ && part_bytes_ + statement.size() < limit_.bytes &&
         part_rows_ + rows_ < limit_.rows &&
         statement.size() < statement_bytes && !(as_current_ && rows_ > 0)) {
    if (row_.empty()) {
      if (!cursor_.next()) {
        at_end_ = true;
        break;
      }
      row_zeros_ = 0;
      // The larger buffer of the two: what a large row has taken is to be used for the next one.
      if (rows_ == 0 && statement.capacity() > row_.capacity()) row_.swap(statement);
      append_row(row_);
    }
    // A large row goes alone: with others it might be more than the target takes.
    if (rows_ > 0 && statement.size() + row_.size() > statement_bytes) break;
    if (rows_ == 0 && row_.size() > statement_bytes) {
      row_.insert(0, head_);  // no second copy of a large row
      statement.swap(row_);
    } else {
      statement += rows_ == 0 ? head_ : ",";
      statement += row_;
    }
    row_.clear();
    enum_zeros_ += row_zeros_;
    ++rows_;
  }
  part_rows_ += rows_;
  part_bytes_ += statement.size();
  return rows_ > 0;
}

bool needs_insert(const Table& table, const Connection& target) {
  if (is_sequence(table) || is_versioned(table)) return true;
  if (target.is_mariadb()) return false;
  return std::any_of(table.columns.begin(), table.columns.end(),
                     [](const Column& column) { return column.type == ColumnType::json; });
}

}  // namespace dts
