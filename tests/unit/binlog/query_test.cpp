#include "binlog/query.hpp"

#include <doctest/doctest.h>

#include <vector>

#include "binlog/event_builder.hpp"
#include "catch_error.hpp"

using dts::classify;
using dts::QueryKind;

TEST_CASE("query: kinds of statements") {
  const struct {
    const char* statement;
    QueryKind kind;
  } cases[] = {
      {"BEGIN", QueryKind::begin},
      {"COMMIT", QueryKind::commit},
      {"commit", QueryKind::commit},
      {"ROLLBACK", QueryKind::rollback},
      {"ROLLBACK /* all */", QueryKind::rollback},
      {"ROLLBACK TO `a`", QueryKind::rollback_to},
      {"ROLLBACK TO SAVEPOINT a", QueryKind::rollback_to},
      {"SAVEPOINT `a`", QueryKind::savepoint},
      {"RELEASE SAVEPOINT a", QueryKind::nothing},
      {"XA START X'78',X'',1", QueryKind::xa},
      {"XA COMMIT X'78',X'',1", QueryKind::xa},
      {"", QueryKind::nothing},
      {"# Dummy event replacing event type 160", QueryKind::nothing},
      {"/* only a comment */", QueryKind::nothing},
      {"create table t (a int)", QueryKind::ddl},
      {"/* c */ -- d\n ALTER TABLE t ADD a INT", QueryKind::ddl},
      {"/*!40000 ALTER TABLE t DISABLE KEYS */", QueryKind::ddl},
      {"/*M!100100 CREATE TABLE t (a INT) */", QueryKind::ddl},
      {"DROP TABLE `user`", QueryKind::ddl},
      {"CREATE TABLE user (a INT)", QueryKind::ddl},
      {"CREATE OR REPLACE TABLE role (a INT)", QueryKind::ddl},
      {"RENAME TABLE a TO b", QueryKind::ddl},
      {"TRUNCATE t", QueryKind::ddl},
      {"CREATE DEFINER=`root`@`localhost` TRIGGER x BEFORE INSERT ON t FOR EACH ROW SET @a=1",
       QueryKind::ddl},
      {"CREATE USER u", QueryKind::account},
      {"CREATE OR REPLACE ROLE r", QueryKind::account},
      {"DROP ROLE r", QueryKind::account},
      {"GRANT SELECT ON *.* TO u", QueryKind::account},
      {"REVOKE r FROM u", QueryKind::account},
      {"SET PASSWORD FOR u = 'x'", QueryKind::account},
      {"SET DEFAULT ROLE 'NONE' FOR 'u'@'%'", QueryKind::account},
      {"RENAME USER a TO b", QueryKind::account},
      {"ANALYZE TABLE t", QueryKind::maintenance},
      {"OPTIMIZE TABLE t", QueryKind::maintenance},
      {"REPAIR TABLE t", QueryKind::maintenance},
      {"flush tables", QueryKind::maintenance},
      {"CREATE SERVER s FOREIGN DATA WRAPPER mysql OPTIONS (PASSWORD 'x')", QueryKind::maintenance},
      {"CREATE OR REPLACE SERVER s FOREIGN DATA WRAPPER mysql", QueryKind::maintenance},
      {"ALTER SERVER s OPTIONS (USER 'x')", QueryKind::maintenance},
      {"DROP SERVER IF EXISTS s", QueryKind::maintenance},
      {"CREATE TABLESPACE t ADD DATAFILE 'x'", QueryKind::maintenance},
      {"CREATE UNDO TABLESPACE t ADD DATAFILE 'x'", QueryKind::maintenance},
      {"DROP TABLESPACE t", QueryKind::maintenance},
      {"ALTER LOGFILE GROUP g ADD UNDOFILE 'x'", QueryKind::maintenance},
      {"CREATE RESOURCE GROUP g TYPE = USER", QueryKind::maintenance},
      {"CREATE OR REPLACE SPATIAL REFERENCE SYSTEM 5 NAME 'x'", QueryKind::maintenance},
      {"DROP SPATIAL REFERENCE SYSTEM 5", QueryKind::maintenance},
      {"ALTER INSTANCE ROTATE INNODB MASTER KEY", QueryKind::maintenance},
      {"INSTALL COMPONENT 'file://x'", QueryKind::maintenance},
      {"UNINSTALL PLUGIN x", QueryKind::maintenance},
      {"CREATE SPATIAL INDEX i ON t (g)", QueryKind::ddl},
      {"CREATE TABLE `server` (a INT)", QueryKind::ddl},
      {"INSERT INTO t VALUES (1)", QueryKind::statement},
      {"`BEGIN`", QueryKind::statement},
      {"SELECT SETVAL(s, 5)", QueryKind::statement},
  };
  for (const auto& [statement, kind] : cases) {
    CAPTURE(statement);
    CHECK(classify(statement, 0) == kind);
    CHECK(classify(statement, -1) == kind);
  }
}

TEST_CASE("query: long statements") {
  CHECK(classify("ALTER TABLE t COMMENT '" + std::string(100000, 'x') + "'", 0) == QueryKind::ddl);
  CHECK(classify("INSERT INTO t VALUES ('" + std::string(100000, 'x') + "')", 0) ==
        QueryKind::statement);
}

TEST_CASE("query: a long comment in front") {
  const std::string comment = "/* " + std::string(5000, 'x') + " */ ";
  CHECK(classify(comment + "DROP TABLE t", 0) == QueryKind::ddl);
  CHECK(classify(comment + "DELETE FROM t", 0) == QueryKind::statement);
}

// 10.11 logs it as written.
TEST_CASE("query: SET STATEMENT ... FOR") {
  CHECK(classify("SET STATEMENT lock_wait_timeout=5 FOR DROP TABLE t", 0) == QueryKind::ddl);
  CHECK(classify("set statement a=1, b='FOR x', c=(2) for delete from t", 0) ==
        QueryKind::statement);
  CHECK(classify("SET STATEMENT a=1 FOR CREATE USER u", 0) == QueryKind::account);
  CHECK(classify("SET STATEMENT a=1 FOR OPTIMIZE TABLE t", 0) == QueryKind::maintenance);
  CHECK(classify("SET @a = 1", 0) == QueryKind::statement);
  CHECK(classify("SET STATEMENT broken", 0) == QueryKind::statement);
  std::string many = "SET STATEMENT a=1";
  for (int i = 0; i < 500; ++i) many += ", a=1";
  CHECK(classify(many + " FOR DROP TABLE t", 0) != QueryKind::account);
}

TEST_CASE("query: names of savepoints") {
  CHECK(dts::savepoint_name("SAVEPOINT a") == "a");
  CHECK(dts::savepoint_name("SAVEPOINT `a``b`") == "a`b");
  CHECK(dts::savepoint_name("ROLLBACK TO `A b`") == "a b");
  CHECK(dts::savepoint_name("ROLLBACK WORK TO SAVEPOINT a") == "a");
  CHECK(dts::savepoint_name("").empty());
}

TEST_CASE("query: the body of an event") {
  using events::le;
  const auto body = events::Builder::query_body(
      "SELECT 1", "db", le(9, 1) + le(0, 8) + le(10, 1) + le(0, 4) + le(2, 1) + le(3, 1) + "std" +
                            le(0, 1) + le(11, 1) + le(4, 1) + "root" + le(1, 1) + "%" + le(13, 1) +
                            le(250001, 3) + le(129, 1) + le(0, 8) + le(16, 1) + le(1, 1) + le(5, 1) +
                            le(6, 1) + "SYSTEM");
  dts::Bytes in(body);
  std::string_view statement;
  const auto query = dts::read_query(in, statement);
  CHECK(std::string(statement) == "SELECT 1");
  CHECK(query.schema == "db");
  CHECK(query.time_zone == "SYSTEM");
  CHECK(query.explicit_defaults_for_timestamp == 1);
  CHECK(query.sql_mode == -1);
  CHECK(query.client_charset == -1);
  CHECK(query.microseconds == 250001);
  for (std::size_t size = 0; size < 13; ++size) {
    const auto part = body.substr(0, size);
    dts::Bytes cut(part);
    CHECK(catch_error([&] { dts::read_query(cut, statement); }).kind() == dts::ErrorKind::source);
  }
}

TEST_CASE("query: what MySQL 8 writes beside a DDL statement") {
  using events::le;
  const auto names = le(12, 1) + le(2, 1) + "db" + le(0, 1) + "other" + le(0, 1);
  const auto body = events::Builder::query_body(
      "CREATE TABLE t (a int)", "db",
      le(0, 1) + le(0, 4) + le(1, 1) + le(1 << 20, 8) + names + le(14, 1) + le(0, 8) + le(16, 1) +
          le(1, 1) + le(17, 1) + le(77, 8) + le(19, 1) + le(1, 1) + le(20, 1) + le(0, 1) +
          le(18, 1) + le(255, 2));
  dts::Bytes in(body);
  std::string_view statement;
  const auto query = dts::read_query(in, statement);
  CHECK(query.sql_mode == 1 << 20);
  CHECK(query.explicit_defaults_for_timestamp == 1);
  CHECK(query.utf8mb4_collation == 255);
  const auto many = events::Builder::query_body("x", "db", le(12, 1) + le(254, 1) + le(16, 1) + le(1, 1));
  dts::Bytes too_many(many);
  CHECK(dts::read_query(too_many, statement).explicit_defaults_for_timestamp == 1);
}
