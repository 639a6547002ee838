#include "dts/precheck.hpp"

#include <algorithm>
#include <array>

#include "db/bookkeeping.hpp"
#include "edit_distance.hpp"
#include "failover.hpp"
#include "precheck/check.hpp"
#include "precheck/session.hpp"
#include "selection.hpp"

namespace dts {

namespace {

// In the order in which they run. A new check is one line here and one function.
constexpr std::array table = std::to_array<Check>({
    {"source-connection", "The source can be reached and lets the account in.",
     check_source_connection, false, false, When::always},
    {"target-connection", "The target can be reached and lets the account in.",
     check_target_connection, false, false, When::always},
    {"source-version", "The source is a server that dtsctl knows.", check_source_version, true,
     false, When::always},
    {"target-version", "The target is a server that dtsctl knows.", check_target_version, false,
     true, When::always},
    {"same-server", "Source and target are not the same server.", check_same_server, true, true,
     When::always},
    {"tls", "Tells whether the connections are encrypted.", check_tls, true, true, When::always},
    {"objects-found", "Every include pattern matches something on the source.", check_objects_found,
     true, false, When::always},
    {"selection",
     "Tables that join the job or leave it while it runs can do so; tells which they are.",
     check_selection, true, true, When::always},
    {"source-privileges", "The source account may read the objects and the binlog.",
     check_source_privileges, true, false, When::always},
    {"target-privileges", "The target account may create and fill the objects and the bookkeeping.",
     check_target_privileges, true, true, When::always},
    {"binlog-enabled", "The source writes a binlog.", check_binlog_enabled, true, false,
     When::rows},
    {"gtid-mode", "Tells whether positions are GTIDs or a file and an offset.", check_gtid_mode,
     true, false, When::rows},
    {"binlog-format", "The source logs rows, not statements.", check_binlog_format, true, false,
     When::sync},
    {"binlog-row-image", "The source logs whole rows.", check_binlog_row_image, true, false,
     When::sync},
    {"binlog-row-metadata", "Tells whether the binlog describes the columns of its rows.",
     check_binlog_row_metadata, true, false, When::sync},
    {"binlog-forms", "Tells whether the source compresses its binlog, or logs parts of documents.",
     check_binlog_forms, true, false, When::sync},
    {"server-id", "The job's id as a replica is its own.", check_server_id, true, false,
     When::sync},
    {"binlog-retention", "Binlogs live longer than the copy may take, and long enough for a pause: at least a day, "
     "better three.",
     check_binlog_retention, true, false, When::sync},
    {"binlog-filters", "The binlog leaves out none of the selected databases.",
     check_binlog_filters, true, false, When::sync},
    {"binlog-order-commits", "Transactions become visible in the order of the binlog.",
     check_binlog_order_commits, true, false, When::rows},
    {"log-slave-updates", "A source that is a replica itself logs what it replicates.",
     check_log_slave_updates, true, false, When::sync},
    {"xa-open",
     "No prepared XA transaction is undecided on the source: it would be on neither side "
     "of the start position.",
     check_xa_open, true, false, When::rows},
    {"long-transactions",
     "No transaction has been open on the source for long, where the copy would wait for it.",
     check_long_transactions, true, false, When::rows},
    {"replication", "Neither server is a replica of the other one.", check_replication, true, true,
     When::rows},
    {"connections", "Both servers grant as many sessions as the job may open.", check_connections,
     true, true, When::rows},
    {"engines",
     "The tables are of a kind and an engine that can be synchronized and that the target "
     "has.",
     check_engines, true, true, When::always},
    {"column-types", "All columns are of types that dtsctl and the target know.",
     check_column_types, true, true, When::always},
    {"collations", "The target knows the collations of all columns.", check_collations, true, true,
     When::always},
    {"translations",
     "What MySQL and MariaDB write differently can be translated, and unique values stay so.",
     check_translations, true, true, When::schema},
    {"keyless-tables", "Large tables have a key that names a row.", check_keyless_tables, true,
     false, When::rows},
    {"non-transactional-tables", "Tables are of a transactional engine.",
     check_non_transactional_tables, true, false, When::rows},
    {"foreign-keys",
     "Parents of foreign keys are selected too, and what keys with CASCADE or SET NULL do, the target "
     "can do as well where the binlog does not tell.",
     check_foreign_keys, true, false, When::always},
    {"views", "Selected views are whole, and what they are made of is selected too.", check_views,
     true, true, When::schema},
    {"mapped-objects",
     "Views, routines, triggers and events can be written with the names of the target.",
     check_mapped_objects, true, true, When::schema},
    {"definers", "The accounts that objects belong to are on the target, where they are kept.",
     check_definers, true, true, When::schema},
    {"target-objects",
     "Nothing on the target is in the way of what the job creates, and what it is to fill is "
     "empty, or can be kept.",
     check_target_objects, true, true, When::always},
    {"schema-compare",
     "What is on the target already is what the source's becomes there: all differences are named.",
     check_schema_compare, true, true, When::always},
    {"names", "All selected tables, and their constraints, have different names on the target.",
     check_names, true, true, When::always},
    {"maps", "Each map serves some table, whose columns it names and whose rows it can choose.",
     check_maps, true, true, When::always},
    {"merges", "Tables that become one are alike, and their keys differ.", check_merges, true, true,
     When::always},
    {"function-creators",
     "The target lets the account create functions and triggers while it "
     "writes a binlog.",
     check_function_creators, true, true, When::schema},
    {"read-only", "The target can be written.", check_read_only, false, true, When::always},
    {"primary-keys",
     "The target takes tables without a primary key as they are, where some have none.",
     check_primary_keys, true, true, When::always},
    {"table-limits", "The target's keys and rows can be as long as those of the tables.",
     check_table_limits, true, true, When::schema},
    {"max-allowed-packet",
     "The target takes statements as large as the source does, and as the largest row needs.",
     check_max_allowed_packet, true, true, When::rows},
    {"disk-space", "The target has room for the rows, where it tells.", check_disk_space, true, true,
     When::rows},
    {"target-events", "No event of the target changes the rows that the job writes.",
     check_target_events, true, true, When::rows},
    {"time-zones", "The target knows the time zones that the source and its events use.",
     check_time_zones, true, true, When::always},
    {"sql-mode", "Tells in what the servers' sql_mode differs.", check_sql_mode, true, true,
     When::always},
    {"clocks", "The clocks of both servers tell the same time.", check_clocks, true, true, When::always},
    {"local-infile", "Tells how rows will be copied.", check_local_infile, false, true, When::rows},
    {"replicas", "The replicas whose lag holds the copy can be asked for it.", check_replicas, true,
     false, When::rows},
});

const char* runs(When when) {
  switch (when) {
    case When::always:
      return "always";
    case When::schema:
      return "with the phase schema";
    case When::rows:
      return "with the phase data or sync";
    case When::sync:
      return "with the phase sync";
  }
  return "";
}

bool is_due(const Check& check, const Job& job) {
  switch (check.when) {
    case When::always:
      return true;
    case When::schema:
      return job.schema_phase;
    case When::rows:
      return job.data_phase || job.sync_phase;
    case When::sync:
      return job.sync_phase;
  }
  return true;
}

/// Opens a lost session again for the checks to come; without it, they are left out.
void revive(std::unique_ptr<Connection>& connection, const Endpoint& endpoint, Side side,
            const std::stop_token& stop) {
  if (!connection || stop.stop_requested()) return;
  try {
    connection->value(sql("SELECT 1"));
  } catch (const Error&) {
    connection.reset();
    try {
      connection = open_session(endpoint, side, stop);
    } catch (const Error&) {  // the failed check has told what happened
    }
  }
}

/// What to do where the server refuses what a check asks.
std::string remedy_of(const Error& error) {
  // The last one is how MySQL refuses XA RECOVER.
  static constexpr std::array denied = {1044u, 1142u, 1143u, 1227u, 1370u, 1401u};
  const bool is_denied = std::ranges::find(denied, error.server_errno()) != denied.end();
  constexpr unsigned lock_wait_timeout = 1205;
  if (error.server_errno() == lock_wait_timeout)
    return "somebody has locked a table that is to be read: SHOW FULL PROCESSLIST has those who wait for "
           "a metadata lock; try again once it is free";
  if (!error.hint().empty() || !is_denied) return error.hint();
  return fmt::format(
      "do what {}-privileges says; where it has passed, give the account the right that is "
      "denied here",
      error.kind() == ErrorKind::target ? "target" : "source");
}

Findings run_check(const Check& check, Context& context) {
  const char* subject = check.source ? "source" : "target";
  try {
    return check.run(context);
  } catch (const Error& e) {
    revive(context.source, context.job.source, Side::source, context.stop);
    revive(context.target, context.job.target, Side::target, context.stop);
    return {failure(subject, fmt::format("cannot be checked: {}", e.what()), remedy_of(e))};
  } catch (const std::exception& e) {
    return {failure(subject, fmt::format("cannot be checked: {}", e.what()), "")};
  }
}

void check_names(std::span<const std::string> names) {
  std::vector<std::string_view> known;
  for (const Check& check : table) known.push_back(check.name);
  for (const std::string& name : names) {
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    const std::string_view near = nearest(name, known);
    throw Error(ErrorKind::usage, fmt::format("cannot ignore '{}': there is no such check", name),
                near.empty() ? std::string("precheck --explain lists the checks")
                             : fmt::format("did you mean '{}'?", near));
  }
}

void check_owner(const Job& job, const JobState& state) {
  const bool other_job = !state.job.empty() && state.job != job.name;
  const bool changed = !state.fingerprint.empty() && state.fingerprint != fingerprint(job);
  if (other_job && has_started(state))
    throw Error(
        ErrorKind::state,
        fmt::format("cannot go on: the state belongs to job '{}', not '{}'", state.job, job.name),
        "give each job its own state file (--state)");
  if (!changed || !has_started(state)) return;
  if (state.selection.empty() || !state.copy_end)
    throw Error(ErrorKind::state,
                "cannot go on: the job's name, objects, maps or [schema] have changed since it "
                "began; tables may join it and leave it once its data is copied",
                "undo the change in the job file (for one that an older dtsctl began: then run dtsctl "
                "sync once), or begin a new job with another state file");
  std::vector<TableName> tables;
  for (const auto* list : {&state.tables, &state.settled})
    for (const TableProgress& table : *list) tables.push_back(table.table);
  check_change(parse_selection(state.selection), job, tables);
}

bool was_acknowledged(const Finding& finding, const Findings& before) {
  return std::any_of(before.begin(), before.end(), [&](const Finding& old) {
    return old.acknowledged && old.check == finding.check && old.subject == finding.subject &&
           old.message == finding.message;
  });
}

void begin(const Job& job, StateFile& file) {
  JobState& state = file.state;
  state.job = job.name;
  state.fingerprint = fingerprint(job);
  state.source = to_string(job.source);
  state.target = to_string(job.target);
  state.precheck.status = PhaseStatus::running;
  state.precheck.started = now();
  state.precheck.finished.reset();
  state.precheck.error.clear();
  state.precheck.passed = false;
  file.save();
}

void finish(StateFile& file, PhaseStatus status, const std::string& error) {
  file.state.precheck.status = status;
  file.state.precheck.finished = now();
  file.state.precheck.error = error;
  file.save();
}

/// Ten thousand findings of one check are as one.
void shorten(Findings& findings) {
  constexpr std::size_t most = 50;
  if (findings.size() <= most) return;
  std::stable_sort(findings.begin(), findings.end(),
                   [](const Finding& a, const Finding& b) { return a.level > b.level; });
  const std::size_t more = findings.size() - most;
  const Level level = findings[most].level;
  findings.resize(most);
  findings.push_back({{}, level, {}, fmt::format("and {} more of this check", more), {}, false});
}

bool can_run(const Check& check, const Context& context) {
  return (!check.source || context.source) && (!check.target || context.target);
}

/// Runs the checks that are due, one after the other. Those that need a connection that there is
/// not are left out: the failure of the connection stands for them.
Findings run_checks(const Job& job, StateFile& file, Observer& observer,
                    const std::stop_token& stop) {
  Context context(job, file.state);
  context.reads_ahead = true;
  context.stop = stop;
  Findings findings;
  unsigned left_out = 0;
  const auto throw_if_stopped = [&stop] {
    if (stop.stop_requested())
      throw Error(ErrorKind::interrupted, "stopped during the precheck", "run precheck again");
  };
  for (const Check& check : table) {
    if (!is_due(check, job)) continue;
    throw_if_stopped();
    if (!can_run(check, context)) {
      ++left_out;
      continue;
    }
    observer.message(Severity::debug, fmt::format("checking {}", check.name));
    Findings found = run_check(check, context);
    throw_if_stopped();  // what it found may be that it was cut off
    shorten(found);
    for (Finding& finding : found) {
      finding.check = check.name;
      findings.push_back(std::move(finding));
    }
  }
  if (left_out > 0)
    observer.message(
        Severity::info,
        fmt::format("{} checks need a connection that failed, and were not run", left_out));
  if (file.state.source_id.empty()) file.state.source_id = context.source_id;
  if (file.state.target_id.empty() && context.target)
    file.state.target_id = target_identity(*context.target, job.bookkeeping);
  return findings;
}

/// Where none of the hosts will do, the checks of the connections say what is wrong with the first.
Job try_hosts(const Job& job, JobState& state, Observer& observer) {
  try {
    return with_hosts(job, state, observer);
  } catch (const Error& error) {
    observer.message(Severity::warning, error.what());
    return job;
  }
}

}  // namespace

std::vector<CheckInfo> checks() {
  std::vector<CheckInfo> infos;
  for (const Check& check : table)
    infos.push_back({check.name, check.summary, std::string(explanation(check.name)), runs(check.when)});
  return infos;
}

bool passed(std::span<const Finding> findings) {
  return std::all_of(findings.begin(), findings.end(), [](const Finding& finding) {
    return finding.level == Level::pass ||
           (finding.level == Level::warning && finding.acknowledged);
  });
}

std::vector<Finding> precheck(const Job& given, StateFile& state,
                              std::span<const std::string> ignore, Observer& observer,
                              std::stop_token stop) {
  std::vector<std::string> ignored(ignore.begin(), ignore.end());
  ignored.insert(ignored.end(), given.precheck_ignore.begin(), given.precheck_ignore.end());
  check_names(ignored);
  check_owner(given, state.state);
  if (!has_started(state.state)) state.state.source_id = state.state.target_id = "";
  const Job job = try_hosts(given, state.state, observer);
  begin(job, state);
  PrecheckState& verdict = state.state.precheck;
  try {
    Findings findings = run_checks(job, state, observer, stop);
    for (Finding& finding : findings)
      finding.acknowledged =
          finding.level == Level::warning &&
          (std::find(ignored.begin(), ignored.end(), finding.check) != ignored.end() ||
           was_acknowledged(finding, verdict.findings));
    verdict.findings = std::move(findings);
  } catch (const Error& e) {
    const bool interrupted = e.kind() == ErrorKind::interrupted;
    finish(state, interrupted ? PhaseStatus::interrupted : PhaseStatus::failed,
           interrupted ? "" : e.what());
    throw;
  }
  verdict.passed = passed(verdict.findings);
  finish(state, verdict.passed ? PhaseStatus::done : PhaseStatus::failed,
         verdict.passed ? "" : "the precheck has not passed");
  return verdict.findings;
}

void require_precheck(const Job& job, const JobState& state) {
  check_owner(job, state);
  const char* run = "run: dtsctl precheck";
  if (!state.fingerprint.empty() &&
      (state.fingerprint != fingerprint(job) || state.job != job.name))
    throw Error(ErrorKind::precheck, "cannot start: the job has changed since its precheck", run);
  if (state.precheck.status == PhaseStatus::not_started)
    throw Error(ErrorKind::precheck, "cannot start: the job has not been checked", run);
  if (state.precheck.passed) return;
  const auto count = [&](Level level) {
    return std::count_if(
        state.precheck.findings.begin(), state.precheck.findings.end(),
        [&](const Finding& finding) { return finding.level == level && !finding.acknowledged; });
  };
  throw Error(
      ErrorKind::precheck,
      fmt::format("cannot start: the precheck has not passed: {} failures, {} warnings to "
                  "acknowledge",
                  count(Level::failure), count(Level::warning)),
      "mend the failures and acknowledge the warnings with --ignore CHECK, then run: dtsctl "
      "precheck");
}

}  // namespace dts
