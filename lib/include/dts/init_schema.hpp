#pragma once

#include <stop_token>
#include <string>
#include <vector>

#include "dts/export.hpp"
#include "dts/job.hpp"
#include "dts/observer.hpp"
#include "dts/state.hpp"

namespace dts {

/// One object to create on the target.
struct SchemaStep {
  std::string kind;  ///< "database", "table", "foreign-keys", "routine", "view", "trigger", "event"
  std::string name;  ///< for people: "shop.orders"
  std::vector<std::string> statements;  ///< complete, to run in order on one session
};

/// What init_schema() would do, in order. Reads the source only.
DTS_EXPORT std::vector<SchemaStep> plan_schema(const Job& job, Observer& observer,
                                               std::stop_token stop = {});

/// Creates the selected objects on the target. What is there already with the same definition is
/// left alone, so running it twice is harmless; a failure names the object, and the next call goes
/// on from there. Throws Error{source, target, connect, interrupted}.
DTS_EXPORT void init_schema(const Job& job, StateFile& state, Observer& observer,
                            std::stop_token stop = {});

}  // namespace dts
