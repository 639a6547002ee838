#include "apply/ddl_evaluates.hpp"

#include <doctest/doctest.h>

namespace {

enum class Rows { keyed, heap, unknown };

std::string trouble(const std::string& statement, Rows rows = Rows::keyed, bool all_rows = true,
                    bool to_mariadb = true) {
  dts::Ddl ddl;
  ddl.schema = "shop";
  ddl.statement = statement;
  dts::Table table;
  table.engine = "InnoDB";
  table.columns.resize(1);
  table.columns[0].charset = "utf8mb4";
  if (rows == Rows::keyed) {
    table.keys.push_back({"PRIMARY", true, false, {{0, {}}}});
    table.row_key = 0;
  }
  return dts::evaluation_trouble(ddl, dts::ddl_names(ddl), rows == Rows::unknown ? nullptr : &table,
                                 to_mariadb, all_rows);
}

}  // namespace

TEST_CASE("what a statement evaluates comes to the same on the target") {
  for (const char* statement :
       {"ALTER TABLE t ADD a INT", "ALTER TABLE t ADD a TIMESTAMP(6) NOT NULL DEFAULT NOW(6)",
        "ALTER TABLE t ADD a DATETIME DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP, ADD "
        "KEY (a)",
        "ALTER TABLE t ADD (a INT DEFAULT 1, b VARCHAR(20) DEFAULT 'uuid()' COMMENT 'rand()')",
        "ALTER TABLE t ADD a VARCHAR(40) DEFAULT (CONCAT('x', LOWER('Y')))",
        "ALTER TABLE t MODIFY a VARCHAR(40) DEFAULT (UUID())",
        "ALTER TABLE t ALTER a SET DEFAULT (UUID())",
        "ALTER TABLE t ADD n INT AUTO_INCREMENT UNIQUE", "ALTER TABLE t AUTO_INCREMENT = 7",
        "ALTER TABLE t ADD g INT AS (id + 1) STORED",
        "ALTER TABLE t ADD g INT AS (CONNECTION_ID()) VIRTUAL",
        "ALTER TABLE `uuid` ADD KEY rand (id)",
        "ALTER TABLE t ADD CONSTRAINT c CHECK (id > my_f(1))",
        "CREATE TABLE t (a VARCHAR(40) DEFAULT (UUID()))", "DROP TABLE t"}) {
    CAPTURE(statement);
    CHECK(trouble(statement) == "");
  }
  CHECK(trouble("ALTER TABLE t AUTO_INCREMENT = 7", Rows::heap) == "");
}

TEST_CASE("what a statement evaluates may come to something else on the target") {
  for (const char* statement :
       {"ALTER TABLE t ADD a CHAR(36) DEFAULT UUID()",
        "ALTER TABLE t ADD COLUMN a CHAR(36) DEFAULT (uuid ( ))",
        "ALTER TABLE t ADD k INT, ADD a DOUBLE DEFAULT (1 + RAND())",
        "ALTER TABLE t ADD (a INT, b BIGINT DEFAULT (NEXT VALUE FOR s))",
        "ALTER TABLE t ADD a BIGINT DEFAULT NEXTVAL(s)",
        "ALTER TABLE t ADD a BIGINT DEFAULT NEXT VALUE FOR shop.s",
        "ALTER TABLE t ADD a VARCHAR(90) DEFAULT CURRENT_USER",
        "ALTER TABLE t ADD a INT DEFAULT (@x)", "ALTER TABLE t ADD a INT DEFAULT (@@server_id)",
        "ALTER TABLE t ADD a INT DEFAULT (unheard_of(1))",
        "ALTER TABLE t ADD g INT AS (CONNECTION_ID()) PERSISTENT",
        "ALTER TABLE t ADD a DATETIME DEFAULT (SYSDATE())",
        "ALTER TABLE t WAIT 5 ADD a CHAR(36) DEFAULT UUID()",
        "ALTER TABLE t /*!80013 ADD a CHAR(36) DEFAULT (UUID()) */",
        "SET STATEMENT max_statement_time = 9 FOR ALTER TABLE t ADD a CHAR(36) DEFAULT UUID()"}) {
    CAPTURE(statement);
    CHECK(trouble(statement).find("fills rows with") != std::string::npos);
  }
}

TEST_CASE("numbers go by the order of rows, which only a primary key makes the same") {
  const std::string adds = "ALTER TABLE t ADD n INT AUTO_INCREMENT UNIQUE";
  CHECK(trouble(adds, Rows::heap).find("no primary key") != std::string::npos);
  CHECK(trouble(adds, Rows::unknown).find("not known") != std::string::npos);
  CHECK(trouble(adds, Rows::keyed, false).find("does not have all") != std::string::npos);
  CHECK(trouble(adds, Rows::keyed, true, false).find("another kind") != std::string::npos);
  CHECK(trouble("ALTER TABLE t CHANGE a n INT AUTO_INCREMENT", Rows::heap) != "");
  CHECK(trouble("ALTER IGNORE TABLE t ADD UNIQUE (a)", Rows::heap).find("IGNORE") !=
        std::string::npos);
  CHECK(trouble("ALTER IGNORE TABLE t ADD UNIQUE (a)") == "");
}
