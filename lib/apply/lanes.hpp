#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "binlog/event.hpp"
#include "db/bookkeeping.hpp"
#include "db/connection.hpp"

namespace dts {

inline constexpr unsigned lane_count = 64;

/// Two tables, of which one refers to the other.
using TableLink = std::pair<TableName, TableName>;

/// The foreign keys of the target that begin in these databases.
std::vector<TableLink> read_links(Connection& target, const std::vector<std::string>& schemas);

/// Gives every row of the target a lane. Changes of one lane are applied in the order of the source,
/// those of different lanes at the same time; so rows that could stand in each other's way share one:
/// - rows of a table with one unique key, whose equality is that of bytes, go by that key;
/// - rows of any other table (no key, further unique keys, keys of text that is compared by a collation,
///   versions) all go by the table's name;
/// - tables that are connected by foreign keys go by the first of their names.
/// The lane of a row is the same in every run and every version of this program, as long as the table's shape and
/// rules() are: what a lane has applied is remembered on the target. Tables must live as long as this. Not thread-safe.
class LaneRules {
 public:
  explicit LaneRules(const std::vector<TableLink>& links);

  unsigned lane(const Table& table, const Row& row) const;
  /// Of the row before and after the change: others if its key changes.
  std::pair<unsigned, unsigned> lanes(const RowChange& change) const;
  /// Names what the lanes depend on besides the tables' shapes.
  const std::string& rules() const { return rules_; }

 private:
  struct Rule {
    bool by_row = false;
    std::uint64_t seed = 0;
  };
  const Rule& rule(const Table& table) const;

  std::map<TableName, TableName> roots_;  ///< of tables with foreign keys
  std::string rules_;
  mutable std::unordered_map<const Table*, Rule> cache_;
};

/// Takes out of transactions that are read again what lanes have applied already.
void leave_out_applied(std::vector<Transaction>& group, const std::vector<LanePosition>& applied,
                       const LaneRules& rules);

}  // namespace dts
