#include "db/sql.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace std::string_literals;
using dts::Name;
using dts::sql;
using dts::Text;
using dts::TextForm;
using dts::Value;
using dts::ValueKind;

namespace {

std::string name(std::string_view text) {
  std::string to;
  dts::append_name(to, text);
  return to;
}

std::string quoted(std::string_view text) {
  std::string to;
  dts::append_quoted(to, text);
  return to;
}

std::string literal(ValueKind kind, std::string_view data, std::string_view charset = "") {
  std::string to;
  dts::append_literal(to, Value{kind, data}, charset, dts::text_form(charset));
  return to;
}

}  // namespace

TEST_CASE("sql: names in backticks") {
  CHECK(name("a") == "`a`");
  CHECK(name("") == "``");
  CHECK(name("a`b") == "`a``b`");
  CHECK(name("``") == "``````");
  CHECK(name("a'b\"c\\d") == "`a'b\"c\\d`");
  CHECK(name("gr\xc3\xb6\xc3\x9f" "e") == "`gr\xc3\xb6\xc3\x9f" "e`");
  CHECK(name("select; drop") == "`select; drop`");
  std::string to = "x ";
  dts::append_name(to, dts::TableName{"a`", "b.c"});
  CHECK(to == "x `a```.`b.c`");
}

TEST_CASE("sql: quoted text") {
  CHECK(quoted("") == "''");
  CHECK(quoted("abc") == "'abc'");
  CHECK(quoted("it's") == "'it\\'s'");
  CHECK(quoted("''") == "'\\'\\''");
  CHECK(quoted("a\\") == "'a\\\\'");
  CHECK(quoted("\"`") == "'\"`'");
  CHECK(quoted("a\0b"s) == "'a\\0b'");
  CHECK(quoted("\n\r\x1a\t") == "'\\n\\r\\Z\t'");
  CHECK(quoted("\xf0\x9f\x98\x80\xff\x80") == "'\xf0\x9f\x98\x80\xff\x80'");
  std::string all;
  for (int c = 0; c < 256; ++c) all += static_cast<char>(c);
  CHECK(quoted(all).size() == 256 + 2 + 6);
}

TEST_CASE("sql: hex") {
  std::string to = "=";
  dts::append_hex(to, "\x00\x7f\xff\x0a"s);
  CHECK(to == "=x'007FFF0A'");
  dts::append_hex(to, "");
  CHECK(to == "=x'007FFF0A'x''");
}

TEST_CASE("sql: the form of text") {
  for (auto charset : {"utf8mb4", "utf8mb3", "utf8", "ascii"})
    CHECK(dts::text_form(charset) == TextForm::plain);
  for (auto charset : {"big5", "cp932", "eucjpms", "euckr", "gb2312", "gbk", "sjis", "ucs2",
                       "ujis", "utf16", "utf32", "utf16le", "gb18030"})
    CHECK(dts::text_form(charset) == TextForm::hex);
  for (auto charset : {"latin1", "latin2", "latin5", "latin7", "cp1250", "cp1251", "cp1256",
                       "cp1257", "cp850", "cp852", "cp866", "koi8r", "koi8u", "greek", "hebrew",
                       "hp8", "swe7", "dec8", "tis620", "keybcs2", "macce", "macroman",
                       "armscii8", "geostd8", "binary"})
    CHECK(dts::text_form(charset) == TextForm::escaped);
}

TEST_CASE("sql: literals of every kind") {
  CHECK(literal(ValueKind::null, "") == "NULL");
  CHECK(literal(ValueKind::null, "ignored", "latin1") == "NULL");
  CHECK(literal(ValueKind::number, "-18446744073709551615") == "-18446744073709551615");
  CHECK(literal(ValueKind::number, "-0e0") == "-0e0");
  CHECK(literal(ValueKind::temporal, "2024-02-29 12:34:56.1") == "'2024-02-29 12:34:56.1'");
  CHECK(literal(ValueKind::bytes, "") == "_binary''");
  CHECK(literal(ValueKind::bytes, "\x00'\\\xff"s) == "_binary'\\0\\'\\\\\xff'");
  CHECK(literal(ValueKind::bytes, "a", "sjis") == "_binary'a'");
  CHECK(literal(ValueKind::text, "it's", "utf8mb4") == "'it\\'s'");
  CHECK(literal(ValueKind::text, "\xc3\xa9", "utf8mb3") == "'\xc3\xa9'");
  CHECK(literal(ValueKind::text, "a\0b"s, "ascii") == "'a\\0b'");
  CHECK(literal(ValueKind::text, "\xe9'", "latin1") == "_latin1'\xe9\\''");
  CHECK(literal(ValueKind::text, "", "latin1") == "_latin1''");
  CHECK(literal(ValueKind::text, "\x83\x5c", "sjis") == "_sjis x'835C'");
  CHECK(literal(ValueKind::text, "\x00'"s, "ucs2") == "_ucs2 x'0027'");
  CHECK(literal(ValueKind::text, "", "utf16") == "_utf16 x''");
}

TEST_CASE("sql: statements are composed of typed parts") {
  CHECK(sql("SELECT 1").text() == "SELECT 1");
  CHECK(sql("SELECT {} FROM {} WHERE {} = {} LIMIT {}", dts::Sql::verbatim("COUNT(*)"),
            dts::TableName{"d", "t`"}, Name{"a"}, Text{"'"}, 5)
            .text() == "SELECT COUNT(*) FROM `d`.`t``` WHERE `a` = '\\'' LIMIT 5");
  CHECK(sql("{} {}", Text{"{}"}, std::uint64_t{18446744073709551615u}).text() ==
        "'{}' 18446744073709551615");
  CHECK(sql("{}", -3LL).text() == "-3");
  CHECK(dts::Sql().text().empty());
}
