#pragma once

#include <compare>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dts/export.hpp"

namespace dts {

/// A table by its schema (database) and name, as the server spells them, without quotes.
struct TableName {
  std::string schema, table;
  auto operator<=>(const TableName&) const = default;
};

/// "schema.table", for people; not for SQL.
DTS_EXPORT std::string to_string(const TableName& name);

/// What becomes of a DDL statement of the stream.
enum class DdlPolicy { apply, skip, stop };

enum class NameCase { by_default, source, lower, upper };

/// One `[[objects.map]]` of the job file.
struct MapRule {
  std::string source;
  std::string target;  ///< empty: the name stays
  std::map<std::string, std::string> columns;
  std::vector<std::string> exclude_columns;
  std::string where;
  bool insert = true, update = true, remove = true;
  std::optional<DdlPolicy> ddl = {};  ///< nothing: as `[sync]` says
};

/// `[objects]` of the job file: what is selected, and what it is called on the target.
struct Objects {
  std::vector<std::string> include, exclude;
  NameCase name_case = NameCase::by_default;
  std::vector<MapRule> map;
};

/// Whether a database is the server's own; those are never selected.
DTS_EXPORT bool is_system_schema(std::string_view schema);

/// Whether the table is selected: some include pattern matches, no exclude pattern does, and it is
/// not in a system schema. A pattern without a dot selects whole databases. `*` and `?` match
/// within a name; a pattern that begins with `~` is a regular expression (ECMAScript) that is
/// searched for in "schema.table": it is anchored only by ^ and $. Matching is case-sensitive.
/// Throws Error{usage} for an expression that does not compile; load_job() has checked that.
DTS_EXPORT bool selects(const Objects& objects, const TableName& table);

/// Whether the whole database is selected by a pattern without a dot (then its views, routines and
/// triggers, and tables created later, are too).
DTS_EXPORT bool selects_schema(const Objects& objects, std::string_view schema);

/// Whether something in the database may be selected.
DTS_EXPORT bool touches_schema(const Objects& objects, std::string_view schema);

}  // namespace dts
