#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dts/objects.hpp"
#include "schema/ddl.hpp"

// Statements of the stream about views, routines, triggers and events. All functions here take the
// text in the character set of its session, which `dialect` names.

namespace dts {

/// A name in a text, from its first piece to its last.
struct NamedPart {
  TableName name;
  std::size_t first = 0, last = 0;
};

struct ObjectStatement {
  std::string verb;  ///< "create", "alter" or "drop"
  /// "view", "function", "procedure", "package", "package body", "trigger" or "event"
  std::string kind;
  std::vector<NamedPart> names;      ///< DROP VIEW may have several
  std::optional<NamedPart> table;    ///< of a trigger that is created
  std::optional<NamedPart> renamed;  ///< behind RENAME TO of an event
  bool or_replace = false, if_not_exists = false;
  bool has_definer = false;
  bool has_columns = false;  ///< a view that names its columns
  bool loadable = false;     ///< a function of a shared library: the server's, not a database's
  std::size_t body = 0;      ///< the piece at which SELECT or the body begins; or behind the last
};

/// Nothing if the statement is none of these or is not understood. `schema` is the default
/// database.
std::optional<ObjectStatement> read_object_statement(std::string_view text, const Dialect& dialect,
                                                     const std::string& schema);

/// CREATE or ALTER EVENT that leaves the event disabled, or as it is; nothing if an ALTER has
/// nothing else to do.
std::optional<std::string> with_own_state(std::string_view text, const Dialect& dialect,
                                          const ObjectStatement& statement);

/// ALTER VIEW, which says all that the view is, as CREATE OR REPLACE VIEW.
std::string as_create(std::string_view text, const Dialect& dialect);

/// ALTER FUNCTION or PROCEDURE that leaves it running with the rights of its caller.
std::string altered_with_invoker(std::string_view text, const Dialect& dialect);

/// Why a view would give its columns other names after its text was changed: one that has none of
/// its own is called as its expression is written. Empty if it would not.
std::string renamed_result(std::string_view before, std::string_view after, const Dialect& dialect);

}  // namespace dts
