#pragma once

#include <optional>
#include <set>
#include <vector>

#include "schema/read.hpp"

// Many tables at once, database by database on several sessions. No locks may be held meanwhile.

namespace dts {

/// What is selected on a server, in order of name.
struct Selected {
  std::vector<Table> tables;
  /// Of which the child is selected; nothing if the server did not show them.
  std::optional<std::vector<ForeignKey>> foreign_keys;
};
Selected read_selected(Connection& connection, const Objects& objects);
/// Those of the named tables that are there.
std::vector<Table> read_named(Connection& connection, const std::set<TableName>& names);

}  // namespace dts
