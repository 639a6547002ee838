#pragma once

#include <algorithm>
#include <cstdint>

#include "schema/table.hpp"

// How large chunks are before any row has been seen: the copy begins with it, and a plan counts by
// it.

namespace dts {

inline constexpr std::uint64_t first_chunk_bytes = 8 << 20;
inline constexpr std::uint64_t chunk_rows_min = 1, chunk_rows_max = 200'000;

/// By the server's estimate.
inline std::uint64_t estimated_row_bytes(const Table& table) {
  return table.bytes_estimated / std::max<std::uint64_t>(1, table.rows_estimated);
}

/// Rows that a chunk of so many bytes takes.
inline std::uint64_t chunk_rows(std::uint64_t chunk_bytes, std::uint64_t row_bytes) {
  return std::clamp(chunk_bytes / std::max<std::uint64_t>(1, row_bytes), chunk_rows_min,
                    chunk_rows_max);
}

}  // namespace dts
