#include <doctest/doctest.h>

#include <string>

#include "filtered.hpp"

using namespace filtered;

namespace {

/// Refused at this line and column, with these words.
void refused(const std::string& where, int line, int column, std::string_view reason) {
  const std::string said = refusal(where);
  CAPTURE(where);
  CAPTURE(said);
  CHECK(
      contains(said, "line " + std::to_string(line) + ", column " + std::to_string(column) + ","));
  CHECK(contains(said, reason));
}

}  // namespace

TEST_CASE("a condition that is none is refused with its place") {
  refused("", 1, 1, "it is empty");
  refused("i = ", 1, 5, "something is missing");
  refused("i = 1)", 1, 6, "not expected");
  refused("(i = 1", 1, 7, "')' is missing");
  refused("i = 1 i", 1, 7, "not expected");
  refused("i =\n  1 AND\n  oh = 2", 3, 3, "no column 'oh'");
  refused("ci = 'ä' AND nö = 1", 1, 14, "no column 'nö'");
  refused("ci = 'open", 1, 6, "without an end");
  refused("`i = 1", 1, 1, "without an end");
  refused("ci = 'a' 'b'", 1, 10, "a string behind a string");
  refused("i IS 5", 1, 6, "NULL, TRUE, FALSE or UNKNOWN is missing");
  refused("i BETWEEN 1", 1, 12, "AND is missing");
  refused("i IN 5", 1, 6, "'(' is missing");
  refused("i = AND", 1, 5, "a value is missing");
  refused("i = \xff", 1, 1, "UTF-8");
  refused("1abc = 1", 1, 1, "begins with a digit");
  refused(std::string(1000, '(') + "i" + std::string(1000, ')'), 1, 101, "nested too deeply");
  std::string sum = "i = 1";
  for (int i = 0; i < 100000; ++i) sum += " XOR i";
  CHECK(contains(refusal(sum), "nested too deeply"));
  std::string list = "i IN (0", all = "i = 1";
  for (int i = 0; i < 20000; ++i) {
    list += ", " + std::to_string(i);
    all += " AND i = 1";
  }
  CHECK(truth(list + ")", {{"i", "19999"}}) == "T");
  CHECK(truth(all, {{"i", "1"}}) == "T");
}

TEST_CASE("what the errors show of the text is a line and no half character") {
  CHECK(contains(refusal("i = 1 AND oh\n= 2"), "at \"oh\": "));
  CHECK(contains(refusal("oh = 'ääääääääääääääääääääääääää'"), "at \"oh = 'ääääääääääää...\": "));
  CHECK(contains(refusal("i ="), "at its end: "));
}

TEST_CASE("what reaches beyond the row is refused by name") {
  refused("i = (SELECT 1)", 1, 6, "a subquery");
  refused("i IN (SELECT 1)", 1, 7, "a subquery");
  refused("EXISTS (SELECT 1)", 1, 1, "a subquery");
  refused("other.i = 1", 1, 1, "'other' is not the table 't'");
  refused("db.t.i = 1", 1, 1, "'db' is not the table 't'");
  refused("i = 1; DROP TABLE t", 1, 6, "a ';'");
  refused("i = ?", 1, 5, "a placeholder");
  refused("i = @x", 1, 5, "a variable");
  refused("i = @@sql_mode", 1, 5, "a variable");
  refused("i = 1 -- x", 1, 7, "a comment");
  refused("i = 1 # x", 1, 7, "a comment");
  refused("i = /*!1*/ 1", 1, 5, "a comment");
  refused("da < CURRENT_DATE", 1, 6, "the current time");
  refused("da < NOW()", 1, 6, "the function NOW()");
  refused("YEAR(da) = 2024", 1, 1, "write a range");
  refused("ci = LOWER(ci)", 1, 6, "the function LOWER()");
  refused("COUNT(*) > 1", 1, 1, "the aggregate COUNT()");
  refused("i = 1 || i = 2", 1, 7, "write OR");
  refused("ci = \"a\"", 1, 6, "single quotes");
  refused("ci = _latin1'a'", 1, 6, "character set");
  refused("ci COLLATE utf8mb4_bin = 'a'", 1, 4, "COLLATE");
  refused("CASE WHEN i THEN 1 END", 1, 1, "CASE");
  refused("ci REGEXP 'a'", 1, 4, "regular expression");
  refused("(i, b) = (1, 2)", 1, 1, "row constructor");
  refused("i =!b", 1, 3, "without a space");
  refused("!!i", 1, 1, "without a space");
  refused("j <=> NULL", 1, 3, "can't be compared");
  refused("i / 2 = 1", 1, 3, "DIV");
}

TEST_CASE("two comparisons side by side need parentheses") {
  refused("i = 1 = 1", 1, 7, "comparison behind a comparison");
  refused("i = 1 IS TRUE", 1, 7, "comparison behind a comparison");
  refused("i IN (1) = 1", 1, 10, "comparison behind a comparison");
  refused("i BETWEEN 1 AND 2 IN (1)", 1, 19, "comparison behind a comparison");
  CHECK(truth("(i = 1) = 1", {{"i", "1"}}) == "T");
  CHECK(truth("(i = 1) IS NOT TRUE", {{"i", "2"}}) == "T");
}

TEST_CASE("pairs of types that are not compared exactly are refused") {
  refused("fixed = 1", 1, 7, "rounded");
  refused("ci = 5", 1, 4, "column 'ci' (varchar(40)) can't be compared exactly with a number");
  refused("i = '1abc'", 1, 3, "column 'i' (int(11)) can't be compared exactly with a string");
  refused("i = '12345678901234567'", 1, 3, "can't be compared exactly");
  refused("dec = '1'", 1, 5, "can't be compared exactly");
  refused("dec = 1e0", 1, 5, "can't be compared exactly");
  refused("b = 1e18", 1, 3, "can't be compared exactly");
  refused("da = 20240101", 1, 4, "write dates as '2024-02-29'");
  refused("da = '2024'", 1, 4, "write dates as '2024-02-29'");
  refused("da = '2024-02-30'", 1, 4, "write dates as '2024-02-29'");
  refused("da = DATE '2024-02-30'", 1, 11, "no complete DATE");
  refused("da = TIMESTAMP '2024-02-29'", 1, 16, "no complete TIMESTAMP");
  refused("dt = '2024-02-29 12:00:00.0001'", 1, 6, "fewer digits");
  refused("ts > '1970-01-01'", 1, 6, "out of the range");
  refused("ts > DATE '2050-01-01'", 1, 11, "out of the range");
  refused("ti = '900:00:00'", 1, 4, "can't be compared exactly");
  refused("ti = '838:59:59.5'", 1, 6, "out of the range");
  refused("ti = da", 1, 4, "can't be compared exactly");
  refused("y = 70", 1, 5, "four digits");
  refused("y = i", 1, 3, "can't be compared exactly");
  refused("y = '70'", 1, 3, "can't be compared exactly");
  refused("ci = bin", 1, 4, "one type and collation");
  refused("ci = x'61'", 1, 4, "can't be compared exactly");
  refused("bits = x'61'", 1, 6, "can't be compared exactly");
  refused("i = b'1'", 1, 3, "can't be compared exactly");
  refused("lost = 'b'", 1, 6, "can't be compared exactly");
  refused("j = '[]'", 1, 3, "can't be compared exactly");
  refused("gen = 1", 1, 1, "generated");
  refused("never IS NULL", 1, 7, "never NULL");
  refused("(i <=> b) IS NULL", 1, 11, "never NULL");
  refused("(NOT (i IS NULL)) IS UNKNOWN", 1, 19, "never NULL");
  refused("i IN (1, '2')", 1, 10, "different kinds");
  refused("i IN (1, 2.5)", 1, 7, "different types");
  refused("u IN (-1, 2)", 1, 7, "negative");
  refused("i BETWEEN NULL AND 5", 1, 11, "NULL as the end");
  refused("da BETWEEN '2024-01-01' AND dt", 1, 29, "different kinds");
  refused("'a' = 'A'", 1, 5, "can't be compared exactly");
  refused("i LIKE '1%'", 1, 3, "LIKE is not supported");
  refused("bin LIKE ci", 1, 10, "LIKE takes a string");
  refused("bin LIKE 'a' ESCAPE ''", 1, 21, "one ASCII character");
  refused("bin LIKE 'a\\\\'", 1, 10, "ends with its escape");
  refused("lbin = ci", 1, 6, "one type and collation");
  refused("dec AND i", 1, 1, "TRUE or FALSE is wanted");
  refused("ci", 1, 1, "TRUE or FALSE is wanted");
}

TEST_CASE("arithmetic that could leave 64 bits is refused, other is taken") {
  refused("b + 1 > 0", 1, 3, "range of BIGINT");
  refused("u - 1 > 0", 1, 3, "range of BIGINT");
  refused("-b > 0", 1, 1, "range of BIGINT");
  refused("ABS(b) > 0", 1, 1, "range of BIGINT");
  refused("u * u > 0", 1, 3, "range of BIGINT");
  refused("b DIV -1 > 0", 1, 3, "range of BIGINT");
  refused("dec + 1 > 0", 1, 1, "integers only");
  refused("ci + 1 > 0", 1, 1, "integers only");
  CHECK(truth("b % 4 = 3 AND MOD(u, 4) = 3 AND i * i > 0", {{"b", "9223372036854775807"},
                                                            {"u", "18446744073709551615"},
                                                            {"i", "-2147483648"}}) == "T");
}

TEST_CASE("columns are found as the servers find them") {
  CHECK(truth("I = 1 AND `i` = 1 AND t.i = 1 AND `t`.`I` = 1 AND `select` = 2",
              {{"i", "1"}, {"select", "2"}}) == "T");
  CHECK(columns_of(dts::parse_condition("b = 1 OR i + b % 2 > 0 AND ci IS NULL", table)) ==
        std::vector<std::size_t>{0, 2, 13});
  CHECK(dts::pushed_down("a OR b") == "((a OR b) IS TRUE)");
}

TEST_CASE("escapes in strings are those of the default sql_mode") {
  CHECK(truth(R"(bin = 'it''s \'x\' \\ \n \% \q')", {{"bin", "it's 'x' \\ \n \\% q"}}) == "T");
}
