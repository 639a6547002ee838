#include "schema/mapping.hpp"

#include <doctest/doctest.h>

#include "../apply/changes.hpp"

using changes::table;
using dts::ColumnType;
using dts::Mapping;
using dts::MapRule;
using dts::NameCase;
using dts::Objects;
using dts::TableName;

namespace {

MapRule rule(std::string source, std::string target = {}) {
  MapRule made;
  made.source = std::move(source);
  made.target = std::move(target);
  return made;
}

Objects objects(std::vector<MapRule> map, NameCase name_case = NameCase::by_default) {
  Objects made;
  made.include = {"shop"};
  made.map = std::move(map);
  made.name_case = name_case;
  return made;
}

}  // namespace

TEST_CASE("mapping: the first rule that matches serves, by table, database or expression") {
  const Objects all =
      objects({rule("shop.orders", "dr.orders_eu"), rule("~^shop_([0-9]+)\\.(.*)$", "all.{2}_of_{1}"),
               rule("shop", "dr"), rule("shop.items", "never.used")});
  const Mapping mapping(all, 0);
  CHECK(mapping.table({"shop", "orders"}) == TableName{"dr", "orders_eu"});
  CHECK(mapping.table({"shop", "items"}) == TableName{"dr", "items"});
  CHECK(mapping.table({"shop_12", "items"}) == TableName{"all", "items_of_12"});
  CHECK(mapping.table({"crm", "items"}) == TableName{"crm", "items"});
  CHECK(mapping.schema("shop") == "dr");
  CHECK(mapping.schema("shop_12") == "shop_12");
  CHECK(!mapping.is_identity());
  CHECK(Mapping(objects({}), 0).is_identity());
}

TEST_CASE("mapping: {0} is the whole name, and other braces are letters") {
  const Objects all = objects({rule("~^a\\.", "b.{0}{x}{}")});
  CHECK(Mapping(all, 0).table({"a", "t"}) == TableName{"b", "a.t{x}{}"});
}

TEST_CASE("mapping: the case policy, which a name given by a map escapes") {
  const Objects given = objects({rule("shop.Orders", "Dr.OrdersEU"), rule("shop.Items")},
                                NameCase::lower);
  const Mapping lower(given, 0);
  CHECK(lower.table({"shop", "Orders"}) == TableName{"Dr", "OrdersEU"});
  CHECK(lower.table({"Shop", "Items"}) == TableName{"shop", "items"});
  CHECK(lower.table({"shop", "Items"}) == TableName{"shop", "items"});
  CHECK(lower.column(nullptr, "Name") == "name");
  CHECK(Mapping(objects({}, NameCase::upper), 0).table({"shop", "äpfel"}) ==
        TableName{"SHOP", "ÄPFEL"});
  CHECK(Mapping(objects({}), 0).table({"Shop", "T"}) == TableName{"Shop", "T"});
  CHECK(Mapping(objects({}), 1).table({"Shop", "ÄT"}) == TableName{"shop", "ät"});
  CHECK(Mapping(objects({}), 2).table({"Shop", "T"}) == TableName{"shop", "t"});
  CHECK(Mapping(objects({}, NameCase::source), 2).table({"Shop", "T"}) == TableName{"Shop", "T"});
  // Such a server writes every name in lower case.
  CHECK(Mapping(given, 1).table({"shop", "Orders"}) == TableName{"dr", "orderseu"});
  CHECK(Mapping(objects({}), 1).column(nullptr, "Name") == "Name");
  CHECK(Mapping(objects({}, NameCase::upper), 0).schema("a\xff" "b") == "A\xff" "B");
}

TEST_CASE("mapping: a table with columns renamed and left out") {
  auto source = table("t", {{"a", ColumnType::integer}, {"b", ColumnType::integer},
                            {"c", ColumnType::integer}, {"d", ColumnType::integer}},
                      {{0}, {1, 2}, {2, 3}});
  MapRule given = rule("db.t", "other.u");
  given.columns = {{"C", "customer"}};
  given.exclude_columns = {"B"};
  const Objects all = objects({given});
  const Mapping mapping(all, 0);
  const auto mapped = dts::map_table(source, mapping);
  CHECK(mapped.target.name == TableName{"other", "u"});
  CHECK(mapped.columns == std::vector<std::size_t>{0, 2, 3});
  CHECK(mapped.selected.columns[1].name == "c");
  CHECK(mapped.target.columns[1].name == "customer");
  REQUIRE(mapped.target.keys.size() == 2);
  CHECK(mapped.target.keys[1].parts[0].column == 1);
  CHECK(mapped.target.keys[1].parts[1].column == 2);
  CHECK(mapped.target.row_key == 0);
  CHECK(!mapped.all_columns());
  CHECK(!dts::unmapped(mapped.target, source.name, mapping));
  CHECK(dts::mapping_troubles(source, mapping).empty());
}

TEST_CASE("mapping: what was read on the target, by the source's names again") {
  auto source = table("t", {{"a", ColumnType::integer}, {"b", ColumnType::integer}}, {{0}});
  MapRule given = rule("db.t", "other.u");
  given.columns = {{"a", "b"}, {"b", "a"}};
  const Objects all = objects({given});
  const Mapping mapping(all, 0);
  const auto mapped = dts::map_table(source, mapping);
  CHECK(mapped.target.columns[0].name == "b");
  const auto again = dts::unmapped(mapped.target, source.name, mapping);
  REQUIRE(again);
  CHECK(again->name == source.name);
  CHECK(dts::same_shape(*again, source));
}

TEST_CASE("mapping: rules that do not fit their table") {
  auto source = table("t", {{"a", ColumnType::integer}, {"b", ColumnType::integer}}, {{0}});
  const auto troubles = [&](MapRule given) {
    const Objects all = objects({std::move(given)});
    const auto list = dts::mapping_troubles(source, Mapping(all, 0));
    return list.empty() ? std::string() : list[0];
  };
  MapRule given = rule("db.t");
  CHECK(troubles(given) == "");
  given.columns = {{"x", "y"}};
  CHECK(troubles(given) == "columns: there is no column 'x'");
  given.columns = {{"a", "B"}};
  CHECK(troubles(given) == "columns 'a' and 'b' would both be called 'b'");
  given.columns = {};
  given.exclude_columns = {"z"};
  CHECK(troubles(given) == "exclude_columns: there is no column 'z'");
  given.exclude_columns = {"a"};
  CHECK(troubles(given) ==
        "exclude_columns: column 'a' is part of the key that names a row");
}
