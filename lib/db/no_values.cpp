#include "db/no_values.hpp"

#include <algorithm>
#include <array>
#include <cctype>

#include "db/tokens.hpp"

namespace dts {

namespace {

constexpr std::size_t length_max = 120;

std::string shortened(std::string_view text) {
  if (text.size() <= length_max) return std::string(text);
  return std::string(text.substr(0, length_max)) + "...";
}

/// Of tables that are not the server's own.
bool is_about_rows(const std::vector<Token>& tokens) {
  static constexpr std::array words = {"INSERT", "REPLACE", "UPDATE", "DELETE", "SELECT", "WITH", "START"};
  const std::size_t first = behind_set_statement(tokens);
  if (first >= tokens.size()) return false;
  return std::any_of(words.begin(), words.end(),
                     [&](const char* word) { return is_word(tokens[first], word); }) &&
         std::none_of(tokens.begin(), tokens.end(),
                      [](const Token& token) { return is_word(token, "INFORMATION_SCHEMA"); });
}

}  // namespace

std::string shown_statement(std::string_view statement) {
  // Enough for what is shown, whatever the lengths of literals in it, or there is nothing else to show.
  const std::string_view beginning = statement.substr(0, 64 * length_max);
  const std::vector<Token> tokens = tokenize(beginning);
  if (!is_about_rows(tokens)) return shortened(statement);
  std::string text;
  const char *at = beginning.data(), *const end = at + beginning.size();
  for (const Token& token : tokens) {
    // 1e5 and 0xff are words.
    const bool number = std::isdigit(static_cast<unsigned char>(token.text.front())) != 0;
    const bool literal = token.kind == TokenKind::string || number;
    if (!literal || token.text.data() < at) continue;
    text.append(at, token.text.data());
    text += '?';
    at = token.text.data() + token.text.size();
    // The rest of 1.5e3 are tokens of their own.
    while (number && at < end &&
           (*at == '.' || std::isalnum(static_cast<unsigned char>(*at)) != 0))
      ++at;
    if (text.size() > length_max) return shortened(text);
  }
  text.append(at, end);
  if (beginning.size() < statement.size()) text += "...";
  return shortened(text);
}

std::string shown_message(std::string_view message) {
  // "Incorrect integer value: 'x' for column", "Truncated incorrect DOUBLE value: 'x'"
  constexpr std::string_view before = " value: '", behind = "' for ";
  if (const auto value = message.find(before); value != message.npos) {
    const auto end = message.rfind(behind);
    const std::string_view rest = end != message.npos && end > value ? message.substr(end + 1) : "";
    return std::string(message.substr(0, value + before.size() - 3)).append(rest);
  }
  // "Table has no partition for value 7", "Invalid utf8mb4 character string: 'x'", "... out of range in '(...)'"
  for (const std::string_view last : {" for value ", " character string: ", " out of range in "})
    if (const auto at = message.find(last); at != message.npos)
      return std::string(message.substr(0, at + last.find_last_not_of(": ") + 1));
  return std::string(message);
}

}  // namespace dts
