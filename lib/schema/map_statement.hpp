#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "schema/map_objects.hpp"
#include "schema/object_statement.hpp"

namespace dts {

/// A CREATE or ALTER statement of the stream by the names of the target. Other than what SHOW
/// CREATE writes, it may leave databases out: then `schema` is meant, the default one.
MappedObject mapped_statement(const ObjectStatement& statement, const std::string& schema,
                              std::string_view text, const Dialect& dialect,
                              const ObjectNames& names);

/// The names that may stand for a table or a view in the text of a statement.
std::vector<TableName> names_in_body(const ObjectStatement& statement, const std::string& schema,
                                     std::string_view text, const Dialect& dialect);

}  // namespace dts
