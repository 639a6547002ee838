#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "schema/ddl.hpp"
#include "schema/definition.hpp"
#include "schema/mapping.hpp"

// Views, routines, triggers and events by the names of the target. Their texts are not parsed: a
// name is changed where it can be nothing but what it says, and told where it may.

namespace dts {

/// What the texts of the source may mention, and what that is called on the target.
struct ObjectNames {
  struct Relation {
    TableName source, target;
    /// Columns by the source's names that are written otherwise on the target; nothing: left out.
    std::vector<std::pair<std::string, std::optional<std::string>>> columns = {};
    bool is_view = false;
  };

  const Objects& objects;
  const Mapping& mapping;
  bool source_folds, target_folds;  ///< names of databases and tables are the same in any case
  std::map<TableName, Relation> relations;     ///< tables and views; by folded names
  std::set<TableName> routines;                ///< by folded names
  std::map<std::string, std::string> schemas;  ///< selected as a whole; by folded names

  std::string folded(const std::string& name) const { return source_folds ? lowered(name) : name; }
};

/// `others`: what else than tables is selected. A server folds if its lower_case_table_names is not
/// 0. `objects` and `mapping` must outlive the result.
ObjectNames object_names(const Objects& objects, const Mapping& mapping,
                         const std::map<TableName, MappedTable>& tables,
                         const std::vector<ObjectId>& others, bool source_folds);

struct MappedObject {
  TableName name;  ///< on the target
  std::string text;
  std::vector<std::string>
      unsafe;  ///< "mentions 'orders', which is called 'orders_eu' on the target"
  std::set<TableName> relations, routines;  ///< that it mentions; by folded names
};

/// A CREATE statement as SHOW CREATE writes it, of what is `id` on the source.
MappedObject mapped_object(const ObjectId& id, std::string_view create, const Dialect& dialect,
                           const ObjectNames& names);

/// An object that can't be on the target, by its name on the source.
struct UnmappedObject {
  ObjectId id;
  std::vector<std::string> reasons;
};

/// Gives all of them their names and texts on the target. Those that can't be there, as `refused`
/// says or for their names, or that mention one that can't, are taken out and returned.
std::vector<UnmappedObject> map_objects(
    std::vector<Definition>& definitions, const ObjectNames& names,
    const std::map<ObjectId, std::vector<std::string>>& refused = {});

/// lower_case_table_names of a server is not 0.
bool folds_names(Connection& connection);

}  // namespace dts
