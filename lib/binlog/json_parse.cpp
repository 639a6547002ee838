#include <charconv>
#include <cmath>

#include "binlog/json.hpp"

namespace dts {

namespace {

[[noreturn]] void not_json() {
  throw Error(ErrorKind::source, "cannot read a JSON document: its text is not JSON");
}

void append_utf8(char*& to, std::uint32_t code) {
  const auto put = [&](std::uint32_t byte) { *to++ = static_cast<char>(byte); };
  if (code < 0x80) return put(code);
  if (code < 0x800) {
    put(0xc0 | code >> 6);
  } else {
    if (code < 0x10000) {
      put(0xe0 | code >> 12);
    } else {
      put(0xf0 | code >> 18);
      put(0x80 | (code >> 12 & 63));
    }
    put(0x80 | (code >> 6 & 63));
  }
  put(0x80 | (code & 63));
}

/// The four digits of \uXXXX at `at`.
std::uint32_t code_unit(std::string_view text, std::size_t at) {
  std::uint32_t unit = 0;
  if (text.size() - at < 4) not_json();
  const char* end = text.data() + at + 4;
  if (std::from_chars(text.data() + at, end, unit, 16).ptr != end) not_json();
  return unit;
}

/// `text` is what is between the quotes. Escapes are never shorter than what they stand for.
std::string_view unescape(std::string_view text, Arena& arena) {
  static constexpr std::string_view names = "btnfr\"\\/", named = "\b\t\n\f\r\"\\/";
  char* const start = arena.allocate(text.size());
  char* to = start;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\') {
      *to++ = text[i];
      continue;
    }
    ++i;  // there is one: the closing quote was looked for with escapes in mind
    if (const auto which = names.find(text[i]); which != names.npos) {
      *to++ = named[which];
      continue;
    }
    if (text[i] != 'u') not_json();
    std::uint32_t code = code_unit(text, i + 1);
    i += 4;
    if (code >= 0xd800 && code < 0xdc00) {
      if (text.substr(i + 1, 2) != "\\u") not_json();
      const std::uint32_t low = code_unit(text, i + 3);
      if (low < 0xdc00 || low > 0xdfff) not_json();
      code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
      i += 6;
    } else if (code >= 0xdc00 && code < 0xe000) {
      not_json();
    }
    append_utf8(to, code);
  }
  return {start, static_cast<std::size_t>(to - start)};
}

class TextParser {
 public:
  TextParser(std::string_view text, Arena& arena) : rest_(text), arena_(arena) {}

  Json document() {
    Json result = value(0);
    space();
    if (!rest_.empty()) not_json();
    return result;
  }

 private:
  std::string_view rest_;
  Arena& arena_;

  void space() {
    const std::size_t first = rest_.find_first_not_of(" \t\n\r");
    rest_.remove_prefix(first == rest_.npos ? rest_.size() : first);
  }
  bool skip(std::string_view word) {
    if (!rest_.starts_with(word)) return false;
    rest_.remove_prefix(word.size());
    return true;
  }
  bool skip_after_space(std::string_view word) {
    space();
    return skip(word);
  }

  Json value(unsigned level) {
    space();
    Json result;
    if (rest_.starts_with('{') || rest_.starts_with('[')) return container(level + 1);
    if (rest_.starts_with('"')) {
      result.kind = JsonKind::string;
      result.text = detail::take_json_string(rest_, arena_);
    } else if (skip("true")) {
      result.kind = JsonKind::boolean;
      result.bits = 1;
    } else if (skip("false")) {
      result.kind = JsonKind::boolean;
    } else if (!skip("null")) {
      number(result);
    }
    return result;
  }

  Json container(unsigned level) {
    if (level > json_depth_max) not_json();
    Json result;
    const bool object = rest_.front() == '{';
    rest_.remove_prefix(1);
    result.kind = object ? JsonKind::object : JsonKind::array;
    const std::string_view end = object ? "}" : "]";
    if (skip_after_space(end)) return result;
    do {
      std::string_view key;
      if (object) {
        space();
        key = detail::take_json_string(rest_, arena_);
        if (!skip_after_space(":")) not_json();
      }
      result.items.push_back(value(level));
      result.items.back().key = key;
    } while (skip_after_space(","));
    if (!skip(end)) not_json();
    return result;
  }

  void number(Json& to) {
    const std::size_t size = std::min(rest_.find_first_not_of("+-.0123456789eE"), rest_.size());
    const std::string_view token = rest_.substr(0, size);
    rest_.remove_prefix(size);
    const std::size_t digit = token.starts_with('-') ? 1 : 0;
    if (digit >= token.size() || token[digit] < '0' || token[digit] > '9') not_json();
    if (token.find_first_of(".eE") == token.npos)
      integer(token, to);
    else
      real(token, to);
  }

  /// As the server's parser chooses the type, except that integers of more than 64 bits must have
  /// been printed from a DECIMAL.
  void integer(std::string_view token, Json& to) {
    const char* end = token.data() + token.size();
    std::int64_t number = 0;
    auto read = std::from_chars(token.data(), end, number);
    if (read.ptr != end) not_json();
    to.kind = JsonKind::integer;
    to.bits = static_cast<std::uint64_t>(number);
    if (read.ec == std::errc() && number <= 0xffffffff) return;
    to.kind = JsonKind::unsigned_integer;
    if (token[0] != '-' && std::from_chars(token.data(), end, to.bits).ec == std::errc()) return;
    to.kind = JsonKind::decimal;
    to.text = token;
  }

  void real(std::string_view token, Json& to) {
    double number = 0;
    const char* end = token.data() + token.size();
    const auto read = std::from_chars(token.data(), end, number);
    if (read.ptr != end) not_json();
    if (read.ec == std::errc()) {
      printed_.clear();
      detail::append_json_double(printed_, number);
      if (printed_ == token) {
        to.kind = JsonKind::real;
        to.bits = std::bit_cast<std::uint64_t>(number);
        return;
      }
    }
    // A DECIMAL is printed without an exponent.
    if (token.find_first_of("eE") != token.npos || token.ends_with('.')) not_json();
    to.kind = JsonKind::decimal;
    to.text = token;
  }

  std::string printed_;
};

}  // namespace

std::string_view detail::take_json_string(std::string_view& in, Arena& arena) {
  if (!in.starts_with('"')) not_json();
  std::size_t end = in.find_first_of("\"\\", 1);
  const bool plain = end != in.npos && in[end] == '"';
  while (end != in.npos && in[end] == '\\') end = in.find_first_of("\"\\", end + 2);
  if (end == in.npos) not_json();
  const std::string_view text = in.substr(1, end - 1);
  in.remove_prefix(end + 1);
  return plain ? text : unescape(text, arena);
}

Json parse_json_text(std::string_view text, Arena& arena) {
  return TextParser(text, arena).document();
}

}  // namespace dts
