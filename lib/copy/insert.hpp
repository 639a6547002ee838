#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "copy/load.hpp"
#include "db/connection.hpp"
#include "db/value.hpp"
#include "schema/table.hpp"

namespace dts {

/// How values of JSON columns travel.
enum class JsonCopy {
  text,   ///< the target has no JSON type of its own
  plain,  ///< as documents whose types are those that the server would read from the text
  typed,  ///< as documents whose types the source tells, in a column of the result for each
};
/// MySQL before 8.0.4 cannot tell all types of a document.
JsonCopy json_copy(const Connection& source, const Connection& target);

/// A column of a result row, selected by column_expression(), as a value that can be written; JSON
/// takes its types from `json_types` if it is of the typed form. What has to be made for it is put
/// into `arena`.
Value selected_value(const Column& column, const char* data, std::size_t length, JsonCopy form,
                     std::string_view json_types, Arena& arena);

/// Turns the rows of a result into INSERT statements of many rows: for targets that refuse LOAD
/// DATA LOCAL, and for values that only SQL can express.
class InsertEncoder {
 public:
  InsertEncoder(Cursor& cursor, const Table& table, Clash clash, JsonCopy form);

  /// The next statement; false at the end of the rows, or once as much has been produced since
  /// restart() as that allows.
  bool next(std::string& statement);
  /// Of that statement: rows, and ENUM values 0, each of which makes the server warn.
  std::uint64_t rows() const { return rows_; }
  std::uint64_t enum_zeros() const { return enum_zeros_; }

  /// Has each row, a version that ended, written as if it were still valid, by a statement of its
  /// own; and when it ended.
  void write_as_current() { as_current_ = true; }
  const std::string& row_end() const { return row_end_; }

  /// The key of the row read last, for people: "id = 5".
  std::string last_row() const;

  void restart(PieceSize limit) {
    limit_ = limit;
    part_rows_ = part_bytes_ = 0;
  }
  bool at_end() const { return at_end_; }
  std::uint64_t part_rows() const { return part_rows_; }
  std::uint64_t part_bytes() const { return part_bytes_; }

 private:
  void append_row(std::string& to);

  Cursor& cursor_;
  const Table& table_;
  JsonCopy form_;
  std::string head_;
  std::vector<std::size_t> columns_;  ///< those that are written, in the order of the result
  PieceSize limit_;
  std::uint64_t part_rows_ = 0, part_bytes_ = 0, rows_ = 0, enum_zeros_ = 0;
  std::string row_;  ///< read, but not in a statement yet
  std::uint64_t row_zeros_ = 0;
  bool at_end_ = false, as_current_ = false;
  std::string row_end_;
};

/// Whether rows of the table can only be written by INSERT on a target that takes LOAD DATA.
bool needs_insert(const Table& table, const Connection& target);

}  // namespace dts
