#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "db/bookkeeping.hpp"
#include "db/connection.hpp"
#include "schema/mapping.hpp"

// Secondary indexes that are built once, after the rows: loading into a table that has them costs
// nearly twice. Each is written down on the target before it is dropped there, so that no crash can
// lose one.

namespace dts {

/// The indexes of CREATE TABLE that rows can be loaded without: not unique, not FULLTEXT or SPATIAL,
/// not needed by AUTO_INCREMENT or a foreign key. `referenced` are columns that foreign keys of
/// other tables point to. Only those behind the last one that stays are taken, so that the order of
/// indexes is the same in the end.
std::vector<DeferredIndex> deferrable_indexes(std::string_view create,
                                              const std::vector<std::string>& referenced);

/// Told which indexes of a table, the number in a list, are about to be dropped.
using IndexesDeferred = std::function<void(std::size_t, const std::vector<DeferredIndex>&)>;

/// Writes down and drops the indexes of large tables that are empty. To be called once, before the
/// first row is copied.
void defer_indexes(Connection& target, const std::string& database, const std::string& job,
                   const std::vector<MappedTable>& tables, const IndexesDeferred& deferred);

/// Builds what was deferred of a table and is not there, and forgets it. Does nothing if nothing
/// was. A build that an earlier session left behind is waited for.
void build_indexes(Connection& target, const std::string& database, const std::string& job,
                   const TableName& table);

}  // namespace dts
