#include "schema/translate_text.hpp"

#include <doctest/doctest.h>

using namespace dts;

namespace {

const SourceFacts mysql{
    {false, 90704}, {{"utf8mb4", "utf8mb4_0900_ai_ci"}, {"latin1", "latin1_swedish_ci"}}, {"data"}};
const SourceFacts mariadb{{true, 101119}, {{"utf8mb4", "utf8mb4_general_ci"}}, {}};
const TargetFacts to_mariadb{
    {true, 101119},
    {"utf8mb4_uca1400_nopad_ai_ci", "utf8mb4_nopad_bin", "utf8mb4_general_ci", "utf8mb4_bin"}};
const TargetFacts to_mysql{{false, 90704},
                           {"utf8mb4_0900_ai_ci", "utf8mb4_general_ci", "utf8mb4_0900_bin",
                            "utf8mb4_unicode_520_ci", "utf8mb4_bin"}};

TextTranslation from_mysql(std::string_view text, const Dialect& dialect = {}) {
  return translate_text(text, dialect, mysql, to_mariadb);
}
TextTranslation from_mariadb(std::string_view text) {
  return translate_text(text, {}, mariadb, to_mysql);
}

/// What is refused of a text.
std::string why(const TextTranslation& translation) {
  std::string all;
  for (const std::string& reason : translation.refused) all += (all.empty() ? "" : "; ") + reason;
  return all;
}
bool is_refused(const TextTranslation& translation, std::string_view reason) {
  return why(translation).find(reason) != std::string::npos;
}

}  // namespace

TEST_CASE("what both kinds of servers write alike passes through") {
  for (const char* text : {"CREATE VIEW `shop`.`v` AS select `t`.`a` AS `a`,sum(`t`.`b`) AS `s` "
                           "from `shop`.`t` group by "
                           "`t`.`a`",
                           "CREATE PROCEDURE p() BEGIN DECLARE x varchar(9) CHARSET latin1; IF x = "
                           "'json_contains(a, b, c)' "
                           "THEN SIGNAL SQLSTATE '45000'; END IF; END",
                           "CREATE TRIGGER g BEFORE INSERT ON t FOR EACH ROW SET NEW.a = "
                           "IFNULL(NEW.a, 1) -- mysql.user"}) {
    for (const TextTranslation& one : {from_mysql(text), from_mariadb(text)}) {
      CHECK(one.text == text);
      CHECK(one.changes.empty());
      CHECK(one.doubts.empty());
      CHECK(why(one) == "");
    }
  }
}

TEST_CASE("words of MySQL become those of MariaDB") {
  CHECK(from_mysql("select regexp_like(`t`.`a`,concat('^','x'))").text ==
        "select ((`t`.`a`) regexp (concat('^','x')))");
  CHECK(from_mysql("select regexp_like(regexp_like(a,'b'),'1')").text ==
        "select ((((a) regexp ('b'))) regexp ('1'))");
  CHECK(from_mysql("select json_value(`j`, '$.a' returning char(512)) AS `x`").text ==
        "select json_value(`j`, '$.a' ) AS `x`");
  CHECK(from_mysql("SET NEW.a = NEW.j->>'$.x', b = t.j -> '$.y'").text ==
        "SET NEW.a = json_unquote(json_extract(NEW.j, '$.x')), b = json_extract(t.j, '$.y')");
  CHECK(from_mysql("select a - b, a-> b").text == "select a - b, a-> b");
  CHECK(from_mysql("select geomcollection(point(1,2))").text ==
        "select geometrycollection(point(1,2))");
}

TEST_CASE("words of MariaDB become those of MySQL") {
  CHECK(from_mariadb("RETURN NVL(a, LENGTHB(b))").text == "RETURN ifnull(a, length(b))");
  CHECK(from_mariadb("select nvl, t.nvl, `nvl`(1)").text == "select nvl, t.nvl, `nvl`(1)");
  CHECK(from_mariadb("select cast(`a` as char charset binary)").text ==
        "select cast(`a` as binary)");
  CHECK(is_refused(from_mariadb("select cast(`a` as char(3) charset binary)"), "CHAR(n)"));
  CHECK(is_refused(from_mariadb("select cast(`a` as char charset binary) = 'é'"), "ASCII"));
  CHECK(from_mysql("select cast(`a` as char charset binary)").text ==
        "select cast(`a` as char charset binary)");
}

TEST_CASE("collations: of types they go with the tables, of comparisons they are told as a doubt") {
  const TextTranslation type =
      from_mysql("DECLARE x text CHARSET utf8mb4 COLLATE utf8mb4_0900_ai_ci");
  CHECK(type.text == "DECLARE x text CHARSET utf8mb4 COLLATE utf8mb4_uca1400_nopad_ai_ci");
  CHECK(type.changes.size() == 1);
  CHECK(type.doubts.empty());
  const TextTranslation other = from_mysql("(`a` collate utf8mb4_0900_ai_ci) = 'x'");
  CHECK(other.text == "(`a` collate utf8mb4_uca1400_nopad_ai_ci) = 'x'");
  CHECK(other.doubts.size() == 1);
  const TextTranslation same = from_mysql("(`a` collate utf8mb4_0900_bin) = 'x'");
  CHECK(same.text == "(`a` collate utf8mb4_nopad_bin) = 'x'");
  CHECK(same.doubts.empty());
  CHECK(is_refused(from_mysql("a COLLATE gb18030_bin"), "gb18030_bin"));
}

TEST_CASE("a type of Unicode keeps the collation that the source gives it by default") {
  CHECK(from_mysql(
            "f(a varchar(9) CHARSET utf8mb4, b int) RETURNS text CHARACTER SET utf8mb4 RETURN a")
            .text ==
        "f(a varchar(9) CHARSET utf8mb4 COLLATE utf8mb4_uca1400_nopad_ai_ci, b int) RETURNS text "
        "CHARACTER SET utf8mb4 COLLATE utf8mb4_uca1400_nopad_ai_ci RETURN a");
  CHECK(from_mariadb("DECLARE a char(3) CHARSET utf8mb4").text ==
        "DECLARE a char(3) CHARSET utf8mb4 COLLATE utf8mb4_general_ci");
  for (const char* text : {"cast(a as char charset utf8mb4)", "convert(a using utf8mb4)",
                           "SET CHARACTER SET utf8mb4", "a text CHARSET latin1"})
    CHECK(from_mysql(text).text == text);
}

TEST_CASE("what gives other results is refused") {
  CHECK(is_refused(from_mysql("json_contains(a, '1', '$.x')"), "json_contains"));
  CHECK(why(from_mysql("json_contains(a, concat('1', '2'))")) == "");
  CHECK(is_refused(from_mysql("json_object('a', true)"), "TRUE"));
  CHECK(why(from_mysql("json_object('a', if(true, 1, 2))")) == "");
  CHECK(is_refused(from_mariadb("regexp_replace(a, 'b', '\\\\1')"), "regexp_replace"));
  CHECK(why(from_mariadb("regexp_replace(a, 'b', 'c')")) == "");
  CHECK(is_refused(from_mysql("regexp_replace(a, 'b', 'c', 1, 0, 'i')"), "options"));
  CHECK(is_refused(from_mysql("a REGEXP '[[:<:]]b'"), "regular expression"));
  CHECK(is_refused(from_mariadb("date_format(a, '%Y %z')"), "time zone"));
  CHECK(why(from_mariadb("date_format(a, '%Y-%m')")) == "");
  CHECK(is_refused(from_mysql("st_geomfromtext('POINT(1 2)', 4326)"), "SRID"));
  CHECK(is_refused(from_mysql("SELECT 1 FROM mysql.user"), "'mysql'"));
  CHECK(is_refused(from_mysql("SELECT 1 /*!80000 + 1 */"), "executable comment"));
  CHECK(is_refused(from_mysql("SELECT 1 /*M!100000 + 1 */"), "executable comment"));
  CHECK(why(from_mysql("SELECT 1 /* + 1 */, '/*!80000 */'")) == "");
}

TEST_CASE("JSON of MySQL is text on MariaDB: comparing and sorting it is refused") {
  CHECK(is_refused(from_mysql("SELECT a FROM t WHERE t.data = '{}'"), "'data'"));
  CHECK(is_refused(from_mysql("IF NEW.data <> OLD.data THEN"), "'data'"));
  CHECK(is_refused(from_mysql("SELECT a FROM t ORDER BY data"), "'data'"));
  CHECK(is_refused(from_mysql("SELECT a FROM t ORDER BY json_extract(data, '$.a')"), "orders"));
  CHECK(is_refused(from_mysql("SELECT a FROM t GROUP BY data->'$.a'"), "orders"));
  CHECK(why(from_mysql("SELECT t.data FROM t WHERE a = 1")) == "");
  CHECK(why(from_mysql("UPDATE t SET data = '{}' WHERE a = 1")) == "");
  CHECK(why(from_mysql("SELECT a FROM t ORDER BY data->>'$.a'")) == "");
  CHECK(why(from_mariadb("SELECT a FROM t WHERE data = '{}'")) == "");
}

TEST_CASE("what may differ is told") {
  CHECK(from_mysql("CREATE PROCEDURE p() SET @a = 1 / 3").doubts.size() == 1);
  CHECK(from_mysql("CREATE VIEW v AS SELECT 1 / 3").doubts.empty());
  CHECK(from_mysql("select json_arrayagg(a)").doubts.size() == 1);
  CHECK(from_mariadb("select stddev(a), stddev(b)").doubts.size() == 1);
  CHECK(from_mysql("SELECT a REGEXP b").doubts.size() == 1);
  CHECK(from_mysql("BEGIN PREPARE s FROM @a; EXECUTE s; END").doubts.size() == 1);
  CHECK(from_mysql("select json_unquote(json_extract(a, '$.b'))").doubts.empty());
}

TEST_CASE("quotes are read as the session did that made the text") {
  const Dialect ansi{{true, false}, "utf8mb4"};
  CHECK(is_refused(from_mysql(R"(SELECT "data" = '\' FROM t)", ansi), "'data'"));
  CHECK(why(from_mysql(R"(SELECT "data" = 1)")) == "");
}

TEST_CASE("modes: sets of them go, fractions of a second are treated as before") {
  const ServerKind here{false, 90704}, there{true, 101119}, old{false, 50744};
  const auto known = [](std::string_view names, ServerKind from, ServerKind to) {
    return translate_modes(names, from, to).known;
  };
  CHECK(known("", here, there) == "TIME_ROUND_FRACTIONAL");
  CHECK(known("TIME_TRUNCATE_FRACTIONAL", here, there) == "");
  CHECK(known("", there, here) == "TIME_TRUNCATE_FRACTIONAL");
  CHECK(known("TIME_ROUND_FRACTIONAL", there, here) == "");
  CHECK(known("", there, old) == "");
  CHECK(known("PIPES_AS_CONCAT,ANSI_QUOTES,ONLY_FULL_GROUP_BY,ANSI", here, there) ==
        "PIPES_AS_CONCAT,ANSI_QUOTES,TIME_ROUND_FRACTIONAL");
  CHECK(known("STRICT_TRANS_TABLES,NO_AUTO_CREATE_USER,TRADITIONAL", there, here) ==
        "STRICT_TRANS_TABLES,TIME_TRUNCATE_FRACTIONAL");
  CHECK(translate_modes("ORACLE,EMPTY_STRING_IS_NULL", there, here).unknown ==
        "ORACLE,EMPTY_STRING_IS_NULL");
  CHECK(translate_modes("ORACLE", old, there).unknown == "");
}
