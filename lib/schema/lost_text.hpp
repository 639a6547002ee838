#pragma once

#include <string>

#include "db/connection.hpp"
#include "dts/objects.hpp"

namespace dts {

/// SHOW CREATE TABLE writes "?" for characters of four bytes in ENUM and SET members and in
/// defaults, and defaults of binary columns as text that can't be sent back. Puts in what the table
/// really has; reads nothing if the text is plain.
std::string with_lost_text(Connection& connection, const TableName& table, std::string create);

}  // namespace dts
