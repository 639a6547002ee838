#include "precheck/copy_estimate.hpp"

#include <algorithm>
#include <map>

#include "copy/chunk.hpp"
#include "copy/chunk_size.hpp"

namespace dts {

namespace {

// To find its end, and to begin and commit it on both sides.
constexpr double seconds_a_chunk = 0.01;

double seconds_for(double bytes, double rows, double chunks, const CopySpeed& speed) {
  const unsigned workers = std::max(speed.workers, 1u);
  const double sharing = std::min<double>(std::max(chunks, 1.0), workers);
  double seconds = bytes / std::max(speed.bytes_per_second, 1.0) * workers / sharing +
                   chunks * seconds_a_chunk / sharing;
  if (speed.rows_per_second > 0) seconds = std::max(seconds, rows / speed.rows_per_second);
  return seconds;
}

}  // namespace

ExpectedSpeed expected_speed(const Job& job, const JobState& state, const std::vector<Table>& tables) {
  constexpr double enough_bytes = 64e6, enough_seconds = 60;  // the first chunks are slow ones
  std::map<TableName, const TableProgress*> known;
  for (const auto* list : {&state.tables, &state.settled})
    for (const TableProgress& progress : *list) known[progress.table] = &progress;
  double bytes = 0, seconds = 0;
  for (const Table& table : tables) {
    const auto found = known.find(table.name);
    // Of a table that is read as a whole, the time is known at its end.
    if (found == known.end() || (!found->second->done && !is_splittable(table))) continue;
    const TableProgress& progress = *found->second;
    const double all = static_cast<double>(std::max<std::uint64_t>(table.rows_estimated, 1));
    const double part = std::min(1.0, static_cast<double>(progress.rows) / all);
    bytes += part * static_cast<double>(table.bytes_estimated);
    seconds += progress.seconds;
  }
  if (bytes <= 0 || seconds <= 0 || (bytes < enough_bytes && seconds < enough_seconds)) return {};
  return {bytes / seconds * job.data.workers / 1e6, true};
}

CopySpeed copy_speed(const Job& job, double mb_per_second) {
  double bytes = mb_per_second * 1e6;
  if (job.data.mb_per_second > 0)
    bytes = std::min(bytes, static_cast<double>(job.data.mb_per_second) * 1e6);
  return {bytes, static_cast<double>(job.data.rows_per_second), job.data.workers,
          limited(chunk_size, job.data)};
}

CopyEstimate estimate(const Table& table, const CopySpeed& speed) {
  CopyEstimate result{1, 0};
  if (is_splittable(table)) {
    const std::uint64_t rows = chunk_rows(speed.chunk, estimated_row_bytes(table));
    result.chunks = table.rows_estimated / rows + 1;  // the last one finds the end
  }
  result.seconds = seconds_for(static_cast<double>(table.bytes_estimated),
                               static_cast<double>(table.rows_estimated),
                               static_cast<double>(result.chunks), speed);
  return result;
}

CopyEstimate estimate(const std::vector<Table>& tables, const CopySpeed& speed) {
  CopyEstimate all;
  double bytes = 0, rows = 0, longest = 0;
  std::map<std::string, double> groups;
  for (const Table& table : tables) {
    const CopyEstimate one = estimate(table, speed);
    all.chunks += one.chunks;
    bytes += static_cast<double>(table.bytes_estimated);
    rows += static_cast<double>(table.rows_estimated);
    longest = std::max(longest, one.seconds);
    if (!table.snapshot.empty()) longest = std::max(longest, groups[table.snapshot] += one.seconds);
  }
  all.seconds = std::max(longest, seconds_for(bytes, rows, static_cast<double>(all.chunks), speed));
  return all;
}

}  // namespace dts
