#pragma once

#include <string>
#include <string_view>

// Messages go to logs, and into the state for everybody to see: what rows hold has no place in them.

namespace dts {

/// The beginning of a statement; of one that reads or writes rows, without its literals.
std::string shown_statement(std::string_view statement);

/// What a server says, without the value that it quotes: "Incorrect string value: '...' for column".
std::string shown_message(std::string_view message);

}  // namespace dts
