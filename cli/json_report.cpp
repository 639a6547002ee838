#include "json.hpp"
#include "report.hpp"

namespace dtsctl {
namespace {

using json::Json;
using json::Object;

Json time(const std::optional<dts::Time>& t) {
  return t ? json::value(dts::to_string(*t)) : json::null;
}

Json known(double number) {
  return number < 0 ? json::null : json::value(number);
}

/// From now, below 0 if it is past.
Json purge_in_hours(const dts::SyncProgress& sync) {
  if (!sync.purge_expected) return json::null;
  return json::value(static_cast<double>((*sync.purge_expected - dts::now()).count()) / 3600);
}

Json phase(const dts::PhaseState& phase) {
  return Object()
      .add("state", dts::to_string(phase.status))
      .add("started", time(phase.started))
      .add("finished", time(phase.finished))
      .add("error", phase.error.empty() ? json::null : json::value(phase.error));
}

Json position(const dts::SyncProgress& sync) {
  return sync.position ? json::value(dts::to_string(*sync.position)) : json::null;
}

bool is_catching_up(const dts::JobState& state) {
  return state.copy_end.has_value() && !state.sync.caught_up_copy;
}

Json skipped(const dts::SyncProgress& sync) {
  return json::array(sync.skipped, [](const dts::Skipped& s) {
    return Object()
        .add("kind", s.kind)
        .add("detail", s.detail)
        .add("position", s.position)
        .add("count", s.count)
        .add("when", time(s.when));
  });
}

Json conflicts(const dts::SyncProgress& sync) {
  return json::array(sync.conflicts, [](const dts::Conflict& c) {
    return Object()
        .add("table", dts::to_string(c.table))
        .add("kind", c.kind)
        .add("key", c.key)
        .add("count", c.count)
        .add("keys", json::array(c.keys, [](const dts::ConflictKey& k) {
               return Object().add("key", k.key).add("count", k.count);
             }));
  });
}

Json active_tables(const dts::JobState& state) {
  std::vector<dts::TableProgress> active;
  for (const dts::TableProgress& table : state.tables)
    if (table.active) active.push_back(table);
  return json::array(active, [](const dts::TableProgress& t) {
    return Object()
        .add("table", dts::to_string(t.table))
        .add("state", state_of(t))
        .add("rows", t.rows)
        .add("rows_estimated", t.rows_estimated)
        .add("bytes", t.bytes);
  });
}

Json names(const std::vector<std::string>& list) {
  return json::array(list, [](const std::string& name) { return std::string_view(name); });
}

/// Those that are in step while others are copied come last.
std::vector<const dts::TableProgress*> all_tables(const dts::JobState& state) {
  std::vector<const dts::TableProgress*> tables;
  for (const auto* list : {&state.tables, &state.settled})
    for (const dts::TableProgress& table : *list) tables.push_back(&table);
  return tables;
}

Json data_status(const JobStatus& status) {
  return Object()
      .add("rows", status.copy.rows)
      .add("rows_estimated", status.copy.rows_estimated)
      .add("bytes", status.copy.bytes)
      .add("rows_per_second", known(status.copy_rows_per_second))
      .add("eta_seconds", known(status.copy_eta_seconds))
      .add("tables", json::array(all_tables(status.state), [](const dts::TableProgress* t) {
             return Object()
                 .add("table", dts::to_string(t->table))
                 .add("rows", t->rows)
                 .add("rows_estimated", t->rows_estimated)
                 .add("bytes", t->bytes)
                 .add("state", state_of(*t))
                 .add("indexes_waiting", names(t->indexes_waiting));
           }));
}

Json sync_status(const dts::JobState& state) {
  const dts::SyncProgress& sync = state.sync;
  return Object()
      .add("position", position(sync))
      .add("lag_seconds", known(sync.lag_seconds))
      .add("lag_history", json::array(sync.lag_history, [](double lag) { return known(lag); }))
      .add("lag_minute", time(sync.lag_minute))
      .add("transactions", sync.transactions)
      .add("row_changes", sync.row_changes)
      .add("ddl", sync.ddl)
      .add("row_changes_per_second", sync.row_changes_per_second)
      .add("bottleneck", sync.bottleneck)
      .add("bottleneck_detail", sync.bottleneck_detail)
      .add("waiting", sync.waiting)
      .add("catching_up", is_catching_up(state))
      .add("updated", time(sync.updated))
      .add("purge_expected", time(sync.purge_expected))
      .add("purge_in_hours", purge_in_hours(sync))
      .add("uncopied", names(sync.uncopied))
      .add("skipped", skipped(sync))
      .add("conflicts", conflicts(sync));
}

Json differences(const std::vector<dts::SchemaDifference>& all) {
  const auto name = [](const dts::TableName& name) {
    if (name.schema.empty()) return json::null;
    return json::value(name.table.empty() ? name.schema : dts::to_string(name));
  };
  return json::array(all, [&](const dts::SchemaDifference& one) {
    return Object()
        .add("kind", one.kind)
        .add("source", name(one.source))
        .add("target", name(one.target))
        .add("difference", dts::to_string(one.sort))
        .add("what", one.what.empty() ? json::null : json::value(one.what))
        .add("harmful", one.harmful);
  });
}

/// What the last precheck found that has not passed.
Json unpassed(const dts::PrecheckState& precheck) {
  std::vector<dts::Finding> findings;
  for (const dts::Finding& one : precheck.findings)
    if (one.level != dts::Level::pass) findings.push_back(one);
  return json::array(findings, finding_facts);
}

Json whole_status(const JobStatus& status) {
  Object object = Object().add("job", status.job);
  if (!status.file.empty()) object.add("file", status.file);
  if (!status.unreadable.empty())
    return object.add("state", "unreadable").add("error", status.unreadable);
  const auto& holder = status.holder;
  object.add("state", status.overall)
      .add("running", holder.has_value())
      .add("pid", holder ? json::value(holder->pid) : json::null)
      .add("command", holder ? json::value(holder->command) : json::null)
      .add("since", holder ? json::value(holder->since) : json::null)
      .add("source", status.state.source)
      .add("target", status.state.target)
      .add("phases", Object()
                         .add("precheck", phase(status.state.precheck))
                         .add("schema", phase(status.state.schema))
                         .add("data", phase(status.state.data))
                         .add("sync", phase(status.state.sync_phase)))
      .add("findings", unpassed(status.state.precheck))
      .add("data", data_status(status))
      .add("sync", sync_status(status.state));
  if (status.schema) object.add("schema", differences(*status.schema));
  return object;
}

class JsonReport final : public Report {
 public:
  JsonReport(Terminal& out, Terminal& err, Log& log, const GlobalOptions& options, bool lines)
      : Report(out, err, log, options), lines_(lines) {}

  void explain(std::span<const dts::CheckInfo> checks) override {
    print(Object().add("checks", json::array(checks, [](const dts::CheckInfo& check) {
                         return Object()
                             .add("check", check.name)
                             .add("summary", check.summary)
                             .add("details", check.details)
                             .add("runs", check.runs);
                       })));
  }

  void plan(const std::string& job, const dts::JobPlan& plan, bool) override {
    out_.line(plan_json(job, plan));
  }

  void schema_plan(std::span<const dts::SchemaStep> steps) override {
    print(Object()
              .add("type", "summary")
              .add("phase", "schema")
              .add("dry_run", true)
              .add("steps", json::array(steps, [](const dts::SchemaStep& step) {
                     return Object()
                         .add("kind", step.kind)
                         .add("name", step.name)
                         .add("statements", json::array(step.statements, [](const std::string& s) {
                                return std::string_view(s);
                              }));
                   })));
  }

  void copy_plan(std::span<const dts::CopyPlan> tables) override {
    print(Object()
              .add("type", "summary")
              .add("phase", "data")
              .add("dry_run", true)
              .add("tables", json::array(tables, [](const dts::CopyPlan& plan) {
                     return Object()
                         .add("table", dts::to_string(plan.table))
                         .add("rows_estimated", plan.rows_estimated)
                         .add("bytes_estimated", plan.bytes_estimated)
                         .add("key", plan.key.empty() ? json::null : json::value(plan.key));
                   })));
  }

  void status(const JobStatus& status, bool) override { print(whole_status(status)); }

  void jobs(std::span<const JobStatus> jobs, bool) override {
    print(Object().add("jobs", json::array(jobs, whole_status)));
  }

 protected:
  void show_progress(const dts::Progress& progress) override {
    if (Clock::now() - shown_ < std::chrono::seconds(1)) return;
    shown_ = Clock::now();
    print(event("progress").add_all(progress_facts(progress)));
  }

  void show_message(dts::Severity severity, std::string_view text) override {
    if (options_.quiet || (severity == dts::Severity::debug && options_.verbose == 0)) return;
    static constexpr const char* names[] = {"debug", "info", "warning"};
    const Json line = Object()
                          .add("type", "message")
                          .add("time", dts::to_string(dts::now()))
                          .add("level", names[static_cast<int>(severity)])
                          .add("message", text);
    (lines_ ? out_ : err_).line(line.text);
  }

  void show_findings(const std::string& job, std::span<const dts::Finding> findings) override {
    print(Object()
              .add("job", job)
              .add("passed", dts::passed(findings))
              .add("findings", json::array(findings, finding_facts)));
  }

  void show_summary(const Summary& summary) override {
    Object line = event("summary");
    line.add_all(summary_facts(summary));
    if (const dts::SyncProgress& sync = summary.state.sync; summary.phase == "sync")
      line.add("uncopied", names(sync.uncopied))
          .add("skipped", skipped(sync))
          .add("conflicts", conflicts(sync));
    print(line.add("next", summary.next.empty() ? json::null : json::value(summary.next)));
  }

 private:
  static Object event(const char* type) {
    return Object().add("type", type).add("time", dts::to_string(dts::now()));
  }

  void print(const Json& line) { out_.line(line.text); }

  const bool lines_;
  Clock::time_point shown_{};
};

}  // namespace

Object finding_facts(const dts::Finding& f) {
  return Object()
      .add("check", f.check)
      .add("level", dts::to_string(f.level))
      .add("subject", f.subject)
      .add("message", f.message)
      .add("remedy", f.remedy)
      .add("acknowledged", f.acknowledged);
}

Object progress_facts(const dts::Progress& progress) {
  Object line = Object().add("phase", progress.phase);
  const dts::JobState& state = *progress.state;
  if (progress.phase == "schema") {
    line.add("objects", state.schema_objects);
  } else if (progress.phase == "data") {
    const CopyTotals sum = totals(state);
    line.add("rows", sum.rows)
        .add("rows_estimated", sum.rows_estimated)
        .add("bytes", sum.bytes)
        .add("rows_per_second", progress.rows_per_second)
        .add("bytes_per_second", progress.bytes_per_second)
        .add("eta_seconds", known(progress.eta_seconds))
        .add("tables", sum.tables)
        .add("tables_done", sum.tables_done)
        .add("active", active_tables(state));
  } else {
    line.add("position", position(state.sync))
        .add("lag_seconds", known(state.sync.lag_seconds))
        .add("transactions", state.sync.transactions)
        .add("row_changes", state.sync.row_changes)
        .add("row_changes_per_second", state.sync.row_changes_per_second)
        .add("bottleneck", state.sync.bottleneck)
        .add("bottleneck_detail", state.sync.bottleneck_detail)
        .add("waiting", state.sync.waiting)
        .add("catching_up", is_catching_up(state));
  }
  return line;
}

Object summary_facts(const Summary& summary) {
  const dts::JobState& state = summary.state;
  Object line = Object().add("phase", summary.phase);
  line.add("done", summary.done).add("seconds", summary.seconds);
  if (summary.phase == "schema") {
    line.add("objects", state.schema_objects);
  } else if (summary.phase == "data") {
    const CopyTotals sum = totals(state);
    line.add("rows", sum.rows).add("bytes", sum.bytes);
    line.add("tables", json::array(state.tables, [](const dts::TableProgress& t) {
               return Object()
                   .add("table", dts::to_string(t.table))
                   .add("state", state_of(t))
                   .add("rows", t.rows)
                   .add("bytes", t.bytes)
                   .add("chunks", t.chunks)
                   .add("seconds", t.seconds);
             }));
  } else {
    line.add("position", position(state.sync))
        .add("lag_seconds", known(state.sync.lag_seconds))
        .add("transactions", state.sync.transactions)
        .add("row_changes", state.sync.row_changes)
        .add("ddl", state.sync.ddl)
        .add("run_transactions", state.sync.transactions - summary.before.transactions)
        .add("run_row_changes", state.sync.row_changes - summary.before.row_changes);
  }
  return line;
}

Object error_facts(const dts::Error& error) {
  const auto number = error.server_errno();
  return Object()
      .add("hint", error.hint())
      .add("server_errno", number ? json::value(number) : json::null);
}

std::unique_ptr<Report> make_json_report(Terminal& out, Terminal& err, Log& log,
                                         const GlobalOptions& options, bool lines) {
  return std::make_unique<JsonReport>(out, err, log, options, lines);
}

}  // namespace dtsctl
