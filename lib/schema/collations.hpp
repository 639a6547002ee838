#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

// Collations that only MySQL or only MariaDB has, and what comes closest on the other.

namespace dts {

/// What a collation takes for equal, next to another one.
enum class Equality {
  same,
  finer,  ///< tells apart all that the other does, and more
  other,  ///< may take values for equal that the other tells apart
};

struct Counterpart {
  std::string name;
  Equality equality = Equality::same;
};

/// The closest collation that a server has, `known` being all of its names; nothing if none comes
/// near. Between servers of one kind, equal names mean the same.
std::optional<Counterpart> closest_collation(const std::string& name,
                                             const std::set<std::string>& known, bool other_kind);

/// Whether closest_collation() may have chosen `target` for `source`.
bool is_counterpart(const std::string& source, const std::string& target);

/// The name of a collation by its number in the binlog, as far as the two kinds of servers don't
/// agree about it; else empty.
std::string collation_by_number(int number, bool mariadb);

}  // namespace dts
