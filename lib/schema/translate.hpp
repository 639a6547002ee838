#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "db/server_objects.hpp"
#include "schema/table.hpp"

// The text of CREATE TABLE, from MySQL to MariaDB and back, and between MySQL 5.7 and later ones.

namespace dts {

/// What a target is, as far as the texts of objects depend on it.
struct TargetFacts {
  ServerKind kind;
  std::set<std::string> collations;
};
TargetFacts target_facts(Connection& target);

struct TableTranslation {
  std::string text;
  std::vector<std::string> changes;  ///< "json becomes longtext with a check (a, b)"
  /// Columns of unique keys in which values may become equal: "a: utf8mb4_... becomes utf8mb4_..."
  std::vector<std::string> clashes;
  std::vector<std::string> refused;  ///< what can't be carried: "column u: type uuid"
  std::vector<std::string> checks;   ///< names of CHECKs
};

/// `create` is what a server of kind `from` wrote, without foreign keys, and `shape` is the
/// table's.
TableTranslation translate_table(std::string_view create, const Table& shape, ServerKind from,
                                 const TargetFacts& to);

/// Older servers give a TIMESTAMP that is NOT NULL and has no default one of their own, and the
/// first of them ON UPDATE, too: the text with a default for these.
std::string with_timestamp_defaults(std::string_view create, std::vector<std::string>& changes);

/// The name, for a session of the target, of the collation that has this number in the binlog of a
/// source; empty if there is nothing like it.
std::string counterpart_by_number(Connection& target, int number, bool from_mariadb);

/// Gives columns of a table of MariaDB back the type that they had on MySQL: JSON, of which a check
/// is left.
void restore_json(Connection& target, Table& table);

}  // namespace dts
