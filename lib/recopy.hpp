#pragma once

#include <set>
#include <stop_token>
#include <string>
#include <vector>

#include "dts/job.hpp"
#include "dts/observer.hpp"
#include "dts/state.hpp"
#include "schema/mapping.hpp"
#include "schema/table.hpp"
#include "servers.hpp"

// Tables that are altered, dropped or created on the source while the copy runs. Rows of the old and the
// new structure can't be in one copy, so an altered table is made and copied again, with a start
// position of its own: what the binlog has of it up to there, DDL included, is in the copy. That
// position is also when all tables were listed, so what is not known was not there.

namespace dts {

/// What happened on the source to tables that are being copied.
struct TableChanges {
  std::vector<TableName> gone, altered;
  bool empty() const { return gone.empty() && altered.empty(); }
};

/// Compares `tables`, of which `progress` tells in the same order, with what the source has now. A table
/// whose columns and unique keys are the same is not altered: what else was done to it comes with the
/// binlog; unless it will be copied whole, in a snapshot behind that.
TableChanges changes_since(Connection& source, const Job& job, const std::vector<Table>& tables,
                           const std::vector<TableProgress>& progress);

/// Takes a new start position for tables that are altered or new, makes them anew on the target, removes
/// there what is gone, and writes all this to the bookkeeping and the state. Returns all tables to copy,
/// sorted by name as `state` has them. Throws Error{source} where tables of the target can't be made anew.
/// May be killed and called again at any time; `late` are those of an earlier call of which nobody knows
/// whether they have been made anew.
std::vector<Table> copy_again(Servers& servers, const Job& job, StateFile& state,
                              const std::vector<Table>& tables, const std::set<TableName>& late,
                              Observer& observer, const std::stop_token& stop);

/// Why tables of the target can't be made anew, of `tables` that the job has; empty if they can.
std::string remake_trouble(const Job& job, const Mapping& mapping, const std::vector<Table>& tables,
                           const std::set<TableName>& names);

/// Makes tables of the target, by their names on the source, anew, with their foreign keys and triggers.
/// They are empty then, and their indexes may be deferred.
void make_anew(Servers& servers, const Job& job, StateFile& state, const std::set<TableName>& names,
               Observer& observer, const std::stop_token& stop);

}  // namespace dts
