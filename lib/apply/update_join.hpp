#pragma once

#include <cstddef>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "apply/net.hpp"

// Many UPDATEs as one: the table is joined with a list of keys and values. It costs the target a third of
// writing whole rows, because only changed columns and their indexes are touched, and unlike INSERT ... ON
// DUPLICATE KEY UPDATE it can neither make a row nor hit another.

namespace dts {

/// How a server lets a list of rows stand for a table.
enum class RowList {
  none,    ///< it can't, or only slowly: MySQL before 8.0.19
  values,  ///< MySQL: VALUES ROW(1, 2), ROW(3, 4)
  select,  ///< MariaDB, where the first row gives names: SELECT 1 AS a, 2 AS b UNION ALL VALUES (3, 4)
};

/// Whether rows of the table can be found through a join by an index: its key has columns only that
/// compare with a list's values by the index, and exactly as with literals. `collations` are those that
/// the target knows: where it lacks the source's, its column has another.
bool is_joinable(const Table& table, const std::set<std::string>& collations);

/// Indexes of the columns that an update has to list: those that it changes, and those that the server would
/// set by itself. Empty if it changes nothing that is written.
std::vector<std::size_t> columns_to_set(const Table& table, const NetRow& row);

/// Whether the values may pass through a list without being altered, and are short enough for the
/// server to keep the list in memory.
bool fits_list(const Table& table, const NetRow& row, const std::vector<std::size_t>& columns);

/// Appends "UPDATE (...) AS v STRAIGHT_JOIN table AS t ON ... SET ..." without an end. Rows without
/// change of their key, of the same `columns`. It must find as many rows as there are.
void append_update_join(std::string& to, const Table& table, RowList form,
                        const std::vector<std::size_t>& columns, std::span<const NetRow* const> rows);

}  // namespace dts
