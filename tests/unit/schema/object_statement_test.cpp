#include "schema/object_statement.hpp"

#include <doctest/doctest.h>

#include <string>

#include "schema/pieces.hpp"

namespace {

/// "verb kind: name, name on table to renamed | body"
std::string shown(const std::string& text, const dts::Dialect& dialect = {}) {
  const auto found = dts::read_object_statement(text, dialect, "cur");
  if (!found) return "none";
  std::string result = found->verb + " " + found->kind + ":";
  for (const auto& part : found->names) result += " " + to_string(part.name);
  if (found->table) result += " on " + to_string(found->table->name);
  if (found->renamed) result += " to " + to_string(found->renamed->name);
  const dts::Pieces pieces = dts::pieces_of(text, dialect);
  if (found->body < pieces.size()) result += " | " + text.substr(pieces[found->body].begin);
  return result;
}

std::string state(const std::string& text) {
  const auto found = dts::read_object_statement(text, {}, "cur");
  REQUIRE(found);
  return dts::with_own_state(text, {}, *found).value_or("nothing");
}

}  // namespace

TEST_CASE("object statement: what it is about") {
  CHECK(shown("CREATE VIEW v AS SELECT 1") == "create view: cur.v | SELECT 1");
  CHECK(shown("CREATE OR REPLACE ALGORITHM=MERGE DEFINER=`view`@`a.b` SQL SECURITY INVOKER VIEW "
              "`a`.`b`(`as`, `x`) AS SELECT 1, 2") == "create view: a.b | SELECT 1, 2");
  CHECK(shown("ALTER ALGORITHM=UNDEFINED DEFINER=root@10.0.0.1 VIEW v AS select 1") ==
        "alter view: cur.v | select 1");
  CHECK(shown("DROP VIEW IF EXISTS a, `b.c`, d.`e` CASCADE") ==
        "drop view: cur.a cur.b.c d.e | CASCADE");
  CHECK(shown("CREATE DEFINER=`r`@`h` PROCEDURE `p`(IN a INT)\nSELECT a") ==
        "create procedure: cur.p | (IN a INT)\nSELECT a");
  CHECK(shown("CREATE DEFINER=CURRENT_USER() FUNCTION IF NOT EXISTS s.f() RETURNS INT RETURN 1") ==
        "create function: s.f | () RETURNS INT RETURN 1");
  CHECK(shown("ALTER FUNCTION f COMMENT 'x'") == "alter function: cur.f | COMMENT 'x'");
  CHECK(shown("DROP PROCEDURE IF EXISTS s.p") == "drop procedure: s.p");
  CHECK(shown("CREATE PACKAGE BODY p AS END") == "create package body: cur.p | AS END");
  CHECK(shown("CREATE TRIGGER g BEFORE INSERT ON t FOR EACH ROW SET @a = 1") ==
        "create trigger: cur.g on cur.t | SET @a = 1");
  CHECK(shown("CREATE DEFINER=`a`@`b` TRIGGER s.g AFTER DELETE ON `s`.`t` FOR EACH ROW PRECEDES h "
              "BEGIN END") == "create trigger: s.g on s.t | BEGIN END");
  CHECK(shown("DROP TRIGGER IF EXISTS s.g") == "drop trigger: s.g");
  CHECK(shown("CREATE EVENT e ON SCHEDULE EVERY 1 DAY COMMENT 'DO it' DO CALL p()") ==
        "create event: cur.e | CALL p()");
  CHECK(shown("ALTER EVENT e ON COMPLETION PRESERVE RENAME TO x.f DISABLE DO SELECT 1") ==
        "alter event: cur.e to x.f | SELECT 1");
  CHECK(shown("ALTER EVENT e ENABLE") == "alter event: cur.e");
  CHECK(
      shown(
          "/*!50003 CREATE*/ /*!50017 DEFINER=`a`@`b`*/ /*!50003 TRIGGER g BEFORE INSERT ON t FOR "
          "EACH ROW SET @a = 1 */") == "create trigger: cur.g on cur.t | SET @a = 1 */");
  const dts::Dialect ansi = dts::dialect("ANSI_QUOTES", "utf8mb4");
  CHECK(shown("CREATE VIEW \"a b\" AS SELECT 1", ansi) == "create view: cur.a b | SELECT 1");
}

TEST_CASE("object statement: what is not understood") {
  for (const char* text :
       {"", "CREATE", "CREATE TABLE t (a INT)", "CREATE VIEW", "CREATE VIEW v", "ALTER TRIGGER g",
        "CREATE TRIGGER g BEFORE INSERT ON t SET @a = 1", "CREATE EVENT e ON SCHEDULE EVERY 1 DAY",
        "CREATE JSON DUALITY VIEW v AS SELECT 1", "CREATE LIBRARY l LANGUAGE JAVASCRIPT AS 'x'"}) {
    CAPTURE(text);
    CHECK(shown(text) == "none");
  }
  const auto library =
      dts::read_object_statement("CREATE FUNCTION f RETURNS INT SONAME 'x'", {}, "");
  REQUIRE(library);
  CHECK(library->loadable);
}

TEST_CASE("events are made disabled, and keep the state that they have") {
  CHECK(state("CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO SELECT 1") ==
        "CREATE EVENT e ON SCHEDULE EVERY 1 DAY DISABLE DO SELECT 1");
  CHECK(state("CREATE EVENT e ON SCHEDULE EVERY 1 DAY ENABLE COMMENT 'c' DO SELECT 1") ==
        "CREATE EVENT e ON SCHEDULE EVERY 1 DAY DISABLE COMMENT 'c' DO SELECT 1");
  CHECK(
      state(
          "CREATE EVENT e ON SCHEDULE EVERY 1 DAY ON COMPLETION PRESERVE DISABLE ON SLAVE COMMENT "
          "'ENABLE' DO SELECT 1") ==
      "CREATE EVENT e ON SCHEDULE EVERY 1 DAY ON COMPLETION PRESERVE DISABLE COMMENT 'ENABLE' DO "
      "SELECT 1");
  CHECK(state("CREATE EVENT enable ON SCHEDULE EVERY 1 DAY COMMENT 'c' DO SET @enable = 1") ==
        "CREATE EVENT enable ON SCHEDULE EVERY 1 DAY DISABLE COMMENT 'c' DO SET @enable = 1");
  CHECK(state("ALTER EVENT e ENABLE") == "nothing");
  CHECK(state("ALTER EVENT s.e DISABLE ON REPLICA") == "nothing");
  CHECK(state("ALTER EVENT e RENAME TO f ENABLE") == "ALTER EVENT e RENAME TO f ");
  CHECK(state("ALTER EVENT e COMMENT 'x'") == "ALTER EVENT e COMMENT 'x'");
  CHECK(state("ALTER EVENT e ENABLE DO SET @a = 1") == "ALTER EVENT e  DO SET @a = 1");
}

TEST_CASE("ALTER VIEW says all that CREATE OR REPLACE does") {
  CHECK(dts::as_create("ALTER ALGORITHM=MERGE VIEW v AS SELECT 1", {}) ==
        "CREATE OR REPLACE ALGORITHM=MERGE VIEW v AS SELECT 1");
}

TEST_CASE("routines keep the rights of their caller") {
  CHECK(dts::altered_with_invoker("ALTER FUNCTION f SQL SECURITY DEFINER COMMENT 'SQL SECURITY x'",
                                  {}) ==
        "ALTER FUNCTION f SQL SECURITY INVOKER COMMENT 'SQL SECURITY x'");
  CHECK(dts::altered_with_invoker("ALTER FUNCTION f COMMENT 'x'", {}) ==
        "ALTER FUNCTION f COMMENT 'x'");
}

TEST_CASE("columns of a view that are called as they are written") {
  const auto trouble = [](const std::string& before, const std::string& after) {
    return !dts::renamed_result("CREATE VIEW v AS " + before, "CREATE VIEW v AS " + after, {})
                .empty();
  };
  CHECK_FALSE(trouble("SELECT a.x FROM a", "SELECT b.x FROM b"));
  CHECK_FALSE(
      trouble("SELECT a.x AS y, a.x + 1 AS z FROM a", "SELECT b.x AS y, b.x + 1 AS z FROM b"));
  CHECK_FALSE(trouble("SELECT x + 1, f(x, y) FROM a", "SELECT x + 1, f(x, y) FROM s.b"));
  CHECK_FALSE(trouble("SELECT a.* FROM a", "SELECT b.* FROM b"));
  CHECK(trouble("SELECT a.x + 1 FROM a", "SELECT b.x + 1 FROM b"));
  CHECK(trouble("SELECT a.x FROM a", "SELECT b.y FROM b"));
  CHECK(trouble("SELECT x, (SELECT 1 FROM a) FROM a", "SELECT x, (SELECT 1 FROM b) FROM b"));
  CHECK(trouble("WITH c AS (SELECT 1 FROM a) SELECT * FROM c",
                "WITH c AS (SELECT 1 FROM b) SELECT * FROM c"));
  CHECK(dts::renamed_result("CREATE VIEW v (n) AS SELECT a.x + 1 FROM a",
                            "CREATE VIEW v (n) AS SELECT b.x + 1 FROM b", {})
            .empty());
}
