#include "apply/row_text.hpp"

namespace dts {

namespace {

/// The same bytes, where the server's own equality is coarser.
void append_same_bytes(std::string& to, const std::string& column, const std::string& value) {
  to += "CAST(" + column + " AS BINARY) <=> CAST(" + value + " AS BINARY)";
}

}  // namespace

void append_value(std::string& to, const Column& column, const Value& value) {
  append_literal(to, value, column.charset, column.text_form);
}

void append_equal(std::string& to, const Column& column, const Value& value) {
  append_name(to, column.name);
  to += " = ";
  append_value(to, column, value);
}

void append_key(std::string& to, const Table& table, const Row& row) {
  bool first = true;
  for (const KeyPart& part : table.key()->parts) {
    if (table.columns[part.column].row_end) continue;
    if (!first) to += " AND ";
    first = false;
    append_equal(to, table.columns[part.column], row[part.column]);
  }
}

void append_whole_row(std::string& to, const Table& table, const Row& row) {
  bool first = true;
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    const Column& column = table.columns[i];
    if (column.row_end) continue;
    if (!first) to += " AND ";
    first = false;
    std::string name, value;
    append_name(name, column.name);
    append_value(value, column, row[i]);
    if (column.type == ColumnType::json && row[i].kind == ValueKind::expression) {
      append_same_bytes(to, "CAST(" + name + " AS CHAR)", "CAST(CAST(" + value + " AS JSON) AS CHAR)");
      continue;
    }
    if (column.type == ColumnType::vector) {  // MySQL compares none, not even with NULL
      append_same_bytes(to, name, value);
      continue;
    }
    to += name + " <=> " + value;
    if (row[i].kind != ValueKind::text) continue;
    // Text once more byte by byte: a collation takes 'a' for 'A', but only its test uses an index.
    to += " AND ";
    append_same_bytes(to, name, value);
  }
}

void append_columns(std::string& to, const Table& table) {
  bool first = true;
  for (const Column& column : table.columns) {
    if (column.generated) continue;
    to += first ? "(" : ", ";
    first = false;
    append_name(to, column.name);
  }
  to += ')';
}

void append_row(std::string& to, const Table& table, const Row& row, bool as_current) {
  bool first = true;
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    if (table.columns[i].generated) continue;
    to += first ? "(" : ", ";
    first = false;
    if (table.columns[i].row_end && (as_current || is_end_of_time(row[i].data)))
      to += "DEFAULT";
    else
      append_value(to, table.columns[i], row[i]);
  }
  to += ')';
}

}  // namespace dts
