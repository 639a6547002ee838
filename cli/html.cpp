#include <fmt/format.h>

#include <algorithm>

#include "format.hpp"
#include "report.hpp"

namespace dtsctl {
namespace {

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : printable(text)) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      default: out += c;
    }
  }
  return out;
}

std::string lines(std::string_view text) {
  std::string out;
  for (bool more = true; more;) {
    const std::size_t end = text.find('\n');
    out += (out.empty() ? "" : "<br>") + escaped(text.substr(0, end));
    more = end != text.npos;
    if (more) text.remove_prefix(end + 1);
  }
  return out;
}

constexpr std::string_view style = R"(
:root { color-scheme: light dark; --line: #8886; --good: #2a7d3c; --warn: #a86400; --bad: #b3261e; }
@media (prefers-color-scheme: dark) { :root { --good: #6fcf87; --warn: #f0b45a; --bad: #ff8a80; } }
body { font: 15px/1.45 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; margin: 2.5rem 0 .2rem; } h2 { font-size: 1.05rem; margin: 1.6rem 0 .4rem; }
.state { font-size: 1rem; padding: .1rem .6rem; border: 1px solid; border-radius: 1rem; vertical-align: middle; }
.good { color: var(--good); } .warn { color: var(--warn); } .bad { color: var(--bad); }
table { border-collapse: collapse; width: 100%; } th { text-align: left; font-weight: 600; }
th, td { padding: .25rem .6rem .25rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; }
td { overflow-wrap: anywhere; } td.n, .phases td:not(:last-child), .findings td:nth-child(odd):not(:last-child) { white-space: nowrap; } .quiet { opacity: .7; }
svg { width: 100%; height: auto; } svg text { font-size: 11px; fill: currentColor; }
)";

const char* class_of(std::string_view state) {
  if (state.ends_with("failed") || state == "unreadable") return "bad";
  if (state == "retrying" || state == "suspended") return "warn";
  if (state == "synchronizing" || state == "finished" || state == "precheck-passed") return "good";
  return "";
}

/// A table of cells that are HTML already; columns whose head begins with '#' are numbers.
class Cells {
 public:
  Cells(std::string& to, const std::vector<std::string>& heads, std::string_view kind = "table")
      : to_(to) {
    to_ += fmt::format("<table class={}><tr>", kind);
    for (const std::string& head : heads) {
      numeric_.push_back(head.starts_with('#'));
      to_ += fmt::format("<th{}>{}</th>", numeric_.back() ? " class=n" : "",
                         escaped(std::string_view(head).substr(numeric_.back() ? 1 : 0)));
    }
    to_ += "</tr>\n";
  }
  ~Cells() { to_ += "</table>\n"; }
  Cells(const Cells&) = delete;
  Cells& operator=(const Cells&) = delete;
  void row(const std::vector<std::string>& cells) {
    to_ += "<tr>";
    for (std::size_t i = 0; i < cells.size(); ++i)
      to_ += fmt::format("<td{}>{}</td>", numeric_[i] ? " class=n" : "", cells[i]);
    to_ += "</tr>\n";
  }

 private:
  std::string& to_;
  std::vector<bool> numeric_;
};

/// The lag of the last hour, a bar a minute; minutes of which nothing is known have none.
std::string lag_chart(const dts::SyncProgress& sync) {
  constexpr int width = 720, height = 120, left = 60, bottom = 18, bars = 60;
  const double highest = sync.lag_history.empty() ? -1 : *std::ranges::max_element(sync.lag_history);
  if (highest < 0) return "";
  const double top = std::max(highest, 0.1), step = static_cast<double>(width - left) / bars;
  std::string svg = fmt::format(
      "<h2>Lag of the last hour</h2>\n<svg viewBox=\"0 0 {} {}\" role=img aria-label=\"lag, at most {}\">\n"
      "<text x={} y=10 text-anchor=end>{}</text><text x={} y={} text-anchor=end>0</text>\n"
      "<path d=\"M{} 0V{}H{}\" fill=none stroke=currentColor stroke-opacity=.5 />\n",
      width, height, duration(highest), left - 6, duration(top), left - 6, height - bottom, left,
      height - bottom, width);
  const std::size_t missing = bars - std::min<std::size_t>(bars, sync.lag_history.size());
  for (std::size_t i = 0; i < sync.lag_history.size(); ++i) {
    const double lag = sync.lag_history[i];
    if (lag < 0) continue;
    const double tall = std::max(lag / top * (height - bottom - 2), 1.0);
    svg += fmt::format(
        "<rect x={:.1f} y={:.1f} width={:.1f} height={:.1f} fill=currentColor fill-opacity=.55>"
        "<title>{} min ago: {}</title></rect>\n",
        left + static_cast<double>(missing + i) * step + 1, height - bottom - tall, step - 2, tall,
        sync.lag_history.size() - 1 - i, duration(lag));
  }
  return svg + fmt::format("<text x={} y={}>60 min ago</text><text x={} y={} text-anchor=end>{}</text></svg>\n",
                           left, height - 4, width, height - 4,
                           sync.lag_minute ? dts::to_string(*sync.lag_minute) : "");
}

void add_phases(std::string& to, const JobStatus& job) {
  to += "<h2>Phases</h2>\n";
  Cells cells(to, {"Phase", "State", "Started", "#Took", "Error"}, "phases");
  const auto row = [&](const char* name, const dts::PhaseState& phase) {
    const bool timed = phase.started && (phase.finished || job.holder);
    cells.row({name, dts::to_string(phase.status), phase.started ? dts::to_string(*phase.started) : "",
               timed ? whole_duration(seconds_between(*phase.started, phase.finished)) : "",
               phase.error.empty() ? "" : "<span class=bad>" + escaped(phase.error) + "</span>"});
  };
  row("precheck", job.state.precheck);
  row("schema", job.state.schema);
  row("data", job.state.data);
  row("sync", job.state.sync_phase);
}

/// What the last precheck found and nobody has mended or accepted.
void add_findings(std::string& to, const dts::PrecheckState& precheck) {
  if (!precheck.finished || precheck.passed) return;
  to += "<h2>To mend, or to accept</h2>\n";
  Cells cells(to, {"Level", "What", "Check", "Found", "Hint"}, "findings");
  for (const dts::Finding& one : precheck.findings) {
    if (one.level == dts::Level::pass || one.acknowledged) continue;
    const bool failed = one.level == dts::Level::failure;
    cells.row({fmt::format("<span class={}>{}</span>", failed ? "bad" : "warn", dts::to_string(one.level)),
               escaped(one.subject), escaped(one.check), escaped(one.message), lines(one.remedy)});
  }
}

void add_uncopied(std::string& to, const std::vector<std::string>& uncopied) {
  if (uncopied.empty()) return;
  to += "<h2>Not copied</h2>\n<p>Changes of these are not applied until dtsctl init-data has copied them.</p>\n";
  Cells cells(to, {"Table"});
  for (const std::string& one : uncopied) cells.row({"<span class=warn>" + escaped(one) + "</span>"});
}

void add_sync(std::string& to, const JobStatus& job) {
  const dts::SyncProgress& sync = job.state.sync;
  if (!sync.position) return;
  to += "<h2>Sync</h2>\n";
  {
    Cells cells(to, {"Fact", ""});
    cells.row({"Lag", escaped(lag_text(job))});
    cells.row({"Position", escaped(dts::to_string(*sync.position))});
    cells.row({"Applied", fmt::format("{}, {}, {} DDL", counted(sync.transactions, "transaction"),
                                      counted(sync.row_changes, "row change"), grouped(sync.ddl))});
    if (job.holder)
      cells.row({"Rate", fmt::format("{:.0f} row changes/s", sync.row_changes_per_second)});
    if (job.holder && !sync.bottleneck.empty())
      cells.row({"Bound by", escaped(sync.bottleneck + (sync.bottleneck_detail.empty()
                                                            ? ""
                                                            : " (" + sync.bottleneck_detail + ")"))});
    if (job.holder && !sync.waiting.empty()) cells.row({"Waits for", escaped(sync.waiting)});
    if (const std::string purge = purge_text(sync); !purge.empty())
      cells.row({"Binlog", "<span class=warn>" + escaped(purge) + "</span>"});
  }
  to += lag_chart(sync);
  if (!sync.skipped.empty()) {
    to += "<h2>Skipped</h2>\n";
    Cells cells(to, {"Kind", "#Count", "What", "Position", "Last"});
    for (const dts::Skipped& one : sync.skipped)
      cells.row({escaped(one.kind), grouped(one.count), escaped(one.detail), escaped(one.position),
                 one.when ? dts::to_string(*one.when) : ""});
  }
  if (sync.conflicts.empty()) return;
  to += "<h2>Conflicts</h2>\n";
  Cells cells(to, {"Table", "Kind", "#Count", "Rows"});
  for (const dts::Conflict& one : sync.conflicts)
    cells.row({escaped(dts::to_string(one.table)), escaped(one.kind), grouped(one.count),
               escaped(conflict_keys(one))});
}

void add_tables(std::string& to, const JobStatus& job) {
  if (job.state.tables.empty()) return;
  to += fmt::format("<h2>Tables: {} of {} copied, {}, {}</h2>\n", grouped(job.copy.tables_done),
                    grouped(job.copy.tables), counted(job.copy.rows, "row"),
                    bytes(static_cast<double>(job.copy.bytes)));
  Cells cells(to, {"Table", "#Rows", "#Of about", "State"});
  for (const dts::TableProgress& table : job.state.tables)
    cells.row({escaped(dts::to_string(table.table)), grouped(table.rows),
               grouped(std::max(table.rows, table.rows_estimated)), state_of(table)});
}

void add_job(std::string& to, const JobStatus& job) {
  const std::string state = job.unreadable.empty() ? job.overall : "unreadable";
  to += fmt::format("<h1>{} <span class=\"state {}\">{}</span></h1>\n", escaped(job.job), class_of(state),
                    escaped(state));
  if (!job.unreadable.empty()) {
    to += "<p class=bad>" + escaped(job.unreadable) + "</p>\n";
    return;
  }
  to += fmt::format("<p>{} &rarr; {}<br><span class=quiet>{}</span></p>\n", escaped(job.state.source),
                    escaped(job.state.target),
                    job.holder ? escaped(fmt::format("{} is running, pid {}, since {}", job.holder->command,
                                                     job.holder->pid, job.holder->since))
                               : "not running");
  add_phases(to, job);
  add_findings(to, job.state.precheck);
  add_uncopied(to, job.state.sync.uncopied);
  add_sync(to, job);
  add_tables(to, job);
}

void add_list(std::string& to, std::span<const JobStatus> jobs) {
  to += "<h1>Jobs</h1>\n";
  Cells cells(to, {"Job", "State", "#Lag", "", "Last error"});
  for (const JobStatus& job : jobs) {
    const std::string state = job.unreadable.empty() ? job.overall : "unreadable";
    cells.row({escaped(job.job), fmt::format("<span class=\"{}\">{}</span>", class_of(state), escaped(state)),
               escaped(lag_text(job)), escaped(progress_of(job)),
               escaped(job.unreadable.empty() ? last_error(job.state) : job.unreadable)});
  }
}

}  // namespace

std::string html_page(std::span<const JobStatus> jobs) {
  const std::string title = jobs.size() == 1 ? jobs.front().job : fmt::format("{} jobs", jobs.size());
  std::string page = fmt::format(
      "<!DOCTYPE html>\n<html lang=en><head><meta charset=utf-8><meta name=viewport "
      "content=\"width=device-width\"><title>dtsctl: {}</title><style>{}</style></head>\n<body>\n",
      escaped(title), style);
  if (jobs.size() > 1) add_list(page, jobs);
  for (const JobStatus& job : jobs) add_job(page, job);
  page += fmt::format("<p class=quiet>dtsctl status, {}</p>\n</body></html>\n", dts::to_string(dts::now()));
  return page;
}

}  // namespace dtsctl
