#include "schema/map_text.hpp"

#include <doctest/doctest.h>

#include "../apply/changes.hpp"

using changes::table;
using dts::ColumnType;
using dts::Mapping;
using dts::MapRule;
using dts::Objects;

namespace {

const char* const create =
    "CREATE TABLE `shop`.`orders` (\n"
    "  `id` int(11) NOT NULL AUTO_INCREMENT,\n"
    "  `cust` int(11) DEFAULT NULL COMMENT 'the `cust`, or note',\n"
    "  `note` text DEFAULT NULL,\n"
    "  `twice` int(11) GENERATED ALWAYS AS (`cust` * 2) VIRTUAL,\n"
    "  PRIMARY KEY (`id`),\n"
    "  UNIQUE KEY `cust` (`cust`,`id`),\n"
    "  KEY `both` (`note`(10),`cust`),\n"
    "  CONSTRAINT `cust` CHECK (`cust` > 0)\n"
    ") ENGINE=InnoDB COMMENT='`cust`'\n"
    " PARTITION BY RANGE (`cust`)\n"
    "(PARTITION `cust` VALUES LESS THAN (10) ENGINE = InnoDB)";

dts::MappedTable orders(const Mapping& mapping) {
  auto source = table("orders", {{"id", ColumnType::integer}, {"cust", ColumnType::integer},
                                 {"note", ColumnType::text}, {"twice", ColumnType::integer}},
                      {{0}, {1, 0}});
  source.name = {"shop", "orders"};
  return dts::map_table(source, mapping);
}

Objects with(MapRule rule) {
  Objects objects;
  rule.source = "shop.orders";
  objects.map = {std::move(rule)};
  return objects;
}

}  // namespace

TEST_CASE("map text: a table that is called otherwise, and nothing else changes") {
  MapRule rule;
  rule.target = "dr.o`eu";
  const Objects objects = with(rule);
  const Mapping mapping(objects, 0);
  const auto mapped = dts::mapped_create(create, orders(mapping), mapping);
  const std::string head = "CREATE TABLE `shop`.`orders`";
  CHECK(mapped.text == "CREATE TABLE `dr`.`o``eu`" + std::string(create).substr(head.size()));
  CHECK(mapped.left_out.empty());
  CHECK(mapped.refused.empty());
}

TEST_CASE("map text: a renamed column, but not keys, checks and partitions of its name") {
  MapRule rule;
  rule.columns = {{"CUST", "customer"}};
  const Objects objects = with(rule);
  const Mapping mapping(objects, 0);
  const auto mapped = dts::mapped_create(create, orders(mapping), mapping);
  CHECK(mapped.text ==
        "CREATE TABLE `shop`.`orders` (\n"
        "  `id` int(11) NOT NULL AUTO_INCREMENT,\n"
        "  `customer` int(11) DEFAULT NULL COMMENT 'the `cust`, or note',\n"
        "  `note` text DEFAULT NULL,\n"
        "  `twice` int(11) GENERATED ALWAYS AS (`customer` * 2) VIRTUAL,\n"
        "  PRIMARY KEY (`id`),\n"
        "  UNIQUE KEY `cust` (`customer`,`id`),\n"
        "  KEY `both` (`note`(10),`customer`),\n"
        "  CONSTRAINT `cust` CHECK (`customer` > 0)\n"
        ") ENGINE=InnoDB COMMENT='`cust`'\n"
        " PARTITION BY RANGE (`customer`)\n"
        "(PARTITION `cust` VALUES LESS THAN (10) ENGINE = InnoDB)");
}

TEST_CASE("map text: a column that is left out takes its keys along") {
  MapRule rule;
  rule.exclude_columns = {"note"};
  const Objects objects = with(rule);
  const Mapping mapping(objects, 0);
  const auto mapped = dts::mapped_create(create, orders(mapping), mapping);
  CHECK(mapped.text.find("note` text") == std::string::npos);
  CHECK(mapped.text.find("`both`") == std::string::npos);
  CHECK(mapped.text.find("DEFAULT NULL COMMENT 'the `cust`, or note',\n  `twice`") !=
        std::string::npos);
  CHECK(mapped.text.find("`id`),\n  CONSTRAINT") != std::string::npos);
  REQUIRE(mapped.left_out.size() == 1);
  CHECK(mapped.left_out[0] == "key 'both' is left out with column 'note'");
  CHECK(mapped.refused.empty());
}

TEST_CASE("map text: what can't be without a column") {
  MapRule rule;
  rule.exclude_columns = {"cust"};
  const Objects objects = with(rule);
  const Mapping mapping(objects, 0);
  const auto mapped = dts::mapped_create(create, orders(mapping), mapping);
  REQUIRE(mapped.refused.size() == 2);
  CHECK(mapped.refused[0] ==
        "column 'twice' is defined by column 'cust', which is left out");
  CHECK(mapped.refused[1] == "the partitions need column 'cust', which is left out");
  CHECK(mapped.left_out.size() == 3);
}

TEST_CASE("map text: the first and the last definition are left out") {
  auto source = table("t", {{"a", ColumnType::integer}, {"b", ColumnType::integer}}, {});
  MapRule rule;
  rule.source = "db.t";
  for (const auto& [column, text] : {std::pair{"a", "CREATE TABLE `db`.`t` (\n  `b` int\n) X"},
                                     std::pair{"b", "CREATE TABLE `db`.`t` (\n  `a` int\n) X"}}) {
    rule.exclude_columns = {column};
    Objects objects;
    objects.map = {rule};
    const Mapping mapping(objects, 0);
    CHECK(dts::mapped_create("CREATE TABLE `db`.`t` (\n  `a` int,\n  `b` int\n) X",
                             dts::map_table(source, mapping), mapping).text == text);
  }
}

TEST_CASE("map text: foreign keys, their columns and their parent") {
  MapRule child, parent;
  child.source = "db.child";
  child.target = "dr.kids";
  child.columns = {{"p", "parent"}};
  parent.source = "db.parent";
  parent.target = "dr.mothers";
  parent.columns = {{"id", "no"}};
  const auto kids = table("child", {{"p", ColumnType::integer}}, {});
  const auto mothers = table("parent", {{"id", ColumnType::integer}}, {{0}});
  const auto key = [&](const std::string& clause) {
    Objects objects;
    objects.map = {child, parent};
    const Mapping mapping(objects, 0);
    return dts::mapped_key({"fk", clause, {"", "parent"}, "", ""}, dts::map_table(kids, mapping),
                           dts::map_table(mothers, mapping)).clause;
  };
  const std::string clause =
      "CONSTRAINT `p` FOREIGN KEY (`p`) REFERENCES `parent` (`id`) ON DELETE CASCADE";
  CHECK(key(clause) ==
        "CONSTRAINT `p` FOREIGN KEY (`parent`) REFERENCES `mothers` (`no`) ON DELETE CASCADE");
  parent.target = "other.mothers";
  CHECK(key(clause) == "CONSTRAINT `p` FOREIGN KEY (`parent`) REFERENCES `other`.`mothers` (`no`) "
                       "ON DELETE CASCADE");
  child.columns = {};
  child.exclude_columns = {"p"};
  CHECK(key(clause) == "");
}
