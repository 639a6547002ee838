#include "apply/ddl_rewrite.hpp"

#include <doctest/doctest.h>

using dts::Ddl;
using dts::Mapping;
using dts::MapRule;
using dts::Objects;

namespace {

Objects objects() {
  Objects made;
  MapRule orders;
  orders.source = "shop.orders";
  orders.target = "dr.orders_eu";
  orders.columns = {{"cust", "customer"}, {"date", "day"}};
  MapRule parent;
  parent.source = "shop.people";
  parent.columns = {{"id", "no"}};
  MapRule hidden;
  hidden.source = "shop.hidden";
  hidden.exclude_columns = {"x"};
  MapRule all;
  all.source = "shop";
  all.target = "dr";
  MapRule given;
  given.source = "shop.given";
  given.target = "dr.named";
  MapRule chosen;
  chosen.source = "~^shop\\.chosen";
  chosen.where = "t.region = 'amount' AND `b``c` > 1";
  MapRule log;
  log.source = "shop.log";
  log.remove = false;
  made.map = {orders, parent, hidden, given, chosen, log, all};
  return made;
}

dts::RewrittenDdl rewrite(const std::string& statement, const std::string& schema = "shop") {
  const Objects all = objects();
  Ddl ddl;
  ddl.schema = schema;
  ddl.statement = statement;
  return dts::rewritten_ddl(ddl, dts::ddl_names(ddl), Mapping(all, 0));
}

std::string text(const std::string& statement, const std::string& schema = "shop") {
  const auto rewritten = rewrite(statement, schema);
  return rewritten.trouble.empty() ? rewritten.statement : "trouble: " + rewritten.trouble;
}

}  // namespace

TEST_CASE("ddl rewrite: names of tables, where the default database is mapped, too") {
  CHECK(text("CREATE TABLE items (a int)") == "CREATE TABLE items (a int)");
  CHECK(text("CREATE TABLE shop . items (a int) -- shop.items") ==
        "CREATE TABLE `dr`.`items` (a int) -- shop.items");
  CHECK(text("create table if not exists `orders`(a int)") ==
        "create table if not exists `dr`.`orders_eu`(a int)");
  CHECK(text("DROP TABLE orders, other.t, shop.items", "x") ==
        "DROP TABLE orders, other.t, `dr`.`items`");
  CHECK(text("RENAME TABLE given TO items, shop.items TO shop.given") ==
        "RENAME TABLE `dr`.`named` TO items, `dr`.`items` TO `dr`.`named`");
  CHECK(text("CREATE TABLE t LIKE given") == "CREATE TABLE t LIKE `dr`.`named`");
  CHECK(text("ALTER TABLE t RENAME TO shop.u, COMMENT 'shop.orders'") ==
        "ALTER TABLE t RENAME TO `dr`.`u`, COMMENT 'shop.orders'");
  CHECK(text("TRUNCATE orders") == "TRUNCATE `dr`.`orders_eu`");
  CHECK(text("CREATE DATABASE shop COMMENT 'shop'") == "CREATE DATABASE `dr` COMMENT 'shop'");
  CHECK(text("DROP DATABASE IF EXISTS `shop`") == "DROP DATABASE IF EXISTS `dr`");
  CHECK(text("ALTER DATABASE COLLATE utf8mb4_bin") == "ALTER DATABASE COLLATE utf8mb4_bin");
}

TEST_CASE("ddl rewrite: parents of foreign keys and their columns") {
  CHECK(text("CREATE TABLE t (id int, FOREIGN KEY (id) REFERENCES orders (cust, id), "
             "p int REFERENCES shop.people(id))") ==
        "CREATE TABLE t (id int, FOREIGN KEY (id) REFERENCES `dr`.`orders_eu` (`customer`, id), "
        "p int REFERENCES `dr`.`people`(`no`))");
  CHECK(text("ALTER TABLE orders ADD FOREIGN KEY cust (cust) REFERENCES people (id)") ==
        "ALTER TABLE `dr`.`orders_eu` ADD FOREIGN KEY cust (`customer`) REFERENCES people (`no`)");
}

TEST_CASE("ddl rewrite: columns, but not keys of their names") {
  CHECK(text("ALTER TABLE orders ADD INDEX cust (cust), ADD UNIQUE CUST(cust), DROP COLUMN Cust") ==
        "ALTER TABLE `dr`.`orders_eu` ADD INDEX cust (`customer`), ADD UNIQUE CUST(`customer`), "
        "DROP COLUMN `customer`");
  CHECK(text("ALTER TABLE orders RENAME KEY cust TO cust, RENAME COLUMN x TO cust") ==
        "ALTER TABLE `dr`.`orders_eu` RENAME KEY cust TO cust, RENAME COLUMN x TO `customer`");
  CHECK(text("ALTER TABLE orders ADD x int DEFAULT 'cust' AFTER `cust` /* cust */") ==
        "ALTER TABLE `dr`.`orders_eu` ADD x int DEFAULT 'cust' AFTER `customer` /* cust */");
  CHECK(text("CREATE INDEX IF NOT EXISTS cust ON orders (cust(3))") ==
        "CREATE INDEX IF NOT EXISTS cust ON `dr`.`orders_eu` (`customer`(3))");
  CHECK(text("ALTER TABLE orders CHANGE cust buyer int") ==
        "ALTER TABLE `dr`.`orders_eu` CHANGE `customer` buyer int");
  CHECK(text("ALTER TABLE items ADD INDEX (cust)") == "ALTER TABLE items ADD INDEX (cust)");
  CHECK(text("ALTER TABLE orders ADD INDEX (`date`)") ==
        "ALTER TABLE `dr`.`orders_eu` ADD INDEX (`day`)");
}

TEST_CASE("ddl rewrite: what can't be told is not guessed") {
  CHECK(text("ALTER TABLE orders ADD y date") ==
        "trouble: it cannot be told whether date means the column that is renamed");
  CHECK(text("ALTER TABLE hidden ADD y int").starts_with("trouble: columns of the table are left"));
  CHECK(text("RENAME TABLE hidden TO shown").starts_with("trouble: columns of the table are left"));
  CHECK(text("TRUNCATE hidden") == "TRUNCATE hidden");
}

TEST_CASE("ddl rewrite: what would not be as the maps say") {
  const auto has = [](const std::string& statement, const std::string& trouble) {
    return text(statement).find(trouble) != std::string::npos;
  };
  CHECK(has("RENAME TABLE a TO b, chosen TO c", "'shop.chosen' and 'shop.c' choose rows"));
  CHECK(has("RENAME TABLE orders TO items", "'shop.orders' and 'shop.items' rename columns"));
  CHECK(has("ALTER TABLE t EXCHANGE PARTITION p WITH TABLE chosen", "choose rows by different"));
  CHECK(text("RENAME TABLE chosen TO chosen_2").find("trouble") == std::string::npos);
  CHECK(text("CREATE TABLE t LIKE chosen").find("trouble") == std::string::npos);
  CHECK(has("CREATE TABLE t LIKE orders", "rename columns"));
  CHECK(has("ALTER TABLE chosen ADD x INT, MODIFY COLUMN IF EXISTS Region INT", "column 'Region'"));
  CHECK(has("ALTER TABLE chosen CHANGE `b``c` d INT", "column 'b`c'"));
  CHECK(has("ALTER TABLE chosen RENAME COLUMN region TO r", "column 'region'"));
  CHECK(has("ALTER TABLE chosen CONVERT TO CHARACTER SET utf8mb4", "column of any text"));
  CHECK(!has("ALTER TABLE chosen DROP KEY region, DROP amount, ADD KEY (region)", "trouble"));
  CHECK(!has("ALTER TABLE chosen ALTER COLUMN region SET DEFAULT 'x', RENAME KEY region TO r",
             "trouble"));
  for (const char* statement :
       {"TRUNCATE log", "DROP TABLE a, log", "CREATE OR REPLACE TABLE log (a INT)",
        "ALTER TABLE log DROP PARTITION p"})
    CHECK(has(statement, "dml of its map leaves deletes out"));
  CHECK(!has("ALTER TABLE log ADD x INT", "trouble"));
}

TEST_CASE("ddl rewrite: strings with a character set of their own") {
  Ddl ddl;
  ddl.statement = "ALTER TABLE t ADD c char(1) DEFAULT _latin1'x'";
  CHECK(dts::has_introducer(ddl));
  ddl.statement = "ALTER TABLE t ADD _latin1 char(1) DEFAULT 'x'";
  CHECK(!dts::has_introducer(ddl));
}

TEST_CASE("ddl rewrite: names of new columns follow the policy for names") {
  Objects all;
  all.name_case = dts::NameCase::lower;
  const Mapping mapping(all, 0);
  const auto lower = [&](const std::string& statement) {
    Ddl ddl;
    ddl.schema = "shop";
    ddl.statement = statement;
    return dts::rewritten_ddl(ddl, dts::ddl_names(ddl), mapping).statement;
  };
  CHECK(lower("CREATE TABLE t (Id INT, `Na me` TEXT, KEY Kk (Id), PERIOD FOR Pp (a, b))") ==
        "CREATE TABLE t (`id` INT, `na me` TEXT, KEY Kk (Id), PERIOD FOR Pp (a, b))");
  CHECK(lower("ALTER TABLE t ADD More INT AFTER Id, ADD INDEX Kk (More), MODIFY COLUMN B INT") ==
        "ALTER TABLE t ADD `more` INT AFTER Id, ADD INDEX Kk (More), MODIFY COLUMN `b` INT");
  CHECK(lower("ALTER TABLE t ADD COLUMN IF NOT EXISTS (A INT DEFAULT (X + 1), Comment INT)") ==
        "ALTER TABLE t ADD COLUMN IF NOT EXISTS (`a` INT DEFAULT (X + 1), `comment` INT)");
  CHECK(lower("ALTER TABLE t CHANGE Aa Bb INT, RENAME COLUMN Cc TO Dd, DROP Ee") ==
        "ALTER TABLE t CHANGE Aa `bb` INT, RENAME COLUMN Cc TO `dd`, DROP Ee");
  CHECK(lower("ALTER TABLE t ADD SYSTEM VERSIONING, ADD CONSTRAINT Cc CHECK (A > 0)") ==
        "ALTER TABLE t ADD SYSTEM VERSIONING, ADD CONSTRAINT Cc CHECK (A > 0)");
  CHECK(lower("CREATE TABLE t LIKE u") == "CREATE TABLE t LIKE u");
}

TEST_CASE("ddl rewrite: the collation of a table that says none") {
  const auto with = [](const std::string& statement) {
    Ddl ddl;
    ddl.statement = statement;
    return dts::with_table_collation(ddl, "latin1_bin");
  };
  CHECK(with("CREATE TABLE t (a INT, b VARCHAR(9) CHARACTER SET utf8mb4)") ==
        "CREATE TABLE t (a INT, b VARCHAR(9) CHARACTER SET utf8mb4) COLLATE latin1_bin");
  CHECK(with("CREATE TABLE t (a ENUM('x)')) ENGINE=InnoDB PARTITION BY HASH (a)") ==
        "CREATE TABLE t (a ENUM('x)')) COLLATE latin1_bin ENGINE=InnoDB PARTITION BY HASH (a)");
  CHECK(with("CREATE TABLE t (a INT) AS SELECT 'x' COLLATE utf8mb4_bin AS b") ==
        "CREATE TABLE t (a INT) COLLATE latin1_bin AS SELECT 'x' COLLATE utf8mb4_bin AS b");
  for (const char* same :
       {"CREATE TABLE t (a INT) COLLATE utf8mb4_bin", "CREATE TABLE t (a INT) DEFAULT CHARSET=utf8mb4",
        "CREATE TABLE t (a INT) COMMENT='x' CHARACTER SET = utf8mb4", "CREATE TABLE t LIKE u",
        "CREATE TABLE t (LIKE u)", "CREATE TABLE t SELECT (1) AS a", "CREATE TABLE t (a INT",
        "CREATE TABLE t (a INT) /*!40100 DEFAULT CHARACTER SET utf8mb4 */"})
    CHECK(with(same) == same);
}
