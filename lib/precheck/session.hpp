#pragma once

#include <memory>
#include <stop_token>

#include "db/connection.hpp"

namespace dts {

/// A session for reading what checks look at. It waits for a table that somebody has locked for 3 s at a time,
/// where servers wait for a day or more by themselves. Cancelled once `stop` is requested.
std::unique_ptr<Connection> open_session(const Endpoint& endpoint, Side side, const std::stop_token& stop);

}  // namespace dts
