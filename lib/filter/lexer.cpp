#include "filter/lexer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "dts/error.hpp"
#include "filter/text.hpp"

namespace dts::filter {

namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_word_char(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '$' ||
         (c & 0x80) != 0;
}
bool is_space(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}

std::string upper(std::string_view text) {
  std::string result(text);
  for (char& c : result)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  return result;
}

class Splitter {
 public:
  explicit Splitter(const Source& source) : source_(source), text_(source.text) {}

  std::vector<Piece> run() {
    if (!is_valid_utf8(text_)) source_.refuse(0, "it is not in UTF-8");
    std::vector<Piece> pieces;
    while (skip_space()) pieces.push_back(next());
    pieces.push_back({Lexeme::end, text_.size(), "", ""});
    return pieces;
  }

 private:
  char at(std::size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }

  bool skip_space() {
    while (at_ < text_.size() && is_space(text_[at_])) ++at_;
    return at_ < text_.size();
  }

  Piece next() {
    const std::size_t begin = at_;
    const char c = at();
    if (c == '\'') return {Lexeme::string, begin, string(), ""};
    if (c == '`') return {Lexeme::name, begin, name(), ""};
    if (c == '0' && (at(1) == 'x' || at(1) == 'b') && is_word_char(at(2))) return plain_bits();
    if (is_digit(c) || (c == '.' && is_digit(at(1)) && !behind_name())) return number();
    if (is_word_char(c)) return word();
    return symbol();
  }

  /// A point behind a name parts it from another one.
  bool behind_name() const {
    return at_ > 0 && (is_word_char(text_[at_ - 1]) || text_[at_ - 1] == '`');
  }

  std::string string() {
    const std::size_t begin = at_++;
    std::string value;
    for (;; ++at_) {
      if (at_ >= text_.size()) source_.refuse(begin, "a string without an end");
      if (at() == '\'') {
        if (at(1) != '\'') break;
        ++at_;
        value += '\'';
      } else if (at() == '\\' && at_ + 1 < text_.size()) {
        ++at_;
        value += escaped(at());
      } else {
        value += at();
      }
    }
    ++at_;
    return value;
  }

  static std::string escaped(char c) {
    switch (c) {
      case '0':
        return {'\0'};
      case 'b':
        return "\b";
      case 'n':
        return "\n";
      case 'r':
        return "\r";
      case 't':
        return "\t";
      case 'Z':
        return "\x1a";
      case '%':
      case '_':
        return {'\\', c};
      default:
        return {c};
    }
  }

  std::string name() {
    const std::size_t begin = at_++;
    std::string value;
    for (;; ++at_) {
      if (at_ >= text_.size()) source_.refuse(begin, "a quoted name without an end");
      if (at() == '`') {
        if (at(1) != '`') break;
        ++at_;
      }
      value += at();
    }
    ++at_;
    return value;
  }

  Piece number() {
    const std::size_t begin = at_;
    Lexeme kind = Lexeme::integer;
    while (is_digit(at())) ++at_;
    if (at() == '.') {
      kind = Lexeme::decimal;
      ++at_;
      while (is_digit(at())) ++at_;
    }
    if (at() == 'e' || at() == 'E') {
      const std::size_t sign = at(1) == '-' || at(1) == '+' ? 1 : 0;
      if (is_digit(at(1 + sign))) {
        kind = Lexeme::real;
        at_ += 1 + sign;
        while (is_digit(at())) ++at_;
      }
    }
    if (is_word_char(at()))
      source_.refuse(begin, "a name or number that begins with a digit",
                     "write names that begin with a digit in `backticks`");
    return {kind, begin, std::string(text_.substr(begin, at_ - begin)), ""};
  }

  Piece word() {
    const std::size_t begin = at_;
    while (is_word_char(at())) ++at_;
    const std::string written(text_.substr(begin, at_ - begin));
    const std::string text = upper(written);
    if (at() == '\'') {
      if (text == "X") return {Lexeme::bytes, begin, bits('X', begin), ""};
      if (text == "B") return {Lexeme::bits, begin, bits('B', begin), ""};
      if (text == "N" || text.starts_with('_'))
        source_.refuse(begin, fmt::format("a string with the character set {}", written),
                       "write it without, in UTF-8");
    }
    return {Lexeme::word, begin, text, written};
  }

  std::string bits(char base, std::size_t begin) {
    ++at_;
    const std::size_t from = at_;
    while (at_ < text_.size() && at() != '\'') ++at_;
    const std::string digits(text_.substr(from, at_ - from));
    if (at() != '\'') source_.refuse(begin, "a string without an end");
    ++at_;
    if (base == 'X' && digits.size() % 2 != 0)
      source_.refuse(begin, "an odd number of hexadecimal digits");
    return bytes_of(digits, base, begin);
  }

  Piece plain_bits() {
    const std::size_t begin = at_;
    const char base = at(1) == 'x' ? 'X' : 'B';
    at_ += 2;
    const std::size_t from = at_;
    while (is_word_char(at())) ++at_;
    std::string digits(text_.substr(from, at_ - from));
    if (base == 'X' && digits.size() % 2 != 0) digits.insert(0, "0");
    return {Lexeme::bits, begin, bytes_of(digits, base, begin), ""};
  }

  std::string bytes_of(std::string digits, char base, std::size_t begin) const {
    const std::size_t group = base == 'X' ? 2 : 8;
    while (digits.size() % group != 0) digits.insert(0, "0");
    std::string bytes;
    for (std::size_t i = 0; i < digits.size(); i += group) {
      unsigned value = 0;
      for (std::size_t j = i; j < i + group; ++j) {
        const char c = digits[j];
        const bool valid =
            base == 'X' ? std::isxdigit(static_cast<unsigned char>(c)) != 0 : c == '0' || c == '1';
        if (!valid) source_.refuse(begin, fmt::format("'{}' is no digit here", c));
        const unsigned digit = is_digit(c) ? c - '0' : (c | 0x20) - 'a' + 10;
        value = base == 'X' ? value * 16 + digit : value * 2 + digit;
      }
      bytes += static_cast<char>(value);
    }
    return bytes;
  }

  Piece symbol() {
    static constexpr std::array<std::string_view, 8> longer = {"<=>", "<=", ">=", "<>",
                                                               "!=",  "<<", ">>", "&&"};
    const std::size_t begin = at_;
    const std::string_view rest = text_.substr(begin);
    refuse_symbol(rest, begin);
    std::string_view taken = rest.substr(0, 1);
    for (std::string_view one : longer)
      if (taken.size() == 1 && rest.starts_with(one)) taken = one;
    at_ += taken.size();
    // MySQL takes them for one operator, and knows none.
    static constexpr std::string_view glued = "<>=!";
    if (glued.find(taken[0]) != glued.npos && at_ < text_.size() && glued.find(at()) != glued.npos)
      source_.refuse(begin, "two operators without a space between them");
    return {Lexeme::symbol, begin, std::string(taken), ""};
  }

  void refuse_symbol(std::string_view rest, std::size_t begin) const {
    struct Refused {
      std::string_view symbol;
      const char *reason, *hint;
    };
    static constexpr std::array<Refused, 11> all = {{
        {"/*", "a comment", "leave it out"},
        {"#", "a comment", "leave it out"},
        {"--", "a comment", "leave it out, or put a space between two minus signs"},
        {";", "a ';'", "leave it out: a condition is one expression"},
        {"||", "'||', which means OR or CONCAT by the session's mode", "write OR"},
        {"\"", "a double quote", "write strings in single quotes, and names in `backticks`"},
        {"?", "a placeholder", "write the value"},
        {"@", "a variable", "write the value"},
        {":=", "an assignment", "compare with ="},
        {"->", "a JSON operator", "use a generated column on the target, or another column"},
        {"{", "an escape of ODBC", "write DATE '...' and the like without braces"},
    }};
    for (const auto& [symbol, reason, hint] : all)
      if (rest.starts_with(symbol)) source_.refuse(begin, reason, hint);
    static constexpr std::string_view known = "=<>!+-*/%&|^~(),.";
    if (known.find(rest[0]) == known.npos)
      source_.refuse(begin, fmt::format("'{}' means nothing here", rest[0]));
  }

  const Source& source_;
  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace

void Source::refuse(std::size_t at, const std::string& reason, const std::string& hint) const {
  constexpr std::size_t shown = 30;
  const std::string_view before = text.substr(0, at);
  const auto line = 1 + std::count(before.begin(), before.end(), '\n');
  const std::size_t last = before.rfind('\n');
  const std::size_t column =
      1 + count_characters(before.substr(last == before.npos ? 0 : last + 1));
  std::string_view near = text.substr(std::min(at, text.size()));
  std::size_t size = std::min(near.find('\n'), near.size());
  const bool cut = size > shown;
  if (cut)
    for (size = shown; size > 0 && (near[size] & 0xc0) == 0x80;) --size;
  const std::string place =
      near.empty() ? "at its end"
                   : fmt::format("at \"{}{}\"", near.substr(0, size), cut ? "..." : "");
  throw Error(ErrorKind::usage,
              fmt::format("cannot use the condition, line {}, column {}, {}: {}", line, column,
                          place, reason),
              hint);
}

std::vector<Piece> split(const Source& source) {
  return Splitter(source).run();
}

}  // namespace dts::filter
