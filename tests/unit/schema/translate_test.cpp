#include "schema/translate.hpp"

#include <doctest/doctest.h>

#include "schema/collations.hpp"
#include "schema/column_text.hpp"
#include "schema/difference.hpp"

using namespace dts;

namespace {

const ServerKind mysql{false, 90704}, mysql57{false, 50744}, mariadb{true, 101119},
    mariadb105{true, 100523};
const std::set<std::string> of_mysql = {
    "utf8mb4_0900_ai_ci", "utf8mb4_0900_as_ci",       "utf8mb4_0900_as_cs",
    "utf8mb4_0900_bin",   "utf8mb4_de_pb_0900_ai_ci", "utf8mb4_general_ci",
    "utf8mb4_bin",        "utf8mb4_unicode_520_ci",   "utf8mb3_general_ci",
    "utf8mb3_bin",        "utf8mb3_unicode_520_ci",   "latin1_swedish_ci"};
const std::set<std::string> of_mysql57 = {
    "utf8mb4_general_ci", "utf8mb4_bin", "utf8mb4_unicode_520_ci",
    "utf8_general_ci",    "utf8_bin",    "latin1_swedish_ci"};
const std::set<std::string> of_mariadb = {"utf8mb4_uca1400_nopad_ai_ci",
                                          "utf8mb4_uca1400_nopad_as_cs",
                                          "utf8mb4_uca1400_nopad_as_ci",
                                          "utf8mb4_uca1400_german2_nopad_ai_ci",
                                          "utf8mb4_nopad_bin",
                                          "utf8mb4_general_ci",
                                          "utf8mb4_bin",
                                          "utf8mb4_unicode_520_nopad_ci",
                                          "utf8mb3_general_ci",
                                          "latin1_swedish_ci"};
const std::set<std::string> of_mariadb105 = {"utf8mb4_nopad_bin", "utf8mb4_general_ci",
                                             "utf8mb4_bin", "utf8mb4_unicode_520_nopad_ci",
                                             "utf8_general_ci"};

Column column(std::string name, std::string definition, ColumnType type,
              std::string collation = {}) {
  Column c;
  c.name = std::move(name);
  c.definition = std::move(definition);
  c.type = type;
  c.collation = std::move(collation);
  c.charset = c.collation.substr(0, c.collation.find('_'));
  return c;
}

/// The items of a table with these columns, translated; the columns' facts are told by their types.
TableTranslation translated(const std::string& items, const std::vector<Column>& columns,
                            ServerKind from, ServerKind to,
                            const std::string& options = " ENGINE=InnoDB",
                            std::vector<Key> keys = {}) {
  Table shape;
  shape.columns = columns;
  shape.keys = std::move(keys);
  const TargetFacts facts{to, to.mariadb ? (to.version < 100600 ? of_mariadb105 : of_mariadb)
                                         : (to.version < 80000 ? of_mysql57 : of_mysql)};
  return translate_table("CREATE TABLE `s`.`t` (\n  " + items + "\n)" + options, shape, from,
                         facts);
}

std::string items_of(const TableTranslation& table) {
  const auto from = table.text.find('(') + 4;
  return table.text.substr(from, table.text.find("\n)") - from);
}

std::string joined(const std::vector<std::string>& list) {
  std::string text;
  for (const std::string& one : list) text += (text.empty() ? "" : "; ") + one;
  return text;
}

std::string closest(const std::string& name, const std::set<std::string>& known) {
  const auto found = closest_collation(name, known, true);
  if (!found) return "none";
  return found->name + (found->equality == Equality::same    ? ""
                        : found->equality == Equality::finer ? " finer"
                                                             : " other");
}

const Column number = column("a", "int", ColumnType::integer);
const Column text = column("t", "varchar(9)", ColumnType::text, "utf8mb4_0900_ai_ci");

}  // namespace

TEST_CASE("collations that both have stay, others find the closest one") {
  CHECK(closest("utf8mb4_general_ci", of_mariadb) == "utf8mb4_general_ci");
  CHECK(closest("utf8mb4_0900_ai_ci", of_mariadb) == "utf8mb4_uca1400_nopad_ai_ci other");
  CHECK(closest("utf8mb4_0900_ai_ci", of_mariadb105) == "utf8mb4_unicode_520_nopad_ci other");
  CHECK(closest("utf8mb4_0900_as_cs", of_mariadb) == "utf8mb4_uca1400_nopad_as_cs other");
  CHECK(closest("utf8mb4_0900_as_cs", of_mariadb105) == "utf8mb4_nopad_bin finer");
  CHECK(closest("utf8mb4_ja_0900_as_cs_ks", of_mariadb) == "utf8mb4_uca1400_nopad_as_cs other");
  CHECK(closest("utf8mb4_de_pb_0900_ai_ci", of_mariadb) ==
        "utf8mb4_uca1400_german2_nopad_ai_ci other");
  CHECK(closest("utf8mb4_0900_bin", of_mariadb105) == "utf8mb4_nopad_bin");
  CHECK(closest("gb18030_chinese_ci", of_mariadb) == "none");
  // MariaDB 11.8 knows the name, and has rules of its own behind it.
  CHECK(closest("utf8mb4_0900_ai_ci", of_mysql) == "utf8mb4_0900_ai_ci other");
  CHECK(closest_collation("utf8mb4_0900_ai_ci", of_mysql, false)->equality == Equality::same);

  CHECK(closest("utf8mb4_uca1400_ai_ci", of_mysql) == "utf8mb4_0900_ai_ci other");
  CHECK(closest("utf8mb4_uca1400_ai_cs", of_mysql) == "utf8mb4_0900_as_cs other");
  CHECK(closest("utf8mb4_uca1400_german2_nopad_ai_ci", of_mysql) ==
        "utf8mb4_de_pb_0900_ai_ci other");
  CHECK(closest("utf8mb4_uca1400_as_cs", of_mysql57) == "utf8mb4_bin finer");
  CHECK(closest("utf8mb3_uca1400_ai_ci", of_mysql) == "utf8mb3_unicode_520_ci other");
  CHECK(closest("utf8mb3_uca1400_as_ci", of_mysql) == "utf8mb3_bin finer");
  CHECK(closest("utf8mb4_nopad_bin", of_mysql) == "utf8mb4_0900_bin");
  CHECK(closest("utf8mb4_nopad_bin", of_mysql57) == "utf8mb4_bin other");
  CHECK(closest("latin1_swedish_nopad_ci", of_mysql) == "latin1_swedish_ci other");
  CHECK(closest("utf8mb3_general_ci", of_mysql57) == "utf8_general_ci");
}

TEST_CASE("numbers of collations that the servers don't share") {
  CHECK(collation_by_number(255, false) == "utf8mb4_0900_ai_ci");
  CHECK(collation_by_number(309, false) == "utf8mb4_0900_bin");
  CHECK(collation_by_number(45, false).empty());
  CHECK(collation_by_number(2304, true) == "utf8mb4_uca1400_ai_ci");
  CHECK(collation_by_number(2311, true) == "utf8mb4_uca1400_nopad_as_cs");
  CHECK(collation_by_number(2048, true) == "utf8mb3_uca1400_ai_ci");
  CHECK(collation_by_number(45, true).empty());
}

TEST_CASE("columns of MySQL in the words of MariaDB") {
  const auto check = [](const std::string& item, const Column& col, const std::string& expected,
                        const std::string& changes = {}) {
    CAPTURE(item);
    const TableTranslation table = translated(item, {col}, mysql, mariadb);
    CHECK(items_of(table) == expected);
    CHECK(joined(table.changes) == changes);
    CHECK(joined(table.refused).empty());
  };
  check("`a` int DEFAULT '7' /*!80023 INVISIBLE */", number, "`a` int DEFAULT '7' INVISIBLE");
  check("`a` int(5) unsigned zerofill NOT NULL AUTO_INCREMENT COMMENT 'it''s, ('", number,
        "`a` int(5) unsigned zerofill NOT NULL AUTO_INCREMENT COMMENT 'it''s, ('");
  check("`a` int GENERATED ALWAYS AS ((`b` + 1)) VIRTUAL NOT NULL", number,
        "`a` int GENERATED ALWAYS AS ((`b` + 1)) VIRTUAL",
        "NOT NULL of a generated column is left out (a)");
  check("`t` varchar(9) DEFAULT (concat(_utf8mb4'it\\'s',_utf8mb4'\\\\'))", text,
        "`t` varchar(9) CHARACTER SET utf8mb4 COLLATE utf8mb4_uca1400_nopad_ai_ci DEFAULT "
        "(concat('it\\'s','\\\\'))",
        "collation utf8mb4_0900_ai_ci becomes utf8mb4_uca1400_nopad_ai_ci (t)");
  check("`j` json NOT NULL DEFAULT (json_array())", column("j", "json", ColumnType::json),
        "`j` json NOT NULL DEFAULT (json_array())", "json becomes longtext with a check (j)");
  check("`p` point NOT NULL /*!80003 SRID 4326 */",
        column("p", "point srid 4326", ColumnType::geometry),
        "`p` point REF_SYSTEM_ID=4326 NOT NULL", "the SRID is told, not enforced (p)");
  check("`p` geomcollection DEFAULT NULL", column("p", "geomcollection", ColumnType::geometry),
        "`p` geometrycollection DEFAULT NULL");
  check("`d` datetime(3) DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3)",
        column("d", "datetime(3)", ColumnType::datetime),
        "`d` datetime(3) DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3)");
  check("`a` int /*!50606 STORAGE DISK */ /*!50606 COLUMN_FORMAT DYNAMIC */ DEFAULT NULL", number,
        "`a` int DEFAULT NULL",
        "COLUMN_FORMAT DYNAMIC is left out (a); STORAGE DISK is left out (a)");
  CHECK(joined(translated("`v` vector(3)", {column("v", "vector(3)", ColumnType::vector)}, mysql,
                          mariadb)
                   .refused) == "v: type vector(3)");
  CHECK(joined(translated("`g` char(1)",
                          {column("g", "char(1)", ColumnType::text, "gb18030_chinese_ci")}, mysql,
                          mariadb)
                   .refused) == "g: collation gb18030_chinese_ci");
  CHECK(joined(translated("`a` int DEFAULT (_latin1'it\\'s')", {number}, mysql, mariadb).refused) ==
        "an expression with _latin1'it\\'s'");
}

TEST_CASE("columns of MariaDB in the words of MySQL") {
  const auto check = [](const std::string& item, const Column& col, const std::string& expected,
                        const std::string& changes = {}) {
    CAPTURE(item);
    const TableTranslation table = translated(item, {col}, mariadb, mysql);
    CHECK(items_of(table) == expected);
    CHECK(joined(table.changes) == changes);
    CHECK(joined(table.refused).empty());
  };
  for (const char* plain :
       {"7", "1.500", "-1.5", "1e300", "NULL", "b'101'", "x'41ff'", "'uuid()'", "0x41",
        "current_timestamp()", "current_timestamp(3) ON UPDATE current_timestamp(3)"})
    check(std::string("`a` int(11) DEFAULT ") + plain, number,
          std::string("`a` int(11) DEFAULT ") + plain);
  check("`a` int(11) DEFAULT uuid() COMMENT 'x'", number,
        "`a` int(11) DEFAULT (uuid()) COMMENT 'x'");
  check("`a` int(11) DEFAULT (1 + 2)", number, "`a` int(11) DEFAULT (1 + 2)");
  check("`a` int(11) DEFAULT concat('a',1) CHECK (`a` > 0)", number,
        "`a` int(11) DEFAULT (concat('a',1)) CHECK (`a` > 0)");
  const Column note = column("n", "tinytext", ColumnType::text, "utf8mb4_general_ci");
  check("`n` tinytext DEFAULT 'abc'", note,
        "`n` tinytext CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci DEFAULT ('abc')");
  check("`n` tinytext DEFAULT NULL", note,
        "`n` tinytext CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci DEFAULT NULL");
  check(
      "`j` longtext CHARACTER SET utf8mb4 COLLATE utf8mb4_bin DEFAULT NULL CHECK (json_valid(`j`))",
      column("j", "longtext", ColumnType::text, "utf8mb4_bin"),
      "`j` longtext CHARACTER SET utf8mb4 COLLATE utf8mb4_bin DEFAULT NULL CHECK (json_valid(`j`)) "
      "NOT ENFORCED",
      "the check json_valid is told, not enforced (j)");
  check("`n` tinytext /*M!100301 COMPRESSED*/ DEFAULT NULL INVISIBLE", note,
        "`n` tinytext CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci DEFAULT NULL INVISIBLE",
        "COMPRESSED is left out (n)");
  CHECK(joined(
            translated("`a` int(11) DEFAULT nextval(`s`.`q`)", {number}, mariadb, mysql).refused) ==
        "a: DEFAULT nextval(`s`.`q`)");
  CHECK(joined(translated("`a` int(11) DEFAULT uuid()", {number}, mariadb, mysql57).refused) ==
        "a: DEFAULT uuid()");
  CHECK(joined(translated("`u` uuid", {column("u", "uuid", ColumnType::uuid)}, mariadb, mysql)
                   .refused) == "u: type uuid");
}

TEST_CASE("keys, checks and options") {
  const auto items = [](const std::string& item, ServerKind from, ServerKind to) {
    const TableTranslation table = translated("`a` int,\n  " + item, {number}, from, to);
    if (!table.refused.empty()) return "refused: " + joined(table.refused);
    const std::string all = items_of(table);
    const std::string rest = all.size() > 10 ? all.substr(11) : std::string();
    return rest + (table.changes.empty() ? "" : " | " + joined(table.changes));
  };
  CHECK(items("PRIMARY KEY (`a`)", mysql, mariadb) == "PRIMARY KEY (`a`)");
  CHECK(items("KEY `k` (`a` DESC) USING BTREE COMMENT 'it''s' /*!80000 INVISIBLE */", mysql,
              mariadb) == "KEY `k` (`a` DESC) USING BTREE COMMENT 'it''s' IGNORED");
  CHECK(items("KEY `k` (`a`) /*!80000 INVISIBLE */", mysql, mariadb105) ==
        "KEY `k` (`a`) | INVISIBLE is left out (key k)");
  CHECK(items("KEY `k` (`a`) IGNORED", mariadb, mysql) == "KEY `k` (`a`) INVISIBLE");
  CHECK(items("FULLTEXT KEY `k` (`a`) /*!50100 WITH PARSER `ngram` */ ", mysql, mariadb) ==
        "FULLTEXT KEY `k` (`a`) | parser ngram is left out (key k)");
  CHECK(items("UNIQUE KEY `k` (`a`,(lower(`b`)))", mysql, mariadb) ==
        "refused: key k: functional key");
  CHECK(items("UNIQUE KEY `k` (`a`,`p` WITHOUT OVERLAPS)", mariadb, mysql) ==
        "refused: key k: WITHOUT OVERLAPS");
  CHECK(items("VECTOR KEY `k` (`a`) `DISTANCE`=cosine", mariadb, mysql) ==
        " | the vector key is left out (key k)");
  CHECK(items("CONSTRAINT `c` CHECK ((`a` > 0))", mysql, mariadb) ==
        "CONSTRAINT `c` CHECK ((`a` > 0))");
  CHECK(items("CONSTRAINT `c` CHECK ((`a` > 0)) /*!80016 NOT ENFORCED */", mysql, mariadb) ==
        " | CHECK is left out (constraint c)");
  CHECK(items("CONSTRAINT `CONSTRAINT_1` CHECK (`a` > 0)", mariadb, mysql) == "CHECK (`a` > 0)");
  CHECK(items("CONSTRAINT `c` CHECK (`a` > 0)", mariadb, mysql57) ==
        " | CHECK is left out (constraint c)");
  CHECK(items("PERIOD FOR `p` (`b`, `c`)", mariadb, mysql) == "refused: PERIOD");

  const auto options = [](const std::string& written, ServerKind from, ServerKind to) {
    const TableTranslation table = translated("`a` int", {number}, from, to, written);
    return table.text.substr(table.text.find("\n)") + 2) +
           (table.changes.empty() ? "" : " | " + joined(table.changes)) +
           (table.refused.empty() ? "" : " refused: " + joined(table.refused));
  };
  CHECK(options(" ENGINE=InnoDB AUTO_INCREMENT=7 DEFAULT CHARSET=utf8mb4 "
                "COLLATE=utf8mb4_0900_ai_ci COMPRESSION='zlib' COMMENT='x=y'",
                mysql, mariadb) ==
        " ENGINE=InnoDB AUTO_INCREMENT=7 COLLATE=utf8mb4_uca1400_nopad_ai_ci COMMENT='x=y' | "
        "COMPRESSION is left out (the "
        "table); collation utf8mb4_0900_ai_ci becomes utf8mb4_uca1400_nopad_ai_ci (the table)");
  CHECK(options(" ENGINE=MyISAM DEFAULT CHARSET=latin1 PAGE_CHECKSUM=1 `page_compressed`='ON'",
                mariadb, mysql) ==
        " ENGINE=MyISAM DEFAULT CHARSET=latin1 | PAGE_CHECKSUM is left out (the table); "
        "PAGE_COMPRESSED is left out (the table)");
  // Who leaves out COLLATE means the one default that there was then.
  CHECK(options(" ENGINE=InnoDB DEFAULT CHARSET=utf8mb4", mysql57, mysql) ==
        " ENGINE=InnoDB COLLATE=utf8mb4_general_ci");
  CHECK(options(" ENGINE=InnoDB DEFAULT CHARSET=utf8", mysql57, mysql) ==
        " ENGINE=InnoDB COLLATE=utf8mb3_general_ci");
  CHECK(options(" ENGINE=InnoDB\n/*!50100 PARTITION BY HASH (`a`)\nPARTITIONS 2 */", mysql,
                mariadb) == " ENGINE=InnoDB\nPARTITION BY HASH (`a`)\nPARTITIONS 2");
  CHECK(options(" ENGINE=InnoDB WITH SYSTEM VERSIONING", mariadb, mysql) ==
        " ENGINE=InnoDB refused: WITH SYSTEM VERSIONING");
}

TEST_CASE("only unique keys with other rules are told as a danger") {
  const Key key{"PRIMARY", true, false, {{0, {}}}};
  const auto clashes = [&](const std::string& collation, std::vector<Key> keys, ServerKind from,
                           ServerKind to) {
    return joined(translated("`t` varchar(9)",
                             {column("t", "varchar(9)", ColumnType::text, collation)}, from, to,
                             " ENGINE=InnoDB", std::move(keys))
                      .clashes);
  };
  CHECK(clashes("utf8mb4_0900_ai_ci", {key}, mysql, mariadb) ==
        "t: utf8mb4_0900_ai_ci becomes utf8mb4_uca1400_nopad_ai_ci");
  CHECK(clashes("utf8mb4_0900_ai_ci", {}, mysql, mariadb).empty());
  CHECK(clashes("utf8mb4_0900_as_cs", {key}, mysql, mariadb105).empty());
  CHECK(clashes("utf8mb4_0900_bin", {key}, mysql, mariadb).empty());
  CHECK(clashes("utf8mb4_general_ci", {key}, mariadb, mysql).empty());
  Table shape;
  Column longer = column("t", "text", ColumnType::text, "utf8mb4_bin");
  longer.bytes_max = 65535;
  CHECK(joined(translated("`t` text", {longer}, mariadb, mysql, " ENGINE=InnoDB",
                          {{"u", true, false, {{0, {}}}}})
                   .refused) == "key u: unique over the long column t");
}

TEST_CASE("a TIMESTAMP without a default gets one where the server would make up its own") {
  std::vector<std::string> changes;
  const std::string create =
      "CREATE TABLE `t` (\n  `a` timestamp NOT NULL COMMENT 'x',\n  `b` timestamp NULL DEFAULT "
      "NULL,\n"
      "  `c` timestamp(6) NOT NULL DEFAULT '2020-01-01 00:00:00.000000',\n  `d` datetime NOT "
      "NULL,\n  KEY `timestamp` (`a`)\n) COMMENT='y'";
  std::string expected = create;
  expected.insert(expected.find(",\n  `b`"), " DEFAULT '0000-00-00 00:00:00'");
  CHECK(with_timestamp_defaults(create, changes) == expected);
  CHECK(joined(changes) == "a zero is the default (a)");
}

TEST_CASE("columns that carry each other's values") {
  const auto with = [](const char* definition, ColumnType type, const char* collation = "") {
    return column("c", definition, type, collation);
  };
  const Column json = with("json", ColumnType::json),
               longtext = with("longtext", ColumnType::text, "utf8mb4_bin");
  CHECK(carries(json, longtext));
  CHECK_FALSE(carries(longtext, json));
  CHECK(carries(longtext, longtext));
  CHECK_FALSE(carries(json, with("text", ColumnType::text, "utf8mb4_bin")));
  CHECK(carries(with("int(11)", ColumnType::integer), with("int", ColumnType::integer)));
  CHECK_FALSE(carries(with("int", ColumnType::integer), with("int unsigned", ColumnType::integer)));
  CHECK_FALSE(carries(with("varchar(9)", ColumnType::text, "utf8mb4_bin"),
                      with("varchar(10)", ColumnType::text, "utf8mb4_bin")));
  CHECK(carries(with("char(3)", ColumnType::text, "utf8mb4_0900_ai_ci"),
                with("char(3)", ColumnType::text, "utf8mb4_uca1400_nopad_ai_ci")));
  CHECK_FALSE(carries(with("char(3)", ColumnType::text, "utf8mb4_0900_ai_ci"),
                      with("char(3)", ColumnType::text, "utf8mb4_general_ci")));
  CHECK_FALSE(carries(with("char(3)", ColumnType::text, "latin1_swedish_ci"),
                      with("char(3)", ColumnType::text, "utf8mb4_general_ci")));
  CHECK(
      carries(with("point srid 4326", ColumnType::geometry), with("point", ColumnType::geometry)));
  CHECK(carries(with("text /*M!100301 COMPRESSED*/", ColumnType::text, "utf8mb4_bin"),
                with("text", ColumnType::text, "utf8mb4_bin")));
  Column nullable = number, required = number;
  required.nullable = false;
  CHECK_FALSE(carries(nullable, required));
  nullable.generated = required.generated = true;
  CHECK(carries(required, nullable));
}

TEST_CASE("tables that carry each other's rows") {
  Table here, there;
  here.columns = {number, text};
  there.columns = {number,
                   column("t", "varchar(9)", ColumnType::text, "utf8mb4_unicode_520_nopad_ci")};
  here.keys = {{"PRIMARY", true, false, {{0, {}}}}, {"k", false, true, {{1, {}}}}};
  there.keys = {here.keys[0]};
  CHECK(carried_difference(here, there).empty());
  CHECK(shape_difference(here, mysql, there, mariadb).empty());
  CHECK_FALSE(shape_difference(here, mysql, there, mysql).empty());
  there.keys[0].parts[0].column = 1;
  CHECK(carried_difference(here, there) == "key 'PRIMARY' has other columns there");
  there.keys = {here.keys[0], {"u", true, true, {{1, {}}}}};
  CHECK(carried_difference(here, there) == "key 'u' is only there");
  there.keys = {};
  CHECK(carried_difference(here, there) == "key 'PRIMARY' is missing there");
  there.columns.pop_back();
  CHECK(carried_difference(here, there) == "column 't' is missing there");
}
