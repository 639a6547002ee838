#include "dts/position.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <limits>
#include <random>

#include "catch_error.hpp"

using dts::contains;
using dts::DomainGtid;
using dts::parse_gtids;
using dts::parse_position;
using dts::Position;

TEST_CASE("GTID lists are read and printed") {
  const auto position = parse_position("7-2-9,0-1-5");
  CHECK(position.gtids == std::vector<DomainGtid>{{0, 1, 5}, {7, 2, 9}});
  CHECK(to_string(position) == "0-1-5,7-2-9");
  CHECK(gtid_text(position) == "0-1-5,7-2-9");
  CHECK(parse_position(" 0-1-5 ,\n7-2-9\n") == position);
  CHECK(parse_gtids("").empty());
  CHECK(parse_gtids(" \n").empty());
  CHECK(parse_gtids("4294967295-4294967295-18446744073709551615") ==
        std::vector<DomainGtid>{{4294967295u, 4294967295u, 18446744073709551615u}});
}

TEST_CASE("file positions are read and printed") {
  const auto position = parse_position("mysql-bin.000003:4711");
  CHECK(position.gtids.empty());
  CHECK(position.file == "mysql-bin.000003");
  CHECK(position.offset == 4711);
  CHECK(to_string(position) == "mysql-bin.000003:4711");
  CHECK(gtid_text(position).empty());
  CHECK(to_string(Position{}) == "(none)");
  CHECK(Position{}.empty());
  CHECK_FALSE(position.empty());
}

TEST_CASE("what is no position is refused") {
  for (const char* text : {"",
                           " ",
                           "x",
                           "0-1",
                           "0-1-2-3",
                           "0-1-",
                           "-1-2",
                           "0--2",
                           "0-1-2,",
                           ",0-1-2",
                           "0-1-2,,1-1-1",
                           "0-1-2,0-2-3",
                           "4294967296-1-1",
                           "0-4294967296-1",
                           "0-1-18446744073709551616",
                           "0-1-+2",
                           "0-1- 2",
                           "0x1-1-1",
                           "now",
                           "bin.000001",
                           "bin.000001:",
                           "bin.000001:-4",
                           "bin.000001:4x",
                           ":4",
                           "bin:4",
                           ".000001:4",
                           "bin.x:4",
                           "bin.000001:18446744073709551616",
                           "2026-11-22T06:08:15Z",
                           "2026-11-22T06:08:15",
                           "3e11fa47-71ca-11e1-9e33-c80aa9429562:5",
                           "3e11fa47-71ca-11e1-9e33-c80aa9429562:1-5"}) {
    CAPTURE(text);
    const auto error = catch_error([&] { (void)parse_position(text); });
    CHECK(error.kind() == dts::ErrorKind::usage);
    CHECK_FALSE(error.hint().empty());
  }
  CHECK(catch_error([] { (void)parse_gtids("bin.000001:4"); }).kind() == dts::ErrorKind::usage);
}

TEST_CASE("log files are compared by number") {
  const auto in = [](const char* applied, const char* other) {
    return contains(parse_position(applied), parse_position(other));
  };
  CHECK(in("bin.000001:100", "bin.000001:100"));
  CHECK(in("bin.000001:100", "bin.000001:99"));
  CHECK_FALSE(in("bin.000001:100", "bin.000001:101"));
  CHECK(in("bin.000002:4", "bin.000001:100"));
  CHECK_FALSE(in("bin.000001:100", "bin.000002:4"));
  CHECK(in("bin.1000000:4", "bin.999999:100"));
  CHECK_FALSE(in("bin.999999:100", "bin.1000000:4"));
  CHECK_FALSE(in("bin.000002:4", "log.000001:4"));
  CHECK_FALSE(in("log.000001:4", "bin.000002:4"));
}

TEST_CASE("every domain must be contained") {
  const auto in = [](const char* applied, const char* other) {
    Position a, b;
    a.gtids = parse_gtids(applied);
    b.gtids = parse_gtids(other);
    return contains(a, b);
  };
  CHECK(in("0-1-5", "0-1-5"));
  CHECK(in("0-1-5", "0-2-4"));
  CHECK_FALSE(in("0-1-5", "0-1-6"));
  CHECK(in("0-1-5,7-1-1", "0-1-5"));
  CHECK_FALSE(in("0-1-5", "0-1-5,7-1-1"));
  CHECK_FALSE(in("7-1-9", "0-1-1"));
  CHECK(in("0-1-5", ""));
  CHECK(in("", ""));
  CHECK_FALSE(in("", "0-1-1"));
}

TEST_CASE("files decide only where GTIDs are missing") {
  Position both = parse_position("0-1-5");
  both.file = "bin.000009";
  both.offset = 4;
  CHECK(contains(both, parse_position("0-1-5")));
  CHECK_FALSE(contains(both, parse_position("0-1-6")));
  CHECK(contains(both, parse_position("bin.000008:900")));
  CHECK_FALSE(contains(both, parse_position("bin.000009:5")));
  CHECK(contains(parse_position("bin.000009:4"), both));
  CHECK_FALSE(contains(parse_position("bin.000009:3"), both));

  Position later = both;
  later.gtids = parse_gtids("0-1-6");
  CHECK_FALSE(contains(both, later));  // same place, but the GTIDs say more

  // Nothing in common: in doubt not contained.
  CHECK_FALSE(contains(parse_position("0-1-5"), parse_position("bin.000001:4")));
  CHECK_FALSE(contains(parse_position("bin.000001:4"), parse_position("0-1-5")));
  CHECK_FALSE(contains(Position{}, both));
  CHECK(contains(both, Position{}));
  CHECK(contains(Position{}, Position{}));
}

TEST_CASE("a position advances") {
  Position position;
  advance(position, {7, 1, 3});
  advance(position, {0, 1, 5});
  advance(position, {0, 2, 6});
  CHECK(to_string(position) == "0-2-6,7-1-3");
  advance(position, {0, 1, 4});  // out of order: what is applied stays applied
  CHECK(to_string(position) == "0-2-6,7-1-3");
  advance(position, {3, 9, 18446744073709551615u});
  CHECK(to_string(position) == "0-2-6,3-9-18446744073709551615,7-1-3");
}

TEST_CASE("laws of positions hold for random ones") {
  std::mt19937 random(20261122);
  const auto below = [&](unsigned n) { return static_cast<std::uint32_t>(random() % n); };
  const auto random_gtid = [&] {
    return DomainGtid{below(5), below(3) + 1, std::uint64_t{below(20)} + 1};
  };
  const auto random_position = [&] {
    Position position;
    for (auto n = below(6); n > 0; --n) advance(position, random_gtid());
    return position;
  };
  for (int i = 0; i < 5000; ++i) {
    const auto a = random_position(), b = random_position(), c = random_position();
    const auto gtid = random_gtid();
    REQUIRE(Position{parse_gtids(gtid_text(a)), "", 0} == a);
    REQUIRE(contains(a, a));
    if (contains(a, b) && contains(b, c)) REQUIRE(contains(a, c));
    if (contains(a, b) && contains(b, gtid)) REQUIRE(contains(a, gtid));
    bool each = true;
    for (const auto& g : b.gtids) each = each && contains(a, g);
    REQUIRE(contains(a, b) == each);

    auto moved = a;
    advance(moved, gtid);
    REQUIRE(contains(moved, gtid));
    REQUIRE(contains(moved, a));
    REQUIRE(contains(a, moved) == contains(a, gtid));
    REQUIRE(std::is_sorted(moved.gtids.begin(), moved.gtids.end(),
                           [](const auto& x, const auto& y) { return x.domain < y.domain; }));
  }
}
