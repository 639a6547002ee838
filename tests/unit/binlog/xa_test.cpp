#include <doctest/doctest.h>

#include "binlog/event_builder.hpp"
#include "binlog/query.hpp"

using namespace events;
using namespace dts::event_type;
using dts::XaStep;
using Lines = std::vector<std::string>;

namespace {

/// A prepared transaction of one row, as a server writes it.
void prepare(Feed& feed, std::uint64_t sequence, const std::string& xid, bool one_phase = false) {
  feed(feed.make.gtid(sequence));
  feed(feed.make.query("XA START " + xid));
  feed.map();
  feed.insert(1, "a");
  feed(feed.make.query("XA END " + xid));
  feed(feed.make.event(xa_prepare, le(one_phase ? 1 : 0, 1) + le(1, 4)));
}

}  // namespace

TEST_CASE("XA statements are read") {
  const auto read = [](const char* text) { return dts::read_xa(text); };
  CHECK(read("XA START X'6a',X'',1").xid == "X'6A',X'',1");
  CHECK(read("xa commit X'6A', X'' , 1").xid == "X'6A',X'',1");
  CHECK(read("XA COMMIT X'6a',X'',1 ONE PHASE").xid == "X'6A',X'',1");
  CHECK(read("XA BEGIN 'x'").verb == dts::XaVerb::start);
  CHECK(read("XA END X'6a',X'',1").verb == dts::XaVerb::end);
  CHECK(read("XA PREPARE X'6a',X'',1").verb == dts::XaVerb::prepare);
  CHECK(read("XA COMMIT X'6a',X'',1").verb == dts::XaVerb::commit);
  CHECK(read("XA ROLLBACK X'6a',X'',1").verb == dts::XaVerb::rollback);
  CHECK_THROWS_AS(read("XA RECOVER"), dts::Error);
}

TEST_CASE("rows of a prepared transaction are kept, and can be read at its commit") {
  Feed feed;
  feed.start();
  prepare(feed, 1, "X'78',X'',1");
  feed(feed.make.gtid(2));
  feed(feed.make.query("XA COMMIT X'78',X'',1"));
  feed(feed.make.gtid(3));
  feed(feed.make.query("XA ROLLBACK X'79',X'',1"));
  REQUIRE(feed.got.size() == 3);
  CHECK(feed.got[0].xa == XaStep::prepare);
  CHECK(feed.got[0].changes.empty());
  CHECK(feed.got[0].xid == "X'78',X'',1");
  CHECK_FALSE(feed.got[0].events.empty());
  CHECK(feed.got[1].xa == XaStep::commit);
  CHECK(feed.got[1].xid == feed.got[0].xid);
  CHECK(feed.got[1].events.empty());
  CHECK(feed.got[2].xa == XaStep::rollback);

  Feed later;
  later.decoder.replay(feed.got[1].id, feed.got[0].events);
  REQUIRE(later.got.size() == 1);
  CHECK(show(later.got[0]) == Lines{"+n:1 t:a"});
  CHECK(later.got[0].id == feed.got[1].id);
  CHECK(later.asked.at(0) == feed.got[1].id);
}

TEST_CASE("a one-phase commit and a commit by XID bring their rows with them") {
  Feed feed;
  feed.start();
  prepare(feed, 1, "X'78',X'',1", true);
  feed(feed.make.gtid(2));
  feed(feed.make.query("XA START X'79',X'',1"));
  feed.map();
  feed.insert(2, "b");
  feed(feed.make.xid());
  REQUIRE(feed.got.size() == 2);
  for (const auto& got : feed.got) {
    CHECK(got.xa == XaStep::commit);
    CHECK_FALSE(got.events.empty());
  }
}

TEST_CASE("MariaDB says in the GTID event that a transaction will be prepared") {
  for (bool group_commit : {false, true}) {
    Feed feed;
    feed.start();
    feed(feed.make.event(gtid, le(1, 8) + le(0, 4) + le(group_commit ? 0x42 : 0x40, 1) +
                                   (group_commit ? le(77, 8) : "") + le(1, 4) + le(2, 1) +
                                   le(1, 1) + "x\xaa" "b"));
    feed.map();
    feed.insert(1, "a");
    feed(feed.make.query("XA END X'78aa',X'62',1"));
    feed(feed.make.event(xa_prepare, le(0, 1) + le(1, 4)));
    REQUIRE(feed.got.size() == 1);
    CHECK(feed.got[0].xa == XaStep::prepare);
    CHECK(feed.got[0].xid == "X'78AA',X'62',1");
    CHECK_FALSE(feed.got[0].events.empty());
  }
}

TEST_CASE("a savepoint inside XA takes kept rows back") {
  Feed feed;
  feed.start();
  feed(feed.make.gtid(1));
  feed(feed.make.query("XA START X'78',X'',1"));
  feed.map();
  feed.insert(1, "a");
  feed(feed.make.query("SAVEPOINT s"));
  feed.map(10, "t");
  feed.insert(2, "b", 10);
  feed(feed.make.query("ROLLBACK TO `s`"));
  feed.map(10, "t");
  feed.insert(3, "c", 10);
  feed(feed.make.event(xa_prepare, le(0, 1)));
  Feed later;
  later.decoder.replay(feed.got.at(0).id, feed.got.at(0).events);
  CHECK(show(later.got.at(0)) == Lines{"+n:1 t:a", "+n:3 t:c"});
}

TEST_CASE("each piece of a large prepared transaction can be read alone") {
  Feed feed(20'000);
  feed.start();
  feed(feed.make.gtid(1));
  feed(feed.make.query("XA START X'78',X'',1"));
  for (int i = 0; i < 5000; ++i) {
    feed.map();
    feed.insert(i, "a");
  }
  feed(feed.make.event(xa_prepare, le(0, 1)));
  REQUIRE(feed.got.size() > 3);
  std::int64_t next = 0;
  for (const auto& piece : feed.got) {
    CHECK(piece.xa == XaStep::prepare);
    CHECK(piece.xid == "X'78',X'',1");
    Feed later;
    later.decoder.replay(piece.id, piece.events);
    for (const auto& change : later.got.at(0).changes)
      CHECK(change.after[0].data == std::to_string(next++));
  }
  CHECK(next == 5000);
  CHECK(feed.got.back().last);
}

TEST_CASE("rows of tables that are not selected are not kept") {
  Feed feed;
  feed.start();
  feed(feed.make.gtid(1));
  feed(feed.make.query("XA START X'78',X'',1"));
  feed.map(1, "unknown");
  feed.insert(1, "a", 1);
  feed(feed.make.event(xa_prepare, le(0, 1)));
  CHECK(feed.got.at(0).xa == XaStep::prepare);
  CHECK(feed.got.at(0).events.empty());
}

TEST_CASE("an XA transaction that is left out is known to its commit and has no rows") {
  Feed feed;
  feed.decoder.skip(dts::Position{{{0, 71, 1}, {0, 71, 3}}});
  feed.start();
  prepare(feed, 1, "X'78',X'',1");
  prepare(feed, 2, "X'79',X'',1");
  feed(feed.make.gtid(3));
  feed(feed.make.query("XA COMMIT X'79',X'',1"));
  REQUIRE(feed.got.size() == 3);
  CHECK(feed.got[0].xa == XaStep::prepare);
  CHECK(feed.got[0].events.empty());
  CHECK(feed.got[0].skipped_kind == "transaction");
  CHECK_FALSE(feed.got[1].events.empty());
  CHECK(feed.got[2].xa == XaStep::rollback);  // what was prepared is forgotten
}

TEST_CASE("damaged kept rows are an error") {
  Feed feed;
  feed.start();
  prepare(feed, 1, "X'78',X'',1");
  const std::string events = feed.got.at(0).events;
  const std::size_t first = 4 + static_cast<unsigned char>(events[0]);  // a whole event
  for (std::size_t size = 1; size < events.size(); ++size) {
    if (size == first) continue;
    Feed later;
    CHECK_THROWS_AS(later.decoder.replay(feed.got[0].id, events.substr(0, size)), dts::Error);
  }
}

TEST_CASE("MariaDB's XA START is part of the GTID event") {
  Feed feed;
  feed.start();
  feed(feed.make.gtid_xa(1, "gz", "\x01", -7));
  feed.map();
  feed.insert(1, "a");
  feed(feed.make.query("XA END X'677a',X'01',-7"));
  feed(feed.make.event(xa_prepare, le(0, 1) + le(1, 4)));
  feed(feed.make.gtid(2));
  feed(feed.make.query("XA COMMIT X'677a',X'01',-7"));
  REQUIRE(feed.got.size() == 2);
  CHECK(feed.got[0].xa == XaStep::prepare);
  CHECK(feed.got[0].xid == "X'677A',X'01',-7");
  CHECK(feed.got[0].changes.empty());
  CHECK_FALSE(feed.got[0].events.empty());
  CHECK(feed.got[1].xa == XaStep::commit);
  CHECK(feed.got[1].xid == feed.got[0].xid);
}
