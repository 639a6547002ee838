#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "db/connection.hpp"
#include "schema/letter_case.hpp"
#include "schema/table.hpp"

namespace dts {

/// What the objects of the source are called on the target, and which of their columns go there.
/// The first `[[objects.map]]` that matches a table serves: its own name, its database, or a regular
/// expression that is searched for in "database.table". A name that a map gives is taken as it is;
/// the others follow `name_case`.
class Mapping {
 public:
  /// `lower_case_names` is the target's lower_case_table_names. `objects` must outlive this.
  Mapping(const Objects& objects, unsigned lower_case_names);

  /// Of a database as a whole: of its views and routines, and of tables that no map names.
  std::string schema(const std::string& source) const;
  TableName table(const TableName& source) const;
  /// The map that serves a table; null if there is none.
  const MapRule* rule(const TableName& source) const;
  /// A column of a table that `rule` (or null) serves; nothing if it is left out.
  std::optional<std::string> column(const MapRule* rule, const std::string& source) const;

  /// From now on `tool`, a table that an online DDL tool has made for `base`, goes by the rules of that
  /// one. On the target it lies beside it, and has its name in its own.
  void follow(const TableName& tool, const TableName& base) { followed_[tool] = base; }
  void leave(const TableName& tool) { followed_.erase(tool); }
  bool follows(const TableName& tool) const { return followed_.contains(tool); }

  /// Whether every object has its own name and all its rows and columns on the target.
  bool is_identity() const { return identity_; }
  /// Whether names of databases and tables may differ in another way than by a map.
  bool changes_case() const { return case_ != Case::same; }
  /// Whether names of databases and tables are the same in any case on the target.
  bool target_folds() const { return target_folds_; }

 private:
  enum class Case { same, lower, upper };
  std::string tables_case(std::string name) const;
  TableName beside(const TableName& base, const TableName& tool) const;

  const Objects& objects_;
  bool identity_;
  bool server_lowers_;  ///< whatever name is given
  bool target_folds_;
  Case case_, column_case_;
  std::map<TableName, TableName> followed_;
};

/// The mapping of a job, by what the target says of itself.
Mapping mapping_for(const Objects& objects, Connection& target);

/// A table of the source and what it is on the target.
struct MappedTable {
  Table source;
  Table selected;  ///< the source, with the columns that go to the target only
  Table target;    ///< the same columns by their names there
  std::vector<std::size_t> columns;  ///< of `selected`, as indexes into the source's
  const MapRule* rule = nullptr;     ///< null: none

  bool all_columns() const { return columns.size() == source.columns.size(); }
};
MappedTable map_table(Table source, const Mapping& mapping);

/// The source's shape of a table that was read on the target; nothing if columns are left out there.
std::optional<Table> unmapped(const Table& target, const TableName& source, const Mapping& mapping);

/// Why the rule that serves a table can't: a column that is not there, or is needed; empty if it can.
std::vector<std::string> mapping_troubles(const Table& source, const Mapping& mapping);

}  // namespace dts
