#include "precheck/copy_estimate.hpp"

#include <doctest/doctest.h>

using namespace dts;

namespace {

Table table_of(std::uint64_t rows, std::uint64_t bytes, bool keyed = true) {
  Table table;
  table.name = {"shop", "orders"};
  table.rows_estimated = rows;
  table.bytes_estimated = bytes;
  Column column;
  column.name = "id";
  column.definition = "int(11)";
  column.type = ColumnType::integer;
  column.nullable = false;
  table.columns = {column};
  if (!keyed) return table;
  table.keys = {{"PRIMARY", true, false, {{0, std::nullopt}}}};
  table.row_key = 0;
  return table;
}

constexpr CopySpeed ten_mb{10e6, 0, 4};

}  // namespace

TEST_CASE("a table is cut into chunks of 8 MiB, and of 200,000 rows at most") {
  CHECK(estimate(table_of(0, 16384), ten_mb).chunks == 1);
  CHECK(estimate(table_of(1'000'000, 1'000'000'000), ten_mb).chunks == 1'000'000 / 8388 + 1);
  CHECK(estimate(table_of(1'000'000, 10'000'000), ten_mb).chunks == 6);
  CHECK(estimate(table_of(3, 300'000'000), ten_mb).chunks == 4);
  CHECK(estimate(table_of(1'000'000, 1'000'000'000, false), ten_mb).chunks == 1);
}

TEST_CASE("a table that is not cut has one worker") {
  const double all = estimate(table_of(1'000'000, 1'000'000'000), ten_mb).seconds;
  const double one = estimate(table_of(1'000'000, 1'000'000'000, false), ten_mb).seconds;
  CHECK(all > 100);
  CHECK(all < 101);
  CHECK(one > 400);
  CHECK(one < 401);
}

TEST_CASE("all tables together share the workers, and last as long as the longest") {
  const Table small = table_of(1'000'000, 1'000'000'000);
  CHECK(estimate({small, small}, ten_mb).seconds > 200);
  CHECK(estimate({small, small}, ten_mb).seconds < 202);
  CHECK(estimate({small, table_of(1'000'000, 1'000'000'000, false)}, ten_mb).seconds > 400);
  CHECK(estimate({small, small}, ten_mb).chunks == 2 * estimate(small, ten_mb).chunks);
}

TEST_CASE("tables of one snapshot are read one after the other") {
  Table child = table_of(1'000'000, 100'000'000);
  child.snapshot = "shop.child";
  const double one = estimate(child, ten_mb).seconds;
  CHECK(estimate({child, child, child}, ten_mb).seconds == doctest::Approx(3 * one));
}

TEST_CASE("limits of the job count where they are lower") {
  Job job;
  CHECK(copy_speed(job, 30).bytes_per_second == 30e6);
  job.data.mb_per_second = 50;
  CHECK(copy_speed(job, 30).bytes_per_second == 30e6);
  job.data.mb_per_second = 5;
  CHECK(copy_speed(job, 30).bytes_per_second == 5e6);
  job.data.rows_per_second = 100;
  CHECK(estimate(table_of(1'000'000, 1'000'000), copy_speed(job, 30)).seconds == 10'000);
}
