#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "binlog/bytes.hpp"
#include "db/value.hpp"
#include "schema/table.hpp"

namespace dts {

/// A TABLE_MAP event matched with the shape of its table.
struct TableMap {
  const Table* table = nullptr;  ///< null: not selected, its rows are skipped
  TableName name;
  std::vector<std::uint8_t> types;      ///< column types of the binlog
  std::vector<std::uint16_t> metadata;  ///< as encoded by the server, one for each column
};

/// Reads the body of a TABLE_MAP event behind its table id and flags; `table` is not set yet.
/// `names` receives the column names if the event carries them.
TableMap read_table_map(Bytes& body, std::vector<std::string>& names);

/// Makes sure that the columns in the event are those of `map.table`. Throws Error{source} naming
/// the first difference: rows must never be read with the wrong shape.
void check_shape(const TableMap& map, const std::vector<std::string>& names);

/// Reads one row image in which all columns are present. Strings point into the bytes being read;
/// what has to be converted is put into `arena`.
Row read_row_image(Bytes& body, const TableMap& map, Arena& arena);

}  // namespace dts
