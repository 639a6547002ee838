#pragma once

#include <string>
#include <vector>

#include "db/connection.hpp"

namespace dts {

/// Statements of this account that have waited for a lock for `seconds` or longer, a text for people
/// about each: what waits, for what, and who holds it, as far as the account may know.
std::vector<std::string> lock_waits(Connection& server, unsigned seconds);

}  // namespace dts
