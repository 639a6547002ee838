#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "db/connection.hpp"
#include "dts/position.hpp"

// Every difference between servers is one function here.

namespace dts {

/// Something that stays the same while the server is the same one: MySQL's server_uuid, MariaDB's
/// server_uid (10.11), else host name, port and data directory.
std::string server_identity(Connection& connection);

/// Whether transactions are named by GTIDs; else a position is a file and an offset. MySQL's modes in
/// between, in which only some transactions have one, count as without.
bool uses_gtids(Connection& source);

/// What a file and offset of this server are as a position: MariaDB knows their GTIDs.
Position position_of(Connection& source, std::string_view file, std::uint64_t offset);

/// For how many seconds the server keeps a binlog file that it writes no more; nothing if for ever.
std::optional<std::uint64_t> binlog_retention(Connection& source);

/// SHOW MASTER STATUS or SHOW BINARY LOG STATUS: File, Position, Binlog_Do_DB, Binlog_Ignore_DB,
/// Executed_Gtid_Set (MySQL).
TextRow binlog_status(Connection& source);

/// The end of the binlog as it is now; may contain commits that SELECT does not see yet. On MySQL a
/// file and an offset, because gtid_executed may lag behind what is visible.
Position binlog_end(Connection& source);

/// Contains every transaction whose COMMIT has been answered.
Position committed_position(Connection& source);

/// A position that no later read is older than; nothing is locked, but on MySQL without GTIDs for an
/// instant the whole server. Source: MariaDB's binlog_snapshot_* status of a consistent snapshot;
/// MySQL adds to gtid_executed after the engine has committed.
Position start_position(Connection& source);

/// Opens a consistent snapshot on this session (START TRANSACTION ...) and returns the position
/// that belongs to exactly what it sees of `tables`. MariaDB locks nothing; on MySQL the tables are
/// locked against writing for an instant.
Position open_snapshot(Connection& source, const std::vector<TableName>& tables);

/// Server clock, seconds since 1970, with fraction.
double server_clock(Connection& connection);

}  // namespace dts
