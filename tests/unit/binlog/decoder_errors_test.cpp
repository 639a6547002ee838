#include <doctest/doctest.h>

#include "binlog/decoder.hpp"
#include "binlog/event_builder.hpp"
#include "catch_error.hpp"

using namespace events;
using namespace dts::event_type;

namespace {

/// What the decoder says about an event; it must stop there.
std::string stopped(Feed& feed, const std::string& event) {
  const auto error = catch_error([&] { feed(event); });
  CHECK(error.kind() == dts::ErrorKind::source);
  return error.what();
}

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("decoder stops at a statement that changed data") {
  for (const std::string& statement : std::vector<std::string>
       {"UPDATE t SET a = 1", "insert into t values (1)", "/* c */ DELETE FROM t",
        "REPLACE INTO t VALUES (1)", "LOAD DATA INFILE 'x' INTO TABLE t", "CALL p()", "DO f()",
        "WITH x AS (SELECT 1) DELETE FROM t", "(SELECT 1)", "SELECT f()", "BINLOG 'x'"}) {
    CAPTURE(statement);
    Feed feed;
    feed.start();
    feed(feed.make.gtid(77));
    const std::string text = stopped(feed, feed.make.query(statement));
    CHECK(has(text, statement));
    CHECK(has(text, "0-71-77"));
    CHECK(has(text, "bin.000001:"));
  }
}

TEST_CASE("decoder shortens long statements in messages") {
  Feed feed;
  feed.start();
  feed(feed.make.gtid(77));
  CHECK(stopped(feed, feed.make.query("UPDATE t SET a = '" + std::string(9000, 'x'))).size() < 700);
}

TEST_CASE("decoder stops at a row image that is not complete") {
  for (std::uint8_t type : {write_rows_v1, delete_rows, update_rows, update_rows_v1}) {
    Feed feed;
    feed.start();
    feed(feed.make.gtid(1));
    feed.map();
    const bool update = type == update_rows || type == update_rows_v1;
    std::vector<std::string> incomplete = {"\x01"};
    if (update) incomplete = {"\x01\x03", "\x03\x02"};
    for (const auto& present : incomplete)
      CHECK(has(stopped(feed, feed.make.rows(type, 9, 2, "", present)), "not complete"));
  }
}

TEST_CASE("decoder stops at an unknown event unless it may be ignored") {
  Feed feed;
  feed.start();
  for (std::uint8_t type : {43, 99, 159, 169, 172, 255, 0, 1}) {
    CAPTURE(static_cast<int>(type));
    CHECK(has(stopped(feed, feed.make.event(type, "whatever")),
              "unknown event type " + std::to_string(type)));
    CHECK_NOTHROW(feed(feed.make.event(type, "whatever", Builder::ignorable)));
  }
}

TEST_CASE("decoder stops at an incident and at an XA PREPARE without its start") {
  Feed feed;
  feed.start();
  CHECK(has(stopped(feed, feed.make.event(incident, le(1, 2) + "\0")), "incident"));
  feed(feed.make.gtid(2));
  feed.map();
  feed.insert(1, "a");
  CHECK(has(stopped(feed, feed.make.event(xa_prepare, le(0, 1))), "0-71-2"));
}

TEST_CASE("decoder stops at LOAD DATA logged as a statement") {
  for (std::uint8_t type : {append_block, delete_file, begin_load_query, execute_load_query}) {
    Feed feed;
    feed.start();
    feed(feed.make.gtid(2));
    CHECK(has(stopped(feed, feed.make.event(type, "whatever")), "LOAD DATA"));
  }
}

TEST_CASE("decoder stops at a wrong checksum") {
  Feed feed;
  feed.start();
  auto event = feed.make.gtid(1);
  for (std::size_t at : {std::size_t{0}, event.size() - 6, event.size() - 1}) {
    auto broken = event;
    broken[at] = static_cast<char>(broken[at] ^ 1);
    CHECK(has(stopped(feed, broken), "checksum"));
  }
  auto format = feed.make.format();
  format[70] = 'x';
  CHECK(has(stopped(feed, format), "checksum"));
  feed(event);
}

TEST_CASE("decoder checks the first rotation, too") {
  Feed feed;
  auto event = feed.make.rotate("bin.000001", 4, true);
  event[25] = 'x';
  CHECK(has(stopped(feed, event), "checksum"));
}

TEST_CASE("decoder stops at events of the wrong size") {
  Feed feed;
  feed.start();
  CHECK(has(stopped(feed, ""), "too short"));
  CHECK(has(stopped(feed, "1234567890"), "too short"));
  auto event = feed.make.gtid(1);
  CHECK(has(stopped(feed, event + "x"), "wrong size"));
  CHECK(has(stopped(feed, event.substr(0, event.size() - 1)), "wrong size"));
  std::string header = event.substr(0, 19);
  header.replace(9, 4, le(19, 4));
  CHECK(has(stopped(feed, header), "too short"));
}

TEST_CASE("decoder stops at a format that it does not know") {
  Feed feed;
  CHECK(has(stopped(feed, feed.make.format(true, 3)), "version"));
  CHECK(has(stopped(feed, feed.make.format(true, 4, 13)), "odd size"));
}

TEST_CASE("decoder stops at servers before MySQL 5.6, which have no checksums") {
  const auto format_of = [](std::string version) {
    std::string event = Builder{}.format();
    version.resize(50);
    event.replace(21, version.size(), version);
    return event;
  };
  for (const char* version : {"5.1.37-log", "5.5.62", "4.1.22", "5.0.96"}) {
    Feed feed;
    CHECK(has(stopped(feed, format_of(version)), "before 5.6"));
    CHECK(has(stopped(feed, format_of(version)), version));
  }
  for (const char* version : {"5.6.24-log", "5.7.44", "8.0.40", "9.7.4", "5.5.5-10.5.1-MariaDB"}) {
    Feed feed;
    auto event = format_of(version);
    fix_crc(event);
    CHECK_NOTHROW(feed(event));
  }
}

TEST_CASE("decoder stops at rows without columns, which would have no end") {
  Feed feed;
  feed.start();
  feed.shapes[{"db", "none"}] = dts::Table{};
  feed(feed.make.gtid(1));
  feed(feed.make.table_map(8, "db", "none", {}));
  CHECK(has(stopped(feed, feed.make.rows(write_rows_v1, 8, 0, "x")), "wrong number of columns"));
}

TEST_CASE("decoder stops where transactions do not fit together") {
  Feed feed;
  feed.start();
  CHECK(has(stopped(feed, feed.make.xid()), "without a transaction"));
  CHECK(has(stopped(feed, feed.make.query("ALTER TABLE t ADD x INT")), "no GTID"));
  CHECK(has(stopped(feed, feed.make.query("BEGIN")), "no GTID"));
  feed(feed.make.gtid(1));
  CHECK(has(stopped(feed, feed.make.gtid(2)), "inside another"));
  CHECK(has(stopped(feed, feed.make.rows(write_rows, 55, 2, pair(1, "a"))), "without a table"));
}

// They would be thrown away by the next GTID, silently.
TEST_CASE("decoder stops at rows outside a transaction") {
  Feed feed;
  feed.start();
  feed.map();
  CHECK_THROWS_AS(feed.insert(1, "a"), dts::Error);
}

TEST_CASE("decoder stops at a shape that does not fit") {
  const MapColumn big{dts::binlog_type::longlong, ""};
  auto mismatch = [](const std::vector<MapColumn>& columns, std::vector<std::string> names = {}) {
    Feed feed;
    feed.start();
    feed(feed.make.gtid(1));
    return stopped(feed, feed.make.table_map(9, "db", "t", columns, names));
  };
  CHECK(has(mismatch({int_column}), "the event has 1 columns, the kept shape 2"));
  CHECK(has(mismatch({int_column, varchar_column, big}), "3 columns"));
  CHECK(has(mismatch({varchar_column, int_column}), "column 'id'"));
  CHECK(has(mismatch({int_column, {dts::binlog_type::double_, le(8, 1)}}), "column 'name'"));
  CHECK(has(mismatch({int_column, {200, ""}}), "binlog type 200"));
  CHECK(has(mismatch({int_column, varchar_column}, {"id", "title"}), "'title'"));
  CHECK(has(mismatch({int_column, varchar_column}, {"nr", "name"}), "'nr'"));

  Feed feed;
  feed.start();
  feed(feed.make.gtid(1));
  CHECK_NOTHROW(feed(feed.make.table_map(9, "db", "t", {big, varchar_column}, {"id", "name"})));
  feed.make.signs = 0x80;
  CHECK(has(stopped(feed, feed.make.table_map(9, "db", "t", {big, varchar_column}, {"id", "name"})),
            "the other sign"));
}

TEST_CASE("decoder stops at another number of columns in the rows") {
  Feed feed;
  feed.start();
  feed(feed.make.gtid(1));
  feed.map();
  CHECK(has(stopped(feed, feed.make.rows(write_rows, 9, 3, pair(1, "a"))), "number of columns"));
}

TEST_CASE("decoder stops at rows that are cut off") {
  Feed feed;
  feed.start();
  feed(feed.make.gtid(1));
  feed.map();
  const auto whole = pair(1, "abc");
  for (std::size_t size = 1; size < whole.size(); ++size)
    CHECK(has(stopped(feed, feed.make.rows(write_rows, 9, 2, whole.substr(0, size))), "shorter"));
}

TEST_CASE("decoder stops at damaged compressed events") {
  Feed feed;
  feed.start();
  feed(feed.make.gtid(1));
  feed.map();
  const auto good = compressed(pair(1, "abc"));
  auto rows = [&](const std::string& data) {
    return feed.make.event(write_rows_compressed,
                           le(9, 6) + le(1, 2) + length(2) + "\x03" + data);
  };
  CHECK_NOTHROW(feed(rows(good)));
  for (const std::string& bad :
       {std::string(""), "\x01" + good.substr(1), "\x91" + good.substr(1), "\x87" + good.substr(1),
        good.substr(0, good.size() - 3), good.substr(0, 1) + "\xff" + good.substr(2),
        good.substr(0, 1) + "\x02" + good.substr(2), good.substr(0, 4) + "xxxx" + good.substr(8)})
    CHECK_THROWS_AS(feed(rows(bad)), dts::Error);
}

// (count + 7) / 8 wraps around to 0.
TEST_CASE("decoder stops at an absurd number of columns in the rows") {
  Feed feed;
  feed.start();
  feed(feed.make.gtid(1));
  feed.map();
  CHECK_THROWS_AS(feed(feed.make.event(write_rows_v1, le(9, 6) + le(1, 2) + "\xfe" +
                                                          std::string(8, '\xff'))),
                  dts::Error);
}

TEST_CASE("decoder stops at a wrong shape every time") {
  Feed feed;
  feed.start();
  feed(feed.make.gtid(1));
  const auto wrong = feed.make.table_map(9, "db", "t", {int_column, varchar_column, int_column});
  CHECK_THROWS_AS(feed(wrong), dts::Error);
  CHECK_THROWS_AS(feed(wrong), dts::Error);
}

TEST_CASE("the sum of a format event counts only where the file has sums") {
  Feed feed;
  auto format = feed.make.format(false);
  format[60] = 'x';  // as MySQL leaves it when it begins inside a file
  CHECK_NOTHROW(feed(format));
}
