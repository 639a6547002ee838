#pragma once

#include <string>

#include "db/server_objects.hpp"
#include "schema/table.hpp"

namespace dts {

/// The first thing in which the shape of `b` ("there") differs from that of `a` ("here"), for
/// people; empty if same_shape().
std::string shape_difference(const Table& a, const Table& b);

/// Whether a column that was translated for another kind of server takes exactly the values of the
/// source's.
bool carries(const Column& source, const Column& target);

/// The same for a table and what it was translated to: its columns must carry each other's values,
/// its unique keys be the same.
std::string carried_difference(const Table& source, const Table& target);

/// The one of both that fits these servers.
std::string shape_difference(const Table& source, ServerKind from, const Table& target,
                             ServerKind to);

}  // namespace dts
