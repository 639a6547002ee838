#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "copy/chunk_size.hpp"
#include "db/connection.hpp"
#include "schema/table.hpp"

namespace dts {

/// Turns the rows of a result into the text of LOAD DATA as the server asks for it, so that no row
/// is held twice: fields separated by tabs, rows by newlines, escaped by backslashes, \N for NULL.
class LoadEncoder {
 public:
  LoadEncoder(Cursor& cursor, const Table& table);

  /// Fills `buffer`; 0 at the end of the rows, or at the end of a row once as much has been
  /// produced since restart() as that allows.
  std::size_t read(char* buffer, std::size_t size);
  /// Begins the next part; what was not read yet goes on there.
  void restart(PieceSize limit) {
    limit_ = limit;
    part_rows_ = part_bytes_ = part_enum_zeros_ = 0;
  }
  bool at_end() const { return at_end_; }
  std::uint64_t part_rows() const { return part_rows_; }
  std::uint64_t part_bytes() const { return part_bytes_; }
  /// ENUM values 0, each of which makes the server warn although it takes them.
  std::uint64_t part_enum_zeros() const { return part_enum_zeros_; }

 private:
  bool next_row();

  Cursor& cursor_;
  PieceSize limit_;
  std::uint64_t part_rows_ = 0, part_bytes_ = 0, part_enum_zeros_ = 0;
  bool in_row_ = false, at_end_ = false;
  unsigned column_ = 0;
  std::size_t offset_ = 0;  ///< in the column
  std::vector<bool> by_ordinal_;  ///< columns that are sent as ENUM ordinals
};

/// Which rows are read: a chunk, which the row key finds, and the row filter of the job.
struct RowChoice {
  Sql chunk;          ///< empty: all
  std::string where;  ///< a condition as pushed_down() makes it; empty: all
};

/// SELECT of the columns that are written, exactly as they are stored. With `json_types`, behind
/// them the types of what is in each JSON column.
Sql select_rows(const Table& table, const RowChoice& rows, bool json_types = false);

/// What is done about a row of the target that has the same unique value.
enum class Clash {
  refuse,   ///< there can be none
  replace,  ///< it is removed
  keep,     ///< it stays, and the new one is left out
};

/// The LOAD DATA that takes them.
Sql load_rows(const Table& table, Clash clash);

/// Throws Error{target} for values that the target did not keep as they were; its warnings tell the
/// first.
[[noreturn]] void refuse_changes(Connection& target, const Table& table, std::uint64_t changes);

/// Makes sure that rows stayed out for one that was kept, and for nothing else: with IGNORE a CHECK or
/// a missing partition drops a row, too. `count` is how many warnings the statement raised.
void check_kept(Connection& target, const Table& table, std::uint64_t count);

/// Makes sure that every row arrived as it was sent, or stayed out for one that was kept; throws
/// Error{target} naming the table.
void check_load(Connection& target, const Table& table, const LoadResult& result,
                const LoadEncoder& sent, Clash clash);

}  // namespace dts
