#pragma once

#include <functional>
#include <optional>
#include <set>
#include <span>
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
/// What else is to be asked of tables. Where there are many databases, it is asked of those of one
/// together, while the server has them open: opening a table is what costs most. Sessions are as
/// prepare_reading() makes them; called on several threads.
using Visit = std::function<void(Connection&, std::span<const Table>)>;

Selected read_selected(Connection& connection, const Objects& objects, const Visit& visit = {});
/// Those of the named tables that are there.
std::vector<Table> read_named(Connection& connection, const std::set<TableName>& names,
                              const Visit& visit = {});

}  // namespace dts
