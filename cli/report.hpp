#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "dts/error.hpp"
#include "dts/init_data.hpp"
#include "dts/init_schema.hpp"
#include "dts/observer.hpp"
#include "dts/plan.hpp"
#include "dts/precheck.hpp"
#include "dts/schema_compare.hpp"
#include "dts/state.hpp"
#include "json.hpp"
#include "log.hpp"
#include "options.hpp"
#include "terminal.hpp"

namespace dtsctl {

/// Sums over the tables of a copy.
struct CopyTotals {
  std::uint64_t rows = 0, rows_estimated = 0, bytes = 0;
  std::size_t tables = 0, tables_done = 0;

  void add(const dts::TableProgress& table);
};
CopyTotals totals(const dts::JobState& state);

/// "done", "indexing", "unindexed", "copying" or "waiting".
const char* state_of(const dts::TableProgress& table);

/// What `status` shows.
struct JobStatus {
  std::string job;
  std::string file;        ///< of the job, where there are several
  std::string unreadable;  ///< among several jobs: why nothing else is known of this one
  std::string overall;  ///< in the service's words
  std::optional<dts::LockHolder> holder;
  dts::JobState state;
  CopyTotals copy;
  double copy_rows_per_second = -1;  ///< -1: not known, as with the next
  double copy_eta_seconds = -1;
  std::optional<std::vector<dts::SchemaDifference>> schema;  ///< --schema: how the target differs
};

/// The end of a phase, whether it is done or was interrupted.
struct Summary {
  std::string_view phase;  ///< "schema", "data" or "sync"
  bool done = true;
  bool idle = false;  ///< it was done before, nothing was left to do
  double seconds = 0;
  const dts::JobState& state;
  std::string next;  ///< the command to run now; empty: none
  dts::SyncProgress before{};  ///< what sync had done when this run began
};

/// Shows what a command does, as text or as JSON, and writes the log.
class Report : public dts::Observer {
 public:
  Report(Terminal& out, Terminal& err, Log& log, const GlobalOptions& options)
      : out_(out), err_(err), options_(options), log_(log) {}

  void progress(const dts::Progress& progress) final;
  void message(dts::Severity severity, std::string_view text) final;
  /// Whether the phase has got beyond its first connection.
  bool under_way() const { return under_way_; }
  /// Whether nobody reads the results any more.
  bool in_vain() const { return out_.failed() != 0; }

  void findings(const std::string& job, std::span<const dts::Finding> findings);
  void summary(const Summary& summary);
  virtual void explain(std::span<const dts::CheckInfo> checks) = 0;
  virtual void plan(const std::string& job, const dts::JobPlan& plan, bool all) = 0;
  virtual void schema_plan(std::span<const dts::SchemaStep> steps) = 0;
  virtual void copy_plan(std::span<const dts::CopyPlan> tables) = 0;
  virtual void status(const JobStatus& status, bool watched) = 0;
  virtual void jobs(std::span<const JobStatus> jobs, bool watched) = 0;

 protected:
  using Clock = std::chrono::steady_clock;

  virtual void show_progress(const dts::Progress& progress) = 0;
  virtual void show_message(dts::Severity severity, std::string_view text) = 0;
  virtual void show_findings(const std::string& job, std::span<const dts::Finding> findings) = 0;
  virtual void show_summary(const Summary& summary) = 0;

  Terminal& out_;
  Terminal& err_;
  const GlobalOptions& options_;

 private:
  Log& log_;
  bool under_way_ = false;
  Clock::time_point logged_ = Clock::now();
};

/// For --json. With `lines`, messages are lines of stdout too; without, stdout is one object and
/// they go to stderr.
std::unique_ptr<Report> make_json_report(Terminal& out, Terminal& err, Log& log,
                                         const GlobalOptions& options, bool lines);
/// For people.
std::unique_ptr<Report> make_text_report(Terminal& out, Terminal& err, Log& log,
                                         const GlobalOptions& options);

/// Prints an error as the last thing on stderr.
void show_error(const dts::Error& error, int exit_code, bool json, Terminal& err);

/// The facts of one finding, of where a phase stands, of what it did and of an error, for JSON;
/// none of them has values of rows.
json::Object finding_facts(const dts::Finding& finding);
json::Object progress_facts(const dts::Progress& progress);
json::Object summary_facts(const Summary& summary);
json::Object error_facts(const dts::Error& error);

/// One line about where a phase stands.
std::string progress_line(const dts::Progress& progress);
/// The same for a terminal of this size: the whole, and below it the tables that are being copied.
std::string copy_screen(const dts::Progress& progress, int width, int height);
/// One line about what a phase did.
std::string summary_line(const Summary& summary);
/// What `precheck --plan` shows, and the line below it; `width` 0: cut nothing. Long lists are cut short
/// unless `all` is wanted.
std::string plan_screen(const dts::JobPlan& plan, int width, bool all);
std::string plan_note(const dts::JobPlan& plan);
std::string plan_json(const std::string& job, const dts::JobPlan& plan);
/// The screen of `status`, for a terminal of this size; `width` 0: cut nothing.
std::string status_screen(const JobStatus& status, const Terminal& out, int width, int height);
/// Many jobs, one a line.
std::string jobs_screen(std::span<const JobStatus> jobs, int width);
/// The same facts as a page of HTML that needs nothing else.
std::string html_page(std::span<const JobStatus> jobs);
/// The same facts for Prometheus' textfile collector.
std::string metrics_text(std::span<const JobStatus> jobs);

/// "0.3s", "12s, 5m ago", "unknown", or "-" before sync.
std::string lag_text(const JobStatus& status);
/// "42 % copied" as long as that is what the job is about; else empty.
std::string progress_of(const JobStatus& status);
/// Of the furthest phase that has one.
std::string last_error(const dts::JobState& state);
/// The values as a row of bars of eight heights; a space where the value is below 0.
std::string sparkline(const std::vector<double>& values, double highest);

}  // namespace dtsctl
