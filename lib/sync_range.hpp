#pragma once

#include <string>

#include "db/connection.hpp"
#include "sync_pipeline.hpp"

// What the options of a run mean on its source: where it ends, and what it leaves out.

namespace dts {

/// A position given by the user, as GTIDs where the source has such. Throws Error{usage}.
Position resolve_position(Connection& source, const std::string& text);

/// Throws Error{usage} for what is no time and no position of this source.
Range resolve(Connection& source, const SyncRange& range);

/// Throws Error{usage} unless a transaction that is to be left out is still to come (`applied`), and
/// the source has it (`there`).
void check_skipped(const Position& skipped, const Position& applied, const Position& there);

/// On another server the same place in a file is something else. Throws Error{usage}.
void refuse_files(const Range& range);

}  // namespace dts
