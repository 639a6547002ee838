#include <algorithm>
#include <set>

#include "db/server.hpp"
#include "db/server_objects.hpp"
#include "precheck/check.hpp"

namespace dts {

namespace {

/// Whether the start of the copy waits for what others have open, and holds up who comes behind it.
bool start_waits(Context& context) {
  if (context.state.data.status == PhaseStatus::done || !context.job.data_phase) return false;
  if (!locks_for_snapshot(*context.source)) return false;
  const std::set<TableName> cascading = cascading_tables(context);
  return !uses_gtids(*context.source) ||
         std::any_of(context.tables().begin(), context.tables().end(), [&](const Table& table) {
           return !is_sequence(table) && (is_copied_whole(table) || cascading.contains(table.name));
         });
}

/// Databases that are on the target, and whose events the account may not see.
std::vector<std::string> with_unseen_events(Context& context) {
  const auto wanted = context.target_schemas();
  std::vector<std::string> unseen;
  for (auto& row : context.target->query(
           sql("SELECT SCHEMA_NAME FROM information_schema.SCHEMATA ORDER BY SCHEMA_NAME")))
    if (const std::string schema = row.at(0).value_or("");
        wanted.contains(schema) && !context.grants(Side::target).allow("EVENT", schema))
      unseen.push_back(schema);
  return unseen;
}

bool knows_zone(Connection& target, const std::string& zone) {
  return zone == "SYSTEM" ||
         target.value(sql("SELECT CONVERT_TZ('2000-01-01 00:00:00', '+00:00', {})", Text{zone}))
             .has_value();
}

}  // namespace

Findings check_long_transactions(Context& context) {
  constexpr unsigned denied = 1227;
  std::vector<std::string> open;
  std::string kills;
  // Of InnoDB's table, in the time zone of the system; the session is in UTC.
  const Sql now = sql("CONVERT_TZ(SYSDATE(), @@SESSION.time_zone, 'SYSTEM')");
  try {
    for (auto& row : context.source->query(
             sql("SELECT trx_mysql_thread_id, TIMESTAMPDIFF(SECOND, trx_started, {0}) FROM "
                 "information_schema.INNODB_TRX WHERE trx_started < {0} - INTERVAL 10 SECOND "
                 "ORDER BY trx_started",
                 now))) {
      open.push_back(fmt::format("{} ({} s)", row.at(0).value_or(""), row.at(1).value_or("")));
      // XA transactions that are prepared have no session.
      if (row.at(0) != "0") kills += fmt::format("\nKILL {};", row.at(0).value_or(""));
    }
  } catch (const Error& error) {
    if (error.server_errno() != denied) throw;
    return {
        pass("whether transactions are open for long the account may not see (PROCESS)", "source")};
  }
  if (open.empty()) return {pass("no transaction is open for more than 10 seconds", "source")};
  const std::string fact =
      fmt::format("sessions with transactions of more than 10 seconds: {}", listed(open));
  if (!start_waits(context)) return {pass(fact + "; the copy does not wait for them", "source")};
  return {warning("source",
                  fact +
                      ": to begin a copy, tables are locked for an instant, which waits for those "
                      "that use them, and holds up all that write to them meanwhile",
                  kills.empty() ? "commit or roll them back"
                                : "wait until they have ended\nor " + on(Side::source, kills.substr(1)))};
}

Findings check_target_events(Context& context) {
  if (context.variable(Side::target, "event_scheduler") != "ON")
    return {pass("the target runs no events", "target")};
  std::vector<std::string> enabled;
  std::string remedy;
  for (const std::string& schema : context.target_schemas())
    for (auto& row : context.target->query(
             sql("SELECT EVENT_NAME FROM information_schema.EVENTS WHERE EVENT_SCHEMA = {} AND "
                 "STATUS = 'ENABLED' ORDER BY EVENT_NAME",
                 Text{schema}))) {
      const TableName event{schema, row.at(0).value_or("")};
      enabled.push_back(to_string(event));
      remedy += sql("\nALTER EVENT {} DISABLE;", event).text();
    }
  Findings findings;
  if (!enabled.empty())
    findings.push_back(warning(
        "target",
        fmt::format("events run on the target beside the job, and may change the same rows: "
                    "{}",
                    listed(enabled)),
        on(Side::target, remedy.substr(1)) + "\n(and ENABLE them when the target takes over)"));
  if (const auto unseen = with_unseen_events(context); !unseen.empty())
    findings.push_back(pass(
        fmt::format("whether events of these databases are enabled the account may not see (EVENT): {}",
                    listed(unseen)),
        "target"));
  if (findings.empty()) findings.push_back(pass("no event of the databases is enabled", "target"));
  return findings;
}

Findings check_time_zones(Context& context) {
  const char* remedy =
      "load the zones on the target's machine:\nmariadb-tzinfo-to-sql /usr/share/zoneinfo | "
      "mariadb "
      "mysql\nor on MySQL: mysql_tzinfo_to_sql /usr/share/zoneinfo | mysql mysql";
  std::set<std::string> zones;
  if (context.job.schema_phase && context.job.schema.events)
    for (const std::string& schema : context.schemas()) {
      if (!selects_schema(context.job.objects, schema)) continue;  // events come with their database
      for (auto& row : context.source->query(
               sql("SELECT EVENT_NAME, TIME_ZONE FROM information_schema.EVENTS WHERE EVENT_SCHEMA = {}",
                   Text{schema})))
        if (selects(context.job.objects, {schema, row.at(0).value_or("")}))
          zones.insert(row.at(1).value_or("SYSTEM"));
    }
  std::vector<std::string> unknown;
  for (const std::string& zone : zones)
    if (!knows_zone(*context.target, zone)) unknown.push_back(zone);
  Findings findings;
  if (!unknown.empty())
    findings.push_back(
        failure("target",
                fmt::format("the target does not know time zones of the source's events: {}",
                            listed(unknown)),
                remedy));
  const std::string own = context.variable(Side::source, "time_zone");
  if (context.job.sync_phase && !knows_zone(*context.target, own))
    findings.push_back(warning(
        "target",
        fmt::format("the target does not know the time zone of the source, {}: DDL statements "
                    "of sessions in it would be refused",
                    own),
        remedy));
  if (findings.empty())
    findings.push_back(pass("the target knows the time zones that are used", "target"));
  return findings;
}

}  // namespace dts
