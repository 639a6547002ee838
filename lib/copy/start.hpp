#pragma once

#include <stop_token>
#include <vector>

#include "db/connection.hpp"
#include "dts/job.hpp"
#include "dts/observer.hpp"
#include "dts/position.hpp"
#include "schema/table.hpp"

namespace dts {

/// The selected tables, sorted by name, as they are at a position: no DDL came in between.
struct CopyStart {
  std::vector<Table> tables;
  Position position;
};

/// Takes a position that no later read can be older than. Waits until no prepared XA transaction is
/// open, at most `retry.statement_minutes`. Throws Error{source} if structures keep changing,
/// Error{interrupted} on stop.
CopyStart find_start(Connection& source, const Job& job, Observer& observer,
                     const std::stop_token& stop);

/// Finds the tables that are to be copied in one snapshot, because the job syncs them and the source
/// does not tell what foreign keys do.
void mark_snapshots(Connection& source, const Job& job, std::vector<Table>& tables);

/// The selected tables of the source, sorted by name and marked so, with `create_hash` for those that
/// are copied whole: statements that come before their snapshot are in their copy, and must not have changed
/// the structure that init-schema found.
std::vector<Table> sorted_tables(Connection& source, const Job& job);
std::string create_hash(Connection& source, const TableName& name);
void sort_by_name(std::vector<Table>& tables);

/// Waits. Throws Error{interrupted} if a stop is requested.
void wait_or_stop(std::chrono::milliseconds time, const std::stop_token& stop);

}  // namespace dts
