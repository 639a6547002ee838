#include <map>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "report.hpp"

// The text format that Prometheus' textfile collector reads: a HELP and a TYPE line for each metric,
// then a line for each job with its labels.

namespace dtsctl {
namespace {

std::string label(std::string_view name, std::string_view value) {
  std::string text = fmt::format("{}=\"", name);
  for (const char c : printable(value))
    if (c == '"' || c == '\\')
      text += {'\\', c};
    else
      text += c;
  return text + '"';
}

std::string labels(const JobStatus& status) { return label("job", status.job); }

/// A set of labels that a metric has twice makes the whole file unreadable to Prometheus: jobs of one name
/// are told apart by their files.
std::vector<JobStatus> with_own_names(std::span<const JobStatus> jobs) {
  std::map<std::string, unsigned> count;
  for (const JobStatus& job : jobs) ++count[job.job];
  std::vector<JobStatus> named(jobs.begin(), jobs.end());
  for (JobStatus& job : named)
    if (count[job.job] > 1) job.job += fmt::format(" ({})", job.file);
  return named;
}

double seconds_of(const dts::Time& time) {
  return static_cast<double>(time.time_since_epoch().count());
}

/// One metric of all jobs.
class Metric {
 public:
  Metric(std::string& to, std::string_view name, std::string_view type, std::string_view help)
      : to_(to), name_(name), head_(fmt::format("# HELP dtsctl_{0} {2}\n# TYPE dtsctl_{0} {1}\n",
                                                name, type, help)) {}
  void add(std::string_view labels, double value) {
    to_ += std::exchange(head_, {});
    to_ += fmt::format("dtsctl_{}{{{}}} {}\n", name_, labels, value);
  }
  void add(std::string_view labels, std::uint64_t value) {
    to_ += std::exchange(head_, {});
    to_ += fmt::format("dtsctl_{}{{{}}} {}\n", name_, labels, value);
  }

 private:
  std::string& to_;
  std::string_view name_;
  std::string head_;
};

/// A metric with one value a job, left out where `value` returns less than 0.
template <class Value>
void add(std::string& to, std::span<const JobStatus> jobs, std::string_view name,
         std::string_view type, std::string_view help, const Value& value) {
  Metric metric(to, name, type, help);
  for (const JobStatus& job : jobs)
    if (const double number = value(job); job.unreadable.empty() && number >= 0)
      metric.add(labels(job), number);
}

template <class Value>
void count(std::string& to, std::span<const JobStatus> jobs, std::string_view name,
           std::string_view help, const Value& value) {
  Metric metric(to, name, "counter", help);
  for (const JobStatus& job : jobs)
    if (job.unreadable.empty()) metric.add(labels(job), static_cast<std::uint64_t>(value(job)));
}

void add_states(std::string& to, std::span<const JobStatus> jobs) {
  Metric state(to, "state", "gauge", "1 for the state that the job is in");
  for (const JobStatus& job : jobs)
    state.add(labels(job) + "," + label("state", job.overall), std::uint64_t{1});
  Metric failed(to, "phase_failed", "gauge", "1 if the phase has ended with an error");
  for (const JobStatus& job : jobs) {
    if (!job.unreadable.empty()) continue;
    const auto phase = [&](const char* name, const dts::PhaseState& of) {
      failed.add(labels(job) + "," + label("phase", name), std::uint64_t{of.error.empty() ? 0U : 1U});
    };
    phase("precheck", job.state.precheck);
    phase("schema", job.state.schema);
    phase("data", job.state.data);
    phase("sync", job.state.sync_phase);
  }
}

void add_exceptions(std::string& to, std::span<const JobStatus> jobs) {
  Metric skipped(to, "skipped_total", "counter", "Events of the source that were not applied, by kind");
  for (const JobStatus& job : jobs) {
    std::map<std::string, std::uint64_t> kinds;
    for (const dts::Skipped& one : job.state.sync.skipped) kinds[one.kind] += one.count;
    for (const auto& [kind, number] : kinds)
      skipped.add(labels(job) + "," + label("kind", kind), number);
  }
  Metric conflicts(to, "conflicts_total", "counter",
                   "Row changes that met other rows on the target than the source's, by table and kind");
  for (const JobStatus& job : jobs)
    for (const dts::Conflict& one : job.state.sync.conflicts)
      conflicts.add(labels(job) + "," + label("table", dts::to_string(one.table)) + "," +
                        label("kind", one.kind), one.count);
}

}  // namespace

std::string metrics_text(std::span<const JobStatus> given) {
  const std::vector<JobStatus> own = with_own_names(given);
  const std::span<const JobStatus> jobs = own;
  std::string text;
  add_states(text, jobs);
  add(text, jobs, "running", "gauge", "1 while a dtsctl works on the job",
      [](const JobStatus& job) { return job.holder ? 1 : 0; });
  add(text, jobs, "copy_rows", "gauge", "Rows that the copy has written",
      [](const JobStatus& job) { return static_cast<double>(job.copy.rows); });
  add(text, jobs, "copy_rows_estimated", "gauge", "Rows that there are to copy, as the source estimates",
      [](const JobStatus& job) { return static_cast<double>(job.copy.rows_estimated); });
  add(text, jobs, "copy_bytes", "gauge", "Bytes that the copy has written",
      [](const JobStatus& job) { return static_cast<double>(job.copy.bytes); });
  add(text, jobs, "copy_tables", "gauge", "Tables of the copy",
      [](const JobStatus& job) { return static_cast<double>(job.copy.tables); });
  add(text, jobs, "copy_tables_done", "gauge", "Tables that are copied",
      [](const JobStatus& job) { return static_cast<double>(job.copy.tables_done); });
  add(text, jobs, "lag_seconds", "gauge",
      "Age of the last applied transaction by the source's clock, 0 if nothing is left",
      [](const JobStatus& job) { return job.state.sync.lag_seconds; });
  add(text, jobs, "row_changes_per_second", "gauge", "Row changes applied in a second",
      [](const JobStatus& job) { return job.holder ? job.state.sync.row_changes_per_second : 0; });
  count(text, jobs, "transactions_total", "Source transactions applied",
        [](const JobStatus& job) { return job.state.sync.transactions; });
  count(text, jobs, "row_changes_total", "Row changes applied",
        [](const JobStatus& job) { return job.state.sync.row_changes; });
  count(text, jobs, "ddl_total", "DDL statements applied",
        [](const JobStatus& job) { return job.state.sync.ddl; });
  add(text, jobs, "uncopied_tables", "gauge", "Tables whose changes are not applied until they are copied",
      [](const JobStatus& job) { return static_cast<double>(job.state.sync.uncopied.size()); });
  add(text, jobs, "updated_timestamp_seconds", "gauge", "When sync last told how it stands",
      [](const JobStatus& job) {
        return job.state.sync.updated ? seconds_of(*job.state.sync.updated) : -1;
      });
  add(text, jobs, "purge_expected_timestamp_seconds", "gauge",
      "When the source may purge the binlog that is needed next", [](const JobStatus& job) {
        return job.state.sync.purge_expected ? seconds_of(*job.state.sync.purge_expected) : -1;
      });
  add_exceptions(text, jobs);
  return text;
}

}  // namespace dtsctl
