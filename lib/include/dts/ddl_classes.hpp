#pragma once

#include <initializer_list>
#include <string_view>

#include "dts/export.hpp"
#include "dts/job.hpp"

namespace dts {

/// What `[sync.ddl_by_class]` may name: a kind of statement ("alter-table") or all about one kind
/// of object ("table").
DTS_EXPORT std::initializer_list<std::string_view> ddl_classes();

/// What `[sync]` says of statements of a kind: the setting of the kind counts, else that of its
/// object, else `ddl`.
DTS_EXPORT DdlPolicy ddl_policy(const SyncOptions& sync, std::string_view kind);

}  // namespace dts
