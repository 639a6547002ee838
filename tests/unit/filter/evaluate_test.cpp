#include <doctest/doctest.h>

#include <algorithm>
#include <string>

#include "dts/error.hpp"
#include "filtered.hpp"

using namespace filtered;
using dts::TextQuestion;

TEST_CASE("NULL is neither true nor false") {
  const Values one = {{"i", "1"}};
  CHECK(truth("b = 1", one) == "N");
  CHECK(truth("NOT b = 1", one) == "N");
  CHECK(truth("b = 1 AND i = 1", one) == "N");
  CHECK(truth("b = 1 AND i = 2", one) == "F");
  CHECK(truth("b = 1 OR i = 1", one) == "T");
  CHECK(truth("b = 1 OR i = 2", one) == "N");
  CHECK(truth("b = 1 XOR i = 1", one) == "N");
  CHECK(truth("b <=> NULL", one) == "T");
  CHECK(truth("b <=> i", one) == "F");
  CHECK(truth("b <=> d", one) == "T");
  CHECK(truth("b IS NULL AND i IS NOT NULL AND j IS NULL", one) == "T");
  CHECK(truth("(b = 1) IS UNKNOWN", one) == "T");
  CHECK(truth("(b = 1) IS NOT TRUE", one) == "T");
  CHECK(truth("(b = 1) IS FALSE", one) == "F");
  CHECK(truth("i IN (1, NULL)", one) == "T");
  CHECK(truth("i IN (2, NULL)", one) == "N");
  CHECK(truth("i NOT IN (2, NULL)", one) == "N");
  CHECK(truth("i NOT IN (2, 3)", one) == "T");
  CHECK(truth("b IN (1, 2)", one) == "N");
  CHECK(truth("b BETWEEN 1 AND 2", one) == "N");
  CHECK(truth("i = NULL", one) == "N");
  CHECK(truth("i % 0 = 0", one) == "N");
  CHECK(truth("i DIV 0 IS NULL", one) == "T");
  CHECK(truth("ci LIKE NULL", one) == "N");
}

TEST_CASE("operators bind as in the manual") {
  const Values one = {{"i", "1"}, {"b", "0"}};
  CHECK(truth("i OR i AND b", one) == "T");
  CHECK(truth("i XOR i AND b", one) == "T");
  CHECK(truth("i OR i XOR i", one) == "T");
  CHECK(truth("NOT b = 1", one) == "T");
  CHECK(truth("! b = 1", one) == "T");
  CHECK(truth("! i = 1", one) == "F");
  CHECK(truth("NOT i BETWEEN 2 AND 3 AND i", one) == "T");
  CHECK(truth("2 + 3 * 4 = 14", one) == "T");
  CHECK(truth("7 - 2 - 1 = 4", one) == "T");
  CHECK(truth("5 | 2 & 3 = 7", one) == "T");
  CHECK(truth("1 << 2 + 1 = 8", one) == "T");
  CHECK(truth("2 * 3 ^ 1 = 4", one) == "T");
  CHECK(truth("-i + 3 = 2", one) == "T");
  CHECK(truth("10 DIV 3 % 2 = 1", one) == "T");
  CHECK(truth("- 7 % 4 = -3", one) == "T");
  CHECK(truth("~0 = 18446744073709551615", one) == "T");
  CHECK(truth("1 << 64 = 0", one) == "T");
}

TEST_CASE("numbers are compared exactly, or as DOUBLE where the servers do") {
  CHECK(truth("u > 9223372036854775807", {{"u", "9223372036854775808"}}) == "T");
  CHECK(truth("u > b", {{"u", "18446744073709551615"}, {"b", "-1"}}) == "T");
  CHECK(truth("b = -9223372036854775808", {{"b", "-9223372036854775808"}}) == "T");
  CHECK(truth("b = 9223372036854775806.5", {{"b", "9223372036854775806"}}) == "F");
  CHECK(truth("b < d", {{"b", "9007199254740993"}, {"d", "9007199254740992e0"}}) == "F");
  CHECK(truth("b = d", {{"b", "9007199254740993"}, {"d", "9007199254740992e0"}}) == "T");
  CHECK(truth("dec = 1.10", {{"dec", "1.100000000000000000000000000000"}}) == "T");
  CHECK(truth("dec < 1.1", {{"dec", "1.099999999999999999999999999999"}}) == "T");
  CHECK(truth("dec > -2", {{"dec", "-10.5"}}) == "F");
  CHECK(truth("dec = 0", {{"dec", "-0.00"}}) == "T");
  CHECK(truth("f = 0.1", {{"f", "0.10000000149011612e0"}}) == "F");
  CHECK(truth("d = 0.1", {{"d", "0.1e0"}}) == "T");
  CHECK(truth("d = 0", {{"d", "-0e0"}}) == "T");
  CHECK(truth("i = '5' AND i IN ('4', '5')", {{"i", "5"}}) == "T");
  CHECK(truth("bits = b'101' AND bits = 0x05 AND bits > 4", {{"bits", "5"}}) == "T");
  CHECK(truth("y = 2024 AND y > '2023'", {{"y", "2024"}}) == "T");
  CHECK(truth("b BETWEEN 1 AND 1e3", {{"b", "1000"}}) == "T");
  CHECK(truth("i = TRUE", {{"i", "1"}}) == "T");
}

TEST_CASE("times are compared as times") {
  CHECK(truth("da >= '2024-02-29' AND da < DATE '2024-03-01'", {{"da", "2024-02-29"}}) == "T");
  CHECK(truth("da < '2024-02-29 00:00:01'", {{"da", "2024-02-29"}}) == "T");
  CHECK(truth("da = '0000-00-00'", {{"da", "0000-00-00"}}) == "T");
  CHECK(truth("da > '2024-01-31'", {{"da", "2024-02-31"}}) == "T");
  CHECK(truth("dt = '2024-02-29 12:00:00.5'", {{"dt", "2024-02-29 12:00:00.500"}}) == "T");
  CHECK(truth("dt > da", {{"dt", "2024-02-29 00:00:00.001"}, {"da", "2024-02-29"}}) == "T");
  CHECK(truth("ts <= '2024-02-29'", {{"ts", "2024-02-29 00:00:00"}}) == "T");
  CHECK(truth("ti < '-00:00:00.4'", {{"ti", "-00:00:00.500000"}}) == "T");
  CHECK(truth("ti BETWEEN '100:00:00' AND '838:59:59'", {{"ti", "838:59:59.000000"}}) == "T");
  CHECK(truth("MONTH(da) = 2 AND DAY(da) = 31", {{"da", "2024-02-31"}}) == "T");
  const dts::Error error = catch_error([] { truth("da = '2024-01-01'", {{"da", "nonsense"}}); });
  CHECK(contains(error.what(), "nonsense"));
}

TEST_CASE("texts of certain collations need no server") {
  CHECK(truth("bin = 'a'", {{"bin", "a  "}}) == "T");
  CHECK(truth("bin = 'A'", {{"bin", "a"}}) == "F");
  CHECK(truth("bin > 'a'", {{"bin", "a\t"}}) == "F");
  CHECK(truth("bin < 'a'", {{"bin", "a\t"}}) == "T");
  CHECK(truth("nopad = 'a'", {{"nopad", "a "}}) == "F");
  CHECK(truth("nopad > 'a'", {{"nopad", "a\t"}}) == "T");
  CHECK(truth("lbin = 'a'", {{"lbin", "a "}}) == "T");
  CHECK(truth("bytes = 'a'", {{"bytes", "a "}}) == "F");
  CHECK(truth("bytes = x'6120'", {{"bytes", "a "}}) == "T");
  CHECK(truth("bin BETWEEN 'a' AND 'c' AND bin IN ('x', 'b')", {{"bin", "b"}}) == "T");
  CHECK(truth("e = 'it''s'", {{"e", "2"}}) == "T");
  CHECK(truth("e = ''", {{"e", "0"}}) == "T");
  CHECK(truth("e = ''", {{"e", "3"}}) == "T");
  CHECK(truth("s = 'a,c'", {{"s", "5"}}) == "T");
  CHECK(truth("s = ''", {{"s", "0"}}) == "T");
  CHECK(truth("ci = 'same'", {{"ci", "same"}}) == "T");
  CHECK(truth("LENGTH(bin) = 4 AND CHAR_LENGTH(bin) = 2", {{"bin", "éé"}}) == "T");
}

TEST_CASE("LIKE by characters") {
  const auto like = [](const std::string& text, const std::string& pattern) {
    return truth("bin LIKE '" + pattern + "'", {{"bin", text}}) == "T";
  };
  CHECK(like("abc", "a%"));
  CHECK(like("abc", "%c"));
  CHECK(like("abc", "a_c"));
  CHECK(like("", "%"));
  CHECK(like("", ""));
  CHECK(like("a%b", "a\\%b"));
  CHECK(like("aabab", "%ab"));
  CHECK(like("a😀b", "a_b"));
  CHECK(like("xaayaaz", "%aa%aa%"));
  CHECK_FALSE(like("abc", "a"));
  CHECK_FALSE(like("a ", "a"));
  CHECK_FALSE(like("axb", "a\\%b"));
  CHECK_FALSE(like("", "_"));
  CHECK_FALSE(like("Abc", "a%"));
  CHECK(truth("bin LIKE 'a|%' ESCAPE '|'", {{"bin", "a%"}}) == "T");
  CHECK(truth("bytes LIKE '__'", {{"bytes", "é"}}) == "T");
}

TEST_CASE("other texts are the collator's, in as few rounds as can be") {
  int rounds = 0;
  std::vector<TextQuestion> asked;
  const dts::Collator collator = [&](std::span<const TextQuestion> questions) {
    ++rounds;
    std::vector<int> answers;
    for (const TextQuestion& question : questions) {
      asked.push_back(question);
      if (question.kind == TextQuestion::Kind::like)
        answers.push_back(1);
      else
        answers.push_back(question.left < question.right ? -1 : 1);
    }
    return answers;
  };
  const auto condition = dts::parse_condition("ci > 'm' OR latin = 'é' AND ci LIKE 'x%'", table);
  const std::vector<Values> values = {
      {{"ci", "a"}}, {{"ci", "z"}}, {{"ci", "a"}, {"latin", "\xe9"}}, {}};
  std::vector<std::vector<dts::Value>> images;
  for (const Values& one : values) images.push_back(row(one));
  std::vector<dts::Row> rows(images.begin(), images.end());
  CHECK(select_rows(condition, rows, collator) == std::vector<bool>{false, true, false, false});
  CHECK(rounds == 1);
  REQUIRE(asked.size() == 5);
  const auto like = std::find_if(asked.begin(), asked.end(), [](const TextQuestion& question) {
    return question.kind == TextQuestion::Kind::like;
  });
  REQUIRE(like != asked.end());
  CHECK(*like == TextQuestion{TextQuestion::Kind::like, "utf8mb4", "utf8mb4_general_ci", "a", "x%",
                              false, true, '\\'});
  const auto latin = std::find_if(asked.begin(), asked.end(), [](const TextQuestion& question) {
    return question.charset == "latin1";
  });
  REQUIRE(latin != asked.end());
  CHECK_FALSE(latin->left_utf8);
  CHECK(latin->right_utf8);
}

TEST_CASE("an answer that is too short is no answer") {
  const dts::Collator silent = [](std::span<const TextQuestion>) { return std::vector<int>{}; };
  const dts::Error error = catch_error([&] { truth("ci = 'b'", {{"ci", "a"}}, silent); });
  CHECK(error.kind() == dts::ErrorKind::source);
}
