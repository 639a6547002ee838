#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "format.hpp"
#include "report.hpp"

namespace dtsctl {

std::string progress_of(const JobStatus& status) {
  const dts::JobState& state = status.state;
  if (state.sync.position) return "";
  if (status.copy.rows_estimated == 0) return "";
  const double share = static_cast<double>(status.copy.rows) /
                       static_cast<double>(std::max(status.copy.rows, status.copy.rows_estimated));
  return fmt::format("{:.0f} % copied", share * 100);
}

std::string last_error(const dts::JobState& state) {
  for (const dts::PhaseState* phase :
       {&state.sync_phase, &state.data, &state.schema, static_cast<const dts::PhaseState*>(&state.precheck)})
    if (!phase->error.empty()) return phase->error;
  return "";
}

std::string lag_text(const JobStatus& status) {
  const dts::SyncProgress& sync = status.state.sync;
  if (!sync.position) return "-";
  if (sync.lag_seconds < 0) return "unknown";
  std::string text = duration(sync.lag_seconds);
  if (!sync.updated) return text;
  const double age = seconds_between(*sync.updated, {});
  return age < 5 && status.holder ? text : fmt::format("{}, {} ago", text, whole_duration(age));
}

std::string sparkline(const std::vector<double>& values, double highest) {
  static constexpr std::array bars = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  std::string text;
  for (const double value : values) {
    if (value < 0) {
      text += ' ';
      continue;
    }
    const double level = highest > 0 ? value / highest * (bars.size() - 1) : 0;
    text += bars[static_cast<std::size_t>(level + 0.5)];
  }
  return text;
}

std::string jobs_screen(std::span<const JobStatus> jobs, int width) {
  using Align = Table::Align;
  Table table({Align::left, Align::left, Align::right, Align::right, Align::left, Align::left});
  table.row({"JOB", "STATE", "LAG", "CHANGES/S", "", "LAST ERROR"});
  for (const JobStatus& job : jobs) {
    if (!job.unreadable.empty()) {
      table.row({printable(job.job), "unreadable", "", "", "", printable(job.unreadable)});
      continue;
    }
    const bool syncing = job.holder && job.state.sync.position;
    table.row({printable(job.job), job.overall, lag_text(job),
               syncing ? grouped(static_cast<std::uint64_t>(
                             std::max(job.state.sync.row_changes_per_second, 0.0)))
                       : "-",
               progress_of(job), printable(last_error(job.state))});
  }
  return table.text(width);
}

}  // namespace dtsctl
