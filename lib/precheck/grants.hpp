#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "db/connection.hpp"

namespace dts {

/// One line of SHOW GRANTS, as far as it gives privileges on databases or tables.
struct Grant {
  std::set<std::string> privileges;  ///< "SELECT", "SHOW VIEW", "ALL PRIVILEGES"
  std::string schema;                ///< a LIKE pattern; empty: *.*
  std::string table;                 ///< empty: all
};

/// What an account may do, its active role included.
struct Grants {
  std::string account;  ///< as the server sees it, quoted for GRANT: `dts`@`%`
  std::vector<Grant> list;
  std::vector<Grant> revoked;  ///< MySQL's partial revokes: single databases, out of a global right

  /// Whether the privilege is held on all databases, on the database, or on the table.
  bool allow(std::string_view privilege) const;
  bool allow(std::string_view privilege, const std::string& schema,
             const std::string& table = {}) const;
};

Grants read_grants(Connection& connection);

/// Adds a line of SHOW GRANTS; roles and privileges on single columns or routines are passed over.
void add_grant(Grants& grants, std::string_view line);

/// "GRANT SELECT, TRIGGER ON `shop`.* TO `dts`@`%`;"
std::string grant_statement(const Grants& grants, const std::vector<std::string>& privileges,
                            const std::string& schema);

}  // namespace dts
