#include "copy/chunk.hpp"

#include <doctest/doctest.h>

#include "apply/changes.hpp"

using changes::table;
using dts::Chunk;
using dts::ColumnType;
using dts::KeyBound;

namespace {

std::string condition(const dts::Table& table, const KeyBound& after, const KeyBound& upto) {
  return dts::chunk_condition(table, Chunk{0, 0, after, upto, false}).text();
}

}  // namespace

TEST_CASE("chunk: conditions of a key of one column") {
  const auto one = table("t", {{"v"}, {"i`d"}}, {{1}});
  CHECK(condition(one, {}, {}).empty());
  CHECK(condition(one, {"1"}, {}) == "`i``d` > 1");
  CHECK(condition(one, {}, {"9"}) == "`i``d` <= 9");
  CHECK(condition(one, {"1"}, {"9"}) == "`i``d` > 1 AND `i``d` <= 9");
}

TEST_CASE("chunk: conditions of a key of two columns") {
  const auto two = table("t", {{"a"}, {"b"}, {"v"}}, {{0, 1}});
  CHECK(condition(two, {"1", "x'41'"}, {}) ==
        "`a` >= 1 AND (`a` > 1 OR (`a` = 1 AND `b` > x'41'))");
  CHECK(condition(two, {}, {"1", "2"}) == "`a` <= 1 AND (`a` < 1 OR (`a` = 1 AND `b` <= 2))");
  CHECK(condition(two, {"1", "2"}, {"3", "4"}) ==
        "`a` >= 1 AND (`a` > 1 OR (`a` = 1 AND `b` > 2)) AND "
        "`a` <= 3 AND (`a` < 3 OR (`a` = 3 AND `b` <= 4))");
}

TEST_CASE("chunk: conditions of a key of three columns, in the order of the key") {
  const auto three = table("t", {{"a"}, {"b"}, {"c"}}, {{2, 0, 1}});
  CHECK(condition(three, {"1", "2", "3"}, {}) ==
        "`c` >= 1 AND (`c` > 1 OR (`c` = 1 AND (`a` > 2 OR (`a` = 2 AND `b` > 3))))");
  CHECK(condition(three, {}, {"1", "2", "3"}) ==
        "`c` <= 1 AND (`c` < 1 OR (`c` = 1 AND (`a` < 2 OR (`a` = 2 AND `b` <= 3))))");
}

TEST_CASE("chunk: an ENUM in a key is ordered by its ordinals") {
  auto two = table("t", {{"e", ColumnType::enum_}, {"b"}}, {{0, 1}});
  CHECK_FALSE(dts::is_splittable(two));  // of unknown members
  two.columns[0].definition = "enum('z','it''s','')";
  CHECK(dts::is_splittable(two));
  CHECK(condition(two, {"2", "5"}, {}) ==
        "`e` IN (2,3) AND (`e` IN (3) OR (`e` = 2 AND `b` > 5))");
  CHECK(condition(two, {}, {"2", "5"}) ==
        "`e` IN (0,1,2) AND (`e` IN (0,1) OR (`e` = 2 AND `b` <= 5))");
  CHECK(condition(two, {"3", "5"}, {}) == "`e` IN (3) AND (1 = 0 OR (`e` = 3 AND `b` > 5))");
  CHECK(condition(two, {}, {"0", "5"}) == "`e` IN (0) AND (1 = 0 OR (`e` = 0 AND `b` <= 5))");
}

TEST_CASE("chunk: a SET in a key is ordered by its bits") {
  auto two = table("t", {{"s", ColumnType::set}, {"b"}}, {{0, 1}});
  two.columns[0].definition = "set('x','y','z')";
  CHECK(dts::is_splittable(two));
  CHECK(condition(two, {"5", "1"}, {}) == "`s` IN (5,6,7) AND (`s` IN (6,7) OR (`s` = 5 AND `b` > 1))");
  CHECK(condition(two, {}, {"0", "1"}) == "`s` IN (0) AND (1 = 0 OR (`s` = 0 AND `b` <= 1))");
  two.columns[0].definition = "set('1','2','3','4','5','6','7','8','9','a','b')";
  CHECK_FALSE(dts::is_splittable(two));  // the lists would be too long
}

TEST_CASE("chunk: which tables can be cut") {
  CHECK_FALSE(dts::is_splittable(table("t", {{"a"}}, {})));
  for (auto type : {ColumnType::integer, ColumnType::decimal, ColumnType::year, ColumnType::date,
                    ColumnType::time, ColumnType::datetime, ColumnType::timestamp,
                    ColumnType::text, ColumnType::binary, ColumnType::bytes, ColumnType::float_,
                    ColumnType::double_, ColumnType::bit, ColumnType::uuid, ColumnType::inet4,
                    ColumnType::inet6})
    CHECK(dts::is_splittable(table("t", {{"a", type}, {"b"}}, {{0, 1}})));
  for (auto type : {ColumnType::set, ColumnType::json, ColumnType::geometry, ColumnType::vector,
                    ColumnType::unknown}) {
    CHECK_FALSE(dts::is_splittable(table("t", {{"a"}, {"b", type}}, {{0, 1}})));
    CHECK(dts::is_splittable(table("t", {{"a"}, {"b", type}}, {{0}, {1}})));
  }
}

TEST_CASE("chunk: how columns are selected") {
  const auto expression = [](ColumnType type) {
    return dts::column_expression(table("t", {{"a`b", type}}, {}).columns[0]).text();
  };
  CHECK(expression(ColumnType::integer) == "`a``b`");
  CHECK(expression(ColumnType::text) == "`a``b`");
  CHECK(expression(ColumnType::set) == "CAST(`a``b` AS UNSIGNED)");
  CHECK(expression(ColumnType::float_) == "`a``b` * 1e0");
  CHECK(expression(ColumnType::double_) == "`a``b` * 1e0");
  CHECK(expression(ColumnType::enum_) == "`a``b` + 0");
  CHECK(expression(ColumnType::uuid) == "CAST(`a``b` AS BINARY(16))");
  CHECK(expression(ColumnType::inet6) == "CAST(`a``b` AS BINARY(16))");
  CHECK(expression(ColumnType::inet4) == "CAST(`a``b` AS BINARY(4))");
}

TEST_CASE("chunk: a plan counts and keeps what was copied before") {
  dts::TableProgress done, half;
  done.done = true;
  half.copied_through = {"5"};
  half.rows = 10;
  const dts::Objects objects;
  const dts::Mapping mapping(objects, 0);
  dts::ChunkPlan plan({dts::map_table(table("a", {{"id"}}, {{0}}), mapping),
                       dts::map_table(table("b", {{"id"}}, {{0}}), mapping)},
                      {done, half}, dts::chunk_size);
  CHECK(plan.table(1).source.name.table == "b");
  plan.count(1, 3, 100);
  const auto progress = plan.progress();
  REQUIRE(progress.size() == 2);
  CHECK(progress[0].done);
  CHECK_FALSE(progress[1].done);
  CHECK(progress[1].rows == 13);
  CHECK(progress[1].bytes == 100);
  CHECK(progress[1].copied_through == KeyBound{"5"});
}

TEST_CASE("chunk: the job's limits are shared by its workers") {
  dts::DataOptions limits;
  limits.workers = 4;
  CHECK(dts::limited(dts::chunk_size, limits).rows == dts::chunk_size.rows);
  limits.rows_per_second = 1500;
  limits.mb_per_second = 1;
  CHECK(dts::limited(dts::chunk_size, limits).rows == 375);
  CHECK(dts::limited(dts::chunk_size, limits).bytes == 250'000);
  limits.rows_per_second = 1;
  CHECK(dts::limited(dts::chunk_size, limits).rows == 1);
}
