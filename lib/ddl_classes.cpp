#include "dts/ddl_classes.hpp"

#include <string>

namespace dts {

namespace {

const std::initializer_list<std::string_view> classes = {
    "table",           "create-table",   "alter-table",    "drop-table",     "rename-table",
    "truncate-table",  "index",          "create-index",   "drop-index",     "database",
    "create-database", "alter-database", "drop-database",  "view",           "create-view",
    "alter-view",      "drop-view",      "routine",        "create-routine", "alter-routine",
    "drop-routine",    "trigger",        "create-trigger", "drop-trigger",   "event",
    "create-event",    "alter-event",    "drop-event"};

}  // namespace

std::initializer_list<std::string_view> ddl_classes() {
  return classes;
}

DdlPolicy ddl_policy(const SyncOptions& sync, std::string_view kind) {
  for (std::string_view name : {kind, kind.substr(kind.find('-') + 1)})
    if (const auto found = sync.ddl_by_class.find(std::string(name));
        found != sync.ddl_by_class.end())
      return found->second;
  return sync.ddl;
}

}  // namespace dts
