#pragma once

#include <string>

#include "db/connection.hpp"
#include "schema/definition.hpp"

// What tells one state of an object of the target from another: by it one knows after a crash
// whether a statement was run.

namespace dts {

/// What a sequence looks like whose row is not there, because the server crashed while it was made.
inline constexpr const char* half_made = "a sequence without its row\n";

/// Definition, InnoDB ids (they change when a table is emptied, rebuilt or swapped for one of the
/// same shape), time of creation.
std::string structure_of(Connection& target, const TableName& table);

/// What goes with a table when it is renamed; empty if it is not there.
std::string identity_of(Connection& target, const TableName& table);

/// When it was made or renamed, by the second; empty where the server doesn't say.
std::string renaming_time_of(Connection& target, const TableName& table);

/// Of a view, routine, trigger or event: SHOW CREATE and when it was made and altered.
std::string structure_of(Connection& target, const ObjectId& object);

std::string structure_of_database(Connection& target, const std::string& database);

}  // namespace dts
