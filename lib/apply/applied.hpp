#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "dts/state.hpp"

namespace dts {

/// What an applier has done since it was made.
struct Applied {
  std::uint64_t transactions = 0, changes = 0, ddl = 0;
  std::vector<Conflict> conflicts;
  std::vector<Skipped> skipped;

  /// The conflicts of one kind in a table; made if there were none.
  Conflict& conflicts_of(const TableName& table, const std::string& kind);
  /// Each DDL statement, each doubt, and what the user has left out, is listed; of everything else only the first of a
  /// kind, and how many.
  void count_skipped(const std::string& kind, const std::string& detail, const std::string& position);
};

}  // namespace dts
