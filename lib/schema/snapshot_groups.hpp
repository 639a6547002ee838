#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "schema/read.hpp"
#include "schema/table.hpp"

// Foreign keys with CASCADE or SET NULL change rows of which the binlog says nothing (MariaDB; MySQL before
// 9.6). The target's own keys repeat that, which comes out right only if the tables of both sides of a
// key are at one position. So such tables are copied together: in one snapshot, as one group.

namespace dts {

/// Whether an action of a foreign key changes rows of the child.
bool changes_child(const std::string& action);
/// Whether a key has such an action.
bool is_cascading(const ForeignKey& key);

/// A table that cascading keys lead back to; nothing if there is none.
std::optional<TableName> find_cycle(const std::vector<ForeignKey>& keys);
/// What a server of this kind and setting can't do with such a table; empty if it can: MySQL, where it follows
/// keys above InnoDB, comes to a table once, and leaves rows that the source does not have.
std::string cycle_trouble(Connection& target, const std::vector<ForeignKey>& keys);

/// The tables that have to be copied in one snapshot with others, with the name of their group, that of its
/// first table: what cascading keys connect, and what the server looks at while it cascades. A table
/// that cascades to itself is a group, too.
std::map<TableName, std::string> snapshot_groups(const std::vector<ForeignKey>& keys);

/// Tables as they were before that are to be in one group now, but were not in one.
std::set<TableName> joined_groups(const std::vector<Table>& before, const std::vector<Table>& now);
/// Adds to `names` what must not have another position than a table of `names` or `gone`: those `now` that
/// are of its group, or were.
void complete_groups(std::set<TableName>& names, const std::vector<TableName>& gone,
                     const std::vector<Table>& before, const std::vector<Table>& now);

}  // namespace dts
