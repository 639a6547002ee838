#pragma once

#include <map>
#include <stop_token>
#include <vector>

#include "dts/job.hpp"
#include "dts/observer.hpp"
#include "schema/definition.hpp"
#include "schema/mapping.hpp"

namespace dts {

/// What the target is to have.
struct SchemaPlan {
  std::vector<Definition> objects;         ///< in the order in which they can be created
  std::map<TableName, MappedTable> tables; ///< by their names on the source
};

/// Reads the selected objects of the source, as they are to be on the target. What is left out or
/// changed on the way is told to `observer`. Throws Error for what can't be there.
SchemaPlan plan_objects(const Job& job, Connection& source, Connection& target,
                        const Mapping& mapping, Observer& observer, const std::stop_token& stop);

/// Throws Error{interrupted} if a stop is requested.
void check_stop(const std::stop_token& stop);

}  // namespace dts
