#pragma once

#include <string>

#include "apply/ddl_names.hpp"
#include "binlog/event.hpp"
#include "schema/mapping.hpp"

namespace dts {

/// A statement by the names of the target.
struct RewrittenDdl {
  std::string statement;  ///< tokens other than mapped names are as they were
  std::string trouble;    ///< why it can't be written with certainty; empty if it can
};

/// `ddl` must be in UTF-8, and `names` be what ddl_names() found in it.
RewrittenDdl rewritten_ddl(const Ddl& ddl, const DdlNames& names, const Mapping& mapping);

/// A CREATE TABLE that says no character set with this collation for the table's; another one as it is.
std::string with_table_collation(const Ddl& ddl, const std::string& collation);

/// Whether some string of the statement has a character set of its own: its bytes would change if the
/// statement were sent in another one.
bool has_introducer(const Ddl& ddl);

}  // namespace dts
