#pragma once

#include "dts/job.hpp"
#include "servers.hpp"

namespace dts {

/// Where the target has to cascade for the source, its keys must be the source's. Throws Error{target}
/// naming the first that is not.
void check_cascades(Servers& servers, const Job& job);

}  // namespace dts
