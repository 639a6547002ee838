#pragma once

#include <cstdint>

#include "binlog/bytes.hpp"
#include "db/value.hpp"
#include "schema/table.hpp"

namespace dts {

/// Reads one value that is not NULL: `type` and `metadata` as in the TABLE_MAP event, `column` the
/// kept shape, which knows signs and character sets.
/// Formats: MySQL libs/mysql/binlog/event/binary_log_funcs.cpp, MariaDB sql/log_event_client.cc.
Value read_column(Bytes& body, std::uint8_t type, std::uint16_t metadata, const Column& column,
                  Arena& arena);

/// Undoes MariaDB's compression of events (165 to 168) and of COMPRESSED columns.
std::string_view inflate_event(std::string_view data, Arena& arena);
std::string_view inflate_column(std::string_view data, Arena& arena);

}  // namespace dts
