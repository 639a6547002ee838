#include <algorithm>

#include "db/bookkeeping.hpp"
#include "db/replicas.hpp"
#include "db/server.hpp"
#include "db/server_objects.hpp"
#include "precheck/check.hpp"
#include "precheck/session.hpp"

namespace dts {

namespace {

Finding other_server(Side side, const std::string& found, const std::string& known) {
  return failure(name_of(side),
                 fmt::format("another server than the one this job has worked with: '{}' instead "
                             "of '{}'",
                             found, known),
                 "point the job file at the right server, or begin a new job with another name and "
                 "state");
}

/// Also from where the server sees us: that is what its accounts and firewalls go by.
Finding connected(Connection& connection) {
  return pass(fmt::format("{}: {}; it sees us as {}", to_string(connection.endpoint()),
                          connection.server_version(),
                          connection.value(sql("SELECT USER()")).value_or("")),
              name_of(connection.side()));
}

Finding not_connected(Side side, const Error& e) {
  return failure(name_of(side), e.what(), e.hint());
}

Findings check_version(Context& context, Side side) {
  const Connection& connection = context.connection(side);
  std::string trouble = version_trouble(connection);
  if (!trouble.empty()) return {failure(name_of(side), std::move(trouble), "upgrade the server")};
  return {pass(is_tested_version(connection)
                   ? connection.server_version()
                   : connection.server_version() + ": should do, but dtsctl's own tests have not "
                                                   "run with this series",
               name_of(side))};
}

bool holds_one_of(const Grants& grants, const std::vector<std::string>& rights) {
  return std::any_of(rights.begin(), rights.end(),
                     [&](const std::string& right) { return grants.allow(right); });
}

}  // namespace

Findings check_source_connection(Context& context) {
  try {
    context.source = open_session(context.job.source, Side::source, context.stop);
  } catch (const Error& e) {
    return {not_connected(Side::source, e)};
  }
  context.source_id = server_identity(*context.source);
  const std::string& known = context.state.source_id;
  if (has_started(context.state) && !known.empty() && known != context.source_id)
    return {other_server(Side::source, context.source_id, known)};
  return {connected(*context.source)};
}

Findings check_target_connection(Context& context) {
  try {
    context.target = open_session(context.job.target, Side::target, context.stop);
  } catch (const Error& e) {
    return {not_connected(Side::target, e)};
  }
  const std::string& known = context.state.target_id;
  if (has_started(context.state) && !known.empty()) {
    const std::string found = target_identity(*context.target, context.job.bookkeeping);
    if (known != found) return {other_server(Side::target, found, known)};
  }
  return {connected(*context.target)};
}

Findings check_source_version(Context& context) {
  return check_version(context, Side::source);
}

Findings check_target_version(Context& context) {
  return check_version(context, Side::target);
}

Findings check_same_server(Context& context) {
  if (context.source_id == server_identity(*context.target))
    return {failure("target", "source and target are the same server",
                    "correct host and port in [source] or [target]")};
  return {pass("source and target are two servers")};
}

Findings check_tls(Context& context) {
  Findings findings;
  for (Side side : {Side::source, Side::target})
    findings.push_back(pass(context.connection(side).uses_tls()
                                ? "the connection is encrypted"
                                : "the connection is not encrypted; tls = \"required\" would "
                                  "insist on it",
                            name_of(side)));
  return findings;
}

Findings check_read_only(Context& context) {
  const auto is_on = [&](const char* name) {
    const std::string value = context.variable(Side::target, name);
    return !value.empty() && value != "OFF" && value != "0";
  };
  if (is_on("super_read_only"))
    return {failure("target", "super_read_only is ON: nobody can write",
                    on(Side::target, "SET GLOBAL super_read_only = OFF, GLOBAL read_only = OFF;"))};
  if (!is_on("read_only")) return {pass("read_only is OFF", "target")};
  const Grants& grants = context.grants(Side::target);
  const auto rights = read_only_rights(*context.target);
  if (holds_one_of(grants, rights))
    return {pass("read_only is ON, the account is exempt", "target")};
  return {failure("target", "read_only is ON: nothing can be written",
                  on(Side::target, "SET GLOBAL read_only = OFF;") + "\nor " +
                      on(Side::target, grant_statement(grants, {rights[0]}, "")))};
}

Findings check_primary_keys(Context& context) {
  const auto is_on = [&](const char* name) { return context.variable(Side::target, name) == "ON"; };
  const char* setting = is_on("sql_require_primary_key") ? "sql_require_primary_key"
                        : is_on("sql_generate_invisible_primary_key")
                            ? "sql_generate_invisible_primary_key"
                            : nullptr;
  if (setting == nullptr) return {pass("the target takes tables as they are", "target")};
  const Grants& grants = context.grants(Side::target);
  const auto rights = setting_rights(*context.target);
  if (holds_one_of(grants, rights))
    return {pass(fmt::format("{} is ON, and switched off for dtsctl's own sessions", setting),
                 "target")};
  std::vector<std::string> without;
  for (const Table& table : context.tables())
    if (std::none_of(table.keys.begin(), table.keys.end(),
                     [](const Key& key) { return key.name == "PRIMARY"; }))
      without.push_back(to_string(table.name));
  if (without.empty())
    return {pass(fmt::format("{} is ON, and all tables have a primary key", setting), "target")};
  return {failure("target",
                  fmt::format("{} is ON: the target would not create these tables without a "
                              "primary key as they are: {}",
                              setting, listed(without)),
                  on(Side::target, grant_statement(grants, {rights[0]}, "")))};
}

Findings check_local_infile(Context& context) {
  if (context.variable(Side::target, "local_infile") == "ON")
    return {pass("local_infile is ON: rows are copied by LOAD DATA", "target")};
  return {
      pass("local_infile is OFF: rows are copied by multi-row INSERT, which is slower", "target")};
}

Findings check_replicas(Context& context) {
  const unsigned limit = context.job.data.max_replica_lag_seconds;
  if (limit == 0) return {pass("their lag is not limited by the job", "source")};
  Findings findings;
  try {
    const std::string id = context.variable(Side::source, "server_id");
    for (Endpoint& endpoint : watched_replicas(context.job, *context.source)) {
      WatchedReplica replica(std::move(endpoint));
      const ReplicaLag lag = replica.lag(id);
      if (lag.seconds && *lag.seconds <= limit)
        findings.push_back(pass(fmt::format("{} lags {} s", replica.name(), *lag.seconds), "source"));
      else
        findings.push_back(warning(
            "source",
            lag.seconds ? fmt::format("{} lags {} s now: the copy would wait", replica.name(),
                                      *lag.seconds)
                        : fmt::format("{} does not replicate now: the copy would wait{}{}",
                                      replica.name(), lag.trouble.empty() ? "" : "; ", lag.trouble),
            "wait for it, or leave it out by data.replicas"));
    }
  } catch (const Error& error) {
    if (is_connection_loss(error.server_errno()) && error.kind() == ErrorKind::connect) throw;
    return {failure("source", error.what(), error.hint())};
  }
  return findings;
}

Findings check_function_creators(Context& context) {
  if (context.variable(Side::target, "log_bin") != "ON" ||
      context.variable(Side::target, "log_bin_trust_function_creators") == "ON")
    return {pass("the target takes functions and triggers as they are", "target")};
  const Grants& grants = context.grants(Side::target);
  const bool trusted = holds_one_of(grants, creator_rights(*context.target));
  std::vector<std::string> refused;
  for (const std::string& schema : context.schemas()) {
    if (!selects_schema(context.job.objects, schema)) continue;
    for (auto& row : context.source->query(
             sql("SELECT ROUTINE_NAME, IS_DETERMINISTIC = 'NO' AND SQL_DATA_ACCESS IN "
                 "('CONTAINS SQL', 'MODIFIES SQL DATA') FROM information_schema.ROUTINES WHERE "
                 "ROUTINE_SCHEMA = {} AND ROUTINE_TYPE = 'FUNCTION'",
                 Text{schema})))
      if (!trusted || row.at(1) == "1") refused.push_back(schema + "." + row.at(0).value_or(""));
    if (trusted || context.job.schema.triggers == Triggers::skip) continue;
    for (auto& row : context.source->query(
             sql("SELECT TRIGGER_NAME FROM information_schema.TRIGGERS WHERE EVENT_OBJECT_SCHEMA = {}",
                 Text{schema})))
      refused.push_back(schema + "." + row.at(0).value_or(""));
  }
  if (refused.empty()) return {pass("nothing selected needs more trust", "target")};
  return {failure("target",
                  fmt::format("the target has a binlog and would refuse these functions and "
                              "triggers: {}",
                              listed(refused)),
                  on(Side::target, "SET GLOBAL log_bin_trust_function_creators = ON;"))};
}

}  // namespace dts
