#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "apply/ddl_names.hpp"
#include "binlog/event.hpp"

// DROP TABLE and RENAME TABLE of several tables, of which some are no business of the job, or of
// which a crash has left some as they were.

namespace dts {

using Wanted = std::function<bool(const TableName&)>;
using Renaming = std::pair<TableName, TableName>;

/// DROP TABLE of the tables that are wanted only; empty if none is.
std::string cut_drop(const Ddl& ddl, const DdlNames& names, const Wanted& wanted);

/// What a RENAME TABLE is to those who have the wanted tables only.
struct RenamePlan {
  std::string statement;  ///< with the pairs that move wanted tables; empty if there are none
  std::vector<TableName> leaving;  ///< get a name that is not wanted; they stay where they are
  std::string trouble;             ///< why it can't be followed
};
RenamePlan plan_rename(const Ddl& ddl, const DdlNames& names, const Wanted& wanted);

/// What stands under each name: something that a table takes along when it is renamed, or nothing.
using Tenants = std::map<TableName, std::string>;

std::string written(const Tenants& tenants);
/// What written() wrote of the same names; nothing if it did not.
std::optional<Tenants> read_tenants(const std::string& text, Tenants names);

/// The renamings that are still to be done; nothing if that can't be told. `touched`: whether any
/// of the tables has been renamed at all, if that is known.
std::optional<std::vector<Renaming>> rest_of_rename(const std::vector<Renaming>& all,
                                                    const Tenants& before, const Tenants& now,
                                                    std::optional<bool> touched = {});

}  // namespace dts
