#include "apply/ddl_names.hpp"

#include <doctest/doctest.h>

#include <string>

namespace {

/// "kind: schema.table, schema.table" or "kind: database" with default database `cur`.
std::string names(const std::string& statement, std::int64_t sql_mode = 0) {
  dts::Ddl ddl;
  ddl.schema = "cur";
  ddl.statement = statement;
  ddl.sql_mode = sql_mode;
  const auto found = dts::ddl_names(ddl);
  std::string text = found.kind + ":";
  for (const auto& name : found.tables)
    text += (&name == &found.tables[0] ? " " : ", ") + name.schema + "." + name.table;
  if (!found.database.empty()) text += " " + found.database;
  return text;
}

struct Case {
  std::string statement, expected;
};

template <std::size_t N>
void check(const Case (&cases)[N]) {
  for (const Case& one : cases) {
    CAPTURE(one.statement);
    CHECK(names(one.statement) == one.expected);
  }
}

}  // namespace

TEST_CASE("ddl names: CREATE TABLE") {
  check({
      {"CREATE TABLE t (a INT)", "create-table: cur.t"},
      {"create table T(a int)", "create-table: cur.T"},
      {"CREATE TABLE db.t (a INT)", "create-table: db.t"},
      {"CREATE TABLE `d``b` . `t.x` (a INT)", "create-table: d`b.t.x"},
      {"CREATE TABLE IF NOT EXISTS t (a INT)", "create-table: cur.t"},
      {"CREATE OR REPLACE TABLE t (a INT)", "create-table: cur.t"},
      {"CREATE TABLE t LIKE o", "create-table: cur.t, cur.o"},
      {"CREATE TABLE t (LIKE db.o)", "create-table: cur.t, db.o"},
      {"CREATE TABLE IF NOT EXISTS a.t LIKE b.`o`", "create-table: a.t, b.o"},
      {"CREATE TABLE t SELECT * FROM o", "create-table: cur.t"},
      {"CREATE TABLE t (`like` INT)", "create-table: cur.t"},
      {"CREATE /* c */ TABLE -- x\n t # y\n (a INT)", "create-table: cur.t"},
      {"/*!50000 CREATE */ /*M!100100 TABLE t */ (a INT)", "create-table: cur.t"},
      {"CREATE TABLE `if` (a INT)", "create-table: cur.if"},
      {"CREATE TABLE `temporary` (a INT)", "create-table: cur.temporary"},
      {"CREATE TABLE 1t (a INT)", "create-table: cur.1t"},
      {"CREATE TABLE `1` (a INT)", "create-table: cur.1"},
      {"CREATE TABLE db.1 (a INT)", "create-table: db.1"},
      {"CREATE TABLE tab\xc3\xa9 (a INT)", "create-table: cur.tab\xc3\xa9"},
      {"CREATE TABLE `\xe8\xa1\xa8` (a INT)", "create-table: cur.\xe8\xa1\xa8"},
      {"CREATE TABLE t (a INT COMMENT 'RENAME TO x; LIKE y')", "create-table: cur.t"},
      {"CREATE TABLE t (a INT) WITH SYSTEM VERSIONING", "create-table: cur.t"},
  });
}

TEST_CASE("ddl names: ALTER TABLE") {
  check({
      {"ALTER TABLE t ADD a INT", "alter-table: cur.t"},
      {"ALTER ONLINE TABLE t ADD a INT", "alter-table: cur.t"},
      {"ALTER IGNORE TABLE t ADD a INT", "alter-table: cur.t"},
      {"ALTER ONLINE IGNORE TABLE db.t ADD a INT", "alter-table: db.t"},
      {"ALTER TABLE IF EXISTS t ADD a INT", "alter-table: cur.t"},
      {"ALTER TABLE t WAIT 5 ADD a INT", "alter-table: cur.t"},
      {"ALTER TABLE t NOWAIT RENAME u", "alter-table: cur.t, cur.u"},
      {"ALTER TABLE t RENAME u", "alter-table: cur.t, cur.u"},
      {"ALTER TABLE t RENAME TO db.u", "alter-table: cur.t, db.u"},
      {"ALTER TABLE t RENAME AS `u`", "alter-table: cur.t, cur.u"},
      {"ALTER TABLE t RENAME = u", "alter-table: cur.t, cur.u"},
      {"ALTER TABLE t ADD b INT, RENAME TO u, ADD c INT", "alter-table: cur.t, cur.u"},
      {"ALTER TABLE t RENAME `column`", "alter-table: cur.t, cur.column"},
      {"ALTER TABLE t RENAME COLUMN a TO b", "alter-table: cur.t"},
      {"ALTER TABLE t RENAME INDEX a TO b", "alter-table: cur.t"},
      {"ALTER TABLE t RENAME KEY a TO b, RENAME u", "alter-table: cur.t, cur.u"},
      {"ALTER TABLE t RENAME COLUMN a TO b, RENAME TO u", "alter-table: cur.t, cur.u"},
      {"ALTER TABLE t ADD COLUMN (`rename` INT, b INT)", "alter-table: cur.t"},
      {"ALTER TABLE t ADD a INT CHECK (a IN (1, (2))), RENAME u", "alter-table: cur.t, cur.u"},
      {"ALTER TABLE t ADD a TEXT DEFAULT ') RENAME TO x'", "alter-table: cur.t"},
      {"ALTER TABLE t EXCHANGE PARTITION p WITH TABLE u", "alter-table: cur.t, cur.u"},
      {"ALTER TABLE t EXCHANGE PARTITION p WITH TABLE db.u WITHOUT VALIDATION",
       "alter-table: cur.t, db.u"},
      {"ALTER TABLE t ADD FULLTEXT (a) WITH PARSER ngram", "alter-table: cur.t"},
      {"ALTER TABLE t DROP PARTITION p", "alter-table: cur.t"},
      {"ALTER TABLE t", "alter-table: cur.t"},
      {"/*!40000 ALTER TABLE `t` DISABLE KEYS */", "alter-table: cur.t"},
  });
}

// MariaDB 10.7 and later; 10.11 logs both as written. The other table appears or disappears.
TEST_CASE("ddl names: CONVERT PARTITION and CONVERT TABLE") {
  check({
      {"ALTER TABLE p CONVERT PARTITION p1 TO TABLE u", "alter-table: cur.p, cur.u"},
      {"ALTER TABLE p CONVERT TABLE db.u TO PARTITION p1 VALUES LESS THAN (20)",
       "alter-table: cur.p, db.u"},
  });
}

TEST_CASE("ddl names: DROP, RENAME and TRUNCATE TABLE") {
  check({
      {"DROP TABLE t", "drop-table: cur.t"},
      {"DROP TABLES t", "drop-table: cur.t"},
      {"DROP TABLE IF EXISTS t", "drop-table: cur.t"},
      {"DROP TABLE a, db.b, `c` CASCADE", "drop-table: cur.a, db.b, cur.c"},
      {"DROP TABLE IF EXISTS `a`,`b` /* generated by server */", "drop-table: cur.a, cur.b"},
      {"DROP TABLE t WAIT 3", "drop-table: cur.t"},
      {"DROP /* x */ TABLE `a``b`.`c`", "drop-table: a`b.c"},
      {"RENAME TABLE a TO b", "rename-table: cur.a, cur.b"},
      {"RENAME TABLES a TO b", "rename-table: cur.a, cur.b"},
      {"RENAME TABLE x.a TO y.b, y.b TO x.a", "rename-table: x.a, y.b, y.b, x.a"},
      {"RENAME TABLE IF EXISTS a TO b", "rename-table: cur.a, cur.b"},
      {"RENAME TABLE a NOWAIT TO b", "rename-table: cur.a, cur.b"},
      {"RENAME TABLE a WAIT 10 TO b, c TO d", "rename-table: cur.a, cur.b, cur.c, cur.d"},
      {"rename table `to` to `a,b`", "rename-table: cur.to, cur.a,b"},
      {"TRUNCATE t", "truncate-table: cur.t"},
      {"TRUNCATE TABLE db.t", "truncate-table: db.t"},
      {"TRUNCATE TABLE `table` WAIT 1", "truncate-table: cur.table"},
  });
}

TEST_CASE("ddl names: indexes") {
  check({
      {"CREATE INDEX i ON t (a)", "create-index: cur.t"},
      {"CREATE UNIQUE INDEX i ON db.t (a)", "create-index: db.t"},
      {"CREATE OR REPLACE FULLTEXT INDEX i ON t (a)", "create-index: cur.t"},
      {"CREATE SPATIAL INDEX IF NOT EXISTS i ON t (a)", "create-index: cur.t"},
      {"CREATE INDEX `on` USING BTREE ON t (a)", "create-index: cur.t"},
      {"DROP INDEX i ON t", "drop-index: cur.t"},
      {"DROP INDEX IF EXISTS `PRIMARY` ON db.`t`", "drop-index: db.t"},
      {"CREATE INDEX i", "other:"},
  });
}

TEST_CASE("ddl names: databases") {
  check({
      {"CREATE DATABASE d", "create-database: d"},
      {"CREATE SCHEMA IF NOT EXISTS `d``x` CHARACTER SET utf8mb4", "create-database: d`x"},
      {"CREATE OR REPLACE DATABASE d", "create-database: d"},
      {"DROP DATABASE d", "drop-database: d"},
      {"DROP SCHEMA IF EXISTS `if`", "drop-database: if"},
      {"ALTER DATABASE d CHARACTER SET utf8mb4", "alter-database: d"},
      {"ALTER DATABASE CHARACTER SET utf8mb4", "alter-database: cur"},
      {"ALTER DATABASE DEFAULT CHARACTER SET = utf8mb4", "alter-database: cur"},
      {"ALTER SCHEMA COLLATE utf8mb4_bin", "alter-database: cur"},
      {"ALTER DATABASE `default` COMMENT 'x'", "alter-database: default"},
  });
}

// 10.11 takes "alter database comment 'x'" for the current database.
TEST_CASE("ddl names: ALTER DATABASE COMMENT without a name") {
  CHECK(names("alter database comment 'x'") == "alter-database: cur");
}

TEST_CASE("ddl names: temporary tables") {
  check({
      {"CREATE TEMPORARY TABLE t (a INT)", "temporary:"},
      {"CREATE OR REPLACE TEMPORARY TABLE t (a INT)", "temporary:"},
      {"DROP TEMPORARY TABLE IF EXISTS `t` /* generated by server */", "temporary:"},
      {"CREATE TEMPORARY SEQUENCE s", "temporary:"},
  });
}

TEST_CASE("ddl names: other objects") {
  check({
      {"CREATE VIEW v AS SELECT 1", "view: cur.v"},
      {"CREATE OR REPLACE VIEW x.v AS SELECT 1", "view: x.v"},
      {"CREATE ALGORITHM=UNDEFINED DEFINER=`root`@`localhost` SQL SECURITY DEFINER VIEW `v` AS "
       "select 1",
       "view: cur.v"},
      {"ALTER ALGORITHM=MERGE VIEW v AS SELECT 1", "view: cur.v"},
      {"DROP VIEW IF EXISTS a, x.b", "view: cur.a, x.b"},
      {"CREATE DEFINER=`root`@`localhost` TRIGGER t BEFORE INSERT ON x FOR EACH ROW SET @a=1",
       "trigger: cur.t"},
      {"CREATE OR REPLACE TRIGGER t AFTER DELETE ON x FOR EACH ROW CALL p()", "trigger: cur.t"},
      {"DROP TRIGGER IF EXISTS db.t", "trigger: db.t"},
      {"CREATE DEFINER=`view`@`event` PROCEDURE `p`()\nSELECT 1", "routine: cur.p"},
      {"CREATE DEFINER=`a(`@`%` FUNCTION f() RETURNS INT RETURN 1", "routine: cur.f"},
      {"CREATE AGGREGATE FUNCTION f(x INT) RETURNS INT RETURN 1", "routine: cur.f"},
      {"CREATE FUNCTION f RETURNS STRING SONAME 'x.so'", "routine: cur.f"},
      {"ALTER PROCEDURE p COMMENT 'x'", "routine: cur.p"},
      {"DROP FUNCTION f", "routine: cur.f"},
      {"CREATE PACKAGE BODY p AS END", "routine: cur.p"},
      {"CREATE DEFINER=`root`@`localhost` EVENT e ON SCHEDULE EVERY 1 DAY DO SELECT 1", "event: cur.e"},
      {"ALTER EVENT e DISABLE", "event: cur.e"},
      {"DROP EVENT e", "event: cur.e"},
      {"CREATE SEQUENCE s", "create-table: cur.s"},
      {"CREATE OR REPLACE SEQUENCE s START WITH 5", "create-table: cur.s"},
      {"ALTER SEQUENCE s RESTART 5", "alter-table: cur.s"},
      {"DROP SEQUENCE IF EXISTS s, x.t", "drop-table: cur.s, x.t"},
      {"CREATE SERVER s FOREIGN DATA WRAPPER mysql OPTIONS (HOST 'x')", "other:"},
      {"DROP SERVER s", "other:"},
      {"CREATE TABLESPACE x", "other:"},
  });
}

// 10.11 logs ALTER EVENT as written. "other" stops, although no wanted object may be concerned.
TEST_CASE("ddl names: DEFINER = CURRENT_USER()") {
  CHECK(names("alter definer=current_user() event e comment 'x'") == "event: cur.e");
}

TEST_CASE("ddl names: SET STATEMENT ... FOR") {
  check({
      {"SET STATEMENT lock_wait_timeout=5 FOR ALTER TABLE t RENAME u",
       "alter-table: cur.t, cur.u"},
      {"SET STATEMENT a=1, b='x' FOR DROP TABLE a, b", "drop-table: cur.a, cur.b"},
      {"SET STATEMENT a=1 FOR TRUNCATE db.t", "truncate-table: db.t"},
      {"SET STATEMENT a=1", "other:"},
  });
}

TEST_CASE("ddl names: what is not understood") {
  check({
      {"", "other:"},
      {"   /* nothing */ ", "other:"},
      {"CREATE", "other:"},
      {"DROP", "other:"},
      {"ALTER", "other:"},
      {"RENAME", "other:"},
      {"RENAME USER a TO b", "other:"},
      {"RENAME TABLE a", "other:"},
      {"RENAME TABLE a TO", "other:"},
      {"CREATE TABLE", "other:"},
      {"DROP TABLE a,", "other:"},
      {"DROP TABLE 'a'", "other:"},
      {"TRUNCATE", "other:"},
      {"CREATE TABLE a.", "other:"},
      {"ALTER TABLE a RENAME", "other:"},
      {"INSERT INTO t VALUES (1)", "other:"},
      {"`CREATE` TABLE t", "other:"},
  });
}

TEST_CASE("ddl names: sql_mode of the session") {
  constexpr std::int64_t ansi_quotes = 4, no_backslash_escapes = 1 << 20;
  CHECK(names("CREATE TABLE \"a\"\"b\".\"t\" (x INT)", ansi_quotes) == "create-table: a\"b.t");
  CHECK(names("CREATE TABLE \"t\" (x INT)", 0) == "other:");
  CHECK(names("ALTER TABLE t COMMENT '\\', RENAME TO u", no_backslash_escapes) ==
        "alter-table: cur.t, cur.u");
  CHECK(names("ALTER TABLE t COMMENT '\\', RENAME TO u'", 0) == "alter-table: cur.t");
  CHECK(names("DROP TABLE \"a\", b", -1) == "other:");
}

TEST_CASE("ddl: the words START TRANSACTION behind a table are MySQL's own") {
  const auto run = [](const char* statement) {
    dts::Ddl ddl;
    ddl.statement = statement;
    return dts::runnable_statement(ddl);
  };
  CHECK(run("CREATE TABLE `t` (\n  `a` int\n) START TRANSACTION") == "CREATE TABLE `t` (\n  `a` int\n) ");
  for (const char* as_it_is :
       {"CREATE TABLE t (a int)", "CREATE TABLE t (a int) COMMENT='START TRANSACTION'", "DROP TABLE t",
        "CREATE TABLE t (a int) COMMENT `START TRANSACTION`", "START TRANSACTION", ""})
    CHECK(run(as_it_is) == as_it_is);
}
