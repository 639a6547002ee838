#pragma once

#include <cstddef>
#include <functional>

#include "db/connection.hpp"

namespace dts {

/// Calls `work` once for each number below `count`, in any order: on `first`, and where there is
/// much to do, at the same time on some more sessions like it, each after `prepare`. Sessions that
/// the server does not grant are done without. Rethrows the first exception, after all have ended.
/// `first` must hold no locks that the others would wait for.
void share_work(Connection& first, std::size_t count,
                const std::function<void(Connection&)>& prepare,
                const std::function<void(Connection&, std::size_t)>& work);

}  // namespace dts
