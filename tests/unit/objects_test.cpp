#include "dts/objects.hpp"

#include <doctest/doctest.h>

#include "catch_error.hpp"

namespace {

dts::Objects objects(std::vector<std::string> include, std::vector<std::string> exclude = {}) {
  dts::Objects o;
  o.include = std::move(include);
  o.exclude = std::move(exclude);
  return o;
}

bool matches(const char* pattern, const char* schema, const char* table) {
  return selects(objects({pattern}), {schema, table});
}

}  // namespace

TEST_CASE("a pattern without a dot selects databases with all their tables") {
  CHECK(matches("shop", "shop", "orders"));
  CHECK(matches("shop", "shop", ""));
  CHECK_FALSE(matches("shop", "shop2", "orders"));
  CHECK_FALSE(matches("shop", "Shop", "orders"));
  CHECK(matches("sh?p*", "ship_eu", "orders"));
  CHECK(matches("*", "any", "thing"));
}

TEST_CASE("a pattern with a dot selects tables, stars stay within a name") {
  CHECK(matches("crm.customer", "crm", "customer"));
  CHECK_FALSE(matches("crm.customer", "crm", "customers"));
  CHECK(matches("log.event_*", "log", "event_"));
  CHECK(matches("log.event_*", "log", "event_2024.old"));
  CHECK(matches("*.event", "log", "event"));
  CHECK_FALSE(matches("*.event", "log", "my.event"));
  CHECK(matches("l*g.*v*t", "loooog", "eventvt"));
  CHECK_FALSE(matches("l*g.*v*t", "loooog", "eventvx"));
  CHECK(matches("a.b.c", "a", "b.c"));
  CHECK_FALSE(matches("a.", "a", "b"));
}

TEST_CASE("a question mark is one character, whatever its length in bytes") {
  CHECK(matches("a.?", "a", "é"));
  CHECK(matches("a.?x", "a", "😀x"));
  CHECK_FALSE(matches("a.??", "a", "é"));
  CHECK_FALSE(matches("a.?", "a", ""));
  CHECK(matches("a.*é", "a", "ééé"));
}

TEST_CASE("many stars do not take for ever") {
  CHECK_FALSE(matches("a.*a*a*a*a*a*a*a*a*a*a*b", "a", std::string(64, 'a').c_str()));
}

TEST_CASE("a tilde begins a regular expression over the full name") {
  CHECK(matches("~^shop\\.order_[0-9]+$", "shop", "order_17"));
  CHECK_FALSE(matches("~^shop\\.order_[0-9]+$", "shop", "order_x"));
  CHECK(matches("~order", "shop", "my_orders"));
  CHECK_FALSE(matches("~^shop\\.", "myshop", "t"));
  CHECK(matches("~", "a", "b"));
  const auto error = catch_error([] { matches("~(", "a", "b"); });
  CHECK(error.kind() == dts::ErrorKind::usage);
  CHECK(std::string(error.what()).find("'('") != std::string::npos);
}

TEST_CASE("exclusion wins") {
  const auto o = objects({"shop", "crm.customer"}, {"shop.tmp_*", "~_old$"});
  CHECK(selects(o, {"shop", "orders"}));
  CHECK_FALSE(selects(o, {"shop", "tmp_1"}));
  CHECK_FALSE(selects(o, {"shop", "orders_old"}));
  CHECK(selects(o, {"crm", "customer"}));
  CHECK_FALSE(selects(o, {"crm", "lead"}));
  CHECK_FALSE(selects(objects({}), {"shop", "orders"}));
}

TEST_CASE("system schemas are never selected") {
  for (const char* name : {"mysql", "sys", "information_schema", "INFORMATION_SCHEMA",
                           "performance_schema", "Mysql"}) {
    CHECK(dts::is_system_schema(name));
    CHECK_FALSE(matches("*", name, "t"));
    CHECK_FALSE(matches("~.*", name, "t"));
    CHECK_FALSE(selects_schema(objects({"*"}), name));
    CHECK_FALSE(touches_schema(objects({"*.*"}), name));
  }
  for (const char* name : {"mysql2", "my", "", "sysx"}) CHECK_FALSE(dts::is_system_schema(name));
}

TEST_CASE("whole databases are those of a pattern without a dot") {
  const auto o = objects({"shop", "a*", "crm.*", "~^log\\."}, {"abc", "a1.t", "~^a2"});
  CHECK(selects_schema(o, "shop"));
  CHECK(selects_schema(o, "aaa"));
  CHECK(selects_schema(o, "a1"));
  CHECK(selects_schema(o, "a2"));
  CHECK_FALSE(selects_schema(o, "abc"));
  CHECK_FALSE(selects_schema(o, "crm"));
  CHECK_FALSE(selects_schema(o, "log"));
}

TEST_CASE("a database is touched if something in it may be selected") {
  const auto o =
      objects({"shop", "crm.customer", "log*.x"}, {"log1", "log2.*", "log3.x", "shop.*a"});
  CHECK(touches_schema(o, "shop"));
  CHECK(touches_schema(o, "crm"));
  CHECK(touches_schema(o, "log"));
  CHECK_FALSE(touches_schema(o, "log1"));
  CHECK_FALSE(touches_schema(o, "log2"));
  CHECK(touches_schema(o, "log3"));
  CHECK_FALSE(touches_schema(o, "other"));
  CHECK(touches_schema(objects({"~x"}), "other"));
}

TEST_CASE("table names for people") {
  CHECK(dts::to_string(dts::TableName{"shop", "orders"}) == "shop.orders");
  CHECK(dts::TableName{"a", "b"} < dts::TableName{"a", "c"});
}
