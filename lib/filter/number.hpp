#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "filter/node.hpp"

namespace dts::filter {

/// Digits with an optional '-'; they must fit.
Integer to_integer(std::string_view digits);
std::string to_text(Integer value);
/// Nearest double; nothing if it is out of range.
std::optional<double> to_double(std::string_view number);
/// Compares numbers in digits with an optional '-' and point, exactly: -1, 0, 1.
int compare_decimals(std::string_view a, std::string_view b);
/// Whether the text is '-' or nothing, and digits.
bool is_integer(std::string_view text);

}  // namespace dts::filter
