#pragma once

#include <set>
#include <string>
#include <vector>

#include "schema/definition.hpp"

// Which objects a server has. Where there are many databases, they are asked for on several sessions.
// No locks may be held meanwhile.

namespace dts {

/// The selected objects that a server has: databases, tables, routines, views, triggers in the
/// order of their actions. All but databases and tables come with whole databases only.
std::vector<ObjectId> list_objects(Connection& connection, const Objects& objects);

/// The selected tables alone.
std::vector<TableName> list_tables(Connection& connection, const Objects& objects);

/// All objects of these databases.
std::vector<ObjectId> list_objects(Connection& connection, const std::set<std::string>& schemas);

/// The triggers and views that are not listed because only tables of their database are selected.
std::vector<ObjectId> list_left_out(Connection& connection, const Objects& objects);

/// The events of these databases.
std::vector<ObjectId> list_events(Connection& connection, const std::set<std::string>& schemas);
/// The selected ones: those of whole databases.
std::vector<ObjectId> list_events(Connection& connection, const Objects& objects);

}  // namespace dts
