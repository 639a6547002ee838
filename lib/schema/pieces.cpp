#include "schema/pieces.hpp"

#include <string>

#include "schema/ddl.hpp"

namespace dts {

namespace {

bool is_chinese(std::string_view charset) {
  return charset == "gbk" || charset == "big5" || charset == "gb18030";
}
bool is_japanese(std::string_view charset) {
  return charset == "sjis" || charset == "cp932";
}

/// Without the second bytes of characters that may look like a quote or a backslash.
std::string masked_text(std::string_view text, std::string_view charset) {
  std::string masked(text);
  const bool chinese = is_chinese(charset);
  if (!chinese && !is_japanese(charset)) return masked;
  const auto is_lead_byte = [chinese](unsigned char byte) {
    if (chinese) return byte >= 0x81;
    return (byte >= 0x81 && byte <= 0x9f) || (byte >= 0xe0 && byte <= 0xfc);
  };
  for (std::size_t i = 0; i + 1 < masked.size(); ++i)
    if (is_lead_byte(static_cast<unsigned char>(masked[i]))) masked[++i] = static_cast<char>(0xff);
  return masked;
}

}  // namespace

Pieces pieces_of(std::string_view text, const Dialect& dialect, std::size_t count_max) {
  const std::string masked = masked_text(text, dialect.charset);
  Pieces pieces;
  for (const Token& token : tokenize(masked, dialect.rules, count_max)) {
    const auto begin = static_cast<std::size_t>(token.text.data() - masked.data());
    const std::size_t length = token.text.size();
    pieces.push_back({{token.kind, text.substr(begin, length)}, begin, begin + length});
  }
  return pieces;
}

}  // namespace dts
