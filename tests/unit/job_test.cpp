#include "dts/job.hpp"

#include <doctest/doctest.h>

#include "catch_error.hpp"
#include "temp_dir.hpp"

namespace {

const std::string head = R"(name = "shop-dr"
)";

const std::string sections = R"([source]
host = "db1"
[target]
host = "db2"
[objects]
include = ["shop"]
)";

/// The job of this text, in a file "job.toml" that only we can read.
dts::Job load(const std::string& text, const std::vector<std::string>& overrides = {}) {
  const TempDir dir;
  return dts::load_job(dir.write("job.toml", text), overrides);
}

/// The complaint about this text, without the directory, and the hint in brackets.
std::string complaint(const std::string& text, const std::vector<std::string>& overrides = {}) {
  const TempDir dir;
  const auto file = dir.write("job.toml", text);
  const auto error = catch_error([&] { (void)dts::load_job(file, overrides); });
  CHECK(error.kind() == dts::ErrorKind::usage);
  std::string what = error.what();
  if (what.starts_with(dir.path().string())) what = what.substr(dir.path().string().size() + 1);
  return error.hint().empty() ? what : what + " [" + error.hint() + "]";
}

/// The complaint about a table added to a good job, where it begins in line 8.
std::string added(const std::string& text) {
  return complaint(head + sections + text);
}

}  // namespace

TEST_CASE("the smallest job has the defaults") {
  const auto job = load(head + sections);
  CHECK(job.name == "shop-dr");
  CHECK((job.schema_phase && job.data_phase && job.sync_phase));
  CHECK(job.source.host == "db1");
  CHECK(job.source.port == 3306);
  CHECK(job.source.tls == dts::TlsMode::preferred);
  CHECK(job.bookkeeping == "dtsctl");
  CHECK(job.objects.include == std::vector<std::string>{"shop"});
  CHECK(job.data.workers == 4);
  CHECK(job.sync.on_conflict == dts::OnConflict::stop);
  CHECK(job.sync.heartbeat_seconds == 1);
  CHECK(job.retry.connection_minutes == 720);
  CHECK(job.retry.statement_minutes == 10);
}

TEST_CASE("every key is read") {
  const TempDir dir;
  const auto job = dts::load_job(dir.write("job.toml", R"(
name = "shop-dr"
phases = ["schema", "data"]
precheck = { ignore = ["binlog-retention"] }
[source]
host = "db1.example.com"
port = 3307
user = "dts"
password = "secret"
tls = "verify-identity"
tls_ca = "ca.pem"
server_id = 4711
[target]
socket = "/run/db.sock"
password_command = "pass dts"
option_file = "sub/my.cnf"
option_group = "dts"
tls = "disabled"
tls_cert = "../c.pem"
tls_key = "k.pem"
bookkeeping = "keep"
[objects]
include = ["shop", "crm.customer", "log.event_*", "~^x\\.y"]
exclude = ["shop.tmp_*"]
name_case = "source"
[schema]
existing_tables = "fail"
events = false
triggers = "skip"
definer = "current"
[data]
workers = 8
rows_per_second = 0
max_replica_lag_seconds = 30
replicas = ["db2:3307", "db3"]
[sync]
apply = "transactional"
workers = 2
on_conflict = "overwrite"
ddl = "stop"
ddl_reevaluate = "stop"
online_ddl = "copy"
heartbeat_seconds = 2
heartbeat_table = "a.b"
[retry]
connection_minutes = 10
statement_minutes = 1
)"));
  CHECK_FALSE(job.sync_phase);
  CHECK(job.precheck_ignore == std::vector<std::string>{"binlog-retention"});
  CHECK(job.source.port == 3307);
  CHECK(job.source.password == "secret");
  CHECK(job.source.password_given);
  CHECK(job.source.tls == dts::TlsMode::verify_identity);
  CHECK(job.source.tls_ca == dir / "ca.pem");
  CHECK(job.server_id == 4711);
  CHECK(job.target.socket == "/run/db.sock");
  CHECK_FALSE(job.target.password_given);
  CHECK(job.target.password_command == "pass dts");
  CHECK(job.target.option_file == dir / "sub/my.cnf");
  CHECK(job.target.option_group == "dts");
  CHECK(job.target.tls_cert == dir.path().parent_path() / "c.pem");
  CHECK(job.bookkeeping == "keep");
  CHECK(job.objects.include.size() == 4);
  CHECK(job.objects.name_case == dts::NameCase::source);
  CHECK(job.schema.triggers == dts::Triggers::skip);
  CHECK(job.data.workers == 8);
  CHECK(job.data.max_replica_lag_seconds == 30);
  REQUIRE(job.data.replicas.size() == 2);
  CHECK(job.data.replicas[0].host == "db2");
  CHECK(job.data.replicas[0].port == 3307);
  CHECK(job.sync.workers == 2);
  CHECK(job.sync.on_conflict == dts::OnConflict::overwrite);
  CHECK(job.sync.ddl == dts::DdlPolicy::stop);
  CHECK(job.sync.heartbeat_seconds == 2);
  CHECK(job.sync.heartbeat_table == "a.b");
  CHECK(job.retry.connection_minutes == 10);
}

TEST_CASE("unknown keys are refused with the place and the nearest one") {
  CHECK(complaint("nmae = 'x'\n" + sections) ==
        "job.toml:1:1: unknown key 'nmae' [did you mean 'name'?]");
  CHECK(complaint(head + "[sorce]\n" + sections) ==
        "job.toml:2:2: unknown key 'sorce' [did you mean 'source'?]");
  CHECK(added("[sync]\n  wokers = 1\n") ==
        "job.toml:9:3: unknown key 'sync.wokers' [did you mean 'workers'?]");
  CHECK(added("[sync]\nzzz = 1\n") == "job.toml:9:1: unknown key 'sync.zzz'");
  CHECK(added("[[objects.map]]\nsource = 'a'\ntraget = 'b'\n") ==
        "job.toml:10:1: unknown key 'objects.map.traget' [did you mean 'target'?]");
  CHECK(complaint(head + "[source]\nbookkeeping = 'x'\n[target]\n[objects]\ninclude = ['a']\n") ==
        "job.toml:3:1: unknown key 'source.bookkeeping'");
  CHECK(added("[precheck]\nignored = []\n") ==
        "job.toml:9:1: unknown key 'precheck.ignored' [did you mean 'ignore'?]");
}

TEST_CASE("broken TOML is refused with the place") {
  CHECK(complaint("name = \n").starts_with("job.toml:1:8: cannot parse "));
  CHECK(complaint("name = 'a'\nname = 'b'\n").starts_with("job.toml:2:8: cannot parse "));
  CHECK(complaint("a = \"\xff\"\n").starts_with("job.toml:1:"));
  CHECK(complaint("") == "job.toml:1:1: 'name' is missing");
}

TEST_CASE("required keys are required") {
  CHECK(complaint(sections) == "job.toml:1:1: 'name' is missing");
  CHECK(complaint(head + "[target]\n[objects]\ninclude = ['a']\n") ==
        "job.toml:1:1: 'source' is missing");
  CHECK(complaint(head + "[source]\n[objects]\ninclude = ['a']\n") ==
        "job.toml:1:1: 'target' is missing");
  CHECK(complaint(head + "[source]\n[target]\n") == "job.toml:1:1: 'objects' is missing");
  CHECK(complaint(head + "[source]\n[target]\n[objects]\n") ==
        "job.toml:4:1: 'objects.include' is missing");
  CHECK(complaint(head + "[source]\n[target]\n[objects]\ninclude = []\n") ==
        "job.toml:5:11: 'objects.include' must name at least one database or table");
  CHECK(added("[[objects.map]]\ntarget = 'b'\n") ==
        "job.toml:8:1: 'objects.map.source' is missing");
}

TEST_CASE("wrong types are refused, nothing is converted") {
  CHECK(complaint("name = 12\n" + sections) == "job.toml:1:8: 'name' must be a string");
  CHECK(complaint(head + "source = 'db1'\n[target]\n") ==
        "job.toml:2:10: 'source' must be a table");
  CHECK(added("[sync]\nworkers = 1.0\n") ==
        "job.toml:9:11: 'sync.workers' must be an integer from 1 to 64");
  CHECK(added("[sync]\nworkers = '4'\n") ==
        "job.toml:9:11: 'sync.workers' must be an integer from 1 to 64");
  CHECK(added("[schema]\nevents = 1\n") == "job.toml:9:10: 'schema.events' must be true or false");
  CHECK(added("[precheck]\nignore = 'a'\n") ==
        "job.toml:9:10: 'precheck.ignore' must be an array of strings");
  CHECK(added("[precheck]\nignore = ['a',\n  7]\n") ==
        "job.toml:10:3: 'precheck.ignore' must be an array of strings");
  CHECK(added("[sync]\nheartbeat_seconds = '1'\n") ==
        "job.toml:9:21: 'sync.heartbeat_seconds' must be a number from 0.1 to 3600");
  CHECK(complaint(head + "[source]\n[target]\n[objects]\ninclude = ['a']\nmap = {}\n") ==
        "job.toml:6:7: 'objects.map' must be an array of tables");
}

TEST_CASE("names are checked") {
  for (const char* good : {"a", "Shop_1.eu-2", "0"})
    CHECK(load("name = '" + std::string(good) + "'\n" + sections).name == good);
  CHECK(load("name = '" + std::string(64, 'x') + "'\n" + sections).name.size() == 64);
  for (const auto& bad : {std::string(), std::string("a b"), std::string("a/b"), std::string("é"),
                          std::string(65, 'x')})
    CHECK(complaint("name = '" + bad + "'\n" + sections) ==
          "job.toml:1:8: 'name' must be 1 to 64 letters, digits, '_', '.' and '-'");
}

TEST_CASE("impossible values are refused") {
  CHECK(complaint(head + "phases = []\n" + sections) ==
        "job.toml:2:10: 'phases' must name at least one phase");
  CHECK(complaint(head + "phases = ['data', 'snyc']\n" + sections) ==
        "job.toml:2:19: 'phases' may contain schema, data and sync only");
  CHECK(complaint(head + "phases = ['data', 'data']\n" + sections) ==
        "job.toml:2:19: 'phases' names a phase twice");
  CHECK(added("[sync]\nworkers = 0\n") ==
        "job.toml:9:11: 'sync.workers' must be an integer from 1 to 64");
  CHECK(added("[data]\nrows_per_second = -1\n") ==
        "job.toml:9:19: 'data.rows_per_second' must be an integer, 0 or more");
  CHECK(added("[data]\nmax_replica_lag_seconds = 5\nreplicas = ['db2', 'db3:']\n") ==
        "job.toml:10:20: 'data.replicas' must contain \"HOST:PORT\" only");
  CHECK(added("[data]\nreplicas = ['db2']\n") ==
        "job.toml:9:12: 'data.replicas' has no effect without 'data.max_replica_lag_seconds'");
  CHECK(added("[sync]\nddl = 'aply'\n") ==
        "job.toml:9:7: 'sync.ddl' must be one of apply, skip, stop [did you mean 'apply'?]");
  CHECK(added("[sync]\nddl = 'wait'\n") ==
        "job.toml:9:7: 'sync.ddl' must be one of apply, skip, stop");
  CHECK(added("[sync.ddl_by_class]\ndrop-table = 'never'\n") ==
        "job.toml:9:14: 'sync.ddl_by_class.drop-table' must be one of apply, skip, stop");
  CHECK(added("[sync.ddl_by_class]\ndrop-tables = 'skip'\n") ==
        "job.toml:9:1: unknown key 'sync.ddl_by_class.drop-tables' [did you mean 'drop-table'?]");
  CHECK(added("[[objects.map]]\nsource = 'a.b'\nddl = 'never'\n").find("must be one of apply, skip, stop") !=
        std::string::npos);
  CHECK(added("[sync]\nheartbeat_seconds = nan\n").starts_with("job.toml:9:21: "));
  CHECK(added("[sync]\nheartbeat_table = 'beat'\n") ==
        "job.toml:9:19: 'sync.heartbeat_table' must be DATABASE.TABLE");
  CHECK(added("[sync]\nshadow_tables = ['^_x']\n").find("needs a group") != std::string::npos);
  CHECK(added("[sync]\ntrash_tables = ['^_(.+)_del$', '(']\n")
            .starts_with("job.toml:9:32: 'sync.trash_tables': the regular expression '('"));
}

TEST_CASE("servers are checked") {
  const auto source = [](const std::string& text) {
    return complaint(head + "[source]\n" + text + "[target]\n[objects]\ninclude = ['a']\n");
  };
  CHECK(source("port = 0\n") == "job.toml:3:8: 'source.port' must be an integer from 1 to 65535");
  CHECK(source("port = 65536\n").starts_with("job.toml:3:8: "));
  CHECK(source("host = ''\n") == "job.toml:3:8: 'source.host' must not be empty");
  CHECK(source("host = 'a'\nsocket = 'b'\n") ==
        "job.toml:4:10: 'source.socket' and 'host' exclude each other");
  CHECK(source("host = 'a'\nhosts = ['b:1']\n") ==
        "job.toml:3:8: 'source.host' and 'hosts' exclude each other");
  CHECK(source("port = 1\nhosts = ['b:1']\n") ==
        "job.toml:3:8: 'source.port' and 'hosts' exclude each other");
  CHECK(source("hosts = ['b:1', 'c:x']\n") ==
        "job.toml:3:17: 'source.hosts' must contain \"HOST:PORT\" only");
  CHECK(source("hosts = ['b:3306', 'b']\n") == "job.toml:3:20: 'source.hosts' names a host twice");
  CHECK(source("tls = 'verify_ca'\n") ==
        "job.toml:3:7: 'source.tls' must be one of verify-identity, verify-ca, required, "
        "preferred, disabled [did you mean 'verify-ca'?]");
  CHECK(source("tls_key = 'k'\n") ==
        "job.toml:3:11: 'source.tls_key' needs the other one of 'tls_cert' and 'tls_key'");
  CHECK(source("tls = 'verify-ca'\n") ==
        "job.toml:3:7: 'source.tls' = \"verify-ca\" needs 'tls_ca': without it, anybody's "
        "certificate would do");
  CHECK(source("socket = '/s'\ntls = 'required'\n") ==
        "job.toml:4:7: 'source.tls' asks for encryption, which a Unix socket does not have");
  CHECK(source("option_group = 'k'\n") ==
        "job.toml:3:16: 'source.option_group' means nothing without 'option_file'");
  CHECK(source("password_file = ''\n") ==
        "job.toml:3:17: 'source.password_file' must not be empty");
  CHECK(source("server_id = 4294967296\n") ==
        "job.toml:3:13: 'source.server_id' must be an integer from 0 to 4294967295");
  CHECK(complaint(head + "[source]\n[target]\nbookkeeping = 'mysql'\n[objects]\ninclude = ['a']\n")
            .starts_with("job.toml:4:15: 'target.bookkeeping' must be the name of a database"));
}

TEST_CASE("object patterns are checked") {
  const auto include = [](const std::string& pattern) {
    return complaint(head + "[source]\n[target]\n[objects]\ninclude = [\n  'a',\n  '" + pattern +
                     "']\n");
  };
  CHECK(include("") ==
        "job.toml:7:3: 'objects.include': '' is neither DATABASE nor DATABASE.TABLE");
  CHECK(include("a.").starts_with("job.toml:7:3: 'objects.include': 'a.' is neither"));
  CHECK(include(".{}a").starts_with("job.toml:7:3: 'objects.include': '.{}a' is neither"));
  CHECK(include("mysql.user") ==
        "job.toml:7:3: 'objects.include': 'mysql.user' is the server's own");
  CHECK(include("~a{2").starts_with(
      "job.toml:7:3: 'objects.include': the regular expression 'a{2' cannot be used: "));
}

TEST_CASE("retry limits are those of the service") {
  CHECK(added("[retry]\nconnection_minutes = 9\n") ==
        "job.toml:9:22: 'retry.connection_minutes' must be an integer from 10 to 1440");
  CHECK(added("[retry]\nstatement_minutes = 0\n") ==
        "job.toml:9:21: 'retry.statement_minutes' must be an integer from 1 to 1440");
  CHECK(added("[retry]\nconnection_minutes = 10\n") ==
        "job.toml:9:22: 'retry.connection_minutes': statement_minutes (10) must be less than "
        "connection_minutes (10)");
  CHECK(added("[retry]\nconnection_minutes = 30\nstatement_minutes = 31\n")
            .starts_with("job.toml:10:21: 'retry.statement_minutes': "));
}

TEST_CASE("maps are checked although they cannot be used yet") {
  const auto map = [](const std::string& text) { return added("[[objects.map]]\n" + text); };
  CHECK(map("source = '~a(b'\n").starts_with("job.toml:9:10: 'objects.map.source': the regular"));
  CHECK(
      map("source = 'a.b'\ntarget = 'c'\n") ==
      "job.toml:10:10: 'objects.map.target' and 'source' must both be databases or both be tables");
  CHECK(map("source = '~a.(b)'\ntarget = 'c.{1}_{2}'\n") ==
        "job.toml:10:10: 'objects.map.target' uses group 2, but 'source' has 1");
  CHECK(map("source = 'a.b'\ndml = ['insert', 'remove']\n") ==
        "job.toml:10:18: 'objects.map.dml' may contain insert, update and delete only");
  CHECK(map("source = 'a.b'\ncolumns = { x = 'z', y = 'z' }\n") ==
        "job.toml:10:26: 'objects.map.columns.y' gives two columns one name");
  CHECK(map("source = 'a.b'\ncolumns = { x = 'z' }\nexclude_columns = ['x']\n")
            .starts_with("job.toml:11:19: 'objects.map.exclude_columns' leaves out 'x'"));
}

TEST_CASE("a literal password needs a file that nobody else can read") {
  const TempDir dir;
  const std::string text =
      head + "[source]\npassword = 'secret'\n[target]\n[objects]\ninclude = ['a']\n";
  CHECK(dts::load_job(dir.write("job.toml", text, 0600)).source.password == "secret");
  for (const mode_t mode : {0644, 0640, 0604}) {
    const auto file = dir.write("job.toml", text, mode);
    const auto error = catch_error([&] { (void)dts::load_job(file); });
    CHECK(error.kind() == dts::ErrorKind::usage);
    CHECK(std::string(error.what()) ==
          file.string() +
              ":3:12: 'source.password' may stand in the job file only if nobody else "
              "can read it");
    CHECK(error.hint().find("chmod 600") != std::string::npos);
  }
  const std::string empty =
      head + "[source]\npassword = ''\n[target]\n[objects]\ninclude = ['a']\n";
  CHECK(dts::load_job(dir.write("job.toml", empty, 0644)).source.password_given);
}

TEST_CASE("files that cannot be read are told") {
  const TempDir dir;
  const auto missing = catch_error([&] { (void)dts::load_job(dir / "none.toml"); });
  CHECK(missing.kind() == dts::ErrorKind::usage);
  CHECK(std::string(missing.what()) == "cannot read the job file '" + (dir / "none.toml").string() +
                                           "': No such file or directory");
  const auto directory = catch_error([&] { (void)dts::load_job(dir.path()); });
  CHECK(std::string(directory.what()).find("irectory") != std::string::npos);
}

TEST_CASE("overrides replace and add keys") {
  const auto text = head + sections;
  CHECK(load(text, {"sync.workers=8"}).sync.workers == 8);
  CHECK(load(text, {"sync.workers=8", "sync.workers = 9"}).sync.workers == 9);
  CHECK(load(text, {"source.host=10.0.0.7"}).source.host == "10.0.0.7");
  CHECK(load(text, {"source.host=\"db7\""}).source.host == "db7");
  CHECK(load(text, {"source.host=db7 # x"}).source.host == "db7 # x");
  CHECK(load(text, {"sync.on_conflict=overwrite"}).sync.on_conflict == dts::OnConflict::overwrite);
  CHECK(load(text, {"objects.include=['a', 'b']"}).objects.include.size() == 2);
  CHECK(load(text, {"name=other"}).name == "other");
  CHECK(load(text, {"schema.events=false"}).schema.events == false);
  CHECK(load(text, {"precheck.ignore=['a=b']"}).precheck_ignore[0] == "a=b");
  CHECK(load(text, {"retry={connection_minutes = 20}"}).retry.connection_minutes == 20);
}

TEST_CASE("complaints about overrides begin with them") {
  const auto wrong = [](const std::string& text) { return complaint(head + sections, {text}); };
  CHECK(wrong("sync.workers=lots") ==
        "-c sync.workers=lots: 'sync.workers' must be an integer from 1 to 64");
  CHECK(wrong("sync.wokers=8") ==
        "-c sync.wokers=8: unknown key 'sync.wokers' [did you mean 'workers'?]");
  CHECK(wrong("snyc.workers=8") == "-c snyc.workers=8: unknown key 'snyc' [did you mean 'sync'?]");
  CHECK(wrong("sync") == "-c sync: there is no '=' [write -c section.key=value]");
  CHECK(wrong("=x") == "-c =x: '' is not a key of the job file");
  CHECK(wrong("a..b=x") == "-c a..b=x: 'a..b' is not a key of the job file");
  CHECK(wrong("name.x=1") == "-c name.x=1: 'name' is not a section");
  CHECK(wrong("name=").starts_with("-c name=: 'name' must be 1 to 64"));
  CHECK(wrong("objects.include=['a', 1]") ==
        "-c objects.include=['a', 1]: 'objects.include' must be an array of strings");
  CHECK(wrong("sync.workers=1\nx=2").starts_with("-c sync.workers=1\nx=2: 'sync.workers' must be"));
  for (const char* leak : {"source.password=geheim", "source.password=geheim\"", "password=geheim",
                           "source.password.x=geheim", "source={password='geheim'}",
                           "target={host='a', wrong=1, password='geheim'}"}) {
    const auto password = wrong(leak);
    CHECK(password.find("=...: a password on the command line") != std::string::npos);
    CHECK(password.find("geheim") == std::string::npos);
  }
}

TEST_CASE("the server id is stable, high, and differs between jobs and sources") {
  const auto id = [](const std::vector<std::string>& overrides) {
    return load(head + sections, overrides).server_id;
  };
  CHECK(id({}) == id({}));
  CHECK(id({}) == id({"source.server_id=0", "target.host=elsewhere"}));
  CHECK(id({}) != id({"name=other"}));
  CHECK(id({}) != id({"source.host=other"}));
  CHECK(id({}) != id({"source.port=3307"}));
  for (int i = 0; i < 100; ++i) CHECK(id({"name=job" + std::to_string(i)}) >= 0x80000000u);
}

TEST_CASE("the fingerprint follows what makes it the same job") {
  const auto print = [](const std::string& text, const std::vector<std::string>& overrides = {}) {
    return fingerprint(load(text, overrides));
  };
  const std::string text = head + sections + "exclude = ['shop.a', 'shop.b']\n";
  const auto base = print(text);
  CHECK(base.size() == 16);
  CHECK(base.find_first_not_of("0123456789abcdef") == std::string::npos);
  // Written into state files and onto targets: an upgrade must not change it.
  CHECK(base == "5f5f6b1001ba54cd");

  CHECK(
      print("  name='shop-dr' # x\n[objects]\nexclude=['shop.b','shop.a']\n\ninclude = [\n'shop']\n"
            "[target]\nhost='db2'\n[source]\n") == base);
  for (const char* same :
       {"source.host=other", "source.user=x", "data.workers=9", "sync.workers=9", "sync.ddl=stop",
        "sync.on_conflict=ignore", "retry.connection_minutes=99", "precheck.ignore=['x']",
        "phases=['sync']", "schema.events=false", "objects.name_case=default"})
    CHECK(print(text, {same}) == base);
  for (const char* other :
       {"name=other", "objects.include=['shop', 'crm']", "objects.exclude=[]",
        "objects.exclude=['shop.ashop.b']", "schema.triggers=skip", "objects.name_case=source"})
    CHECK(print(text, {other}) != base);

  auto job = load(text);
  job.schema.existing_tables = dts::ExistingTables::keep;
  CHECK(fingerprint(job) != base);
  job = load(text);
  job.objects.map.resize(2);
  job.objects.map[0].source = "a";
  job.objects.map[1].source = "b";
  const auto mapped = fingerprint(job);
  CHECK(mapped != base);
  std::swap(job.objects.map[0], job.objects.map[1]);
  CHECK(fingerprint(job) != mapped);
}

TEST_CASE("several hosts: the first one is used until another has to be") {
  const auto job =
      load(head + "[source]\nhosts = ['a:1', '[::1]:2']\n[target]\n[objects]\ninclude = ['a']\n");
  CHECK(job.source.host == "a");
  CHECK(job.source.port == 1);
  CHECK(job.source.hosts == std::vector<dts::HostPort>{{"a", 1}, {"::1", 2}});
  CHECK(job.target.hosts.empty());
}

TEST_CASE("the example is a good job") {
  const auto job =
      dts::load_job(std::filesystem::path(__FILE__).parent_path() / "../../examples/dtsctl.toml");
  CHECK(job.name == "shop-dr");
  CHECK(job.source.password_file.is_absolute());
}
