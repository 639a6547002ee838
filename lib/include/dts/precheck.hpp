#pragma once

#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "dts/export.hpp"
#include "dts/job.hpp"
#include "dts/observer.hpp"
#include "dts/state.hpp"

namespace dts {

/// What `precheck --explain` says of a check.
struct CheckInfo {
  std::string name;     ///< as used by --ignore and in findings
  std::string summary;  ///< what is so if it passes, or what it tells; one sentence
  std::string details;  ///< when it fails or warns, and why that matters
  std::string runs;     ///< for which jobs: "always", or "with" some phase
};

/// All checks, in the order in which they run.
DTS_EXPORT std::vector<CheckInfo> checks();

/// Runs every check that the job's phases need, and records findings and verdict in `state`.
/// Warnings named in `ignore` or in the job's `precheck_ignore` are acknowledged. One failing check
/// does not hide the others. Throws only if a check cannot be carried out at all for reasons that
/// are no finding (state, interrupted).
DTS_EXPORT std::vector<Finding> precheck(const Job& job, StateFile& state,
                                         std::span<const std::string> ignore, Observer& observer,
                                         std::stop_token stop = {});

/// Whether the findings let the job start: no failure, and every warning acknowledged.
DTS_EXPORT bool passed(std::span<const Finding> findings);

/// Whether the job's objects have changed since it began: what joins it is to be made and copied first.
DTS_EXPORT bool objects_changed(const Job& job, const JobState& state);

/// The gate: throws Error{precheck} unless `state` holds a passed precheck of this very job.
DTS_EXPORT void require_precheck(const Job& job, const JobState& state);

}  // namespace dts
