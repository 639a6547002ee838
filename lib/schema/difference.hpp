#pragma once

#include <string>

#include "schema/table.hpp"

namespace dts {

/// The first thing in which the shape of `b` ("there") differs from that of `a` ("here"), for
/// people; empty if same_shape().
std::string shape_difference(const Table& a, const Table& b);

}  // namespace dts
