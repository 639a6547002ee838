#pragma once

#include <map>
#include <string>
#include <vector>

#include "schema/map_objects.hpp"
#include "schema/translate.hpp"
#include "schema/translate_text.hpp"

// Views, routines, triggers and events from one server to another: in the words of the target, if
// it is of another kind or version, and by its names.

namespace dts {

struct CarryServers {
  Connection& source;
  Connection& target;
  const TargetFacts& facts;
};

/// What is to be told of objects, by their names on the source.
struct CarryReport {
  std::map<ObjectId, std::vector<std::string>> changes;
  std::map<ObjectId, std::vector<std::string>> doubts;  ///< "uses json_array(), which ..."
  std::vector<UnmappedObject> left_out;                 ///< "mentions ..."
};

/// What becomes of one object on a server of the other kind.
struct ObjectTranslation {
  std::vector<std::string> changes, doubts, refused;
};
/// Its text, mode and collation in the words of the target. A view whose text is as the server wrote it
/// has no sql_mode.
ObjectTranslation translate_object(Definition& definition, const SourceFacts& from,
                                   const TargetFacts& to);

/// Makes all of them ready for the target; what can't be there, or mentions what can't, is taken
/// out and reported. `definitions` are as the source has them, `tables` by their names there.
CarryReport carry_objects(std::vector<Definition>& definitions, const ObjectNames& names,
                          const std::map<TableName, MappedTable>& tables,
                          const CarryServers& servers);

}  // namespace dts
