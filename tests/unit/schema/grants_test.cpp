#include "precheck/grants.hpp"

#include <doctest/doctest.h>

using namespace dts;

namespace {

Grants grants(std::initializer_list<const char*> lines) {
  Grants all;
  all.account = "`dts`@`%`";
  for (const char* line : lines) add_grant(all, line);
  return all;
}

}  // namespace

TEST_CASE("privileges are read from SHOW GRANTS with their scope") {
  const Grants held = grants({"GRANT `role` TO `dts`@`%`",
                              "GRANT REPLICATION SLAVE, BINLOG MONITOR ON *.* TO `dts`@`%`",
                              "GRANT SELECT, SHOW VIEW ON `shop`.* TO `dts`@`%`",
                              "GRANT SELECT (`a`, `b`), INSERT ON `crm`.`o``n.e` TO `dts`@`%`",
                              "GRANT EXECUTE ON PROCEDURE `shop`.`p` TO `dts`@`%`",
                              "GRANT PROXY ON ''@'%' TO 'root'@'localhost' WITH GRANT OPTION",
                              "SET DEFAULT ROLE `role` FOR `dts`@`%`"});
  CHECK(held.allow("BINLOG MONITOR"));
  CHECK_FALSE(held.allow("SELECT"));
  CHECK(held.allow("SELECT", "shop"));
  CHECK(held.allow("SHOW VIEW", "shop", "any"));
  CHECK_FALSE(held.allow("SELECT", "shop2"));
  CHECK_FALSE(held.allow("SELECT", "crm", "o`n.e"));
  CHECK(held.allow("INSERT", "crm", "o`n.e"));
  CHECK_FALSE(held.allow("INSERT", "crm"));
  CHECK_FALSE(held.allow("EXECUTE", "shop"));
}

TEST_CASE("all privileges hold everywhere below their scope") {
  const Grants root =
      grants({"GRANT ALL PRIVILEGES ON *.* TO `root`@`localhost` WITH GRANT OPTION"});
  CHECK(root.allow("READ_ONLY ADMIN"));
  CHECK(root.allow("TRIGGER", "any", "thing"));
}

TEST_CASE("names of databases in grants are patterns") {
  const Grants held =
      grants({"GRANT SELECT ON `my\\_db`.* TO `dts`@`%`", "GRANT INSERT ON `my_db`.* TO `dts`@`%`",
              "GRANT DELETE ON `test%`.* TO `dts`@`%`"});
  CHECK(held.allow("SELECT", "my_db"));
  CHECK_FALSE(held.allow("SELECT", "myxdb"));
  CHECK(held.allow("INSERT", "myxdb"));
  CHECK(held.allow("DELETE", "test"));
  CHECK(held.allow("DELETE", "test_9"));
  CHECK_FALSE(held.allow("DELETE", "tes"));
}

TEST_CASE("a remedy grants the database itself, not what its name matches") {
  CHECK(grant_statement(grants({}), {"SELECT", "SHOW VIEW"}, "my_`db") ==
        "GRANT SELECT, SHOW VIEW ON `my\\_``db`.* TO `dts`@`%`;");
  CHECK(grant_statement(grants({}), {"BINLOG MONITOR"}, "") ==
        "GRANT BINLOG MONITOR ON *.* TO `dts`@`%`;");
}

TEST_CASE("MySQL's lines: rights with an underscore, and what is revoked from single databases") {
  const Grants held = grants({"GRANT SELECT, RELOAD ON *.* TO `dts`@`%`",
                              "GRANT SHOW_ROUTINE,XA_RECOVER_ADMIN ON *.* TO `dts`@`%`",
                              "GRANT INSERT ON `mysql`.* TO `dts`@`%`",
                              "REVOKE SELECT, INSERT ON `mysql`.* FROM `dts`@`%`"});
  CHECK(held.allow("XA_RECOVER_ADMIN"));
  CHECK(held.allow("RELOAD"));
  CHECK(held.allow("SELECT", "shop"));
  CHECK_FALSE(held.allow("SELECT", "mysql"));
  CHECK(held.allow("INSERT", "mysql"));
}
