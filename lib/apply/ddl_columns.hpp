#pragma once

#include <string>
#include <vector>

#include "db/tokens.hpp"

namespace dts {

/// The tokens of CREATE TABLE or ALTER TABLE that give a column its name: in a list of columns,
/// behind ADD, MODIFY and CHANGE, and the new name of RENAME COLUMN. `from` is the token behind the
/// table's name. Where a column is only mentioned, its case says nothing.
std::vector<std::size_t> declared_columns(const std::vector<Token>& tokens, const std::string& kind,
                                          std::size_t from);

}  // namespace dts
