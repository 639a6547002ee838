#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "db/connection.hpp"
#include "dts/schema_compare.hpp"
#include "schema_plan.hpp"

namespace dts {

/// Whether definitions count as harmful when they differ in what doesn't concern rows: not where
/// the job is to take tables as they are.
bool wants_definitions(const Job& job);

/// What the job wants of the target now: of one that creates nothing, only its tables. What can't be
/// carried goes to `uncarried`; without it, the first of these is thrown.
SchemaPlan plan_to_compare(const Job& job, Connection& source, Connection& target,
                           const std::stop_token& stop, Unreadable* uncarried = nullptr);
/// The same, from what has been read of the source; definitions only where the job creates them.
SchemaPlan plan_to_compare(const Job& job, Connection& source, Connection& target,
                           SourceObjects objects, const std::stop_token& stop);

/// What the target has of some tables.
struct TargetTables {
  std::set<TableName> asked;  ///< those that are not in `shapes` are not there
  std::map<TableName, Table> shapes;
  std::map<TableName, Definition> texts;
};
/// Those of `names` that are there; texts only of `with_text`.
TargetTables read_target_tables(Connection& target, const std::set<TableName>& names,
                                const std::set<TableName>& with_text, const std::stop_token& stop);

/// The one comparison of the schemas: what the plan wants with what the target says. A plan without
/// objects is compared by the shapes of its tables. `there` is what has been read of
/// its tables; the others are read now.
std::vector<SchemaDifference> compare_schema(const Job& job, Connection& source, Connection& target,
                                             const SchemaPlan& plan, bool definitions,
                                             const std::stop_token& stop,
                                             TargetTables there = {});

/// One line for people: "table shop.orders: column 'a' is missing there: int(11)".
std::string line_of(const SchemaDifference& difference);

}  // namespace dts
