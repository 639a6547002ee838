#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "filter/node.hpp"

namespace dts::filter {

/// Compares by bytes: -1, 0, 1. With `pad`, as if the shorter one went on with spaces.
int compare_bytes(std::string_view a, std::string_view b, bool pad);
/// LIKE by bytes, or by characters of UTF-8.
bool is_like(std::string_view text, std::string_view pattern, char escape, bool utf8);
/// Characters of a text in UTF-8.
std::size_t count_characters(std::string_view utf8);
bool is_ascii(std::string_view text);
bool is_valid_utf8(std::string_view text);
/// Whether a text in UTF-8 has a character of four bytes.
bool has_supplementary(std::string_view utf8);
/// Whether UTF-8 is what the character set is, or contains it.
bool is_utf8(std::string_view charset);
/// Whether it has one byte a character, and ASCII is a part of it.
bool is_single_byte(std::string_view charset);
/// The rule of a column's collation.
TextRule text_rule(std::string_view charset, std::string_view collation);
/// The members of "enum('a','b')" or "set(...)", in UTF-8; none if the text does not tell them.
std::vector<std::string> members_of(std::string_view definition);

}  // namespace dts::filter
