#include "toml_writer.hpp"

#include <charconv>
#include <limits>

#include <fmt/format.h>

namespace dts {

namespace {

unsigned byte_at(std::string_view text, std::size_t i) {
  return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u;
}

/// The length of the UTF-8 character that `text` begins with; 0 if it is not valid.
std::size_t character_length(std::string_view text) {
  const unsigned a = byte_at(text, 0), b = byte_at(text, 1);
  const auto continues = [&](std::size_t i) { return (byte_at(text, i) & 0xc0) == 0x80; };
  if (a < 0x80) return 1;
  if (a >= 0xc2 && a <= 0xdf) return continues(1) ? 2 : 0;
  if (a >= 0xe0 && a <= 0xef) {
    const bool overlong = a == 0xe0 && b < 0xa0, surrogate = a == 0xed && b > 0x9f;
    return continues(1) && continues(2) && !overlong && !surrogate ? 3 : 0;
  }
  if (a >= 0xf0 && a <= 0xf4) {
    const bool overlong = a == 0xf0 && b < 0x90, too_high = a == 0xf4 && b > 0x8f;
    return continues(1) && continues(2) && continues(3) && !overlong && !too_high ? 4 : 0;
  }
  return 0;
}

}  // namespace

std::string toml_string(std::string_view bytes) {
  std::string quoted = "\"";
  while (!bytes.empty()) {
    const unsigned char c = static_cast<unsigned char>(bytes.front());
    const std::size_t length = character_length(bytes);
    if (c == '"' || c == '\\') {
      quoted += '\\';
      quoted += static_cast<char>(c);
    } else if (c == '\n') {
      quoted += "\\n";
    } else if (c == '\t') {
      quoted += "\\t";
    } else if (length == 0 || c < 0x20 || c == 0x7f || c == '%') {
      quoted += fmt::format("%{:02X}", c);
    } else {
      quoted += bytes.substr(0, length);
    }
    bytes.remove_prefix(length == 0 ? 1 : length);
  }
  return quoted + '"';
}

bool percent_decode(std::string& text) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded += text[i];
      continue;
    }
    unsigned value = 0;
    const char* begin = text.data() + i + 1;
    if (i + 2 >= text.size() || std::from_chars(begin, begin + 2, value, 16).ptr != begin + 2)
      return false;
    decoded += static_cast<char>(value);
    i += 2;
  }
  text = std::move(decoded);
  return true;
}

void TomlWriter::comment(std::string_view text) {
  text_ += fmt::format("# {}\n", text);
}
void TomlWriter::table(std::string_view name) {
  text_ += fmt::format("\n[{}]\n", name);
}
void TomlWriter::element(std::string_view name) {
  text_ += fmt::format("\n[[{}]]\n", name);
}

void TomlWriter::write_verbatim(std::string_view key, std::string_view value) {
  text_ += fmt::format("{} = {}\n", key, value);
}

void TomlWriter::write(std::string_view key, std::string_view value) {
  write_verbatim(key, toml_string(value));
}

void TomlWriter::write(std::string_view key, const std::vector<std::string>& values) {
  std::string list = "[";
  for (const auto& value : values) list += fmt::format("\n  {},", toml_string(value));
  write_verbatim(key, list + (values.empty() ? "]" : "\n]"));
}

void TomlWriter::write(std::string_view key, std::uint64_t value) {
  // The integers of TOML have a sign; larger numbers are written as text.
  const bool fits = value <= static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  write_verbatim(key, fits ? fmt::format("{}", value) : fmt::format("\"{}\"", value));
}

void TomlWriter::write(std::string_view key, double value) {
  std::string text = fmt::format("{}", value);
  if (text.find_first_not_of("-0123456789") == text.npos) text += ".0";
  write_verbatim(key, text);
}

void TomlWriter::write(std::string_view key, bool value) {
  write_verbatim(key, value ? "true" : "false");
}

}  // namespace dts
