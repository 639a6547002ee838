#include "db/tokens.hpp"

#include <cctype>

namespace dts {

namespace {

bool is_word_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '$' ||
         static_cast<unsigned char>(c) >= 0x80;
}

/// Position behind the closing quote of what begins at `from`.
std::size_t end_of_quote(std::string_view text, std::size_t from, bool backslash) {
  char quote = text[from];
  for (std::size_t i = from + 1; i < text.size(); ++i) {
    if (backslash && text[i] == '\\') {
      ++i;
    } else if (text[i] == quote) {
      if (i + 1 < text.size() && text[i + 1] == quote)
        ++i;
      else
        return i + 1;
    }
  }
  return text.size();
}

bool starts(std::string_view text, std::size_t at, std::string_view with) {
  return text.substr(at, with.size()) == with;
}

/// Position behind white space and comments that begin at `at`. The opening of an executable
/// comment is passed alone, and its end as if it were white space.
std::size_t skip_blank(std::string_view text, std::size_t at, int& executable_depth) {
  for (;;) {
    if (at >= text.size()) return at;
    const char c = text[at];
    if (std::isspace(static_cast<unsigned char>(c))) {
      ++at;
    } else if (c != '#' && c != '-' && c != '/' && c != '*') {
      return at;
    } else if (c == '#' ||
               (starts(text, at, "--") &&
                (at + 2 == text.size() || std::isspace(static_cast<unsigned char>(text[at + 2]))))) {
      std::size_t end = text.find('\n', at);
      at = end == std::string_view::npos ? text.size() : end + 1;
    } else if (starts(text, at, "/*!") || starts(text, at, "/*M!")) {
      at = text.find('!', at) + 1;
      while (at < text.size() && std::isdigit(static_cast<unsigned char>(text[at]))) ++at;
      ++executable_depth;
    } else if (starts(text, at, "/*")) {
      std::size_t end = text.find("*/", at + 2);
      at = end == std::string_view::npos ? text.size() : end + 2;
    } else if (executable_depth > 0 && starts(text, at, "*/")) {
      at += 2;
      --executable_depth;
    } else {
      return at;
    }
  }
}

}  // namespace

QuoteRules quote_rules(long long sql_mode) {
  constexpr long long ansi_quotes = 4, no_backslash_escapes = 1 << 20;
  if (sql_mode < 0) return {};
  return {(sql_mode & ansi_quotes) != 0, (sql_mode & no_backslash_escapes) == 0};
}

std::vector<Token> tokenize(std::string_view text, QuoteRules rules, std::size_t count_max) {
  std::vector<Token> tokens;
  int executable_depth = 0;
  std::size_t at = 0;
  while (tokens.size() < count_max &&
         (at = skip_blank(text, at, executable_depth)) < text.size()) {
    std::size_t end = at + 1;
    TokenKind kind = TokenKind::symbol;
    char c = text[at];
    if (c == '`') {
      kind = TokenKind::quoted;
      end = end_of_quote(text, at, false);
    } else if (c == '"' && rules.ansi_quotes) {
      kind = TokenKind::quoted;
      end = end_of_quote(text, at, false);
    } else if (c == '\'' || c == '"') {
      kind = TokenKind::string;
      end = end_of_quote(text, at, rules.backslash_escapes);
    } else if (is_word_char(c)) {
      while (end < text.size() && is_word_char(text[end])) ++end;
      bool digits = true;
      for (char d : text.substr(at, end - at)) digits = digits && std::isdigit(static_cast<unsigned char>(d));
      kind = digits ? TokenKind::number : TokenKind::word;
    }
    tokens.push_back({kind, text.substr(at, end - at)});
    at = end;
  }
  return tokens;
}

std::size_t behind_set_statement(const std::vector<Token>& tokens) {
  if (tokens.size() < 2 || !is_word(tokens[0], "SET") || !is_word(tokens[1], "STATEMENT")) return 0;
  int depth = 0;
  for (std::size_t i = 2; i < tokens.size(); ++i) {
    if (is_symbol(tokens[i], '(')) ++depth;
    if (is_symbol(tokens[i], ')')) --depth;
    if (depth == 0 && is_word(tokens[i], "FOR")) return i + 1;
  }
  return 0;
}

std::string name_of(const Token& token) {
  if (token.kind != TokenKind::quoted) return std::string(token.text);
  char quote = token.text.front();
  std::string name;
  for (std::size_t i = 1; i + 1 < token.text.size(); ++i) {
    name += token.text[i];
    if (token.text[i] == quote) ++i;
  }
  return name;
}

bool is_word(const Token& token, std::string_view keyword) {
  if (token.kind != TokenKind::word || token.text.size() != keyword.size()) return false;
  for (std::size_t i = 0; i < keyword.size(); ++i)
    if (std::toupper(static_cast<unsigned char>(token.text[i])) != keyword[i]) return false;
  return true;
}

bool is_symbol(const Token& token, char symbol) {
  return token.kind == TokenKind::symbol && token.text[0] == symbol;
}

}  // namespace dts
