#pragma once

#include <functional>
#include <memory>
#include <stop_token>

#include "copy/chunk.hpp"
#include "copy/notes.hpp"
#include "copy/throttle.hpp"
#include "dts/job.hpp"

namespace dts {

/// Called when tables have been copied whole: `start` is the position of the one
/// snapshot that was read, from which their events count. Runs on the worker's target session.
using SnapshotNoted = std::function<void(
    Connection& target, const std::vector<const Table*>& tables, const Position& start)>;

/// Removes all rows of a table of the target, those of its history too.
void empty_table(Connection& target, const Table& table);
bool is_empty(Connection& target, const Table& table);

/// What all writing of system-versioned tables builds on, tried on a table of ours. Throws
/// Error{target} where the server can't.
void try_removing_versions(Connection& target, const std::string& bookkeeping);

/// One worker of the copy: takes chunks from the plan until there are none, with a session of its
/// own on each server, and rides over lost connections and deadlocks as `job.retry` says. Throws
/// what it could not ride over.
void run_copier(const Job& job, ChunkPlan& plan, Throttle& throttle,
                const SnapshotNoted& snapshot_noted, Notes& notes, std::stop_token stop);

}  // namespace dts
