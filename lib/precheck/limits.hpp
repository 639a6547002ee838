#pragma once

#include <cstdint>
#include <optional>

#include "schema/table.hpp"

// How much InnoDB takes. Rules of MySQL's manual ("InnoDB Limits"), and tried on MariaDB and MySQL with
// pages of 4, 8 and 16 KiB.

namespace dts {

/// In bytes.
struct InnodbLimits {
  std::uint64_t key_part = 0, key = 0;
  std::uint64_t row = 0;  ///< what of a row lies in its page, of which two have to fit
};

/// `dynamic` is the row format: DYNAMIC or COMPRESSED, else COMPACT or REDUNDANT; `mariadb` the kind of server.
InnodbLimits innodb_limits(std::uint64_t page, bool dynamic, bool mariadb);

/// What a column takes in a key, of which `prefix` characters or bytes are indexed, or all.
std::uint64_t indexed_bytes(const Column& column, std::optional<std::uint64_t> prefix);

/// What a row takes in its page if every column is full: long values lie elsewhere but for a piece.
std::uint64_t full_row_bytes(const Table& table, bool dynamic, bool mariadb);

}  // namespace dts
