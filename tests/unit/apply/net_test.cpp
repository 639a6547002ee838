#include "apply/net.hpp"

#include <doctest/doctest.h>

#include "apply/changes.hpp"

using namespace changes;
using dts::ColumnType;

namespace {

const dts::Table one_key = table("t", {{"id"}, {"v", ColumnType::text, "utf8mb4"}}, {{0}});
const dts::Table two_keys =
    table("u", {{"id"}, {"code"}, {"v", ColumnType::text, "utf8mb4"}}, {{0}, {1}});
const dts::Table no_key = table("n", {{"a"}, {"b"}}, {});
const dts::Table wide_key = table(
    "w", {{"a", ColumnType::text, "utf8mb4"}, {"b", ColumnType::text, "utf8mb4"}, {"v"}},
    {{0, 1}});

}  // namespace

TEST_CASE("net: single changes") {
  CHECK(show(Changes().net()).empty());
  CHECK(show(Changes().insert(one_key, {"1", "a"}).net()) == "t: +1,a");
  CHECK(show(Changes().remove(one_key, {"1", "a"}).net()) == "t: -1,a");
  CHECK(show(Changes().update(one_key, {"1", "a"}, {"1", "b"}).net()) == "t: 1,a>1,b");
  CHECK(show(Changes().update(one_key, {"1", "a"}, {"2", "a"}).net()) == "t: -1,a +2,a");
}

TEST_CASE("net: what comes and goes is nothing") {
  CHECK(show(Changes().insert(one_key, {"1", "a"}).remove(one_key, {"1", "a"}).net()) == "t:");
  CHECK(show(Changes()
                 .insert(one_key, {"1", "a"})
                 .update(one_key, {"1", "a"}, {"1", "b"})
                 .update(one_key, {"1", "b"}, {"2", "b"})
                 .remove(one_key, {"2", "b"})
                 .net()) == "t:");
}

TEST_CASE("net: while catching up, what came and went is deleted: the copy may have seen it") {
  Changes changes;
  changes.insert(one_key, {"1", "a"}).remove(one_key, {"1", "a"});
  changes.insert(one_key, {"2", "b"}).update(one_key, {"2", "b"}, {"3", "c"});
  CHECK(show(dts::net_changes({&changes.transaction, 1}, true)) == "t: -1,a -2,b +3,c");
  CHECK(show(dts::net_changes({&changes.transaction, 1}, false)) == "t: +3,c");
}

TEST_CASE("net: chains keep the first image before and the last after") {
  CHECK(show(Changes()
                 .update(one_key, {"1", "a"}, {"1", "b"})
                 .update(one_key, {"1", "b"}, {"1", "c"})
                 .net()) == "t: 1,a>1,c");
  CHECK(show(Changes()
                 .insert(one_key, {"1", "a"})
                 .update(one_key, {"1", "a"}, {"1", "b"})
                 .net()) == "t: +1,b");
  CHECK(show(Changes()
                 .update(one_key, {"1", "a"}, {"1", "b"})
                 .remove(one_key, {"1", "b"})
                 .net()) == "t: -1,a");
  CHECK(show(Changes().remove(one_key, {"1", "a"}).insert(one_key, {"1", "b"}).net()) ==
        "t: 1,a>1,b");
  CHECK(show(Changes()
                 .remove(one_key, {"1", "a"})
                 .insert(one_key, {"1", "b"})
                 .remove(one_key, {"1", "b"})
                 .net()) == "t: -1,a");
  CHECK(show(Changes()
                 .update(one_key, {"1", "a"}, {"2", "a"})
                 .update(one_key, {"2", "a"}, {"3", "z"})
                 .net()) == "t: -1,a +3,z");
  CHECK(show(Changes()
                 .update(one_key, {"1", "a"}, {"2", "a"})
                 .update(one_key, {"2", "a"}, {"1", "z"})
                 .net()) == "t: 1,a>1,z");
}

TEST_CASE("net: keys that all move by one") {
  CHECK(show(Changes()
                 .update(one_key, {"3", "c"}, {"4", "c"})
                 .update(one_key, {"2", "b"}, {"3", "b"})
                 .update(one_key, {"1", "a"}, {"2", "a"})
                 .net()) == "t: -1,a 2,b>2,a 3,c>3,b +4,c");
}

TEST_CASE("net: a swap of keys by way of a third") {
  CHECK(show(Changes()
                 .update(one_key, {"1", "a"}, {"9", "a"})
                 .update(one_key, {"2", "b"}, {"1", "b"})
                 .update(one_key, {"9", "a"}, {"2", "a"})
                 .net()) == "t: 1,a>1,b 2,b>2,a");
}

TEST_CASE("net: a changed unique column is a delete and an insert") {
  CHECK(show(Changes().update(two_keys, {"1", "7", "a"}, {"1", "8", "a"}).net()) ==
        "u: -1,7,a +1,8,a");
  CHECK(show(Changes().update(two_keys, {"1", "7", "a"}, {"1", "7", "b"}).net()) ==
        "u: 1,7,a>1,7,b");
  CHECK(show(Changes().update(two_keys, {"1", "NULL", "a"}, {"1", "0", "a"}).net()) ==
        "u: -1,NULL,a +1,0,a");
  // a swap by way of NULL
  CHECK(show(Changes()
                 .update(two_keys, {"1", "7", "a"}, {"1", "NULL", "a"})
                 .update(two_keys, {"2", "8", "b"}, {"2", "7", "b"})
                 .update(two_keys, {"1", "NULL", "a"}, {"1", "8", "a"})
                 .net()) == "u: -1,7,a -2,8,b +1,8,a +2,7,b");
  // it went and came back
  CHECK(show(Changes()
                 .update(two_keys, {"1", "7", "a"}, {"1", "8", "a"})
                 .update(two_keys, {"1", "8", "a"}, {"1", "7", "b"})
                 .net()) == "u: 1,7,a>1,7,b");
}

TEST_CASE("net: tables without a key keep every change in order") {
  CHECK(show(Changes()
                 .insert(no_key, {"1", "1"})
                 .insert(no_key, {"1", "1"})
                 .update(no_key, {"1", "1"}, {"2", "2"})
                 .remove(no_key, {"1", "1"})
                 .net()) == "n: [>1,1] [>1,1] [1,1>2,2] [1,1>]");
}

TEST_CASE("net: tables do not mix") {
  CHECK(show(Changes()
                 .insert(one_key, {"1", "a"})
                 .insert(no_key, {"1", "1"})
                 .insert(two_keys, {"1", "1", "x"})
                 .remove(one_key, {"1", "a"})
                 .remove(two_keys, {"2", "2", "y"})
                 .net()) == "n: [>1,1]; t:; u: -2,2,y +1,1,x");
}

TEST_CASE("net: a group of transactions is folded as one") {
  std::vector<dts::Transaction> group;
  for (int i = 0; i < 3; ++i) {
    Changes one;
    one.update(one_key, {"1", std::to_string(i)}, {"1", std::to_string(i + 1)});
    group.push_back(std::move(one.transaction));
  }
  CHECK(show(dts::net_changes(group)) == "t: 1,0>1,3");
  CHECK(dts::net_changes({}).empty());
}

TEST_CASE("net: composite keys whose bytes run together") {
  CHECK(show(Changes()
                 .insert(wide_key, {"ab", "c", "1"})
                 .insert(wide_key, {"a", "bc", "2"})
                 .insert(wide_key, {"abc", "", "3"})
                 .insert(wide_key, {"", "abc", "4"})
                 .remove(wide_key, {"a", "bc", "2"})
                 .net()) == "w: +,abc,4 +ab,c,1 +abc,,3");
  const std::string eight("\x01\0\0\0\0\0\0\0", 8);  // looks like a length
  CHECK(show(Changes()
                 .insert(wide_key, {eight + "x", "y", "1"})
                 .remove(wide_key, {eight, "xy", "2"})
                 .net()) == "w: -" + eight + ",xy,2 +" + eight + "x,y,1");
}

TEST_CASE("net: composite keys are followed, many of them") {
  Changes many;
  for (int i = 0; i < 3000; ++i)
    many.insert(wide_key, {std::to_string(i), std::to_string(i % 7), "0"});
  for (int i = 0; i < 3000; i += 2)
    many.remove(wide_key, {std::to_string(i), std::to_string(i % 7), "0"});
  const auto net = many.net();
  REQUIRE(net.size() == 1);
  CHECK(net[0].inserts.size() == 1500);
  CHECK(net[0].deletes.empty());
}

TEST_CASE("net: many tables") {
  std::vector<dts::Table> tables;
  for (int i = 0; i < 50; ++i)
    tables.push_back(table("t" + std::to_string(i), {{"a"}, {"b"}}, {{0, 1}}));
  Changes all;
  for (int round = 0; round < 3; ++round)
    for (const auto& one : tables) all.insert(one, {std::to_string(round), "1"});
  const auto net = all.net();
  REQUIRE(net.size() == 50);
  for (const auto& one : net) CHECK(one.inserts.size() == 3);
}

TEST_CASE("net: with a unique key over an expression, every update is a delete and an insert") {
  dts::Table expression = one_key;
  expression.keys.push_back({"e", true, true, {}});
  expression.keys.back().functional = true;
  CHECK(show(Changes().update(expression, {"1", "a"}, {"1", "b"}).net()) == "t: -1,a +1,b");
  CHECK(show(Changes().update(expression, {"1", "a"}, {"1", "a"}).net()) == "t: 1,a>1,a");
  expression.keys.back().unique = false;
  CHECK(show(Changes().update(expression, {"1", "a"}, {"1", "b"}).net()) == "t: 1,a>1,b");
}

TEST_CASE("net: versions are rows of their own, and what vanished needs no delete") {
  dts::Table versions = table("v", {{"id"}, {"n"}, {"rs"}, {"re"}}, {{0, 3}});
  versions.kind = "SYSTEM VERSIONED";
  versions.columns[3].row_end = true;
  Changes changes;
  changes.update(versions, {"1", "5", "10", "max"}, {"1", "6", "20", "max"});
  changes.insert(versions, {"1", "5", "10", "20"});
  changes.update(versions, {"1", "6", "20", "max"}, {"1", "7", "30", "max"});
  changes.insert(versions, {"1", "6", "20", "30"});
  changes.remove(versions, {"1", "6", "20", "30"});
  CHECK(show(dts::net_changes({&changes.transaction, 1}, true)) ==
        "v: 1,5,10,max>1,7,30,max +1,5,10,20");
}

TEST_CASE("net: rows are in the order of their keys") {
  const auto text_key = table("x", {{"k", ColumnType::text, "utf8mb4"}, {"v"}}, {{0}});
  CHECK(show(Changes()
                 .insert(one_key, {"10", "a"})
                 .insert(one_key, {"9", "a"})
                 .insert(one_key, {"-9223372036854775808", "a"})
                 .insert(one_key, {"18446744073709551615", "a"})
                 .insert(one_key, {"-1", "a"})
                 .insert(text_key, {"b", "1"})
                 .insert(text_key, {"abc", "1"})
                 .insert(text_key, {"", "1"})
                 .net()) ==
        "t: +-9223372036854775808,a +-1,a +9,a +10,a +18446744073709551615,a; "
        "x: +,1 +abc,1 +b,1");
}
