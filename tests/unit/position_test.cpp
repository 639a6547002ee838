#include "dts/position.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <limits>
#include <random>

#include "catch_error.hpp"

using dts::contains;
using dts::DomainGtid;
using dts::parse_gtids;
using dts::TransactionId;
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
  CHECK(parse_gtids("4294967295-4294967295-18446744073709551615").gtids ==
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
                           "2026-11-22T06:08:15"}) {
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
    a = parse_gtids(applied);
    b = parse_gtids(other);
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
  later.gtids = parse_gtids("0-1-6").gtids;
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
  advance(position, TransactionId{DomainGtid{7, 1, 3}}, 4);
  advance(position, TransactionId{DomainGtid{0, 1, 5}}, 4);
  advance(position, TransactionId{DomainGtid{0, 2, 6}}, 4);
  CHECK(to_string(position) == "0-2-6,7-1-3");
  advance(position, TransactionId{DomainGtid{0, 1, 4}}, 4);  // out of order: what is applied stays applied
  CHECK(to_string(position) == "0-2-6,7-1-3");
  advance(position, TransactionId{DomainGtid{3, 9, 18446744073709551615u}}, 4);
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
    for (auto n = below(6); n > 0; --n) advance(position, TransactionId{random_gtid()}, 0);
    return position;
  };
  for (int i = 0; i < 5000; ++i) {
    const auto a = random_position(), b = random_position(), c = random_position();
    const auto gtid = random_gtid();
    REQUIRE(parse_gtids(gtid_text(a)) == a);
    REQUIRE(contains(a, a));
    if (contains(a, b) && contains(b, c)) REQUIRE(contains(a, c));
    if (contains(a, b) && contains(b, TransactionId{gtid})) REQUIRE(contains(a, TransactionId{gtid}));
    bool each = true;
    for (const auto& g : b.gtids) each = each && contains(a, TransactionId{g});
    REQUIRE(contains(a, b) == each);

    auto moved = a;
    advance(moved, TransactionId{gtid}, 0);
    REQUIRE(contains(moved, TransactionId{gtid}));
    REQUIRE(contains(moved, a));
    REQUIRE(contains(a, moved) == contains(a, TransactionId{gtid}));
    REQUIRE(std::is_sorted(moved.gtids.begin(), moved.gtids.end(),
                           [](const auto& x, const auto& y) { return x.domain < y.domain; }));
  }
}

namespace {

constexpr const char* uuid_a = "3e11fa47-71ca-11e1-9e33-c80aa9429562";
constexpr const char* uuid_b = "ffffffff-0000-4000-8000-00000000000f";

TransactionId mysql(const char* text) {
  const auto set = parse_gtids(text).sets.at(0);
  return {dts::UuidGtid{set.uuid, set.tag, set.intervals.at(0).first}, "bin.000001", 4};
}

}  // namespace

TEST_CASE("GTID sets are read and printed as the server does") {
  const std::string a = uuid_a, b = uuid_b;
  const auto text = [](const std::string& set) { return gtid_text(parse_position(set)); };
  CHECK(text(a + ":1-5") == a + ":1-5");
  CHECK(text(a + ":5") == a + ":5");
  CHECK(text("3E11FA47-71CA-11E1-9E33-C80AA9429562:1") == a + ":1");
  CHECK(text(a + ":7:1-3:4-5:9-12:11-20") == a + ":1-5:7:9-20");
  CHECK(text(b + ":1,\n" + a + ":2") == a + ":2," + b + ":1");
  CHECK(text(a + ":1-3," + a + ":4") == a + ":1-4");
  CHECK(text(a + ":tag_1:1-3") == a + ":tag_1:1-3");
  CHECK(text(a + ":1-2:Tag:5:7-8") == a + ":1-2:tag:5:7-8");
  CHECK(text(a + ":b:1," + a + ":a:2," + a + ":9") == a + ":9:a:2:b:1");
  CHECK(text(a + ":9223372036854775806") == a + ":9223372036854775806");
  CHECK(text(a + ":18446744073709551615:1") == a + ":1:18446744073709551615");
  CHECK(to_string(mysql((a + ":tag:7").c_str())) == a + ":tag:7");
  CHECK(to_string(TransactionId{{}, "bin.000009", 77}) == "bin.000009:77");
}

TEST_CASE("what is no GTID set is refused") {
  const std::string a = uuid_a;
  for (const std::string& text : {a + ":", a + ":0", a + ":5-4", a + ":x y", a + ":1-", a + ":-1", a + ":1::2",
                                  a + ":tag", a + ":1:tag", a + ":1,0-1-2", a + ":1,bin.000001:4",
                                  a + ":123456789012345678901:1", a.substr(1) + ":1", a + ":" + std::string(33, 't') + ":1"}) {
    INFO(text);
    CHECK(catch_error([&] { (void)parse_position(text); }).kind() == dts::ErrorKind::usage);
  }
}

TEST_CASE("a GTID set contains what is in its intervals, and nothing in its gaps") {
  const std::string a = uuid_a, b = uuid_b;
  const auto in = [](const std::string& applied, const std::string& other) {
    return contains(parse_gtids(applied), parse_gtids(other));
  };
  CHECK(in(a + ":1-5:7", a + ":2-4"));
  CHECK(in(a + ":1-5:7", a + ":7"));
  CHECK_FALSE(in(a + ":1-5:7", a + ":6"));
  CHECK_FALSE(in(a + ":1-5:7", a + ":5-7"));
  CHECK_FALSE(in(a + ":1-5", a + ":t:1"));  // a tag has numbers of its own
  CHECK_FALSE(in(a + ":1-5", b + ":1"));
  CHECK(in(a + ":1-5," + b + ":1-2", b + ":2"));
  CHECK_FALSE(in("", a + ":1"));
  CHECK(in(a + ":1", ""));
  CHECK(contains(parse_gtids(a + ":1-5"), mysql((a + ":5").c_str())));
  CHECK_FALSE(contains(parse_gtids(a + ":1-4"), mysql((a + ":5").c_str())));
  CHECK(names(parse_gtids(a + ":5-6"), mysql((a + ":5").c_str())));
  CHECK_FALSE(names(parse_gtids(a + ":6"), mysql((a + ":5").c_str())));
}

TEST_CASE("without GTIDs the place where a transaction begins names it") {
  const TransactionId transaction{{}, "bin.000002", 500};
  CHECK(contains(parse_position("bin.000002:501"), transaction));
  CHECK_FALSE(contains(parse_position("bin.000002:500"), transaction));
  CHECK(contains(parse_position("bin.000003:4"), transaction));
  CHECK_FALSE(contains(parse_position("bin.000001:900"), transaction));
  CHECK(names(parse_position("bin.000002:500"), transaction));
  CHECK_FALSE(names(parse_position("bin.000002:501"), transaction));
  Position position;
  advance(position, transaction, 620);
  CHECK(to_string(position) == "bin.000002:620");
  CHECK(is_by_file(position));
}

TEST_CASE("random GTID sets are what a plain set of numbers is") {
  std::mt19937 random(20261123);
  for (int round = 0; round < 300; ++round) {
    Position position;
    std::vector<bool> plain(40);
    const auto id = mysql((std::string(uuid_a) + ":1").c_str());
    for (unsigned i = 0; i < 60; ++i) {
      auto gtid = std::get<dts::UuidGtid>(id.gtid);
      gtid.number = 1 + random() % 39;
      advance(position, TransactionId{gtid, "bin.000001", 4}, i);
      plain[gtid.number] = true;
      for (std::uint64_t n = 1; n < plain.size(); ++n) {
        gtid.number = n;
        REQUIRE(contains(position, TransactionId{gtid}) == plain[n]);
      }
      auto again = parse_gtids(gtid_text(position));
      REQUIRE(again.sets == position.sets);
      const auto& intervals = position.sets[0].intervals;
      for (std::size_t k = 1; k < intervals.size(); ++k)
        REQUIRE(intervals[k].first > intervals[k - 1].last + 1);
    }
  }
}
