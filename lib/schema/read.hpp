#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "db/connection.hpp"
#include "dts/objects.hpp"
#include "schema/table.hpp"

namespace dts {

/// A foreign key, named by its child.
struct ForeignKey {
  TableName child;
  std::string name;
  TableName parent;
  std::vector<std::string> child_columns, parent_columns;
  std::string on_delete, on_update;  ///< "RESTRICT", "CASCADE", "SET NULL", ...
};

/// The name of a character set or collation as servers since 10.6 give it: before, the three-byte
/// UTF-8 had the short name "utf8".
std::string long_name(std::string name);
/// The databases in which something may be selected, in order of name.
std::vector<std::string> selected_schemas(Connection& connection, const Objects& objects);
/// The selected tables (views aside), in order of name, with columns and keys.
std::vector<Table> read_tables(Connection& connection, const Objects& objects);
/// Those of the named tables that are there, in order of name.
std::vector<Table> read_tables(Connection& connection, const std::set<TableName>& names);
/// One table; nothing if it is not there.
std::optional<Table> read_table(Connection& connection, const TableName& name);
/// Foreign keys of which the child is selected.
std::vector<ForeignKey> read_foreign_keys(Connection& connection, const Objects& objects);
/// Foreign keys of the named tables.
std::vector<ForeignKey> read_foreign_keys(Connection& connection, const std::set<TableName>& children);

/// Why a table's versions can't be carried to the target exactly; empty if they can, or if it is not
/// system-versioned.
std::string versioning_trouble(Connection& connection, const Table& table, Connection& target);

}  // namespace dts
