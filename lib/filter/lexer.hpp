#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace dts::filter {

enum class Lexeme {
  word,    ///< keyword, or column in any case
  name,    ///< `column`
  string,  ///< '...'
  bytes,   ///< x'..'
  bits,    ///< b'..', 0x.., 0b..: numbers or bytes, as they are used
  integer,
  decimal,
  real,
  symbol,
  end,
};

struct Piece {
  Lexeme kind = Lexeme::end;
  std::size_t at = 0;   ///< where it begins in the condition
  std::string text;     ///< a word in upper case; a name, string or bits as what they mean
  std::string written;  ///< of a word: as written
};

/// A condition as errors show it.
struct Source {
  std::string_view text;

  /// Throws Error{usage} with the place.
  [[noreturn]] void refuse(std::size_t at, const std::string& reason,
                           const std::string& hint = {}) const;
};

/// Splits a condition; the last piece is the end.
std::vector<Piece> split(const Source& source);

}  // namespace dts::filter
