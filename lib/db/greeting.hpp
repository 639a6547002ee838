#pragma once

#include "dts/endpoint.hpp"

namespace dts {

/// Whether the server's greeting offers TLS. Opens a connection of its own and reads the first
/// packet; the answer is remembered for the life of the process. A Unix socket counts as without.
/// An unreachable server counts as without, too: connecting will say so better.
bool offers_tls(const Endpoint& endpoint);

}  // namespace dts
