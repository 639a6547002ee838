#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "db/connection.hpp"
#include "dts/position.hpp"

// Every difference between servers is one function here.

namespace dts {

/// Something that stays the same while the server is the same one: MySQL's server_uuid, MariaDB's
/// server_uid (10.11), else host name, port and data directory.
std::string server_identity(Connection& connection);

/// The end of the binlog as it is now; may contain commits that SELECT does not see yet.
Position binlog_end(Connection& source);

/// Opens a consistent snapshot on this session (START TRANSACTION ...) and returns the position
/// that belongs to exactly what it sees. No lock is held and nothing waited for.
/// Source: MariaDB "START TRANSACTION WITH CONSISTENT SNAPSHOT" and binlog_snapshot_*.
Position open_snapshot(Connection& source);

/// What a file and offset of this server are as GTIDs.
Position position_of(Connection& source, std::string_view file, std::uint64_t offset);

/// Server clock, seconds since 1970, with fraction.
double server_clock(Connection& connection);

}  // namespace dts
