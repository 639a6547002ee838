#pragma once

#include <stop_token>
#include <vector>

#include "dts/export.hpp"
#include "dts/job.hpp"
#include "dts/observer.hpp"
#include "dts/state.hpp"

namespace dts {

/// How one table would be copied.
struct CopyPlan {
  TableName table;
  std::uint64_t rows_estimated = 0, bytes_estimated = 0;
  std::string key;  ///< columns by which it is split; empty: read whole in one snapshot
};

/// What init_data() would copy. Reads the source only.
DTS_EXPORT std::vector<CopyPlan> plan_data(const Job& job, Observer& observer,
                                           std::stop_token stop = {});

/// Copies the rows of the selected tables; resumes where an interrupted call stopped. With
/// `restart`, what this job copied before is emptied first and a new start position is taken. A
/// finished copy is left alone.
DTS_EXPORT void init_data(const Job& job, StateFile& state, bool restart, Observer& observer,
                          std::stop_token stop = {});

}  // namespace dts
