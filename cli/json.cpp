#include "json.hpp"

#include <algorithm>

namespace dtsctl::json {
namespace {

/// Length of the well-formed UTF-8 sequence at the front (Unicode 15, table 3-7), or 0.
std::size_t sequence(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  if (first < 0x80) return 1;
  if (first < 0xc2 || first > 0xf4) return 0;
  const std::size_t length = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  if (length > text.size()) return 0;
  const unsigned char low = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
  const unsigned char high = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
  if (byte(1) < low || byte(1) > high) return 0;
  for (std::size_t i = 2; i < length; ++i)
    if ((byte(i) & 0xc0) != 0x80) return 0;
  return length;
}

}  // namespace

void append(std::string& out, std::string_view v) {
  const auto plain = [](char c) { return c >= 0x20 && c < 0x7f && c != '"' && c != '\\'; };
  out += '"';
  while (!v.empty()) {
    const auto run = std::find_if_not(v.begin(), v.end(), plain) - v.begin();
    out += v.substr(0, run);
    v.remove_prefix(run);
    if (v.empty()) break;
    const auto byte = static_cast<unsigned char>(v.front());
    std::size_t length = sequence(v);
    if (length == 0) {
      out += "\\ufffd";
      length = 1;
    } else if (byte == '"' || byte == '\\') {
      (out += '\\') += v.front();
    } else if (byte == '\n') {
      out += "\\n";
    } else if (byte < 0x20 || byte == 0x7f) {
      fmt::format_to(std::back_inserter(out), "\\u{:04x}", byte);
    } else {
      out += v.substr(0, length);
    }
    v.remove_prefix(length);
  }
  out += '"';
}

}  // namespace dtsctl::json
