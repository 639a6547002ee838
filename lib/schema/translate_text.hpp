#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "schema/ddl.hpp"
#include "schema/translate.hpp"

// The texts of views, routines, triggers and events, from MySQL to MariaDB and back. They are not
// parsed: what both kinds of servers read alike passes through, what one kind writes otherwise is
// rewritten where that is certain, and what would give other results is refused. What the target
// has no word for is not known here: see ask_target.hpp.

namespace dts {

/// What a source is, as far as the texts of objects depend on it.
struct SourceFacts {
  ServerKind kind;
  std::map<std::string, std::string> default_collations;  ///< by character set
  std::set<std::string> json_columns;                     ///< of MySQL; lowered names
};
SourceFacts source_facts(Connection& source);

struct TextTranslation {
  std::string text;
  std::vector<std::string> changes;  ///< "collation utf8mb4_0900_ai_ci becomes ..."
  std::vector<std::string> doubts;   ///< what may give other results, told too
  std::vector<std::string> refused;  ///< "uses json_contains() with a path: ..."
};

/// `create` is what a server of kind `from` wrote, and the target is of the other kind.
TextTranslation translate_text(std::string_view create, const Dialect& dialect,
                               const SourceFacts& from, const TargetFacts& to);

/// The modes that a routine, trigger or event is to have on a server of the other kind, so that it
/// runs there as it did; and those that mean something and that the target hasn't.
SqlModes translate_modes(std::string_view names, ServerKind from, ServerKind to);

}  // namespace dts
