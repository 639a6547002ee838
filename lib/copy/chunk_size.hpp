#pragma once

#include <algorithm>
#include <cstdint>

#include "dts/job.hpp"
#include "schema/table.hpp"

// How much is copied at a time. A plan counts by the size that chunks have before any row has been seen.

namespace dts {

/// Whichever is reached first.
struct PieceSize {
  std::uint64_t bytes = UINT64_MAX, rows = UINT64_MAX;
};

/// Of a chunk: small enough for short snapshots on the source.
inline constexpr PieceSize chunk_size{8 << 20, 200'000};
/// Of a transaction: bounds the target's undo.
inline constexpr PieceSize part_size{64 << 20};

/// No more than the job's limits let through in a second, all workers together: what is written is seen
/// as it comes, and no transaction is open for long because of them.
inline PieceSize limited(PieceSize size, const DataOptions& limits) {
  const auto share = [&](std::uint64_t whole) {
    return std::max<std::uint64_t>(1, whole / std::max(1U, limits.workers));
  };
  if (limits.mb_per_second > 0) size.bytes = std::min(size.bytes, share(limits.mb_per_second * 1'000'000));
  if (limits.rows_per_second > 0) size.rows = std::min(size.rows, share(limits.rows_per_second));
  return size;
}

/// By the server's estimate.
inline std::uint64_t estimated_row_bytes(const Table& table) {
  return table.bytes_estimated / std::max<std::uint64_t>(1, table.rows_estimated);
}

/// Rows that a chunk takes.
inline std::uint64_t chunk_rows(PieceSize chunk, std::uint64_t row_bytes) {
  return std::clamp<std::uint64_t>(chunk.bytes / std::max<std::uint64_t>(1, row_bytes), 1, chunk.rows);
}

}  // namespace dts
