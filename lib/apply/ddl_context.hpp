#pragma once

#include <cstdint>
#include <string>

#include "binlog/event.hpp"
#include "db/connection.hpp"

namespace dts {

/// Makes the session what it was when the source ran the statement: sql_mode, character sets,
/// collations, time zone and all else that the binlog says. `timestamp` is the statement's time in
/// seconds; `schema` is what its default database is called here; `default_engine` may be empty.
/// Throws Error{target} if the target lacks what it ran under.
void set_context(Connection& session, const Ddl& ddl, std::uint32_t timestamp,
                 const std::string& schema, const std::string& default_engine);

}  // namespace dts
