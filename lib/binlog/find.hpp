#pragma once

#include <cstdint>
#include <vector>

#include "dts/endpoint.hpp"
#include "dts/position.hpp"

namespace dts {

/// The times in the events of one transaction in the binlog of a MariaDB server, as its origin wrote
/// them: replicas keep them. The first one is that of its GTID. Empty if the server does not have this
/// very transaction, or no more. `position` tells what to pass over in other domains. Nobody else may use
/// `server_id` on that server meanwhile.
std::vector<std::uint32_t> transaction_times(const Endpoint& source, const Position& position,
                                             const DomainGtid& gtid, std::uint32_t server_id);

}  // namespace dts
