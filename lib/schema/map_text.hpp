#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "schema/ddl.hpp"
#include "schema/mapping.hpp"

// Names in the text of SHOW CREATE TABLE, as they are on the target.

namespace dts {

/// A piece of a text and what is to stand in its place.
struct Edit {
  std::size_t begin, end;
  std::string text;
};
/// The text with all edits made; they must not overlap, and may come in any order.
std::string edited(std::string_view text, std::vector<Edit> edits);

struct MappedText {
  std::string text;
  std::vector<std::string> left_out;  ///< "key k: column b is left out"
  std::vector<std::string> refused;   ///< what can't be without a column that is left out
};

/// CREATE TABLE of `table.source`, as the server wrote it, for `table.target`.
MappedText mapped_create(std::string_view create, const MappedTable& table, const Mapping& mapping);

/// A foreign key between tables as they are on the target. Its text is empty if a column of it is
/// left out.
ForeignKeyText mapped_key(const ForeignKeyText& key, const MappedTable& child,
                          const MappedTable& parent);

}  // namespace dts
