#include "dts/state.hpp"

#include <doctest/doctest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "catch_error.hpp"
#include "fnv.hpp"
#include "state_toml.hpp"
#include "temp_dir.hpp"

using dts::JobState;
using dts::PhaseStatus;
using dts::Position;
using dts::StateFile;

namespace {

/// Bytes that have broken state files before.
const std::string odd =
    std::string("`a\"b'c\\d\ne\tf\r\x01\x7f \xff\xc3 \xed\xa0\x80 100% %41 é😀 ") + '\0' +
    "# end {} = [x]";

JobState full_state() {
  JobState s;
  s.job = "shop-dr";
  s.fingerprint = "0123456789abcdef";
  s.source_id = "5ddf8a52-0a1c-11ef-9d1c-0242ac120002";
  s.target_id = odd;
  s.source = "dts@db1:3306";
  s.target = "dts@[::1]:3306";
  const dts::Time t{std::chrono::seconds(1795327695)};
  s.precheck.status = PhaseStatus::done;
  s.precheck.started = t;
  s.precheck.finished = t + std::chrono::seconds(2);
  s.precheck.passed = true;
  s.precheck.findings = {{"row-key", dts::Level::warning, odd, "no key", "ALTER TABLE ...", true},
                         {"binlog", dts::Level::pass, "source", "", "", false},
                         {"x", dts::Level::failure, "", odd, odd, false}};
  s.schema.status = PhaseStatus::done;
  s.data.status = PhaseStatus::interrupted;
  s.data.started = t;
  s.data.error = odd;
  s.sync_phase.status = PhaseStatus::retrying;
  s.schema_objects = 17;
  s.created = {"table shop.orders", odd, ""};
  s.copy_start = dts::parse_position("0-1-5,7-2-9");
  s.copy_start->file = odd;
  s.copy_start->offset = 18446744073709551615u;
  s.copy_end = dts::parse_position("bin.000001:1307");
  s.tables.push_back({{odd, odd},
                      9223372036854775807u,
                      9223372036854775808u,
                      1,
                      2,
                      0.1,
                      {"80000", "x'00ff'", odd},
                      false,
                      {odd, "k"},
                      {}});
  s.tables.push_back({{"shop", "orders"}, 0, 0, 0, 0, 1e300, {}, true, {}, {}});
  s.sync.position = Position{};
  s.sync.source_time = t;
  s.sync.caught_up_copy = true;
  s.sync.lag_seconds = -1;
  s.sync.transactions = 3;
  s.sync.row_changes = 4;
  s.sync.ddl = 5;
  s.sync.lag_history = {-1, 0.25, 3600};
  s.sync.lag_minute = t;
  s.sync.row_changes_per_second = 12345.678;
  s.sync.bottleneck = "target";
  s.sync.bottleneck_detail = "shop.orders";
  s.sync.waiting = "the target, which runs ALTER";
  s.sync.updated = t;
  s.sync.skipped = {{"ddl", odd, "0-1-7", 3, t}, {"account", odd, "0-1-8", 1}};
  s.sync.uncopied = {"shop.t: " + odd, "x"};
  s.selection = "include 4:shop\n" + odd;
  s.settled.push_back({{"shop", odd}, 1, 1, 1, 1, 0.5, {}, true, {}, {}});
  s.sync.conflicts = {{{"shop", odd}, "missing-row", "x'00'", 1, {{"x'00'", 1}, {odd, 2}}}};
  s.sync.mark = "0-1-5@1763800000";
  s.sync.purge_expected = dts::now();
  s.target_server = "uid:/data";
  return s;
}

dts::Error state_error(const std::string& text) {
  const auto error = catch_error([&] { (void)dts::parse_state(text, "job.state.toml"); });
  CHECK(error.kind() == dts::ErrorKind::state);
  CHECK_FALSE(error.hint().empty());
  return error;
}

bool refused(const std::string& text) {
  try {
    (void)dts::parse_state(text, "job.state.toml");
    return false;
  } catch (const dts::Error& e) {
    return e.kind() == dts::ErrorKind::state && !e.hint().empty();
  }
}

/// The text with one thing changed and a checksum that is right.
std::string changed(const std::string& from, const std::string& to) {
  auto text = dts::write_state(full_state());
  text = text.substr(0, text.rfind("# end"));
  const auto at = text.find(from);
  REQUIRE(at != std::string::npos);
  text.replace(at, from.size(), to);
  char line[40];
  std::snprintf(line, sizeof line, "# end fnv1a=%016llx\n",
                static_cast<unsigned long long>(dts::fnv1a(text)));
  return text + line;
}

}  // namespace

TEST_CASE("times are RFC 3339") {
  CHECK(dts::to_string(dts::Time{}) == "1970-01-01T00:00:00Z");
  CHECK(dts::to_string(dts::Time{std::chrono::seconds(1795327695)}) == "2026-11-22T06:08:15Z");
  CHECK(dts::now() > dts::Time{std::chrono::seconds(1700000000)});
}

TEST_CASE("the state file is beside the job file") {
  CHECK(dts::state_path("dtsctl.toml") == "dtsctl.state.toml");
  CHECK(dts::state_path("/a.b/shop.eu.toml") == "/a.b/shop.eu.state.toml");
  CHECK(dts::state_path("shop.conf") == "shop.conf.state.toml");
}

TEST_CASE("a full state survives") {
  const auto state = full_state();
  const auto text = dts::write_state(state);
  const auto read = dts::parse_state(text, "x");
  CHECK(dts::write_state(read) == text);
  CHECK(read.job == state.job);
  CHECK(read.target_id == odd);
  CHECK(read.precheck.passed);
  CHECK(read.precheck.finished == state.precheck.finished);
  REQUIRE(read.precheck.findings.size() == 3);
  CHECK(read.precheck.findings[0].level == dts::Level::warning);
  CHECK(read.precheck.findings[0].acknowledged);
  CHECK(read.precheck.findings[2].remedy == odd);
  CHECK(read.data.status == PhaseStatus::interrupted);
  CHECK(read.data.started == state.data.started);
  CHECK_FALSE(read.data.finished);
  CHECK(read.data.error == odd);
  CHECK(read.created == state.created);
  CHECK(read.copy_start == state.copy_start);
  CHECK(read.copy_end == state.copy_end);
  REQUIRE(read.tables.size() == 2);
  CHECK(read.tables[0].table == state.tables[0].table);
  CHECK(read.tables[0].rows == 9223372036854775808u);
  CHECK(read.tables[0].copied_through == state.tables[0].copied_through);
  CHECK(read.tables[0].indexes_waiting == std::vector<std::string>{odd, "k"});
  CHECK(read.tables[1].indexes_waiting.empty());
  CHECK(read.tables[0].seconds == 0.1);
  CHECK(read.tables[1].seconds == 1e300);
  CHECK(read.tables[1].done);
  CHECK(read.sync_phase.status == PhaseStatus::retrying);
  REQUIRE(read.sync.position);
  CHECK(read.sync.position->empty());
  CHECK(read.sync.lag_seconds == -1);
  CHECK(read.sync.row_changes_per_second == 12345.678);
  CHECK(read.sync.skipped[0].detail == odd);
  CHECK(read.sync.conflicts[0].table.table == odd);
  CHECK(read.sync.conflicts[0].keys.at(1).key == odd);
  CHECK(read.sync.conflicts[0].keys.at(1).count == 2);

  const auto empty = dts::write_state(JobState{});
  CHECK(dts::write_state(dts::parse_state(empty, "x")) == empty);
  CHECK_FALSE(dts::parse_state(empty, "x").sync.position);
}

TEST_CASE("every single byte survives in a name") {
  for (int c = 0; c < 256; ++c) {
    JobState state;
    state.job = std::string("a") + static_cast<char>(c) + "b";
    state.source = std::string("\xc2") + static_cast<char>(c) + "\xe2\x80" + static_cast<char>(c);
    const auto read = dts::parse_state(dts::write_state(state), "x");
    CHECK(read.job == state.job);
    CHECK(read.source == state.source);
  }
}

TEST_CASE("a state that is cut off anywhere is refused") {
  const auto text = dts::write_state(full_state());
  for (std::size_t length = 0; length < text.size(); ++length) {
    CAPTURE(length);
    REQUIRE(refused(text.substr(0, length)));
  }
  CHECK(refused(text + "\n"));
  CHECK(refused(text + text));
  // Torn: blocks that were never written.
  for (std::size_t at = 0; at + 64 < text.size(); at += 64) {
    auto torn = text;
    torn.replace(at, 64, 64, '\0');
    REQUIRE(refused(torn));
  }
  CHECK(std::string(state_error("").what()) ==
        "cannot use the state file 'job.state.toml': it is empty");
  const auto cut = state_error(text.substr(0, text.size() / 2));
  CHECK(std::string(cut.what()).find("damaged") != std::string::npos);
  CHECK(cut.hint().find("--recover-state") != std::string::npos);
}

TEST_CASE("a state with any byte changed is refused") {
  const auto text = dts::write_state(full_state());
  for (std::size_t at = 0; at < text.size(); ++at) {
    CAPTURE(at);
    for (int bit = 0; bit < 8; ++bit) {
      auto flipped = text;
      flipped[at] = static_cast<char>(flipped[at] ^ (1 << bit));
      REQUIRE(refused(flipped));
    }
  }
}

TEST_CASE("foreign and newer files are refused, and told apart") {
  const auto what = [](const std::string& text) { return std::string(state_error(text).what()); };
  CHECK(what("name = 'shop'\n").find("not a state file") != std::string::npos);
  CHECK(what(std::string(4096, '\0')).find("not a state file") != std::string::npos);
  CHECK(what("version = 0\n").find("not a state file") != std::string::npos);
  CHECK(what("version = x\n").find("not a state file") != std::string::npos);
  CHECK(what("version = 2\nanything").find("newer dtsctl") != std::string::npos);
  CHECK(what("# c\nversion = 99\n").find("newer dtsctl") != std::string::npos);
  CHECK(what(changed("version = 1", "version = 2")).find("newer dtsctl") != std::string::npos);
  CHECK(what(changed("\"interrupted\"", "\"paused\"")).find("newer dtsctl") != std::string::npos);
  CHECK(what(changed("level = \"pass\"", "level = \"fine\"")).find("newer") != std::string::npos);
  CHECK(what(changed("schema_objects", "schema_things")).find("newer") != std::string::npos);
  CHECK(refused(changed("schema_objects = 17", "schema_objects = '17x'")));
  CHECK(refused(changed("schema_objects = 17", "schema_objects = -1")));
  CHECK(refused(changed("0-1-5,7-2-9", "0-1-5,0-2-9")));
  CHECK(refused(changed("100%25", "100%2x")));
  CHECK(refused(changed("06:08:15Z", "06:08:15+01:00")));
  // What an older dtsctl did not write yet has its default.
  CHECK(dts::parse_state(changed("schema_objects = 17\n", ""), "x").schema_objects == 0);
}

TEST_CASE("a state file is created, saved and read again") {
  const TempDir dir;
  const auto path = dir / "job.state.toml";
  CHECK(catch_error([&] { (void)dts::read_state(path); }).kind() == dts::ErrorKind::state);
  {
    StateFile file(path, "init-data");
    CHECK(file.fresh());
    CHECK_FALSE(std::filesystem::exists(path));
    file.state = full_state();
    file.save();
    CHECK(dts::write_state(dts::read_state(path)) == dts::write_state(full_state()));
    file.state.job = "later";
    file.save_soon();  // too soon
    CHECK(dts::read_state(path).job == "shop-dr");
    file.save();
    CHECK(dts::read_state(path).job == "later");
    CHECK((std::filesystem::status(path).permissions() & std::filesystem::perms::all) ==
          (std::filesystem::perms::owner_read | std::filesystem::perms::owner_write));
  }
  StateFile again(path, "sync");
  CHECK_FALSE(again.fresh());
  CHECK(again.state.job == "later");
  again.state.job = "soon";
  again.save_soon();
  CHECK(dts::read_state(path).job == "soon");
}

TEST_CASE("a damaged state file is refused, kept, and leaves no lock") {
  const TempDir dir;
  const auto path = dir.write("job.state.toml", "rubbish");
  for (int i = 0; i < 2; ++i)
    CHECK(catch_error([&] { StateFile(path, "sync"); }).kind() == dts::ErrorKind::state);
  CHECK(read_file(path) == "rubbish");
  CHECK_FALSE(dts::lock_holder(path));
}

TEST_CASE("only one works on a state file") {
  const TempDir dir;
  const auto path = dir / "job.state.toml";
  CHECK_FALSE(dts::lock_holder(path));
  {
    StateFile first(path, "init-data -j\n4");
    first.save();
    const auto error = catch_error([&] { StateFile(path, "sync"); });
    CHECK(error.kind() == dts::ErrorKind::locked);
    CHECK(std::string(error.what()).find(std::to_string(::getpid())) != std::string::npos);
    const auto holder = dts::lock_holder(path);
    REQUIRE(holder);
    CHECK(holder->pid == ::getpid());
    CHECK(holder->command == "init-data -j 4");
    CHECK(holder->since.size() == 20);
    CHECK(dts::lock_holder(path));  // asking took nothing
    std::filesystem::create_symlink(path, dir / "link.state.toml");
    CHECK(catch_error([&] { StateFile(dir / "link.state.toml", "sync"); }).kind() ==
          dts::ErrorKind::locked);
  }
  CHECK_FALSE(dts::lock_holder(path));
  CHECK(std::filesystem::exists(dir / "job.state.toml.lock"));
  const StateFile second(path, "x");  // shorter than what was written there before
  CHECK(dts::lock_holder(path)->command == "x");
  CHECK(read_file(dir / "job.state.toml.lock").find("init") == std::string::npos);
}

TEST_CASE("the lock goes with a killed process, its state file stays whole") {
  const TempDir dir;
  const auto path = dir / "job.state.toml";
  int pipe_ends[2];
  REQUIRE(::pipe(pipe_ends) == 0);
  const pid_t child = ::fork();
  if (child == 0) {
    ::alarm(30);  // should the test stop before it kills us
    StateFile file(path, "init-data");
    file.state = full_state();
    file.save();
    (void)!::write(pipe_ends[1], "x", 1);
    while (true) file.save();
  }
  char byte;
  REQUIRE(::read(pipe_ends[0], &byte, 1) == 1);
  CHECK(dts::lock_holder(path)->pid == child);
  CHECK(catch_error([&] { StateFile(path, "sync"); }).kind() == dts::ErrorKind::locked);
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  CHECK_FALSE(dts::lock_holder(path));
  StateFile file(path, "sync");
  CHECK(file.state.tables.size() == 2);
  file.save();  // whatever the killed one left behind
  ::close(pipe_ends[0]);
  ::close(pipe_ends[1]);
}

TEST_CASE("a save that fails leaves the old file whole and nothing else") {
  const TempDir dir;
  const auto path = dir / "job.state.toml";
  const auto temporary = dir / "job.state.toml.tmp";
  StateFile file(path, "sync");
  file.state.job = "old";
  file.save();
  file.state = full_state();
  const auto check_refused = [&](const char* why) {
    const auto error = catch_error([&] { file.save(); });
    CHECK(error.kind() == dts::ErrorKind::state);
    CHECK(std::string(error.what()).find(why) != std::string::npos);
    CHECK(dts::read_state(path).job == "old");
  };

  SUBCASE("the temporary file cannot be made") {
    std::filesystem::create_directory(temporary);
    check_refused("File exists");
    CHECK(std::filesystem::is_directory(temporary));  // not ours to remove
    std::filesystem::remove(temporary);
  }
  SUBCASE("the disk is full") {
    rlimit before{};
    REQUIRE(::getrlimit(RLIMIT_FSIZE, &before) == 0);
    const auto handler = ::signal(SIGXFSZ, SIG_IGN);
    const rlimit small{100, before.rlim_max};
    REQUIRE(::setrlimit(RLIMIT_FSIZE, &small) == 0);
    std::optional<dts::Error> error;
    try {
      file.save();
    } catch (const dts::Error& e) {
      error = e;
    }
    ::setrlimit(RLIMIT_FSIZE, &before);
    ::signal(SIGXFSZ, handler);
    REQUIRE(error);
    CHECK(error->kind() == dts::ErrorKind::state);
    CHECK(std::string(error->what()).find("File too large") != std::string::npos);
    CHECK(dts::read_state(path).job == "old");
    CHECK_FALSE(std::filesystem::exists(temporary));
  }
  SUBCASE("the directory is read-only") {
    if (::geteuid() == 0) {
      MESSAGE("not as root, whom no permission stops");
      return;
    }
    std::filesystem::permissions(dir.path(), std::filesystem::perms::owner_write,
                                 std::filesystem::perm_options::remove);
    check_refused("Permission denied");
    std::filesystem::permissions(dir.path(), std::filesystem::perms::owner_write,
                                 std::filesystem::perm_options::add);
  }
  file.save();
  CHECK(dts::read_state(path).job == "shop-dr");
}

TEST_CASE("a directory that is not there is told") {
  const TempDir dir;
  const auto error = catch_error([&] { StateFile(dir / "none/job.state.toml", "sync"); });
  CHECK(error.kind() == dts::ErrorKind::state);
  CHECK(std::string(error.what()).find("No such file or directory") != std::string::npos);
}

TEST_CASE("the state of the whole job") {
  JobState s;
  const auto at = [](int second) { return dts::Time{std::chrono::seconds(second)}; };
  CHECK(dts::overall_state(s, false) == "not-started");
  CHECK(dts::overall_state(s, true) == "not-started");

  s.precheck.status = PhaseStatus::running;
  s.precheck.started = at(1);
  CHECK(dts::overall_state(s, true) == "prechecking");
  CHECK(dts::overall_state(s, false) == "suspended");
  s.precheck.status = PhaseStatus::done;
  CHECK(dts::overall_state(s, false) == "precheck-failed");
  s.precheck.passed = true;
  CHECK(dts::overall_state(s, false) == "precheck-passed");

  s.schema.status = PhaseStatus::running;
  s.schema.started = at(2);
  CHECK(dts::overall_state(s, true) == "initializing");
  CHECK(dts::overall_state(s, false) == "suspended");
  s.schema.status = PhaseStatus::failed;
  CHECK(dts::overall_state(s, false) == "initialize-failed");
  s.schema.status = PhaseStatus::done;
  CHECK(dts::overall_state(s, false) == "initializing");

  s.data.status = PhaseStatus::running;
  s.data.started = at(3);
  CHECK(dts::overall_state(s, true) == "initializing");
  s.data.status = PhaseStatus::retrying;
  CHECK(dts::overall_state(s, true) == "retrying");
  CHECK(dts::overall_state(s, false) == "suspended");
  s.data.status = PhaseStatus::interrupted;
  CHECK(dts::overall_state(s, false) == "suspended");
  s.data.status = PhaseStatus::failed;
  CHECK(dts::overall_state(s, false) == "initialize-failed");
  s.data.status = PhaseStatus::done;
  CHECK(dts::overall_state(s, false) == "initializing");

  s.sync_phase.status = PhaseStatus::running;
  s.sync_phase.started = at(4);
  CHECK(dts::overall_state(s, true) == "catching-up");
  s.sync.caught_up_copy = true;
  CHECK(dts::overall_state(s, true) == "synchronizing");
  CHECK(dts::overall_state(s, false) == "suspended");
  s.sync_phase.status = PhaseStatus::retrying;
  CHECK(dts::overall_state(s, true) == "retrying");
  s.sync_phase.status = PhaseStatus::interrupted;
  CHECK(dts::overall_state(s, false) == "suspended");
  s.sync_phase.status = PhaseStatus::failed;
  CHECK(dts::overall_state(s, false) == "failed");
  s.sync_phase.status = PhaseStatus::done;
  CHECK(dts::overall_state(s, false) == "finished");

  SUBCASE("a phase that runs again decides while it runs") {
    s.precheck.status = PhaseStatus::running;
    s.precheck.started = at(9);
    CHECK(dts::overall_state(s, true) == "prechecking");
    s.sync_phase.status = PhaseStatus::running;  // was killed, never said so
    CHECK(dts::overall_state(s, true) == "prechecking");
    s.sync_phase.started = at(10);
    CHECK(dts::overall_state(s, true) == "synchronizing");
  }
  SUBCASE("an earlier phase does not take back a later one") {
    s.sync_phase.status = PhaseStatus::interrupted;
    s.precheck.passed = false;
    s.schema.status = PhaseStatus::failed;
    CHECK(dts::overall_state(s, false) == "suspended");
  }
}

TEST_CASE("state: a conflict keeps the first keys, and counts all") {
  dts::Conflict conflict{{"shop", "t"}, "missing-row", {}, 0};
  for (int round = 0; round < 2; ++round)
    for (std::size_t i = 0; i < dts::Conflict::keys_max + 5; ++i)
      conflict.add("id = " + std::to_string(i), 1);
  CHECK(conflict.count == 2 * (dts::Conflict::keys_max + 5));
  CHECK(conflict.keys.size() == dts::Conflict::keys_max);
  CHECK(conflict.keys[0].key == "id = 0");
  CHECK(conflict.keys[0].count == 2);
  CHECK(conflict.key == "id = " + std::to_string(dts::Conflict::keys_max + 4));
}
