#include "schema/ddl.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace dts;

TEST_CASE("foreign keys are cut out, and only they") {
  const CreateTable create = cut_foreign_keys(
      "CREATE TABLE `child` (\n"
      "  `a``,b` int(11) NOT NULL DEFAULT 1 COMMENT 'it''s CONSTRAINT `x` FOREIGN KEY (`a`)',\n"
      "  `e` enum('(','CONSTRAINT `f` FOREIGN KEY','\\\\',')') /* FOREIGN KEY ( */ DEFAULT NULL,\n"
      "  PRIMARY KEY (`a``,b`),\n"
      "  CONSTRAINT `one` FOREIGN KEY (`a``,b`, `e`) REFERENCES `p,` (`x`, `y`) ON DELETE SET NULL "
      "ON UPDATE CASCADE,\n"
      "  CONSTRAINT `check,1` CHECK (`e` <> 'FOREIGN KEY'),\n"
      "  CONSTRAINT `t``wo` FOREIGN KEY (`e`) REFERENCES `other`.`p` (`x`) ON DELETE NO ACTION\n"
      ") ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COMMENT='FOREIGN KEY'");
  CHECK(
      create.text ==
      "CREATE TABLE `child` (\n"
      "  `a``,b` int(11) NOT NULL DEFAULT 1 COMMENT 'it''s CONSTRAINT `x` FOREIGN KEY (`a`)',\n"
      "  `e` enum('(','CONSTRAINT `f` FOREIGN KEY','\\\\',')') /* FOREIGN KEY ( */ DEFAULT NULL,\n"
      "  PRIMARY KEY (`a``,b`),\n"
      "  CONSTRAINT `check,1` CHECK (`e` <> 'FOREIGN KEY')\n"
      ") ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COMMENT='FOREIGN KEY'");
  REQUIRE(create.foreign_keys.size() == 2);
  CHECK(create.foreign_keys[0].name == "one");
  CHECK(create.foreign_keys[0].clause ==
        "CONSTRAINT `one` FOREIGN KEY (`a``,b`, `e`) REFERENCES `p,` (`x`, `y`) ON DELETE SET NULL "
        "ON UPDATE CASCADE");
  CHECK(create.foreign_keys[0].parent == TableName{"", "p,"});
  CHECK(create.foreign_keys[0].on_delete == "SET NULL");
  CHECK(create.foreign_keys[0].on_update == "CASCADE");
  CHECK(create.foreign_keys[1].name == "t`wo");
  CHECK(create.foreign_keys[1].parent == TableName{"other", "p"});
  CHECK(create.foreign_keys[1].on_delete == "NO ACTION");
  CHECK(create.foreign_keys[1].on_update == "RESTRICT");
}

TEST_CASE("a table without foreign keys passes unchanged") {
  const std::string text =
      "CREATE TABLE `t` (\n  `foreign` int(11) DEFAULT NULL,\n  KEY `foreign` (`foreign`)\n) "
      "ENGINE=InnoDB\n PARTITION BY LIST (`foreign`)\n(PARTITION `p` VALUES IN (1,2))";
  CHECK(cut_foreign_keys(text).text == text);
  CHECK(cut_foreign_keys(text).foreign_keys.empty());
}

TEST_CASE("a table that is a foreign key only by name keeps its columns") {
  const CreateTable create = cut_foreign_keys(
      "CREATE TABLE `t` (\n  `id` int(11),\n  CONSTRAINT `k` FOREIGN KEY (`id`) REFERENCES `p` "
      "(`id`)\n)");
  CHECK(create.text == "CREATE TABLE `t` (\n  `id` int(11)\n)");
}

TEST_CASE("the name is qualified") {
  CHECK(with_name("CREATE TABLE `t``1` (\n  `t``1` int)", {"a.b", "t`1"}) ==
        "CREATE TABLE `a.b`.`t``1` (\n  `t``1` int)");
  CHECK(with_name("create table if not exists x.y(a int)", {"s", "t"}) ==
        "create table if not exists `s`.`t`(a int)");
}

TEST_CASE("AUTO_INCREMENT goes from the options, not from columns or comments") {
  CHECK(without_auto_increment(
            "CREATE TABLE `t` (\n  `id` int NOT NULL AUTO_INCREMENT COMMENT 'AUTO_INCREMENT=3'\n) "
            "ENGINE=InnoDB AUTO_INCREMENT=77 COMMENT='AUTO_INCREMENT=7'") ==
        "CREATE TABLE `t` (\n  `id` int NOT NULL AUTO_INCREMENT COMMENT 'AUTO_INCREMENT=3'\n) "
        "ENGINE=InnoDB COMMENT='AUTO_INCREMENT=7'");
  CHECK(without_auto_increment("CREATE TABLE `t` (a int) AUTO_INCREMENT=7") ==
        "CREATE TABLE `t` (a int) ");
}

TEST_CASE("definers are removed from the head only") {
  CHECK(without_definer("CREATE DEFINER=`a``@b`@`%` PROCEDURE `p`()\nselect 'DEFINER=`x`@`y`'") ==
        "CREATE PROCEDURE `p`()\nselect 'DEFINER=`x`@`y`'");
  CHECK(without_definer("CREATE ALGORITHM=MERGE DEFINER=`r` SQL SECURITY DEFINER VIEW `v` AS "
                        "select 1") ==
        "CREATE ALGORITHM=MERGE SQL SECURITY DEFINER VIEW `v` AS select 1");
  CHECK(without_definer("create definer = current_user() trigger t before insert on x for each row "
                        "set @definer = 1") ==
        "create trigger t before insert on x for each row set @definer = 1");
  CHECK(without_definer("CREATE DEFINER=\"a\"@\"b\" FUNCTION \"f\"()",
                        dialect("ANSI_QUOTES", "")) == "CREATE FUNCTION \"f\"()");
  CHECK(without_definer("CREATE PROCEDURE p()\nbegin set definer = 1; end") ==
        "CREATE PROCEDURE p()\nbegin set definer = 1; end");
}

TEST_CASE("views and routines run with the rights of their callers") {
  CHECK(
      with_invoker("CREATE ALGORITHM=UNDEFINED SQL SECURITY DEFINER VIEW `v` AS select 'SQL "
                   "SECURITY DEFINER'") ==
      "CREATE ALGORITHM=UNDEFINED SQL SECURITY INVOKER VIEW `v` AS select 'SQL SECURITY DEFINER'");
  CHECK(with_invoker("CREATE VIEW `v` AS select 1") ==
        "CREATE SQL SECURITY INVOKER VIEW `v` AS select 1");
  CHECK(
      with_invoker("CREATE PROCEDURE `p`(a enum(')\n','x'),\n b int)\nbegin\n select 1; end") ==
      "CREATE PROCEDURE `p`(a enum(')\n','x'),\n b int)\n    SQL SECURITY INVOKER\nbegin\n select "
      "1; end");
  const std::string done =
      "CREATE FUNCTION `f`() RETURNS int(11)\n    READS SQL DATA\n    DETERMINISTIC\n    SQL "
      "SECURITY INVOKER\n    COMMENT 'SQL SECURITY DEFINER'\nreturn 1";
  CHECK(
      with_invoker("CREATE FUNCTION `f`() RETURNS int(11)\n    READS SQL DATA\n    DETERMINISTIC\n"
                   "    COMMENT 'SQL SECURITY DEFINER'\nreturn 1") == done);
  CHECK(with_invoker(done) == done);
  CHECK(
      with_invoker("CREATE PACKAGE BODY \"k\" as function f return int as begin return 1; end; end",
                   dialect("ANSI_QUOTES,ORACLE", "utf8mb4")) ==
      "CREATE PACKAGE BODY \"k\"    SQL SECURITY INVOKER\n as function f return int as begin "
      "return 1; end; end");
}

TEST_CASE("a guarded trigger does nothing for dtsctl") {
  CHECK(
      guarded_trigger("CREATE TRIGGER t BEFORE INSERT ON x FOR EACH ROW SET NEW.a = 1") ==
      "CREATE TRIGGER t BEFORE INSERT ON x FOR EACH ROW\nIF @dtsctl_writes IS NULL THEN SET NEW.a "
      "= 1\n; END IF");
  // A comment up to the end of the line must not swallow the end of the guard.
  CHECK(guarded_trigger("create trigger t after delete on `for each row` for each row set @a = 'x' "
                        "-- ; END IF") ==
        "create trigger t after delete on `for each row` for each row\nIF @dtsctl_writes IS NULL "
        "THEN set @a = 'x' -- ; END IF\n; END IF");
  CHECK(
      guarded_trigger("CREATE TRIGGER t BEFORE INSERT ON x FOR EACH ROW FOLLOWS `o``ther` l: BEGIN "
                      "LEAVE l; END ;") ==
      "CREATE TRIGGER t BEFORE INSERT ON x FOR EACH ROW\nIF @dtsctl_writes IS NULL THEN l: BEGIN "
      "LEAVE l; END \n; END IF");
}

TEST_CASE("a trigger is guarded once") {
  const std::string once =
      guarded_trigger("CREATE TRIGGER t BEFORE INSERT ON x FOR EACH ROW SET NEW.a = 1");
  CHECK(guarded_trigger(once) == once);
  // MySQL gives it back on one line.
  std::string on_one_line = once;
  on_one_line.replace(on_one_line.find("ROW\nIF"), 6, "ROW IF");
  CHECK(guarded_trigger(on_one_line) == once);
}

TEST_CASE("an event is made without being run") {
  const std::string head =
      "CREATE DEFINER=`r`@`%` EVENT `ENABLE` ON SCHEDULE EVERY 1 DAY STARTS '2026-01-01 00:00:00' ON "
      "COMPLETION ";
  const std::string tail = " COMMENT 'ENABLE' DO SET @x = 'ON COMPLETION PRESERVE ENABLE'";
  for (const std::string state : {"ENABLE", "DISABLE", "DISABLE ON SLAVE", "DISABLE ON REPLICA"}) {
    CHECK(disabled_event(head + "PRESERVE " + state + tail) == head + "PRESERVE DISABLE" + tail);
    CHECK(disabled_event(head + "NOT PRESERVE " + state + tail) ==
          head + "NOT PRESERVE DISABLE" + tail);
  }
  CHECK(without_definer("CREATE DEFINER=`r`@`%` EVENT `e` DO CREATE TABLE t (a int)") ==
        "CREATE EVENT `e` DO CREATE TABLE t (a int)");
}

TEST_CASE("quotes are read by the sql_mode of the text") {
  const std::string body = "set @a = 'b\\', @c = \"d;\"";
  CHECK(guarded_trigger("CREATE TRIGGER t BEFORE INSERT ON x FOR EACH ROW " + body + ";",
                        dialect("ANSI_QUOTES,NO_BACKSLASH_ESCAPES", "utf8mb4")) ==
        "CREATE TRIGGER t BEFORE INSERT ON x FOR EACH ROW\nIF @dtsctl_writes IS NULL THEN " + body +
            "\n; END IF");
}

TEST_CASE("the second byte of a character is neither a quote nor a backslash") {
  // In Shift-JIS, 83 5C is one character and the quote behind it ends the string.
  const std::string body = "set @a = '\x83\x5c', @b = '\x83\x60'";
  CHECK(guarded_trigger("CREATE TRIGGER t BEFORE INSERT ON x FOR EACH ROW " + body + ";",
                        dialect("", "sjis")) ==
        "CREATE TRIGGER t BEFORE INSERT ON x FOR EACH ROW\nIF @dtsctl_writes IS NULL THEN " + body +
            "\n; END IF");
}

TEST_CASE("the tables of a view are found") {
  const auto names = qualified_names(
      "CREATE VIEW `s`.`top` AS select `a`.`x` AS `y`,'`s`.`no`' from (`s`.`z``1` `a` join "
      "`o.ther`.`b`)");
  const auto has = [&](const TableName& name) {
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  CHECK(has({"s", "z`1"}));
  CHECK(has({"o.ther", "b"}));
  CHECK_FALSE(has({"s", "no"}));
}
