#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "binlog/bytes.hpp"
#include "db/value.hpp"
#include "schema/table.hpp"

namespace dts {

/// How values of MySQL's JSON type are written.
enum class JsonForm : std::uint8_t {
  sql,   ///< an SQL expression for MySQL that keeps the types inside: DECIMAL, DATETIME ...
  text,  ///< the text that MySQL prints
};

/// A TABLE_MAP event matched with the shape of its table.
struct TableMap {
  const Table* table = nullptr;  ///< null: not selected, its rows are skipped
  TableName name;
  std::vector<std::uint8_t> types;      ///< column types of the binlog
  std::vector<std::uint16_t> metadata;  ///< as encoded by the server, one for each column
};

/// What a TABLE_MAP event says beyond types, as far as the source's binlog_row_metadata goes.
struct OptionalMetadata {
  std::vector<std::string> names;  ///< of all columns, or empty
  std::vector<bool> is_unsigned;   ///< of the numeric columns in their order, or empty
};

/// Reads the body of a TABLE_MAP event behind its table id and flags; `table` is not set yet.
TableMap read_table_map(Bytes& body, OptionalMetadata& metadata);

/// Makes sure that the columns in the event are those of `map.table`. Throws Error{source} naming
/// the first difference: rows must never be read with the wrong shape.
void check_shape(const TableMap& map, const OptionalMetadata& metadata);

/// Reads one row image in which all columns are present. Strings point into the bytes being read;
/// what has to be converted is put into `arena`. `documents`, if given, receives the binary form of
/// the JSON columns, in their order.
Row read_row_image(Bytes& body, const TableMap& map, JsonForm json, Arena& arena,
                   std::vector<std::string_view>* documents = nullptr);

/// Reads the after-image of a PARTIAL_UPDATE_ROWS event, in which a JSON column may be a list of
/// changes to its `documents` in the before-image.
/// Source: MySQL libs/mysql/binlog/event/rows_event.h and sql-common/json_diff.h.
Row read_partial_image(Bytes& body, const TableMap& map,
                       const std::vector<std::string_view>& documents, JsonForm json,
                       Arena& arena);

}  // namespace dts
