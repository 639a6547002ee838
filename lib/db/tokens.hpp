#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace dts {

enum class TokenKind {
  word,    ///< keyword or bare identifier
  quoted,  ///< `identifier`, or "identifier" under ANSI_QUOTES
  string,
  number,
  symbol,  ///< a single character
};

/// A piece of SQL text; comments and white space are left out, but the contents of executable
/// comments (`/*! */`, `/*M! */`) are not.
struct Token {
  TokenKind kind;
  std::string_view text;  ///< as written, quotes included; points into the statement
};

/// How quotes are to be read; depends on the sql_mode of the session that wrote the text.
struct QuoteRules {
  bool ansi_quotes = false;
  bool backslash_escapes = true;
};
/// From the bits of sql_mode as in the binlog; -1 means the defaults.
QuoteRules quote_rules(long long sql_mode);

/// Splits a statement, or its first `count_max` tokens. Unterminated quotes end at the end of the
/// text.
std::vector<Token> tokenize(std::string_view statement, QuoteRules rules = {},
                            std::size_t count_max = SIZE_MAX);

/// Where the statement proper begins: behind MariaDB's SET STATEMENT ... FOR, else 0.
std::size_t behind_set_statement(const std::vector<Token>& tokens);

/// The name that a word or quoted token stands for.
std::string name_of(const Token& token);
/// Whether the token is this keyword (given in upper case), in any case and not quoted.
bool is_word(const Token& token, std::string_view keyword);
bool is_symbol(const Token& token, char symbol);

}  // namespace dts
