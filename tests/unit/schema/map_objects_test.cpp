#include "schema/map_objects.hpp"

#include <doctest/doctest.h>

#include "../apply/changes.hpp"

using dts::MappedObject;
using dts::Mapping;
using dts::MapRule;
using dts::NameCase;
using dts::ObjectId;
using dts::Objects;
using dts::TableName;

namespace {

MapRule rule(std::string source, std::string target,
             std::map<std::string, std::string> columns = {},
             std::vector<std::string> left_out = {}) {
  MapRule made;
  made.source = std::move(source);
  made.target = std::move(target);
  made.columns = std::move(columns);
  made.exclude_columns = std::move(left_out);
  return made;
}

/// A source with databases shop and crm, views and routines, and what a job calls them.
struct World {
  explicit World(std::vector<MapRule> rules, NameCase name_case = NameCase::by_default,
                 unsigned source_case = 0, unsigned target_case = 0)
      : objects{{"shop", "crm"}, {"shop.hidden"}, name_case, std::move(rules)},
        mapping(objects, target_case),
        folds_source(source_case != 0) {
    for (const char* name : {"orders", "items", "Cased", "wei`rd", "order"}) add({"shop", name});
    add({"crm", "orders"});
    add({"crm", "people"});
    others = {{"view", {"shop", "v"}},
              {"function", {"shop", "f"}},
              {"procedure", {"shop", "p"}},
              {"function", {"crm", "g"}},
              {"package", {"shop", "k"}}};
  }
  void add(const TableName& name) {
    dts::Table table = changes::table(name.table, {{"id"}, {"a"}, {"b"}, {"doc"}}, {{0}});
    table.name = name;
    tables.emplace(name, dts::map_table(table, mapping));
  }
  dts::ObjectNames names() const {
    return dts::object_names(objects, mapping, tables, others, folds_source);
  }
  MappedObject map(const ObjectId& id, const std::string& text,
                   const dts::Dialect& rules = {}) const {
    return dts::mapped_object(id, text, rules, names());
  }
  /// The body of a procedure of shop.
  std::string body(const std::string& text, const dts::Dialect& rules = {}) const {
    return shown(map({"procedure", {"shop", "p"}}, "CREATE PROCEDURE `p`()\n" + text, rules), 23);
  }
  std::string view(const std::string& select) const {
    const std::string head = "CREATE ALGORITHM=UNDEFINED SQL SECURITY INVOKER VIEW `shop`.`v` AS ";
    const MappedObject mapped = map({"view", {"shop", "v"}}, head + select);
    return shown(mapped, mapped.text.find(" AS ") + 4);
  }
  std::string trigger(const std::string& body, const std::string& table = "orders") const {
    const std::string head = "CREATE TRIGGER `t` BEFORE UPDATE ON `" + table + "` FOR EACH ROW ";
    const MappedObject mapped = map({"trigger", {"shop", "t"}}, head + body);
    return shown(mapped, mapped.text.find(" ROW ") + 5);
  }
  static std::string shown(const MappedObject& mapped, std::size_t from) {
    if (mapped.unsafe.empty()) return mapped.text.substr(from);
    std::string text = "unsafe:";
    for (const std::string& why : mapped.unsafe) text += " " + why + ";";
    return text;
  }

  Objects objects;
  Mapping mapping;
  bool folds_source;
  std::map<TableName, dts::MappedTable> tables;
  std::vector<ObjectId> others;
};

std::string is_called(const std::string& old, const std::string& now) {
  return "unsafe: mentions '" + old + "', which is called '" + now + "' on the target;";
}

const World& database() {  // only shop is called otherwise
  static const World world({rule("shop", "dr")});
  return world;
}
const World& renamed() {
  static const World world({rule("shop.orders", "shop.orders_eu")});
  return world;
}
const World& moved() {  // out of its database
  static const World world({rule("shop.orders", "far.orders_eu")});
  return world;
}
const World& columns() {
  static const World world({rule("shop.orders", "shop.orders", {{"a", "z"}}, {"b"})});
  return world;
}

}  // namespace

TEST_CASE("objects: the name of the object itself") {
  const World& world = database();
  auto mapped = world.map({"procedure", {"shop", "p"}}, "CREATE PROCEDURE `p`()\nselect 1");
  CHECK(mapped.name == TableName{"dr", "p"});
  CHECK(mapped.text == "CREATE PROCEDURE `p`()\nselect 1");
  mapped = world.map({"event", {"shop", "shop"}},
                     "CREATE DEFINER=`shop`@`%` EVENT `shop`.`shop` ON SCHEDULE EVERY 1 DAY ON "
                     "COMPLETION PRESERVE DISABLE DO SELECT 1");
  CHECK(mapped.text ==
        "CREATE DEFINER=`shop`@`%` EVENT `dr`.`shop` ON SCHEDULE EVERY 1 DAY ON COMPLETION "
        "PRESERVE DISABLE DO SELECT 1");
  mapped = world.map({"package body", {"shop", "k"}},
                     "CREATE PACKAGE BODY \"shop\".\"k\" AS PROCEDURE x AS BEGIN NULL; END; END",
                     dts::dialect("ANSI_QUOTES,ORACLE", "utf8mb4"));
  CHECK(mapped.text == "CREATE PACKAGE BODY `dr`.`k` AS PROCEDURE x AS BEGIN NULL; END; END");
  const World views({rule("shop.v", "far.w`x")});
  mapped = views.map({"view", {"shop", "v"}}, "CREATE VIEW `shop`.`v` (`v`) AS select 1 AS `1`");
  CHECK(mapped.name == TableName{"far", "w`x"});
  CHECK(mapped.text == "CREATE VIEW `far`.`w``x` (`v`) AS select 1 AS `1`");
}

TEST_CASE("objects: a trigger goes where its table goes") {
  auto mapped = moved().map({"trigger", {"shop", "t"}},
                            "CREATE TRIGGER shop.t BEFORE INSERT ON shop.orders FOR EACH ROW "
                            "BEGIN CALL p(1); INSERT INTO items VALUES (NEW.id); END");
  CHECK(mapped.unsafe.empty());
  CHECK(mapped.name == TableName{"far", "t"});
  CHECK(mapped.text ==
        "CREATE TRIGGER `far`.`t` BEFORE INSERT ON `orders_eu` FOR EACH ROW BEGIN CALL "
        "`shop`.`p`(1); INSERT INTO `shop`.`items` VALUES (NEW.id); END");
  mapped = moved().map({"trigger", {"shop", "t"}},
                       "CREATE TRIGGER `t` AFTER DELETE ON `orders` FOR EACH ROW SET @a = f(1)");
  REQUIRE(mapped.unsafe.size() == 1);
  CHECK(mapped.unsafe[0] == "mentions the function 'f', which stays in the database 'shop'");
  CHECK(database().trigger("INSERT INTO items SELECT f(id) FROM orders", "items") ==
        "INSERT INTO items SELECT f(id) FROM orders");
}

TEST_CASE("objects: a database alone changes nothing but what is written with it") {
  const World& world = database();
  CHECK(world.body("select * from orders, crm.orders, `shop` . orders where shop.orders.id = "
                   "orders.a and shop.f(1) = g(2)") ==
        "select * from orders, crm.orders, `dr`.`orders` where `dr`.`orders`.id = orders.a and "
        "`dr`.f(1) = g(2)");
  CHECK(world.body("BEGIN CALL shop.p(); CALL shop.k.x; DROP TABLE IF EXISTS shop.tmp, shop.items; "
                   "END") ==
        "BEGIN CALL `dr`.p(); CALL `dr`.k.x; DROP TABLE IF EXISTS `dr`.`tmp`, `dr`.`items`; END");
  CHECK(world.body("select shop.orders.* from shop.orders") ==
        "select `dr`.`orders`.* from `dr`.`orders`");
  // Alone, the word stands for anything.
  CHECK(world.body("BEGIN DECLARE shop INT; SET shop = 1; END") ==
        "BEGIN DECLARE shop INT; SET shop = 1; END");
  CHECK(world.body("select shop.orders from crm.people as shop") ==
        is_called("shop.orders", "orders"));
  CHECK(world.body("select shop.orders from (select 1) shop(orders)") ==
        is_called("shop.orders", "orders"));
  CHECK(world.body("select * from shop.hidden") ==
        "unsafe: mentions 'shop.hidden', which is not selected, in a database that is called 'dr' "
        "on the target;");
  CHECK(world.body("select shop.gone(1)") ==
        "unsafe: mentions 'shop.gone', and the database 'shop' is called 'dr' on the target;");
  CHECK(world.body("select * from mysql.user, other.t") == "select * from mysql.user, other.t");
}

TEST_CASE("objects: strings, comments and variables stay") {
  const std::string text =
      "BEGIN /* orders shop.orders */ SET @orders = 'orders', @shop.orders = \"shop.orders\";\n"
      "-- from orders\n# shop.orders\nSET @`orders` = @@orders; SELECT 'it''s \\' orders'; END";
  CHECK(renamed().body(text) == text);
  CHECK(database().body(text) == text);
  CHECK(renamed().body("select /*!50000 * from orders */") ==
        "select /*!50000 * from `orders_eu` */");
}

TEST_CASE("objects: quotes and character sets are read as they were written") {
  const auto ansi = dts::dialect("ANSI_QUOTES", "utf8mb4");
  CHECK(renamed().body("select 'orders' from \"orders\" where \"orders\".\"id\" = '\"orders'",
                       ansi) ==
        "select 'orders' from `orders_eu` where `orders_eu`.\"id\" = '\"orders'");
  CHECK(renamed().body("select \"orders\"") == "select \"orders\"");
  CHECK(database().body("select * from `shop`.`wei``rd`") == "select * from `dr`.`wei``rd`");
  const auto plain = dts::dialect("NO_BACKSLASH_ESCAPES", "utf8mb4");
  CHECK(renamed().body("select 'a\\' from orders", plain) == "select 'a\\' from `orders_eu`");
  const auto sjis = dts::dialect("", "sjis");
  CHECK(renamed().body("select '\x83\x5c' from orders", sjis) ==
        "select '\x83\x5c' from `orders_eu`");
  CHECK(renamed()
            .body("select `\xe4` from orders", dts::dialect("", "latin1"))
            .starts_with("unsafe: has names beyond ASCII in the character set latin1"));
  const World umlaut({rule("shop.orders", "shop.\xc3\xa4")});
  CHECK(umlaut.body("select 1 from orders") == "select 1 from `\xc3\xa4`");
  CHECK(umlaut.body("select 1 from orders", dts::dialect("", "latin1")).starts_with("unsafe:"));
}

TEST_CASE("objects: a table's own name, where there can be only a table") {
  const World& world = renamed();
  const auto same = [&](const std::string& text) {
    std::string expected = text;
    for (auto at = expected.find("orders"); at != expected.npos;
         at = expected.find("orders", at + 9))
      expected.replace(at, 6, "`orders_eu`");
    CHECK(world.body(text) == expected);
  };
  same("INSERT IGNORE INTO orders (id, a) VALUES (1, 2) ON DUPLICATE KEY UPDATE a = VALUES(a)");
  same(
      "REPLACE orders SELECT * FROM items i, orders o, (orders x, items) JOIN orders y ON x.id = "
      "y.id, "
      "orders z WHERE i.id IN (SELECT id FROM orders)");
  same("UPDATE LOW_PRIORITY items, orders SET items.id = 1, items.a = 2");
  same("DELETE FROM orders WHERE id = 1");
  same("DELETE orders FROM orders JOIN items USING (id)");
  same("DELETE FROM orders USING items JOIN orders ON TRUE");
  same("TRUNCATE orders");
  same("DROP TEMPORARY TABLE IF EXISTS items, orders");
  same("CREATE TABLE items2 (id INT, FOREIGN KEY (id) REFERENCES orders (id))");
  same("SELECT orders.id, orders.* FROM orders LEFT JOIN items ON orders.id = items.id");
  same("SELECT NEXTVAL(orders), LASTVAL( orders), NEXT VALUE FOR orders");
  same("BEGIN DECLARE r ROW TYPE OF orders; DECLARE c TYPE OF orders.id; END");
  same(
      "SELECT 1 FROM items WHERE EXISTS (SELECT 1 FROM orders) UNION SELECT 2 FROM orders FOR "
      "UPDATE");
  same("WITH c AS (SELECT id FROM orders) SELECT * FROM c STRAIGHT_JOIN orders");
}

TEST_CASE("objects: a table's own name, where it may be something else") {
  const World& world = renamed();
  const std::string unsafe = is_called("orders", "orders_eu");
  for (const std::string text : {
           "SELECT orders FROM items",
           "SELECT COUNT(*) orders FROM items",
           "SELECT COUNT(*) AS orders FROM items",
           "SELECT items.id INTO orders FROM items",
           "SELECT EXTRACT(DAY FROM orders), TRIM(LEADING 'x' FROM orders)",
           "FETCH orders INTO x",
           "FETCH FROM orders INTO x",
           "BEGIN DECLARE orders CURSOR FOR SELECT 1 FROM items; END",
           "PREPARE s FROM orders",
           "SELECT 1 FROM items orders WHERE orders.id = 1",
           "WITH orders AS (SELECT 1) SELECT * FROM orders",
           "INSERT INTO items SELECT 1 FROM items ON DUPLICATE KEY UPDATE a = 1, orders = 2",
           "ALTER TABLE items ADD x INT, RENAME orders",
           "CREATE INDEX i ON orders (a)",
           "CREATE TABLE x LIKE orders",
           "SHOW COLUMNS FROM orders",
           "UPDATE items SET a = 1, orders = 2",
           "SELECT f(orders.id)",
       })
    CHECK_MESSAGE(world.body(text) == unsafe, text);
  // What has the new name, too.
  CHECK(world.body("SELECT 1 FROM orders JOIN items orders_eu") ==
        "unsafe: mentions 'orders_eu', which is the name of another table on the target;");
  CHECK(world.body("BEGIN CREATE TEMPORARY TABLE orders_eu (a INT); SELECT 1 FROM orders; END") ==
        "unsafe: mentions 'orders_eu', which is the name of another table on the target;");
  // One name, two tables.
  CHECK(world.body("SELECT orders.id FROM orders o, crm.orders") ==
        "unsafe: mentions 'orders', which may stand for a table that is called 'orders' on the "
        "target;");
}

TEST_CASE("objects: columns, aliases and keywords that look like a table are none") {
  const World& world = renamed();
  const std::string text = "SELECT items.orders, x.orders FROM items, items x ORDER BY x.orders";
  CHECK(world.body(text) == text);
  const World keyword({rule("shop.order", "shop.order2")});
  CHECK(keyword.body("SELECT a FROM `order` order by shop.order.a, `order`.a") ==
        "SELECT a FROM `order2` order by `shop`.`order2`.a, `order2`.a");
}

TEST_CASE("objects: a table in another database") {
  const World& world = moved();
  CHECK(world.body("SELECT orders.id FROM orders JOIN shop.orders o ON TRUE") ==
        "SELECT `orders_eu`.id FROM `far`.`orders_eu` JOIN `far`.`orders_eu` o ON TRUE");
  CHECK(
      world.body("BEGIN DECLARE c TYPE OF orders.id; DECLARE r ROW TYPE OF orders; END") ==
      "BEGIN DECLARE c TYPE OF `far`.`orders_eu`.id; DECLARE r ROW TYPE OF `far`.`orders_eu`; END");
  CHECK(world.body("SELECT orders FROM items") == is_called("orders", "far.orders_eu"));
  CHECK(world.trigger("INSERT INTO orders (id) SELECT id FROM items") ==
        "INSERT INTO `orders_eu` (id) SELECT id FROM `shop`.`items`");
  // By a name with its database, from elsewhere.
  const auto mapped =
      world.map({"function", {"crm", "g"}},
                "CREATE FUNCTION `g`() RETURNS int(11)\nRETURN (SELECT orders.a FROM "
                "shop.orders WHERE shop.orders.id = 1)");
  CHECK(mapped.unsafe.empty());
  CHECK(
      mapped.text.ends_with("(SELECT `orders_eu`.a FROM `far`.`orders_eu` WHERE "
                            "`far`.`orders_eu`.id = 1)"));
  CHECK(world.body("SELECT g(orders.id) FROM crm.orders") == "SELECT g(orders.id) FROM crm.orders");
}

TEST_CASE("objects: tables that change names with each other") {
  const World world({rule("shop.orders", "shop.items"), rule("shop.items", "shop.orders")});
  CHECK(world.body("SELECT orders.id FROM orders JOIN items USING (id) WHERE items.a = 1") ==
        "SELECT `items`.id FROM `items` JOIN `orders` USING (id) WHERE `orders`.a = 1");
  CHECK(world.body("SELECT orders.id FROM orders") == "SELECT `items`.id FROM `items`");
}

TEST_CASE("objects: columns that are called otherwise or left out") {
  const World& world = columns();
  CHECK(world.body("SELECT id, doc FROM orders") == "SELECT id, doc FROM orders");
  CHECK(world.body("SELECT A FROM orders") ==
        "unsafe: mentions column 'A' of 'shop.orders', which is called 'z' on the target;");
  CHECK(world.body("SELECT o.b FROM shop.orders o") ==
        "unsafe: mentions column 'b' of 'shop.orders', which is left out;");
  CHECK(world.body("SELECT a, b FROM items") == "SELECT a, b FROM items");
  CHECK(world.body("SELECT z, orders.id FROM orders, items") ==
        "unsafe: mentions 'z', which is a column of 'shop.orders' on the target;");
  CHECK(world.body("SELECT 1 FROM orders NATURAL JOIN items").starts_with("unsafe: joins by"));
  CHECK(world.body("SELECT * FROM orders").starts_with("unsafe: uses all columns"));
  CHECK(world.body("SELECT o.* FROM orders o").starts_with("unsafe: uses all columns"));
  CHECK(world.body("INSERT INTO orders VALUES (1, 2)").starts_with("unsafe: uses all columns"));
  CHECK(world.body("INSERT INTO orders (SELECT 1)").starts_with("unsafe: uses all columns"));
  for (const std::string text :
       {"SELECT COUNT(*) FROM orders", "SELECT 1 FROM dual WHERE EXISTS (SELECT * FROM orders)",
        "INSERT INTO orders (id, doc) VALUES (1, 2)", "INSERT INTO orders SET id = 2 * 3",
        "SELECT @a, 'a', a(1) FROM orders"})
    CHECK_MESSAGE(world.body(text) == text, text);
  CHECK(world.body("SELECT a.id FROM orders JOIN items a ON TRUE").starts_with("unsafe:"));
}

TEST_CASE("objects: NEW and OLD of a trigger") {
  const World& world = columns();
  CHECK(world.trigger("SET NEW.a = OLD . `A` + new.id") == "SET NEW.`z` = OLD . `z` + new.id");
  CHECK(world.trigger("SET NEW.b = 1") ==
        "unsafe: mentions column 'b' of 'shop.orders', which is left out;");
  CHECK(world.trigger("INSERT INTO items (a, b) VALUES (NEW.a, 1)") ==
        "INSERT INTO items (a, b) VALUES (NEW.`z`, 1)");
  CHECK(world.trigger("INSERT INTO items (a) SELECT a FROM orders").starts_with("unsafe:"));
  CHECK(world.trigger("SET NEW.a = 1, NEW.b = 2", "items") == "SET NEW.a = 1, NEW.b = 2");
  CHECK(world.trigger("INSERT INTO items VALUES (1) AS new ON DUPLICATE KEY UPDATE id = new.a")
            .starts_with("unsafe:"));
}

TEST_CASE("objects: statements that are built from texts") {
  const std::string text = "SET @s = CONCAT('select * from orders where id = ', x); ";
  CHECK(renamed().body("BEGIN " + text + "END") == "BEGIN " + text + "END");
  CHECK(
      renamed().body("BEGIN " + text + "PREPARE s FROM @s; END") ==
      "unsafe: builds statements, and has 'orders' in a text, which is called 'shop.orders_eu' on "
      "the target;");
  CHECK(database().body("EXECUTE IMMEDIATE 'select 1 from shop.x'").starts_with("unsafe: builds"));
  CHECK(columns().body("EXECUTE IMMEDIATE 'select a from orders'").starts_with("unsafe:"));
  CHECK(columns().body("EXECUTE IMMEDIATE 'select id from orders'") ==
        "EXECUTE IMMEDIATE 'select id from orders'");
}

TEST_CASE("objects: names in any case") {
  const World lower({}, NameCase::lower);
  CHECK(lower.body("SELECT Cased.id FROM Cased, shop.Cased c") ==
        "SELECT `cased`.id FROM `cased`, `shop`.`cased` c");
  CHECK(lower.body("SELECT cased FROM items") == "SELECT cased FROM items");
  // The target takes both for the same; only what the server writes is compared.
  const World folding({}, NameCase::by_default, 0, 1);
  CHECK(folding.body("SELECT Cased FROM Cased") == "SELECT Cased FROM Cased");
  CHECK(folding.view("select `shop`.`Cased`.`id` AS `id` from `shop`.`Cased`") ==
        "select `shop`.`cased`.`id` AS `id` from `shop`.`cased`");
  // The source takes both for the same, the target doesn't.
  const World strict({}, NameCase::by_default, 1, 0);
  CHECK(strict.body("SELECT ORDERS.id FROM Orders, SHOP.items") ==
        "SELECT `orders`.id FROM `orders`, `shop`.`items`");
}

TEST_CASE("views: tables, columns and functions") {
  CHECK(database().view(
            "select `shop`.`orders`.`a` AS `a`,`f`(1) AS `f`,`shop`.`f`(2) AS `shop.f(2)` "
            "from (`shop`.`orders` join `crm`.`orders` `shop`)") ==
        "select `dr`.`orders`.`a` AS `a`,`f`(1) AS `f`,`dr`.`f`(2) AS `shop.f(2)` "
        "from (`dr`.`orders` join `crm`.`orders` `shop`)");
  const World both(
      {rule("shop.orders", "far.orders_eu", {{"a", "z`z"}}, {"b"}), rule("shop.v", "far.v")});
  CHECK(both.view(
            "select `x`.`a` AS `a`,count(0) AS `orders`,`f`(`x`.`id`) AS `f(id)` from "
            "(`shop`.`orders` `x` left join `crm`.`orders` on(`x`.`a` = `crm`.`orders`.`a`))") ==
        "select `x`.`z``z` AS `a`,count(0) AS `orders`,`shop`.`f`(`x`.`id`) AS `f(id)` from "
        "(`far`.`orders_eu` `x` left join `crm`.`orders` on(`x`.`z``z` = `crm`.`orders`.`a`))");
  CHECK(both.view("select `shop`.`orders`.`a` AS `b` from `shop`.`orders` order by "
                  "`shop`.`orders`.`a`") ==
        "select `far`.`orders_eu`.`z``z` AS `b` from `far`.`orders_eu` order by "
        "`far`.`orders_eu`.`z``z`");
  // MariaDB writes the columns of a view by its name alone.
  CHECK(both.view(
            "select `v`.`a` AS `a`,`orders`.`a` AS `b` from (`shop`.`v` join `shop`.`orders`)") ==
        "select `v`.`a` AS `a`,`orders_eu`.`z``z` AS `b` from (`far`.`v` join `far`.`orders_eu`)");
  CHECK(both.view("select `shop`.`orders`.`b` AS `b` from `shop`.`orders`") ==
        "unsafe: mentions column 'b' of 'shop.orders', which is left out;");
  CHECK(both.view("select `x`.`b` AS `b` from `shop`.`orders` `x`") ==
        "unsafe: mentions column 'b' of 'shop.orders', which is left out;");
}

TEST_CASE("views: subqueries, common tables and unions keep the names that they give") {
  const World& world = columns();
  CHECK(world.view(
            "with c as (select `shop`.`orders`.`a` AS `a` from `shop`.`orders`)select `c`.`a` AS "
            "`p`,`d`.`a` AS `q` from (`c` join (select `x`.`a` AS `a` from `shop`.`orders` "
            "`x`) `d`)") ==
        "with c as (select `shop`.`orders`.`z` AS `a` from `shop`.`orders`)select `c`.`a` AS "
        "`p`,`d`.`a` AS `q` from (`c` join (select `x`.`z` AS `a` from `shop`.`orders` "
        "`x`) `d`)");
  CHECK(world.view("select `shop`.`orders`.`a` AS `a` from `shop`.`orders` union select "
                   "`shop`.`items`.`a` AS `a` from `shop`.`items` order by `a`") ==
        "select `shop`.`orders`.`z` AS `a` from `shop`.`orders` union select "
        "`shop`.`items`.`a` AS `a` from `shop`.`items` order by `a`");
  CHECK(world.view("select `x`.`a` AS `k` from `shop`.`orders` `x` group by `a`") ==
        "unsafe: mentions column 'a' of 'shop.orders', which is called 'z' on the target;");
  CHECK(world.view("select `x`.`id` AS `z` from `shop`.`orders` `x` group by `z`") ==
        "unsafe: mentions 'z', which is a column of 'shop.orders' on the target;");
}

TEST_CASE("views: an alias that stands for several tables") {
  const World& world = columns();
  CHECK(world.view(
            "select `x`.`a` AS `a` from `shop`.`orders` `x` union select `x`.`a` AS `a` from "
            "`shop`.`items` `x`") == "unsafe: mentions 'x.a', and 'x' stands for several tables;");
  CHECK(renamed().view("select `orders_eu`.`id` AS `id` from (`shop`.`orders` join `shop`.`items` "
                       "`orders_eu`)") ==
        "unsafe: mentions 'orders_eu', which is the name of another table on the target;");
}

TEST_CASE("objects: what mentions one that is left out is left out, too") {
  const World world({rule("shop.orders", "shop.orders", {}, {"b"})});
  const auto made = [](std::string kind, TableName name, std::string text) {
    dts::Definition definition{
        {std::move(kind), std::move(name)}, {"USE", "SET", text, "SET"}, {}, {}, {}};
    return definition;
  };
  std::vector<dts::Definition> all = {
      made("view", {"shop", "w"},
           "CREATE VIEW `shop`.`w` AS select `v`.`id` AS `id` from `shop`.`v`"),
      made("view", {"shop", "v"},
           "CREATE VIEW `shop`.`v` AS select `shop`.`orders`.`b` AS `id` from `shop`.`orders`"),
      made("package", {"shop", "k"}, "CREATE PACKAGE `k` AS FUNCTION f RETURN INT; END"),
      made("procedure", {"shop", "p"}, "CREATE PROCEDURE `p`()\nselect 1 from w"),
      made("function", {"shop", "f"}, "CREATE FUNCTION `f`() RETURNS int\nreturn 1")};
  const auto out = dts::map_objects(all, world.names());
  REQUIRE(out.size() == 2);
  CHECK(out[0].id == ObjectId{"view", {"shop", "v"}});
  CHECK(out[1].reasons ==
        std::vector<std::string>{"mentions the view 'shop.v', which is left out"});
  REQUIRE(all.size() == 3);
  CHECK(all[0].id.kind == "package");
  CHECK(all[2].statements[0] == "USE `shop`");
}

TEST_CASE("objects: databases that come together") {
  const World world(
      {rule("shop", "all"), rule("crm", "all"), rule("crm.orders", "all.crm_orders")});
  const auto made = [](std::string kind, TableName name, std::string text) {
    return dts::Definition{
        {std::move(kind), std::move(name)}, {"USE", "SET", text, "SET"}, {}, {}, {}};
  };
  std::vector<dts::Definition> all = {
      made("procedure", {"shop", "p"}, "CREATE PROCEDURE `p`()\nselect 1 from items"),
      made("procedure", {"crm", "p"}, "CREATE PROCEDURE `p`()\nselect 1 from items"),
      made("function", {"shop", "p"}, "CREATE FUNCTION `p`() RETURNS int\nreturn 1"),
      made("procedure", {"crm", "P"}, "CREATE PROCEDURE `P`()\nselect 1 from orders"),
      made("view", {"crm", "items"}, "CREATE VIEW `crm`.`items` AS select 1 AS `1`")};
  World views = world;
  views.others.push_back({"view", {"crm", "items"}});
  const auto out = dts::map_objects(all, views.names());
  REQUIRE(all.size() == 2);
  CHECK(all[0].id == ObjectId{"procedure", {"all", "p"}});
  CHECK(all[1].id == ObjectId{"function", {"all", "p"}});
  REQUIRE(out.size() == 2);
  CHECK(out[0].reasons ==
        std::vector<std::string>{"would be called 'all.P', and so is procedure shop.p"});
  CHECK(out[1].reasons ==
        std::vector<std::string>{"would be called 'all.items', and so is shop.items"});
}
