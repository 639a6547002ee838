#include "apply/lanes.hpp"

#include <doctest/doctest.h>

#include <memory>
#include <set>

#include "changes.hpp"

using namespace changes;

namespace {

struct Values {
  std::vector<dts::Value> all;
  explicit Values(std::initializer_list<std::string_view> texts) {
    for (const std::string_view text : texts) all.push_back({dts::ValueKind::text, text});
  }
  dts::Row row() const { return all; }
};

dts::Table with_collation(const std::string& name, const std::string& collation) {
  dts::Table made = table(name, {{"k", dts::ColumnType::text, "utf8mb4"}, {"v"}}, {{0}});
  made.columns[0].collation = collation;
  return made;
}

}  // namespace

TEST_CASE("rows of a table go to many lanes, and each always to the same") {
  const dts::LaneRules rules({});
  const dts::Table t = table("t", {{"id"}, {"v"}}, {{0}});
  std::set<unsigned> used;
  for (int i = 0; i < 1000; ++i) {
    const std::string id = std::to_string(i * 128);
    const Values row{id, "x"}, other{id, "y"};
    used.insert(rules.lane(t, row.row()));
    CHECK(rules.lane(t, row.row()) == rules.lane(t, other.row()));
  }
  CHECK(used.size() == dts::lane_count);
}

TEST_CASE("rows with neighbouring numbers as keys share a lane, also below 0") {
  const dts::LaneRules rules({});
  const dts::Table t = table("t", {{"id"}, {"v"}}, {{0}});
  const auto lane = [&](const char* id) { return rules.lane(t, Values{id, ""}.row()); };
  CHECK(lane("0") == lane("127"));
  CHECK(lane("-128") == lane("-1"));
  CHECK(lane("-1") != lane("0"));
  CHECK(lane("127") != lane("128"));
  CHECK(lane("18446744073709551615") != lane("18446744073709551614"));
}

TEST_CASE("lanes are persistent: what one has applied is remembered on the target") {
  const dts::LaneRules rules({});
  const dts::Table t = table("t", {{"id"}, {"v"}}, {{0}}), keyless = table("log", {{"v"}}, {});
  CHECK(rules.lane(t, Values{"1", ""}.row()) == 4);
  CHECK(rules.lane(t, Values{"4711", ""}.row()) == 19);
  CHECK(rules.lane(keyless, Values{"4711"}.row()) == 62);
  CHECK(rules.rules() == "2-0000000000000000");
}

TEST_CASE("a table is one lane where rows may meet by more than the bytes of one key") {
  const auto lanes_of = [](const dts::Table& t) {
    const dts::LaneRules rules({});
    std::set<unsigned> used;
    for (int i = 0; i < 200; ++i) {
      const std::string id = std::to_string(i);
      used.insert(rules.lane(t, Values{id, id}.row()));
    }
    return used.size();
  };
  CHECK(lanes_of(table("plain", {{"a"}, {"b"}}, {{0}})) > 1);
  CHECK(lanes_of(table("composite", {{"a"}, {"b"}}, {{0, 1}})) > 1);
  CHECK(lanes_of(table("keyless", {{"a"}, {"b"}}, {})) == 1);
  CHECK(lanes_of(table("two_unique", {{"a"}, {"b"}}, {{0}, {1}})) == 1);
  CHECK(lanes_of(table("real", {{"a", dts::ColumnType::double_}, {"b"}}, {{0}})) == 1);
  CHECK(lanes_of(with_collation("ci", "utf8mb4_general_ci")) == 1);
  CHECK(lanes_of(with_collation("bin", "utf8mb4_bin")) > 1);
  dts::Table versioned = table("versioned", {{"a"}, {"b"}}, {{0}});
  versioned.kind = "SYSTEM VERSIONED";
  CHECK(lanes_of(versioned) == 1);
}

TEST_CASE("texts that differ by spaces at their end are one key") {
  const dts::LaneRules rules({});
  const dts::Table t = with_collation("bin", "utf8mb4_bin");
  for (const char* text : {"a", "b", "c", "", "x y"})
    CHECK(rules.lane(t, Values{text, ""}.row()) ==
          rules.lane(t, Values{std::string(text) + "  ", ""}.row()));
}

TEST_CASE("tables tied by foreign keys share a lane, however they are listed") {
  const dts::TableName a{"db", "a"}, b{"db", "b"}, c{"db", "c"}, d{"db", "d"}, e{"db", "e"};
  const dts::LaneRules rules({{a, b}, {c, d}, {b, c}}), again({{b, c}, {c, d}, {a, b}});
  std::set<unsigned> used;
  std::vector<std::unique_ptr<dts::Table>> tables;
  for (const char* name : {"a", "b", "c", "d"})
    for (const char* id : {"1", "2", "3"}) {
      tables.push_back(std::make_unique<dts::Table>(table(name, {{"id"}}, {{0}})));
      used.insert(rules.lane(*tables.back(), Values{id}.row()));
      used.insert(again.lane(*tables.back(), Values{id}.row()));
    }
  CHECK(used.size() == 1);
  CHECK(rules.rules() == again.rules());
  CHECK(rules.rules() != dts::LaneRules({{a, b}, {c, d}}).rules());
  // A table that refers to itself is one lane, too.
  const dts::LaneRules self({{e, e}});
  const dts::Table t = table("e", {{"id"}}, {{0}});
  CHECK(self.lane(t, Values{"1"}.row()) == self.lane(t, Values{"2"}.row()));
  CHECK(self.rules() != rules.rules());
}

TEST_CASE("of transactions that are read again only what a lane has not applied is left") {
  const dts::LaneRules rules({});
  const dts::Table t = table("t", {{"id"}, {"v"}}, {{0}});
  const Values one{"1", "a"}, two{"1001", "a"}, three{"2002", "a"};
  const unsigned lane1 = rules.lane(t, one.row()), lane2 = rules.lane(t, two.row());
  REQUIRE(lane1 != lane2);
  REQUIRE(lane1 != rules.lane(t, three.row()));
  std::vector<dts::Transaction> group(2);
  for (std::uint64_t i = 0; i < 2; ++i) {
    group[i].id.gtid = dts::DomainGtid{0, 1, 10 + i};
    group[i].changes = {{dts::ChangeKind::insert, &t, {}, one.row()},
                        {dts::ChangeKind::remove, &t, two.row(), {}},
                        {dts::ChangeKind::update, &t, one.row(), two.row()},
                        {dts::ChangeKind::update, &t, two.row(), one.row()}};
  }
  const std::vector<dts::LanePosition> applied = {
      {0, std::uint64_t{1} << lane1, 1, "", dts::parse_gtids("0-1-10")}};
  dts::leave_out_applied(group, applied, rules);
  // Of the first transaction, what happens to row 2 is left: deleted, inserted, deleted.
  REQUIRE(group[0].changes.size() == 3);
  CHECK(group[0].changes[0].kind == dts::ChangeKind::remove);
  CHECK(group[0].changes[1].kind == dts::ChangeKind::insert);
  CHECK(group[0].changes[1].after.data() == two.row().data());
  CHECK(group[0].changes[2].kind == dts::ChangeKind::remove);
  CHECK(group[0].changes[2].before.data() == two.row().data());
  CHECK(group[1].changes.size() == 4);
}
