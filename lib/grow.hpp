#pragma once

#include <stop_token>

#include "copy_run.hpp"
#include "db/bookkeeping.hpp"
#include "dts/job.hpp"
#include "dts/observer.hpp"
#include "dts/state.hpp"
#include "servers.hpp"

// Tables that are copied while the job is past its first copy: those that join it, and those that a
// statement makes it copy again. Each has a start position of its own; until they are copied they
// are written down as late tables, and sync waits for those whose copy has begun.

namespace dts {

/// Has the job work with the objects of its file, in one transaction on the target: tables that
/// leave are forgotten, for those that join the start position is taken. Then copies what is late.
/// False if there was nothing to do. Throws Error{state} where the objects may not be changed so.
/// May be killed and called again at any time.
bool copy_late(Servers& servers, const Job& job, StateFile& state, const PositionRow& row,
               Try& tried, Observer& observer, std::stop_token stop);

/// The late tables that are not copied yet, for status: "shop.orders: why".
std::vector<std::string> waiting_texts(const std::vector<LateTable>& late);

}  // namespace dts
