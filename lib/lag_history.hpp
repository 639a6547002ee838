#pragma once

#include "dts/state.hpp"

namespace dts {

/// Keeps the highest lag of each of the last 60 minutes; minutes without any count as not known.
void note_lag(SyncProgress& sync, Time at);

}  // namespace dts
