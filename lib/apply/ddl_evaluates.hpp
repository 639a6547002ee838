#pragma once

#include <string>
#include <vector>

#include "apply/ddl_names.hpp"
#include "apply/shapes.hpp"
#include "binlog/event.hpp"
#include "db/connection.hpp"
#include "dts/job.hpp"
#include "schema/mapping.hpp"

// A statement that changes rows by evaluating something gives the target the same rows only if that
// comes to the same here: the time is set to that of the source, numbers are given in the order of
// the primary key; uuid(), random numbers and the order of rows without a key are others.

namespace dts {

/// What of a statement, in UTF-8, the source may have evaluated to something else than the target
/// will; empty if both come to the same. `before` is the shape of its table, or null; `all_rows`:
/// the target has all of the source's rows of it. By tokens: what is not known to come to the same
/// does not.
std::string evaluation_trouble(const Ddl& ddl, const DdlNames& names, const Table* before,
                               bool target_is_mariadb, bool all_rows);

/// The same with what the target says: nothing is evaluated for a table without rows.
std::string evaluation_trouble(Connection& target, const Job& job, const Ddl& ddl,
                               const DdlNames& names, const Shapes& shapes, const Mapping& mapping);

/// Why the table can't be copied again behind such a statement; empty if it can.
std::string recopy_trouble(const Job& job, const DdlNames& names, const Shapes& shapes,
                           const Mapping& mapping);

/// From now on the table, and those that are copied in one snapshot with it, wait for a copy.
/// Returns what writes that down.
std::vector<Sql> wait_for_copy(const Job& job, const DdlNames& names, const std::string& reason,
                               Shapes& shapes);

}  // namespace dts
