#include "schema/pieces.hpp"

#include <string>

#include "schema/ddl.hpp"

namespace dts {

namespace {

/// Whether a byte of this set begins a character whose second byte may look like a quote or a
/// backslash.
bool is_lead_byte(unsigned char byte, std::string_view charset) {
  if (charset == "gbk" || charset == "big5" || charset == "gb18030") return byte >= 0x81;
  if (charset == "sjis" || charset == "cp932")
    return (byte >= 0x81 && byte <= 0x9f) || (byte >= 0xe0 && byte <= 0xfc);
  return false;
}

}  // namespace

Pieces pieces_of(std::string_view text, const Dialect& dialect) {
  std::string masked(text);
  for (std::size_t i = 0; i + 1 < masked.size(); ++i)
    if (is_lead_byte(static_cast<unsigned char>(masked[i]), dialect.charset))
      masked[++i] = static_cast<char>(0xff);
  Pieces pieces;
  for (const Token& token : tokenize(masked, dialect.rules)) {
    const auto begin = static_cast<std::size_t>(token.text.data() - masked.data());
    const std::size_t length = token.text.size();
    pieces.push_back({{token.kind, text.substr(begin, length)}, begin, begin + length});
  }
  return pieces;
}

}  // namespace dts
