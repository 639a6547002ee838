#include "report.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "format.hpp"
#include "json.hpp"

namespace dtsctl {
namespace {

constexpr std::chrono::seconds log_interval{30};

const char* name(dts::Severity severity) {
  switch (severity) {
    case dts::Severity::debug:
      return "debug";
    case dts::Severity::info:
      return "info";
    case dts::Severity::warning:
      return "warning";
  }
  return "";
}

/// ", at shop.orders, shop.items (indexing) and 2 more"; or nothing.
std::string at_tables(const dts::JobState& state) {
  constexpr std::size_t most = 3;
  std::string text;
  std::size_t active = 0;
  for (const dts::TableProgress& table : state.tables)
    if (table.active && ++active <= most)
      text += fmt::format("{}{}{}", active == 1 ? ", at " : ", ", dts::to_string(table.table),
                          table.indexing ? " (indexing)" : "");
  if (active > most) text += fmt::format(" and {} more", active - most);
  return text;
}

/// What went wrong, with the server's number in brackets, once.
std::string with_errno(const dts::Error& error) {
  std::string text = error.what();
  const std::string number = fmt::format("({})", error.server_errno());
  if (error.server_errno() != 0 && text.find(number) == std::string::npos) text += " " + number;
  return text;
}

}  // namespace

void CopyTotals::add(const dts::TableProgress& table) {
  rows += table.rows;
  rows_estimated += table.done ? table.rows : std::max(table.rows, table.rows_estimated);
  bytes += table.bytes;
  tables_done += table.done;
  ++tables;
}

CopyTotals totals(const dts::JobState& state) {
  CopyTotals sum;
  for (const dts::TableProgress& table : state.tables) sum.add(table);
  return sum;
}

const char* state_of(const dts::TableProgress& table) {
  if (table.indexing) return "indexing";
  if (table.done && !table.indexes_waiting.empty()) return "unindexed";
  return table.done ? "done" : table.rows > 0 || table.chunks > 0 ? "copying" : "waiting";
}

void Report::progress(const dts::Progress& progress) {
  under_way_ = true;
  show_progress(progress);
  if (Clock::now() - logged_ < log_interval) return;
  logged_ = Clock::now();
  log_.write("progress", progress_line(progress), progress_facts(progress));
}

void Report::message(dts::Severity severity, std::string_view text) {
  log_.write(name(severity), text);
  show_message(severity, text);
}

void Report::findings(const std::string& job, std::span<const dts::Finding> findings) {
  for (const dts::Finding& f : findings)
    if (f.level != dts::Level::pass)
      log_.write(dts::to_string(f.level), fmt::format("{} {}: {}", f.subject, f.check, f.message),
                 json::Object().add("finding", finding_facts(f)));
  show_findings(job, findings);
}

void Report::summary(const Summary& summary) {
  log_.write("info", summary_line(summary), summary_facts(summary));
  show_summary(summary);
}

void show_error(const dts::Error& error, int exit_code, bool json, Terminal& err) {
  err.clear_status();
  if (json) {
    const json::Json line = json::Object()
                                .add("type", "error")
                                .add("exit_code", exit_code)
                                .add("message", error.what())
                                .add_all(error_facts(error));
    return err.line(line.text);
  }
  err.line(fmt::format("dtsctl: {}", folded(with_errno(error), 8, err.is_tty() ? err.width() : 0)));
  if (!error.hint().empty())
    err.line(fmt::format("{}: {}", err.paint(Style::strong, "hint"), indented(error.hint(), 6)));
}

std::string progress_line(const dts::Progress& progress) {
  const dts::JobState& state = *progress.state;
  if (progress.phase == "schema")
    return fmt::format("schema: {} created", counted(state.schema_objects, "object"));
  if (progress.phase == "data") {
    const CopyTotals sum = totals(state);
    const double part = sum.rows_estimated == 0 ? 0
                                                : 100.0 * static_cast<double>(sum.rows) /
                                                      static_cast<double>(sum.rows_estimated);
    const std::string eta =
        progress.eta_seconds < 0 ? "" : ", ETA " + duration(progress.eta_seconds);
    // What matters most comes first: a narrow terminal cuts the end.
    return fmt::format(
        "data: {:.0f}% of {}{}, {}/s, {}/s, {} of {}{}", part, counted(sum.rows_estimated, "row"),
        eta, counted(static_cast<std::uint64_t>(progress.rows_per_second), "row"),
        bytes(progress.bytes_per_second), sum.tables_done, counted(sum.tables, "table"),
        at_tables(state));
  }
  const dts::SyncProgress& sync = state.sync;
  std::string line = fmt::format(
      "sync: lag {}, {}/s, {}", sync.lag_seconds < 0 ? "unknown" : duration(sync.lag_seconds),
      counted(static_cast<std::uint64_t>(std::max(sync.row_changes_per_second, 0.0)), "change"),
      counted(sync.transactions, "transaction"));
  if (!sync.caught_up_copy && state.copy_end) line = "catching up: " + line;
  if (sync.position) line += ", at " + dts::to_string(*sync.position);
  return line;
}

std::string summary_line(const Summary& summary) {
  const dts::JobState& state = summary.state;
  const std::string took = duration(summary.seconds);
  if (summary.phase == "schema")
    return fmt::format("{}: {} created in {}", summary.done ? "schema done" : "schema interrupted",
                       counted(state.schema_objects, "object"), took);
  if (summary.phase == "data") {
    const CopyTotals sum = totals(state);
    if (summary.idle)
      return fmt::format("copied before: {}, {}; init-data --restart begins again",
                         counted(sum.tables, "table"), counted(sum.rows, "row"));
    return fmt::format("{}: {}, {}, {} in {}", summary.done ? "copied" : "copy interrupted",
                       summary.done
                           ? counted(sum.tables, "table")
                           : fmt::format("{} of {}", sum.tables_done, counted(sum.tables, "table")),
                       counted(sum.rows, "row"), bytes(static_cast<double>(sum.bytes)), took);
  }
  const dts::SyncProgress& sync = state.sync;
  std::string line =
      fmt::format("{}: {}, {} applied; {} and {} in total", summary.done ? "sync done" : "sync stopped",
                  counted(sync.transactions - summary.before.transactions, "transaction"),
                  counted(sync.row_changes - summary.before.row_changes, "row change"),
                  grouped(sync.transactions), grouped(sync.row_changes));
  if (state.sync.position) line += "; at " + dts::to_string(*state.sync.position);
  return line + "; ran " + took;
}

}  // namespace dtsctl
