#pragma once

#include <optional>
#include <stop_token>
#include <string>

#include "dts/export.hpp"
#include "dts/job.hpp"
#include "dts/observer.hpp"
#include "dts/state.hpp"

namespace dts {

/// What part of the binlog to apply, and how to get past a stop.
struct SyncRange {
  /// Stop once this is applied: "now", a position, or an RFC 3339 time; empty: run until stopped.
  std::string until;
  /// Start from here instead of from the hand-over of init-data; only where nothing was applied yet.
  std::string from;
  /// A position (GTID) whose DDL statement or transaction is not to be applied.
  std::string skip_ddl, skip_transaction;
  /// Rebuild a lost state file from the bookkeeping on the target.
  bool recover_state = false;
};

/// Applies the source's binlog to the target until `range` ends or `stop` is requested (which is
/// Error{interrupted} unless the range has an end). Lost connections are retried as the job says.
DTS_EXPORT void sync(const Job& job, StateFile& state, const SyncRange& range, Observer& observer,
                     std::stop_token stop = {});

}  // namespace dts
