#include "dts/job.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <set>
#include <sstream>

#include <fmt/format.h>

#include "dts/ddl_classes.hpp"
#include "dts/error.hpp"
#include "fnv.hpp"
#include "job_checks.hpp"
#include "job_overrides.hpp"
#include "toml_reader.hpp"

namespace dts {

namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t no_maximum = std::numeric_limits<std::int64_t>::max();

std::string read_job_file(const fs::path& file) {
  errno = 0;
  std::ifstream in(file, std::ios::binary);
  std::ostringstream text;
  // The test of rdbuf() alone would take a directory for an empty file.
  if (!in || fs::is_directory(file) || (in.peek() != EOF && !(text << in.rdbuf())))
    throw Error(ErrorKind::usage,
                fmt::format("cannot read the job file '{}': {}", file.string(),
                            fs::is_directory(file) ? "is a directory" : std::strerror(errno)),
                "name the job file with -f");
  return text.str();
}

void read_path(const TomlReader& table, std::string_view key, const fs::path& directory,
               fs::path& out) {
  if (!table.has(key)) return;
  std::string text;
  table.read(key, text);
  if (text.empty()) table.fail(key, "'{}' must not be empty");
  const char* home = std::getenv("HOME");
  if (text.starts_with("~/") && home) text.replace(0, 1, home);
  out = (directory / text).lexically_normal();
}

void read_name(const TomlReader& root, std::string& name) {
  root.require("name");
  root.read("name", name);
  const bool allowed = std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '.' || c == '-';
  });
  if (name.empty() || name.size() > 64 || !allowed)
    root.fail("name", "'{}' must be 1 to 64 letters, digits, '_', '.' and '-'");
}

void read_phases(const TomlReader& root, Job& job) {
  if (!root.has("phases")) return;
  std::vector<std::string> phases;
  root.read("phases", phases);
  if (phases.empty()) root.fail("phases", "'{}' must name at least one phase");
  job.schema_phase = job.data_phase = job.sync_phase = false;
  for (std::size_t i = 0; i < phases.size(); ++i) {
    bool* flag = phases[i] == "schema" ? &job.schema_phase
                 : phases[i] == "data" ? &job.data_phase
                 : phases[i] == "sync" ? &job.sync_phase
                                       : nullptr;
    if (!flag) root.fail("phases", i, "'{}' may contain schema, data and sync only");
    if (*flag) root.fail("phases", i, "'{}' names a phase twice");
    *flag = true;
  }
}

/// A password in a file that others can read is no secret.
void check_password_is_private(const TomlReader& table, const fs::path& file) {
  struct stat status {};
  if (::stat(file.c_str(), &status) != 0 || (status.st_mode & (S_IRGRP | S_IROTH)) != 0)
    table.fail("password", "'{}' may stand in the job file only if nobody else can read it",
               fmt::format("chmod 600 '{}', or use password_file", file.string()));
}

void read_hosts(const TomlReader& table, Endpoint& endpoint) {
  if (!table.has("hosts")) return;
  std::vector<std::string> hosts;
  table.read("hosts", hosts);
  if (hosts.empty()) table.fail("hosts", "'{}' must name at least one host");
  for (const char* other : {"host", "port", "socket"})
    if (table.has(other)) table.fail(other, "'{}' and 'hosts' exclude each other");
  for (std::size_t i = 0; i < hosts.size(); ++i) {
    const auto host = parse_host_port(hosts[i]);
    if (!host) table.fail("hosts", i, "'{}' must contain \"HOST:PORT\" only");
    if (std::find(endpoint.hosts.begin(), endpoint.hosts.end(), *host) != endpoint.hosts.end())
      table.fail("hosts", i, "'{}' names a host twice");
    endpoint.hosts.push_back(*host);
  }
  endpoint.host = endpoint.hosts[0].host;
  endpoint.port = endpoint.hosts[0].port;
}

Endpoint read_endpoint(const TomlReader& table, const fs::path& directory, const fs::path& file) {
  Endpoint endpoint;
  table.read("host", endpoint.host);
  if (endpoint.host.empty()) table.fail("host", "'{}' must not be empty");
  table.read_integer("port", endpoint.port, 1, 65535);
  read_path(table, "socket", directory, endpoint.socket);
  if (table.has("socket") && table.has("host"))
    table.fail("socket", "'{}' and 'host' exclude each other");
  read_hosts(table, endpoint);

  table.read("user", endpoint.user);
  endpoint.password_given = table.has("password");
  table.read("password", endpoint.password);
  // An empty one is no secret; it says that nobody need be asked.
  if (!endpoint.password.empty()) check_password_is_private(table, file);
  read_path(table, "password_file", directory, endpoint.password_file);
  table.read("password_command", endpoint.password_command);
  read_path(table, "option_file", directory, endpoint.option_file);
  table.read("option_group", endpoint.option_group);
  if (table.has("option_group") && !table.has("option_file"))
    table.fail("option_group", "'{}' means nothing without 'option_file'");

  table.read_enum<TlsMode>("tls", endpoint.tls,
                           {{"verify-identity", TlsMode::verify_identity},
                            {"verify-ca", TlsMode::verify_ca},
                            {"required", TlsMode::required},
                            {"preferred", TlsMode::preferred},
                            {"disabled", TlsMode::disabled}});
  read_path(table, "tls_ca", directory, endpoint.tls_ca);
  read_path(table, "tls_cert", directory, endpoint.tls_cert);
  read_path(table, "tls_key", directory, endpoint.tls_key);
  if (table.has("tls_cert") != table.has("tls_key"))
    table.fail(table.has("tls_cert") ? "tls_cert" : "tls_key",
               "'{}' needs the other one of 'tls_cert' and 'tls_key'");
  // Any public authority signs for anybody.
  if (endpoint.tls == TlsMode::verify_ca && endpoint.tls_ca.empty())
    table.fail("tls",
               "'{}' = \"verify-ca\" needs 'tls_ca': without it, anybody's certificate "
               "would do");
  if (endpoint.tls >= TlsMode::required && !endpoint.socket.empty())
    table.fail("tls", "'{}' asks for encryption, which a Unix socket does not have");
  return endpoint;
}

/// Two jobs on one source need two ids, and one job the same one at each start. The upper half of
/// the range keeps away from ids that people choose.
std::uint32_t derive_server_id(const Job& job) {
  const std::string where = job.source.socket.empty()
                                ? fmt::format("{}:{}", job.source.host, job.source.port)
                                : job.source.socket.string();
  const auto hash = fnv1a(job.name + '\n' + where);
  return 0x80000000u | static_cast<std::uint32_t>(hash ^ (hash >> 32));
}

void read_servers(const TomlReader& root, const fs::path& directory, Job& job) {
  root.require("source");
  root.require("target");
  const auto source = *root.table("source"), target = *root.table("target");
  source.allow({"host", "hosts", "port", "socket", "user", "password", "password_file",
                "password_command", "option_file", "option_group", "tls", "tls_ca", "tls_cert",
                "tls_key", "server_id"});
  target.allow({"host", "hosts", "port", "socket", "user", "password", "password_file",
                "password_command", "option_file", "option_group", "tls", "tls_ca", "tls_cert",
                "tls_key", "bookkeeping"});
  job.source = read_endpoint(source, directory, job.file);
  job.target = read_endpoint(target, directory, job.file);
  source.read_integer("server_id", job.server_id, 0, 0xffffffff);
  if (job.server_id == 0) job.server_id = derive_server_id(job);
  target.read("bookkeeping", job.bookkeeping);
  if (job.bookkeeping.empty() || job.bookkeeping.size() > 64 || is_system_schema(job.bookkeeping))
    target.fail("bookkeeping", "'{}' must be the name of a database that is not the server's own");
}

const TomlReader::Names<DdlPolicy> policies = {
    {"apply", DdlPolicy::apply}, {"skip", DdlPolicy::skip}, {"stop", DdlPolicy::stop}};

void read_dml(const TomlReader& table, MapRule& rule) {
  if (!table.has("dml")) return;
  std::vector<std::string> kinds;
  table.read("dml", kinds);
  rule.insert = rule.update = rule.remove = false;
  for (std::size_t i = 0; i < kinds.size(); ++i) {
    bool* flag = kinds[i] == "insert"   ? &rule.insert
                 : kinds[i] == "update" ? &rule.update
                 : kinds[i] == "delete" ? &rule.remove
                                        : nullptr;
    if (!flag) table.fail("dml", i, "'{}' may contain insert, update and delete only");
    *flag = true;
  }
}

MapRule read_map_rule(const TomlReader& table) {
  table.allow({"source", "target", "columns", "exclude_columns", "where", "dml", "ddl"});
  table.require("source");
  MapRule rule;
  table.read("source", rule.source);
  table.read("target", rule.target);
  if (const auto columns = table.table("columns")) {
    std::set<std::string> targets;
    for (const auto& [key, value] : columns->data()) {
      const auto source = std::string(key.str());
      columns->read(source, rule.columns[source]);
      if (rule.columns[source].empty()) columns->fail(source, "'{}' must not be empty");
      if (!targets.insert(rule.columns[source]).second)
        columns->fail(source, "'{}' gives two columns one name");
    }
  }
  table.read("exclude_columns", rule.exclude_columns);
  table.read("where", rule.where);
  read_dml(table, rule);
  if (table.has("ddl")) table.read_enum("ddl", rule.ddl.emplace(), policies);
  check_map_rule(table, rule);
  return rule;
}

void read_objects(const TomlReader& root, Objects& objects) {
  root.require("objects");
  const auto table = *root.table("objects");
  table.allow({"include", "exclude", "name_case", "map"});
  table.require("include");
  table.read("include", objects.include);
  if (objects.include.empty())
    table.fail("include", "'{}' must name at least one database or table");
  check_object_patterns(table, "include", objects.include);
  table.read("exclude", objects.exclude);
  check_object_patterns(table, "exclude", objects.exclude);
  table.read_enum<NameCase>("name_case", objects.name_case,
                            {{"default", NameCase::by_default},
                             {"source", NameCase::source},
                             {"lower", NameCase::lower},
                             {"upper", NameCase::upper}});
  for (const auto& rule : table.tables("map")) objects.map.push_back(read_map_rule(rule));
}

void read_schema(const TomlReader& root, SchemaOptions& schema) {
  const auto table = root.table("schema");
  if (!table) return;
  table->allow({"existing_tables", "events", "triggers", "definer"});
  table->read_enum<ExistingTables>(
      "existing_tables", schema.existing_tables,
      {{"fail", ExistingTables::fail}, {"keep", ExistingTables::keep}});
  table->read("events", schema.events);
  table->read_enum<Triggers>("triggers", schema.triggers,
                             {{"guarded", Triggers::guarded}, {"skip", Triggers::skip}});
  table->read_enum<Definer>("definer", schema.definer,
                            {{"current", Definer::current}, {"keep", Definer::keep}});
}

void read_data(const TomlReader& root, DataOptions& data) {
  const auto table = root.table("data");
  if (!table) return;
  table->allow({"workers", "rows_per_second", "mb_per_second", "max_replica_lag_seconds", "replicas",
                "max_threads_running"});
  table->read_integer("workers", data.workers, 1, 64);
  table->read_integer("rows_per_second", data.rows_per_second, 0, no_maximum);
  table->read_integer("mb_per_second", data.mb_per_second, 0, 1'000'000);
  table->read_integer("max_replica_lag_seconds", data.max_replica_lag_seconds, 0, 31'536'000);
  table->read_integer("max_threads_running", data.max_threads_running, 0, 1'000'000);
  std::vector<std::string> replicas;
  table->read("replicas", replicas);
  for (std::size_t i = 0; i < replicas.size(); ++i) {
    const auto replica = parse_host_port(replicas[i]);
    if (!replica) table->fail("replicas", i, "'{}' must contain \"HOST:PORT\" only");
    data.replicas.push_back(*replica);
  }
  if (!replicas.empty() && data.max_replica_lag_seconds == 0)
    table->fail("replicas", "'{}' has no effect without 'data.max_replica_lag_seconds'");
}

void read_sync(const TomlReader& root, SyncOptions& sync) {
  const auto table = root.table("sync");
  if (!table) return;
  table->allow({"apply", "workers", "on_conflict", "rows_per_second", "mb_per_second", "ddl", "ddl_by_class",
                "ddl_reevaluate", "online_ddl", "shadow_tables", "trash_tables",
                "heartbeat_seconds", "heartbeat_table"});
  table->read_enum<ApplyMode>(
      "apply", sync.apply,
      {{"transactional", ApplyMode::transactional}, {"parallel", ApplyMode::parallel}});
  table->read_integer("workers", sync.workers, 1, 64);
  table->read_enum<OnConflict>("on_conflict", sync.on_conflict,
                               {{"stop", OnConflict::stop},
                                {"overwrite", OnConflict::overwrite},
                                {"ignore", OnConflict::ignore}});
  table->read_integer("rows_per_second", sync.rows_per_second, 0, no_maximum);
  table->read_integer("mb_per_second", sync.mb_per_second, 0, 1'000'000);
  table->read_enum("ddl", sync.ddl, policies);
  if (const auto classes = table->table("ddl_by_class")) {
    classes->allow(ddl_classes());
    for (const auto& [key, value] : classes->data())
      classes->read_enum(key.str(), sync.ddl_by_class[std::string(key.str())], policies);
  }
  table->read_enum<DdlReevaluate>(
      "ddl_reevaluate", sync.ddl_reevaluate,
      {{"stop", DdlReevaluate::stop}, {"recopy", DdlReevaluate::recopy}});
  table->read_enum<OnlineDdl>("online_ddl", sync.online_ddl,
                              {{"copy", OnlineDdl::copy}, {"skip", OnlineDdl::skip}});
  table->read("shadow_tables", sync.shadow_tables);
  check_regexes(*table, "shadow_tables", sync.shadow_tables);
  table->read("trash_tables", sync.trash_tables);
  check_regexes(*table, "trash_tables", sync.trash_tables);
  table->read_real("heartbeat_seconds", sync.heartbeat_seconds, 0.1, 3600);
  table->read("heartbeat_table", sync.heartbeat_table);
  const auto dot = sync.heartbeat_table.find('.');
  if (table->has("heartbeat_table") &&
      (dot == std::string::npos || dot == 0 || dot + 1 == sync.heartbeat_table.size()))
    table->fail("heartbeat_table", "'{}' must be DATABASE.TABLE");
}

void read_retry(const TomlReader& root, RetryOptions& retry) {
  const auto table = root.table("retry");
  if (!table) return;
  table->allow({"connection_minutes", "statement_minutes"});
  table->read_integer("connection_minutes", retry.connection_minutes, 10, 1440);
  table->read_integer("statement_minutes", retry.statement_minutes, 1, 1440);
  if (retry.statement_minutes >= retry.connection_minutes)
    table->fail(
        table->has("statement_minutes") ? "statement_minutes" : "connection_minutes",
        fmt::format("'{{}}': statement_minutes ({}) must be less than connection_minutes ({})",
                    retry.statement_minutes, retry.connection_minutes));
}

void read_precheck(const TomlReader& root, std::vector<std::string>& ignore) {
  const auto table = root.table("precheck");
  if (!table) return;
  table->allow({"ignore"});
  table->read("ignore", ignore);
}

}  // namespace

Job load_job(const std::filesystem::path& file, std::span<const std::string> overrides) {
  toml::table document = parse_toml(read_job_file(file), file.string());
  for (const auto& text : overrides) apply_override(document, text);

  Job job;
  job.file = file;
  const auto directory = fs::absolute(file).parent_path();
  const TomlReader root(document);
  root.allow({"name", "phases", "source", "target", "objects", "schema", "data", "sync", "retry",
              "precheck"});
  read_name(root, job.name);
  read_phases(root, job);
  read_servers(root, directory, job);
  read_objects(root, job.objects);
  read_schema(root, job.schema);
  read_data(root, job.data);
  read_sync(root, job.sync);
  read_retry(root, job.retry);
  read_precheck(root, job.precheck_ignore);
  return job;
}

}  // namespace dts
