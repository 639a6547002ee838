#include "db/tokens.hpp"

#include <doctest/doctest.h>

#include <string>

using dts::QuoteRules;
using dts::TokenKind;
using dts::tokenize;

namespace {

/// Tokens with their kinds: "w:SELECT q:`a` s:'x' n:1 ,".
std::string split(std::string_view statement, QuoteRules rules = {}) {
  std::string text;
  for (const auto& token : tokenize(statement, rules)) {
    if (!text.empty()) text += ' ';
    if (token.kind == TokenKind::word) text += "w:";
    if (token.kind == TokenKind::quoted) text += "q:";
    if (token.kind == TokenKind::string) text += "s:";
    if (token.kind == TokenKind::number) text += "n:";
    text += token.text;
  }
  return text;
}

constexpr QuoteRules ansi{true, true}, plain{false, false}, both{true, false};

}  // namespace

TEST_CASE("tokens: words, numbers and symbols") {
  CHECK(split("").empty());
  CHECK(split(" \t\r\n\f\v").empty());
  CHECK(split("SELECT a_1,$b FROM t;") == "w:SELECT w:a_1 , w:$b w:FROM w:t ;");
  CHECK(split("a.b.c") == "w:a . w:b . w:c");
  CHECK(split("1 1a a1 1.5 -3") == "n:1 w:1a w:a1 n:1 . n:5 - n:3");
  CHECK(split("a<=>b") == "w:a < = > w:b");
  CHECK(split("'a'@'%'") == "s:'a' @ s:'%'");
  CHECK(split("x'61' _utf8'a' N'b'") == "w:x s:'61' w:_utf8 s:'a' w:N s:'b'");
  CHECK(split("(a)(b)") == "( w:a ) ( w:b )");
}

TEST_CASE("tokens: identifiers that are not ASCII") {
  CHECK(split("gr\xc3\xb6\xc3\x9f" "e.\xe8\xa1\xa8 \xf0\x9f\x98\x80x") ==
        "w:gr\xc3\xb6\xc3\x9f" "e . w:\xe8\xa1\xa8 w:\xf0\x9f\x98\x80x");
  CHECK(split("`\xe8\xa1\xa8`") == "q:`\xe8\xa1\xa8`");
}

TEST_CASE("tokens: comments are left out") {
  CHECK(split("a -- b c\nd") == "w:a w:d");
  CHECK(split("a --") == "w:a");
  CHECK(split("a --\tb\n c") == "w:a w:c");
  CHECK(split("a--b") == "w:a - - w:b");
  CHECK(split("a # b\nc # d") == "w:a w:c");
  CHECK(split("a/* b */c") == "w:a w:c");
  CHECK(split("a /* ' ` \" */ b") == "w:a w:b");
  CHECK(split("/**/a/***/b") == "w:a w:b");
  CHECK(split("a /* never ends") == "w:a");
  CHECK(split("a /*/ b */ c") == "w:a w:c");
  CHECK(split("'/* no */' `-- no`") == "s:'/* no */' q:`-- no`");
}

TEST_CASE("tokens: executable comments are read") {
  CHECK(split("a /*! b */ c") == "w:a w:b w:c");
  CHECK(split("a /*!40101 b */ c") == "w:a w:b w:c");
  CHECK(split("a /*M! b */ c") == "w:a w:b w:c");
  CHECK(split("a /*M!100401 b, `c` */ d") == "w:a w:b , q:`c` w:d");
  CHECK(split("/*!50003 a /* inner */ b */ c") == "w:a w:b w:c");
  CHECK(split("/*! a '*/' b */ c") == "w:a s:'*/' w:b w:c");
  CHECK(split("/*!a") == "w:a");
  CHECK(split("/*!") == "");
  CHECK(split("/*!1") == "");
  CHECK(split("a */ b") == "w:a * / w:b");
  CHECK(split("/*!1 a */ */") == "w:a * /");
}

TEST_CASE("tokens: quotes") {
  CHECK(split("'it''s' 'it\\'s' \"a\"\"b\" `a``b`") ==
        "s:'it''s' s:'it\\'s' s:\"a\"\"b\" q:`a``b`");
  CHECK(split("'a\\\\' b") == "s:'a\\\\' w:b");
  CHECK(split("`a\\` b") == "q:`a\\` w:b");
  CHECK(split("'a\nb'") == "s:'a\nb'");
  CHECK(split("''''") == "s:''''");
  CHECK(split("'' ''") == "s:'' s:''");
  CHECK(split("'a'b'c'") == "s:'a' w:b s:'c'");
}

TEST_CASE("tokens: ANSI_QUOTES") {
  CHECK(split("\"a\" 'b'", ansi) == "q:\"a\" s:'b'");
  CHECK(split("\"a\"\"b\\\" c", ansi) == "q:\"a\"\"b\\\" w:c");
  CHECK(split("\"a\" `b`", both) == "q:\"a\" q:`b`");
}

TEST_CASE("tokens: NO_BACKSLASH_ESCAPES") {
  CHECK(split("'a\\' b", plain) == "s:'a\\' w:b");
  CHECK(split("\"a\\\" b", plain) == "s:\"a\\\" w:b");
  CHECK(split("'a\\' b") == "s:'a\\' b");
}

TEST_CASE("tokens: unterminated quotes end with the text") {
  for (const char* text : {"'abc", "\"abc", "`abc", "'abc''", "'abc\\'", "'abc\\", "'", "`", "\""})
    CHECK(tokenize(text).size() == 1);
  CHECK(split("a 'b c") == "w:a s:'b c");
  CHECK(split("\"", ansi) == "q:\"");
  CHECK(name_of(tokenize("`")[0]).empty());
}

TEST_CASE("tokens: zero bytes are symbols") {
  CHECK(tokenize(std::string_view("a\0b", 3)).size() == 3);
}

TEST_CASE("tokens: names") {
  CHECK(name_of(tokenize("abc")[0]) == "abc");
  CHECK(name_of(tokenize("`abc`")[0]) == "abc");
  CHECK(name_of(tokenize("``")[0]).empty());
  CHECK(name_of(tokenize("`a``b`")[0]) == "a`b");
  CHECK(name_of(tokenize("````")[0]) == "`");
  CHECK(name_of(tokenize("`a\"\"b`")[0]) == "a\"\"b");
  CHECK(name_of(tokenize("\"a\"\"b`\"", ansi)[0]) == "a\"b`");
  CHECK(name_of(tokenize("12")[0]) == "12");
}

TEST_CASE("tokens: the first ones only") {
  CHECK(tokenize("a b c d", {}, 2).size() == 2);
  CHECK(tokenize("a b", {}, 5).size() == 2);
  CHECK(tokenize("a b", {}, 0).empty());
  const std::string late = "/* " + std::string(10000, 'x') + " */ a b c";
  REQUIRE(tokenize(late, {}, 2).size() == 2);
  CHECK(tokenize(late, {}, 2)[1].text == "b");
}

TEST_CASE("tokens: SET STATEMENT ... FOR") {
  const auto behind = [](std::string_view text) {
    return dts::behind_set_statement(tokenize(text));
  };
  CHECK(behind("SET STATEMENT a=1 FOR DROP TABLE t") == 6);
  CHECK(behind("set statement a=(SELECT x FOR UPDATE) for DROP TABLE t") == 11);
  CHECK(behind("SET STATEMENT a='FOR' FOR x") == 6);
  CHECK(behind("SET STATEMENT a=1") == 0);
  CHECK(behind("SET PASSWORD FOR x = 'y'") == 0);
  CHECK(behind("CREATE TABLE t") == 0);
  CHECK(behind("SET") == 0);
  CHECK(behind("") == 0);
}

TEST_CASE("tokens: keywords and symbols") {
  const auto tokens = tokenize("select `SELECT` 'SELECT' ( \xc3\xa9");
  CHECK(is_word(tokens[0], "SELECT"));
  CHECK_FALSE(is_word(tokens[0], "SELECTS"));
  CHECK_FALSE(is_word(tokens[0], "SELEC"));
  CHECK_FALSE(is_word(tokens[1], "SELECT"));
  CHECK_FALSE(is_word(tokens[2], "SELECT"));
  CHECK(is_symbol(tokens[3], '('));
  CHECK_FALSE(is_symbol(tokens[3], ')'));
  CHECK_FALSE(is_symbol(tokens[0], 's'));
}

TEST_CASE("tokens: rules from sql_mode") {
  const auto rules = [](long long mode) {
    const auto r = dts::quote_rules(mode);
    return std::pair(r.ansi_quotes, r.backslash_escapes);
  };
  CHECK(rules(-1) == std::pair(false, true));
  CHECK(rules(0) == std::pair(false, true));
  CHECK(rules(4) == std::pair(true, true));
  CHECK(rules(1 << 20) == std::pair(false, false));
  CHECK(rules((1 << 20) | 4 | (1LL << 32)) == std::pair(true, false));
}
