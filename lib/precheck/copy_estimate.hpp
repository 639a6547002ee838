#pragma once

#include <cstdint>
#include <vector>

#include "copy/chunk_size.hpp"
#include "dts/job.hpp"
#include "dts/plan.hpp"
#include "dts/state.hpp"
#include "schema/table.hpp"

// How long a copy may take. Only what the server estimates of its tables is known, so it says no
// more than hours from minutes.

namespace dts {

struct CopyEstimate {
  std::uint64_t chunks = 0;
  double seconds = 0;
};

/// What the workers of a job do together.
struct CopySpeed {
  double bytes_per_second = 0, rows_per_second = 0;  ///< rows 0: no limit
  unsigned workers = 1;
  PieceSize chunk = chunk_size;
};
/// Megabytes of the source's tables a second, all workers together: as the copy of this job has gone so
/// far, if it has gone far enough to tell, else what is assumed.
struct ExpectedSpeed {
  double mb_per_second = assumed_mb_per_second;
  bool measured = false;
};
ExpectedSpeed expected_speed(const Job& job, const JobState& state, const std::vector<Table>& tables);

/// The assumed speed, or the job's limits if these are lower.
CopySpeed copy_speed(const Job& job, double mb_per_second);

/// Of one table while nothing else is copied.
CopyEstimate estimate(const Table& table, const CopySpeed& speed);
/// Of all, which share the workers; those of one snapshot are read one after the other.
CopyEstimate estimate(const std::vector<Table>& tables, const CopySpeed& speed);

}  // namespace dts
