#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "dts/state.hpp"

namespace dts {

/// A state file in two: its tables, which may be thousands, and what is before them.
struct StateTables {
  std::string_view head;
  std::vector<TableProgress> tables, settled;
};

/// Reads the tables line by line, in a tenth of the time that a parser of TOML takes. Nothing if
/// anything is not exactly as write_state() writes it: then the parser has to say what.
std::optional<StateTables> split_tables(std::string_view text);

}  // namespace dts
