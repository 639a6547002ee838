#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "db/sql.hpp"
#include "dts/objects.hpp"

namespace dts {

/// Column types as far as reading, writing or decoding them differs.
enum class ColumnType : std::uint8_t {
  integer,     ///< TINYINT to BIGINT, BOOLEAN
  decimal,
  float_,
  double_,
  bit,
  year,
  date,
  time,
  datetime,
  timestamp,
  text,        ///< CHAR, VARCHAR, TEXT, MariaDB's JSON
  binary,      ///< BINARY: padded with zero bytes
  bytes,       ///< VARBINARY, BLOB
  enum_,
  set,
  json,        ///< MySQL's binary JSON
  geometry,
  uuid,
  inet4,
  inet6,
  vector,
  unknown,
};

struct Column {
  std::string name;
  std::string definition;  ///< COLUMN_TYPE: "int(10) unsigned", "enum('a','b')"
  ColumnType type = ColumnType::unknown;
  std::string charset;     ///< of text, enum and set; else empty
  std::string collation;
  TextForm text_form = TextForm::plain;
  bool is_unsigned = false;
  bool nullable = true;
  bool generated = false;      ///< computed by the server: never written
  bool has_default = false;
  bool on_update = false;      ///< ON UPDATE CURRENT_TIMESTAMP
  bool auto_increment = false;
  bool invisible = false;
  bool row_start = false, row_end = false;  ///< MariaDB's SYSTEM VERSIONING: life of a version
  std::uint64_t bytes_max = 0; ///< CHARACTER_OCTET_LENGTH
  int digits = -1;             ///< fractional digits of temporal and decimal types
};

struct KeyPart {
  std::size_t column = 0;
  std::optional<std::uint64_t> prefix;  ///< characters or bytes indexed, if not all
};

struct Key {
  std::string name;
  bool unique = false;
  bool nullable = false;  ///< some column may be NULL
  std::vector<KeyPart> parts;  ///< those that are columns
  bool functional = false;  ///< some part is an expression, of columns that are not known here
};

/// What a table looks like. Columns are in the order of the row images.
struct Table {
  TableName name;
  std::string engine;
  std::string kind;  ///< "BASE TABLE", "SYSTEM VERSIONED", "SEQUENCE", "VIEW"
  std::uint64_t rows_estimated = 0, bytes_estimated = 0;  ///< by the source; not read of the target
  std::vector<Column> columns;
  std::vector<Key> keys;               ///< the primary key first
  std::optional<std::size_t> row_key;  ///< the key that names a row: see choose_row_key()
  bool converging = false;  ///< rows of the target may be others: changes are written so that they
                            ///< end as on the source, whatever they find; not a part of the shape
  std::string create_hash;  ///< of SHOW CREATE TABLE and the time of it, where a copy depends on it; not a part of the shape
  bool without_overlaps = false;       ///< MariaDB: a key says that periods must not overlap
  std::string snapshot;  ///< the group of tables that its copy shares a snapshot with, see snapshot_groups();
                         ///< not a part of the shape

  const Key* key() const { return row_key ? &keys[*row_key] : nullptr; }
};

/// MariaDB's SEQUENCE: a table of one row, which an INSERT replaces.
inline bool is_sequence(const Table& table) { return table.kind == "SEQUENCE"; }

/// MariaDB's WITH SYSTEM VERSIONING. Its rows are versions, each a row of its own with row_start and
/// row_end, and every unique key has row_end for its last part.
inline bool is_versioned(const Table& table) { return table.kind == "SYSTEM VERSIONED"; }

/// Of a versioned table.
std::optional<std::size_t> row_end_column(const Table& table);

/// A value of row_end: whether the version is the one that is valid now. The end of all times came
/// later with MariaDB 11.5.
inline bool is_end_of_time(std::string_view value) {
  return value == "2038-01-19 03:14:07.999999" || value == "2106-02-07 06:28:15.999999";
}

/// Whether a statement can't overwrite rows: versions, and where the server refuses REPLACE and ON
/// DUPLICATE KEY UPDATE.
inline bool is_never_replaced(const Table& table) {
  return is_versioned(table) || table.without_overlaps;
}

/// Whether a table is read in one snapshot and written into an empty table: what is replayed onto a
/// copy has to overwrite rows, which here have no names, or can't be overwritten, or are changed by
/// foreign keys as well.
inline bool is_copied_whole(const Table& table) {
  return !table.row_key || is_never_replaced(table) || !table.snapshot.empty();
}

/// Whether the rows of a table with a key are those of an exact position, also while the job catches up.
inline bool is_exact(const Table& table) {
  return is_never_replaced(table) || !table.snapshot.empty();
}

/// The primary key, else the first unique key over whole, NOT NULL, not generated columns; nothing
/// if the table has neither: then its rows have no names.
std::optional<std::size_t> choose_row_key(const Table& table);

/// The shape of a table as text for the bookkeeping, and back. It holds what decoding and writing
/// rows need; names of the format are persistent and versioned by its first line.
std::string shape_text(const Table& table);
Table parse_shape(const std::string& text);

/// A COLUMN_TYPE without what changes no value and is shown by some servers only: the display width
/// of integers, ZEROFILL.
std::string normal_type(std::string_view type);

/// Whether two tables have the same columns and keys, names of the tables aside.
bool same_shape(const Table& a, const Table& b);

}  // namespace dts
