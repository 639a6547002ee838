#include "binlog/decoder.hpp"

#include <doctest/doctest.h>

#include "binlog/event_builder.hpp"
#include "catch_error.hpp"

using namespace events;
using namespace dts::event_type;
using Lines = std::vector<std::string>;

TEST_CASE("decoder: a transaction of one row") {
  Feed feed;
  feed.start();
  CHECK(feed.decoder.file() == "bin.000001");
  CHECK(feed.decoder.at_boundary());
  feed(feed.make.gtid(12, false, 3));
  CHECK_FALSE(feed.decoder.at_boundary());
  feed(feed.make.event(annotate_rows, "insert into t ..."));
  feed.map();
  feed.insert(-5, "five");
  CHECK(feed.got.empty());
  feed.make.timestamp = 1700000077;
  feed(feed.make.xid());
  CHECK(feed.decoder.at_boundary());
  REQUIRE(feed.got.size() == 1);
  const auto& got = feed.got[0];
  CHECK(std::get<dts::DomainGtid>(got.id.gtid) == dts::DomainGtid{3, 71, 12});
  CHECK(got.id.file == "bin.000001");
  CHECK(got.offset == feed.make.position);
  CHECK(got.timestamp == 1700000077);
  CHECK(got.first);
  CHECK(got.last);
  CHECK_FALSE(got.rolled_back);
  CHECK_FALSE(got.ddl);
  CHECK(show(got) == Lines{"+n:-5 t:five"});
  CHECK(got.changes[0].table == &feed.shapes.at({"db", "t"}));
  REQUIRE(feed.asked.size() == 1);
  CHECK(feed.asked[0] == got.id);
}

TEST_CASE("decoder: all kinds of row events, several rows each") {
  const auto one = pair(1, "a"), two = pair(2, "b");
  const std::vector<std::vector<std::uint8_t>> versions = {
      {write_rows_v1, update_rows_v1, delete_rows_v1},
      {write_rows, update_rows, delete_rows},
      {write_rows_compressed, update_rows_compressed, delete_rows_compressed}};
  for (const auto& types : versions) {
    CAPTURE(static_cast<int>(types[0]));
    Feed feed;
    feed.start();
    feed(feed.make.gtid(1));
    feed.map();
    feed(feed.make.rows(types[0], 9, 2, one + two));
    feed(feed.make.rows(types[1], 9, 2, one + two + two + one));
    feed(feed.make.rows(types[2], 9, 2, two + one));
    feed(feed.make.xid());
    REQUIRE(feed.got.size() == 1);
    CHECK(show(feed.got[0]) ==
          Lines{"+n:1 t:a", "+n:2 t:b", "n:1 t:a > n:2 t:b", "n:2 t:b > n:1 t:a", "-n:2 t:b",
                "-n:1 t:a"});
  }
}

TEST_CASE("decoder: NULLs, and more than eight columns") {
  Feed feed;
  auto& table = feed.shapes[{"db", "wide"}];
  table.name = {"db", "wide"};
  table.columns.resize(11);
  std::vector<MapColumn> columns(11, MapColumn{dts::binlog_type::tiny, ""});
  for (auto& column : table.columns) column.type = dts::ColumnType::integer;
  feed.start();
  feed(feed.make.gtid(1));
  feed(feed.make.table_map(4, "db", "wide", columns));
  feed(feed.make.rows(write_rows, 4, 11, hex("fe 03 01 0b")));
  feed(feed.make.rows(write_rows, 4, 11, hex("ff 07")));
  feed(feed.make.xid());
  CHECK(show(feed.got.at(0)) ==
        Lines{"+n:1 NULL NULL NULL NULL NULL NULL NULL NULL NULL n:11",
              "+NULL NULL NULL NULL NULL NULL NULL NULL NULL NULL NULL"});
}

// Of unique keys over long values, which MariaDB finds by hashes.
TEST_CASE("decoder: hidden columns behind the others are passed over") {
  Feed feed;
  auto& table = feed.shapes[{"db", "t"}];
  table.columns[1].bytes_max = 4000;
  table.keys = {{"id", true, false, {{0, {}}}}, {"long", true, true, {{1, {}}}},
                {"prefix", true, true, {{1, 10}}}, {"plain", false, true, {{1, {}}}}};
  const MapColumn hash{dts::binlog_type::longlong, ""};
  feed.start();
  feed(feed.make.gtid(1));
  feed(feed.make.table_map(4, "db", "t", {int_column, varchar_column, hash}));
  feed(feed.make.rows(write_rows, 4, 3, pair(7, "a") + le(99, 8)));
  feed(feed.make.rows(write_rows, 4, 3, hex("06") + le(8, 4)));
  feed(feed.make.xid());
  CHECK(show(feed.got.at(0)) == Lines{"+n:7 t:a", "+n:8 NULL"});

  const auto refused = [&](const std::vector<MapColumn>& columns,
                           const std::vector<std::string>& names = {}) {
    Feed other;
    other.shapes[{"db", "t"}] = table;
    other.start();
    other(other.make.gtid(1));
    CHECK_THROWS_AS(other(other.make.table_map(4, "db", "t", columns, names)), dts::Error);
  };
  refused({int_column, varchar_column, int_column});
  refused({int_column, varchar_column, hash, hash});
  refused({int_column, varchar_column, hash}, {"id", "name", "added"});
}

TEST_CASE("decoder: COMMIT as a query, and transactions without rows") {
  Feed feed;
  feed.start();
  feed(feed.make.gtid(1));
  feed(feed.make.query("BEGIN"));
  feed.map();
  feed.insert(1, "myisam");
  feed(feed.make.query("COMMIT"));
  feed(feed.make.gtid(2));
  feed(feed.make.query("COMMIT"));
  feed(feed.make.gtid(3, true));
  feed(feed.make.query("# a comment of the server's"));
  REQUIRE(feed.got.size() == 3);
  CHECK(show(feed.got[0]) == Lines{"+n:1 t:myisam"});
  CHECK(feed.got[1].changes.empty());
  CHECK(feed.sequence(2) == 3);
  CHECK(feed.decoder.at_boundary());
}

TEST_CASE("decoder: a large transaction comes in pieces") {
  Feed feed(8192);
  feed.start();
  feed(feed.make.gtid(5));
  feed.map();
  const std::string text(40, 'x');
  for (int i = 0; i < 1000; ++i) feed.insert(i, text);
  feed(feed.make.xid());
  REQUIRE(feed.got.size() > 3);
  int next = 0;
  for (std::size_t i = 0; i < feed.got.size(); ++i) {
    const auto& piece = feed.got[i];
    CHECK(piece.first == (i == 0));
    CHECK(piece.last == (i + 1 == feed.got.size()));
    CHECK(feed.sequence(i) == 5);
    CHECK(piece.bytes() < 65536);
    for (const auto& change : piece.changes) {
      CHECK(show(change) == "+n:" + std::to_string(next) + " t:" + text);
      ++next;
    }
  }
  CHECK(next == 1000);

  SUBCASE("and is undone in the last of them") {
    feed.got.clear();
    feed(feed.make.gtid(6));
    feed.map();
    for (int i = 0; i < 500; ++i) feed.insert(i, text);
    feed(feed.make.query("ROLLBACK"));
    REQUIRE(feed.got.size() > 1);
    CHECK(feed.got.back().rolled_back);
    CHECK(feed.got.back().last);
    CHECK(feed.got.back().changes.empty());
    CHECK_FALSE(feed.got.front().rolled_back);
  }
  SUBCASE("savepoints of earlier pieces stop it") {
    feed(feed.make.gtid(6));
    feed.map();
    feed(feed.make.query("SAVEPOINT s"));
    for (int i = 0; i < 500; ++i) feed.insert(i, text);
    const auto error = catch_error([&] { feed(feed.make.query("ROLLBACK TO s")); });
    CHECK(std::string(error.what()).find("ROLLBACK TO s") != std::string::npos);
  }
}

TEST_CASE("decoder: tables that are not selected are passed over") {
  Feed feed;
  feed.start();
  feed(feed.make.gtid(5));
  feed.map(1, "unknown");
  feed.map(2, "t");
  feed(feed.make.rows(write_rows_v1, 1, 2, "not even rows"));
  feed.insert(7, "kept", 2);
  feed(feed.make.rows(write_rows_v1, 0xffffff, 2, "dummy: end of statement"));
  feed(feed.make.xid());
  CHECK(show(feed.got.at(0)) == Lines{"+n:7 t:kept"});
}

TEST_CASE("decoder: a table is looked up for each map; a new shape after forget_shapes()") {
  Feed feed;
  feed.start();
  for (std::uint64_t i = 1; i <= 2; ++i) {
    feed(feed.make.gtid(i));
    feed.map();
    feed.insert(1, "a");
    feed(feed.make.xid());
  }
  REQUIRE(feed.asked.size() == 2);
  CHECK(std::get<dts::DomainGtid>(feed.asked[1].gtid).sequence == 2);
  feed.decoder.forget_shapes();
  auto& table = feed.shapes.at({"db", "t"});
  table.columns.resize(1);
  feed(feed.make.gtid(3));
  feed(feed.make.table_map(9, "db", "t", {int_column}));
  feed(feed.make.rows(write_rows, 9, 1, hex("00 05000000")));
  feed(feed.make.xid());
  CHECK(show(feed.got.back()) == Lines{"+n:5"});
}

TEST_CASE("decoder: positions") {
  Feed feed;
  constexpr std::uint64_t four_gib = std::uint64_t{1} << 32;
  SUBCASE("over 4 GiB, given by the rotation") {
    feed.start(four_gib + 1000);
    feed(feed.make.gtid(1));
    feed(feed.make.xid());
    CHECK(feed.got.at(0).offset == feed.make.position);
    CHECK(feed.got.at(0).offset > four_gib + 1000);
  }
  SUBCASE("grow over 4 GiB, once and again") {
    feed.start(four_gib - 60);
    for (std::uint64_t i = 1; i <= 3; ++i) {
      feed(feed.make.gtid(i));
      feed(feed.make.xid());
      CHECK(feed.got.back().offset == feed.make.position);
      if (i == 1) CHECK(feed.make.position > four_gib);
      if (i == 2) {
        feed(feed.make.rotate("bin.000001", 2 * four_gib - 10, true));
      }
    }
    CHECK(feed.got.back().offset > 2 * four_gib);
  }
  SUBCASE("log_pos 0 counts by size") {
    feed.start(500);
    feed(feed.make.gtid(1));
    feed(feed.make.event(xid, le(1, 8), 0, 0));
    CHECK(feed.got.at(0).offset == feed.make.position);
  }
  SUBCASE("a rotation names the next file") {
    feed.start();
    feed(feed.make.rotate("bin.000002", 4));
    feed(feed.make.rotate("bin.000002", 4, true));
    feed(feed.make.format());
    CHECK(feed.decoder.file() == "bin.000002");
    CHECK(feed.decoder.offset() == 4);
  }
  SUBCASE("a heartbeat moves it over what the source left out, forward only") {
    feed.start(500);
    const auto before = feed.decoder.offset();
    feed(feed.make.event(heartbeat, "bin.000002", 0, 99999));
    feed(feed.make.event(heartbeat, "bin.000001", 0, 400));
    feed(feed.make.event(gtid_list, le(0, 4), Builder::artificial));
    CHECK(feed.decoder.offset() == before);
    feed(feed.make.gtid(1));
    const auto inside = feed.decoder.offset();
    feed(feed.make.event(heartbeat, "bin.000001", 0, 99999));
    CHECK(feed.decoder.offset() == inside);
    feed(feed.make.xid());
    feed(feed.make.event(heartbeat, "bin.000001", 0, 99999));
    CHECK(feed.decoder.offset() == 99999);
  }
}

TEST_CASE("decoder: transactions that are left out on request") {
  Feed feed;
  feed.decoder.skip(dts::Position{{{0, 71, 2}, {0, 71, 4}, {0, 71, 6}, {1, 71, 7}}});
  feed.start();
  for (std::uint64_t i : {1, 2}) {
    feed(feed.make.gtid(i));
    feed.map();
    if (i == 2) {
      feed(feed.make.query("UPDATE t SET a = 1"));  // would stop
      feed(feed.make.query("SAVEPOINT s"));
      feed(feed.make.query_compressed("UPDATE t SET a = 2"));
      feed(feed.make.rows(write_rows, 9, 2, "broken"));
    } else {
      feed.insert(1, "a");
    }
    feed(feed.make.xid());
  }
  feed(feed.make.gtid(4, true));
  feed(feed.make.query("ALTER TABLE t ADD x INT"));
  feed(feed.make.gtid(5, true));
  feed(feed.make.query("ALTER TABLE t ADD y INT"));
  feed(feed.make.gtid(6));
  feed.map();
  feed.insert(1, "a");
  feed(feed.make.rotate("bin.000002", 4));
  feed(feed.make.query("ROLLBACK"));
  feed(feed.make.gtid(7));  // of another domain than the one to skip
  feed.map();
  feed.insert(7, "g");
  feed(feed.make.query("COMMIT"));
  REQUIRE(feed.got.size() == 6);
  const auto left_out = [&](std::size_t i) {
    const auto& got = feed.got[i];
    return got.skipped_kind == "transaction" && got.changes.empty() && !got.ddl && got.first &&
           got.last;
  };
  CHECK(show(feed.got[0]) == Lines{"+n:1 t:a"});
  CHECK(left_out(1));
  CHECK(left_out(2));
  CHECK(feed.got[3].ddl);
  CHECK(left_out(4));
  CHECK(feed.got[4].id.file == "bin.000002");
  CHECK(show(feed.got[5]) == Lines{"+n:7 t:g"});
  CHECK(feed.sequence(1) == 2);
  CHECK(feed.decoder.at_boundary());
}

TEST_CASE("decoder: events without data are passed over") {
  Feed feed;
  feed.start();
  for (std::uint8_t type :
       {stop, intvar, dts::event_type::rand, user_var, ignorable, rows_query, previous_gtids,
        annotate_rows, binlog_checkpoint, gtid_list, start_encryption})
    feed(feed.make.event(type, "x"));
  feed(feed.make.query("# dummy"));
  CHECK(feed.got.empty());
}

TEST_CASE("decoder: a log without checksums") {
  Feed feed;
  feed(feed.make.rotate("bin.000001", 4, true));
  feed(feed.make.format(false));
  feed(feed.make.gtid(5));
  feed.map();
  feed.insert(1, "a");
  feed(feed.make.xid());
  CHECK(show(feed.got.at(0)) == Lines{"+n:1 t:a"});
  feed(feed.make.format(true));  // the next file has them again
  feed(feed.make.gtid(6));
  feed(feed.make.xid());
  CHECK(feed.got.size() == 2);
}
