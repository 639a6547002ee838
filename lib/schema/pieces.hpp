#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "db/tokens.hpp"

namespace dts {

struct Dialect;

/// A token with its place in the text.
struct Piece : Token {
  std::size_t begin, end;
};
using Pieces = std::vector<Piece>;

/// The tokens of a text that a session with these quotes and this character set wrote, or the first
/// `count_max` of them.
Pieces pieces_of(std::string_view text, const Dialect& dialect, std::size_t count_max = SIZE_MAX);

}  // namespace dts
