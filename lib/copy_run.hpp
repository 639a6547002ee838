#pragma once

#include <set>
#include <stop_token>
#include <string>
#include <vector>

#include "db/bookkeeping.hpp"
#include "dts/job.hpp"
#include "dts/observer.hpp"
#include "dts/state.hpp"
#include "schema/mapping.hpp"
#include "servers.hpp"

// The copy of some tables whose start position is taken: workers, what they report, and what may have
// happened to source and target meanwhile.

namespace dts {

/// How far a try came: whether it had its sessions, and where the workers were when it failed.
struct Try {
  bool connected = false, copying = false, copied = false;
};

std::vector<MappedTable> map_tables(const std::vector<Table>& tables, const Mapping& mapping);

/// Throws Error{target} unless the target has the tables as they are to be, and empty where they must be.
void check_target_tables(Servers& servers, const Job& job, const std::vector<Table>& tables,
                         bool must_be_empty);

/// The state's progress of `tables`, in their order: what is known of them, or nothing yet.
void note_tables(const std::vector<Table>& tables, StateFile& state);
void note_indexes(const std::vector<DeferredIndex>& indexes, TableProgress& progress);
/// Adds what is not known yet, and forgets what is not among `tables`.
void match_progress(const std::vector<Table>& tables, StateFile& state);

/// A lock that somebody holds is an error then; nothing hangs in silence.
Sql told_locks();

/// A replica of the target may lack rows that were copied to it.
void check_same_target(Connection& target, const Job& job, const StateFile& state);

/// Copies what is left of `tables`, of which the state's progress tells in the same order. False if some
/// were altered or dropped on the source meanwhile.
bool copy_all(Servers& servers, const Job& job, StateFile& state, std::vector<Table> tables,
              Try& tried, Observer& observer, std::stop_token stop);

}  // namespace dts
