#pragma once

#include <cstdint>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "dts/export.hpp"
#include "dts/job.hpp"
#include "dts/objects.hpp"

namespace dts {

/// One thing in which the target is not what the job wants of it.
struct SchemaDifference {
  enum class Sort : std::uint8_t {
    missing,  ///< it is not on the target
    differs,
    extra,    ///< it is on the target, and nothing on the source becomes it
    waiting,  ///< it is still to be done: an index to be built, a statement to be applied
  };
  std::string kind;  ///< "database", "table", "foreign-keys", "view", "trigger", "function", ...
  TableName source, target;  ///< of a database, only `schema`; no source: it is only there
  Sort sort = Sort::differs;
  std::string what;      ///< for people: "column 'a' should be ..., and is ..."
  bool harmful = false;  ///< else it changes neither rows nor what the job has been asked to create
};

/// "missing", "differs", "extra" or "waiting"
DTS_EXPORT std::string to_string(SchemaDifference::Sort sort);

/// The object's name on the target: "shop.orders", "shop".
DTS_EXPORT std::string name_of(const SchemaDifference& difference);

DTS_EXPORT bool any_harmful(std::span<const SchemaDifference> differences);

/// Reads both servers and returns all differences, those of one object together. Writes nothing.
/// Throws Error{source, target, connect, interrupted}.
DTS_EXPORT std::vector<SchemaDifference> compare_schema(const Job& job, std::stop_token stop = {});

}  // namespace dts
