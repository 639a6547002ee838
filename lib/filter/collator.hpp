#pragma once

#include <string_view>

#include "db/connection.hpp"
#include "filter/condition.hpp"

namespace dts {

/// Asks a server, which must be of the source's kind and version, and keeps answers: at most 65,536
/// and 16 MiB. The connection must stay, and is used by one thread at a time.
Collator server_collator(Connection& connection);

/// Has the server read the condition, without reading rows. Throws Error{usage} with the server's
/// words if it refuses.
void check_condition(Connection& source, const Table& table, std::string_view where);

}  // namespace dts
