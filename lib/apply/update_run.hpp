#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "apply/net.hpp"

// Updates of rows whose keys are consecutive numbers, as bulk updates leave them:
// UPDATE t SET c = ELT(id - 4, 'of 5', 'of 6', 'of 7') WHERE id BETWEEN 5 AND 7. Nothing is parsed
// but the values, and no list is made a table of, so it costs the target about what native
// replication does.

namespace dts {

/// Whether the key of the table is one whole number.
bool has_numbered_rows(const Table& table);

/// Whether the values of such columns may be arguments of ELT, which makes text of all of them.
bool fits_run(const Table& table, const std::vector<std::size_t>& columns);

/// How many of `rows`, sorted by key, have consecutive keys from the first on; at least 1.
std::size_t run_length(const Table& table, std::span<const NetRow* const> rows);

/// Appends the UPDATE without an end. Rows without change of their key, of the same `columns`, with
/// consecutive keys. It must find as many rows as there are.
void append_update_run(std::string& to, const Table& table, const std::vector<std::size_t>& columns,
                       std::span<const NetRow* const> rows);

}  // namespace dts
