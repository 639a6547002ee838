#pragma once

#include <optional>
#include <string>
#include <vector>

#include "dts/job.hpp"
#include "dts/state.hpp"

// The objects of a job may be changed while it runs: tables may join it and leave it. All else that
// makes it the same job stays, and so does what the maps make of a table that stays.

namespace dts {

/// What a job has worked with so far.
struct Selection {
  std::string fixed;  ///< a hash of all that can't be changed
  Objects objects;
};

/// The selection of a job as text for the bookkeeping and the state, and back. Throws Error{state}
/// if it can't be read.
std::string selection_text(const Job& job);
Selection parse_selection(const std::string& text);

/// What the job has worked with, if the job file says something else by now.
std::optional<Selection> changed_selection(const Job& job, const JobState& state);

/// Throws Error{state} if a job that has worked with `before` can't go on with what the job file
/// says now. `tables` are those that it has.
void check_change(const Selection& before, const Job& job, const std::vector<TableName>& tables);

}  // namespace dts
