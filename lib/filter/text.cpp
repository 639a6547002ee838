#include "filter/text.hpp"

#include <algorithm>
#include <cstring>

#include "db/sql.hpp"

namespace dts::filter {

namespace {

/// Bytes of the character that begins here.
std::size_t step(std::string_view text, bool utf8) {
  if (!utf8) return 1;
  const auto lead = static_cast<unsigned char>(text[0]);
  const std::size_t size = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  return std::min(size, text.size());
}

}  // namespace

int compare_bytes(std::string_view a, std::string_view b, bool pad) {
  const std::size_t common = std::min(a.size(), b.size());
  const int order = common == 0 ? 0 : std::memcmp(a.data(), b.data(), common);
  if (order != 0) return order < 0 ? -1 : 1;
  if (a.size() == b.size()) return 0;
  const int longer = a.size() > b.size() ? 1 : -1;
  if (!pad) return longer;
  for (char c : (longer > 0 ? a : b).substr(common))
    if (c != ' ') return static_cast<unsigned char>(c) > ' ' ? longer : -longer;
  return 0;
}

bool is_like(std::string_view text, std::string_view pattern, char escape, bool utf8) {
  // Where to go on when what follows the last '%' does not match.
  bool saved = false;
  std::string_view saved_text, saved_pattern;
  for (;;) {
    bool matches = false;
    if (pattern.empty()) {
      matches = text.empty();
      if (matches) return true;
    } else if (pattern[0] == '%' && pattern[0] != escape) {
      pattern.remove_prefix(1);
      saved = true;
      saved_text = text;
      saved_pattern = pattern;
      continue;
    } else if (!text.empty() && pattern[0] == '_' && pattern[0] != escape) {
      text.remove_prefix(step(text, utf8));
      pattern.remove_prefix(1);
      matches = true;
    } else if (!text.empty()) {
      std::string_view wanted = pattern;
      if (wanted[0] == escape && wanted.size() > 1) wanted.remove_prefix(1);
      const std::size_t size = step(wanted, utf8);
      matches = text.substr(0, size) == wanted.substr(0, size);
      if (matches) {
        text.remove_prefix(size);
        pattern = wanted.substr(size);
      }
    }
    if (matches) continue;
    if (!saved || saved_text.empty()) return false;
    saved_text.remove_prefix(step(saved_text, utf8));
    text = saved_text;
    pattern = saved_pattern;
  }
}

std::size_t count_characters(std::string_view utf8) {
  return static_cast<std::size_t>(
      std::count_if(utf8.begin(), utf8.end(), [](char c) { return (c & 0xc0) != 0x80; }));
}

bool is_ascii(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char c) { return (c & 0x80) != 0; });
}

bool is_valid_utf8(std::string_view text) {
  while (!text.empty()) {
    const auto lead = static_cast<unsigned char>(text[0]);
    if (lead >= 0x80 && (lead < 0xc2 || lead > 0xf4)) return false;
    const std::size_t size = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    if (size > text.size()) return false;
    for (std::size_t i = 1; i < size; ++i)
      if ((text[i] & 0xc0) != 0x80) return false;
    const auto second = size > 1 ? static_cast<unsigned char>(text[1]) : 0;
    if ((lead == 0xe0 && second < 0xa0) || (lead == 0xed && second > 0x9f) ||
        (lead == 0xf0 && second < 0x90) || (lead == 0xf4 && second > 0x8f))
      return false;
    text.remove_prefix(size);
  }
  return true;
}

bool has_supplementary(std::string_view utf8) {
  return std::any_of(utf8.begin(), utf8.end(),
                     [](char c) { return static_cast<unsigned char>(c) >= 0xf0; });
}

bool is_utf8(std::string_view charset) {
  return charset == "utf8mb4" || charset == "utf8mb3" || charset == "ascii";
}

bool is_single_byte(std::string_view charset) {
  return charset == "ascii" || (text_form(charset) == TextForm::escaped && charset != "swe7");
}

TextRule text_rule(std::string_view charset, std::string_view collation) {
  TextRule rule{std::string(charset), std::string(collation), TextRule::Local::no};
  // Old MariaDB's _nopad_bin takes 'a' and 'a\0' for equal: only the server knows.
  const bool by_bytes = collation.ends_with("_bin") && collation.find("_nopad_") == collation.npos;
  if (!by_bytes || (!is_utf8(charset) && !is_single_byte(charset))) return rule;
  const bool pads = collation.find("_0900_") == collation.npos;
  rule.local = pads ? TextRule::Local::pad : TextRule::Local::nopad;
  return rule;
}

std::vector<std::string> members_of(std::string_view definition) {
  std::vector<std::string> members;
  // Escapes and lost characters are not told apart from what they look like.
  if (definition.find_first_of("\\?") != definition.npos) return {};
  std::size_t at = definition.find('\'');
  while (at < definition.size() && definition[at] == '\'') {
    std::string member;
    for (++at; at < definition.size(); ++at) {
      if (definition[at] == '\'' && (at + 1 >= definition.size() || definition[at + 1] != '\''))
        break;
      member += definition[at];
      if (definition[at] == '\'') ++at;
    }
    members.push_back(std::move(member));
    at += 2;  // the quote and a comma
  }
  return members;
}

}  // namespace dts::filter
