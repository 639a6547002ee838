#pragma once

#include <functional>
#include <string_view>

#include "binlog/bytes.hpp"

namespace dts {

/// Unpacks MySQL's TRANSACTION_PAYLOAD event and calls `event` for each event in it, with header
/// and without checksum. What it holds in memory is one of them and a little more. Throws
/// Error{source} if it is damaged. Source: MySQL libs/mysql/binlog/event/codecs/binary.cpp.
void for_each_payload_event(Bytes body, const std::function<void(std::string_view)>& event);

}  // namespace dts
