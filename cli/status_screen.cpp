#include <algorithm>
#include <span>

#include <fmt/format.h>

#include "format.hpp"
#include "report.hpp"

namespace dtsctl {
namespace {

using Align = Table::Align;

/// Lines of the screen besides those of the tables.
constexpr int other_lines = 20;
/// Where facts begin, behind their names.
constexpr int fact_indent = 12;

/// At most `count` elements. A view would do, but clang-tidy 14 can't read those of g++ 12.
template <class T>
std::span<const T> first(const std::vector<T>& all, std::size_t count) {
  return std::span(all).first(std::min(count, all.size()));
}

Style style_of(std::string_view state) {
  if (state.ends_with("failed")) return Style::bad;
  if (state == "retrying" || state == "suspended" || state == "interrupted") return Style::warning;
  if (state == "synchronizing" || state == "finished" || state == "precheck-passed")
    return Style::good;
  return Style::strong;
}

std::string phase_remark(std::string_view name, const JobStatus& status) {
  const dts::JobState& state = status.state;
  if (name == "precheck" && state.precheck.passed) return "passed";
  if (name == "precheck" && state.precheck.finished) {
    std::size_t failures = 0, warnings = 0;
    for (const dts::Finding& f : state.precheck.findings) {
      failures += f.level == dts::Level::failure;
      warnings += f.level == dts::Level::warning && !f.acknowledged;
    }
    return fmt::format("{}, {}", counted(failures, "failure"), counted(warnings, "warning"));
  }
  if (name == "schema" && state.schema_objects > 0) return counted(state.schema_objects, "object");
  if (name == "data" && status.copy.tables > 0)
    return fmt::format("{} of {}", status.copy.tables_done, counted(status.copy.tables, "table"));
  return "";
}

std::string phases(const JobStatus& status, int width) {
  Table table({Align::left, Align::left, Align::left, Align::right, Align::left});
  table.row({"PHASE", "STATE", "STARTED", "TOOK", ""});
  const auto row = [&](const char* name, const dts::PhaseState& phase) {
    // Of one that ended without saying so (kill -9) nobody knows how long it took.
    const bool timed = phase.started && (phase.finished || status.holder);
    table.row({name, dts::to_string(phase.status),
               phase.started ? dts::to_string(*phase.started) : "-",
               timed ? whole_duration(seconds_between(*phase.started, phase.finished)) : "-",
               phase_remark(name, status)});
  };
  row("precheck", status.state.precheck);
  row("schema", status.state.schema);
  row("data", status.state.data);
  row("sync", status.state.sync_phase);
  return table.text(width);
}

std::uint64_t remaining(const dts::TableProgress& t) {
  return t.done || t.rows >= t.rows_estimated ? 0 : t.rows_estimated - t.rows;
}

bool is_finished(const dts::TableProgress& t) {
  return t.done && t.indexes_waiting.empty();
}

/// The unfinished tables with most to do, and the sum of the others; nothing once all are done.
std::string tables(const JobStatus& status, int width, int height) {
  std::vector<const dts::TableProgress*> all;
  for (const dts::TableProgress& t : status.state.tables) all.push_back(&t);
  std::ranges::stable_sort(all, std::ranges::greater(), [](const dts::TableProgress* t) {
    return std::pair(!is_finished(*t), remaining(*t));
  });
  const auto unfinished = static_cast<std::size_t>(
      std::ranges::count_if(all, [](const auto* t) { return !is_finished(*t); }));
  if (unfinished == 0) return "";
  const auto room = static_cast<std::size_t>(height > 0 ? std::max(height - other_lines, 3) : 10);
  Table table({Align::left, Align::right, Align::right, Align::right, Align::left});
  table.row({"TABLE", "ROWS", "OF ABOUT", "REMAINING", "STATE"});
  CopyTotals others;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const dts::TableProgress& t = *all[i];
    if (i >= std::min(unfinished, room))
      others.add(t);
    else
      table.row({printable(dts::to_string(t.table)), grouped(t.rows),
                 grouped(std::max(t.rows, t.rows_estimated)), grouped(remaining(t)), state_of(t)});
  }
  if (others.tables > 0)
    table.row({counted(others.tables, "other"), grouped(others.rows), grouped(others.rows_estimated),
               grouped(others.rows_estimated - others.rows),
               fmt::format("{} done", grouped(others.tables_done))});
  return '\n' + table.text(width);
}

std::string copy_line(const JobStatus& status) {
  const CopyTotals& sum = status.copy;
  std::string line =
      sum.tables_done == sum.tables
          ? counted(sum.rows, "row")
          : fmt::format("{} of about {}", grouped(sum.rows), counted(sum.rows_estimated, "row"));
  line += ", " + bytes(static_cast<double>(sum.bytes));
  if (status.copy_rows_per_second >= 0 && !status.state.data.finished)
    line += fmt::format(", {}/s",
                        counted(static_cast<std::uint64_t>(status.copy_rows_per_second), "row"));
  if (status.copy_eta_seconds >= 0) line += ", ETA " + duration(status.copy_eta_seconds);
  return line;
}

/// The lag of each minute, and the highest of all; where there is no room, the oldest minutes are not drawn.
std::string history(const dts::SyncProgress& sync, int width) {
  const double highest = *std::ranges::max_element(sync.lag_history);
  if (highest < 0) return "unknown";
  const std::string most = " at most " + duration(highest);
  std::vector<double> shown = sync.lag_history;
  const int room = width - fact_indent - columns(most);
  if (const int minutes = static_cast<int>(shown.size()); width > 0 && minutes > std::max(room, 1))
    shown.erase(shown.begin(), shown.end() - std::max(room, 1));
  return sparkline(shown, highest) + most;
}

std::string rate(const dts::SyncProgress& sync) {
  std::string text = fmt::format(
      "{}/s", counted(static_cast<std::uint64_t>(std::max(sync.row_changes_per_second, 0.0)),
                      "row change"));
  if (!sync.bottleneck.empty()) text += ", bound by: " + sync.bottleneck;
  if (!sync.bottleneck_detail.empty()) text += " (" + sync.bottleneck_detail + ")";
  return text;
}

/// The checks that have findings of a level which are not acknowledged, each once.
std::string checks_of(const dts::PrecheckState& precheck, dts::Level level) {
  std::vector<std::string_view> names;
  std::string text;
  for (const dts::Finding& f : precheck.findings) {
    if (f.level != level || f.acknowledged || std::ranges::count(names, f.check) > 0) continue;
    names.push_back(f.check);
    text += (text.empty() ? "" : ", ") + f.check;
  }
  return text;
}

std::vector<std::pair<std::string, std::string>> facts(const JobStatus& status, int width) {
  const dts::JobState& state = status.state;
  const dts::SyncProgress& sync = state.sync;
  std::vector<std::pair<std::string, std::string>> facts;
  const auto add = [&](const char* name, const std::string& text) {
    facts.emplace_back(name, printable(text));
  };
  if (state.precheck.finished && !state.precheck.passed) {
    if (auto names = checks_of(state.precheck, dts::Level::failure); !names.empty())
      add("to mend", names);
    if (auto names = checks_of(state.precheck, dts::Level::warning); !names.empty())
      add("to accept", names);
  }
  if (status.copy.rows > 0) add("copied", copy_line(status));
  std::size_t unindexed = 0;
  for (const dts::TableProgress& t : state.tables) {
    if (t.indexes_waiting.empty() || ++unindexed > 5) continue;
    std::string names;
    for (const std::string& name : t.indexes_waiting) names += (names.empty() ? "" : ", ") + name;
    add(unindexed == 1 ? "no indexes" : "",
        fmt::format("{}: {}, which init-data builds on the target at the end",
                    dts::to_string(t.table), names));
  }
  if (unindexed > 5) add("", fmt::format("{} more tables: dtsctl status --json", unindexed - 5));
  for (const std::string& waiting : first(sync.uncopied, 5))
    add("NOT COPIED", waiting + "; run dtsctl init-data");
  if (sync.uncopied.size() > 5)
    add("", fmt::format("{} more tables: dtsctl status --json", sync.uncopied.size() - 5));
  if (sync.position) {
    add("position", dts::to_string(*sync.position));
    add("lag", lag_text(status));
    if (sync.lag_history.size() > 1) add("last hour", history(sync, width));
    add("applied", fmt::format("{}, {}, {} DDL", counted(sync.transactions, "transaction"),
                               counted(sync.row_changes, "row change"), grouped(sync.ddl)));
    if (status.holder) add("rate", rate(sync));
    if (status.holder && !sync.waiting.empty()) add("waits for", sync.waiting);
  }
  if (const std::string purge = purge_text(sync); !purge.empty()) add("binlog", purge);
  for (const dts::Skipped& s : first(sync.skipped, 3))
    add("skipped", fmt::format("{} {}: {}{}", grouped(s.count), s.kind, s.detail,
                               s.when ? " (" + dts::to_string(*s.when) + ")" : ""));
  if (sync.skipped.size() > 3)
    add("", fmt::format("{} more kinds: dtsctl status --json", sync.skipped.size() - 3));
  for (const dts::Conflict& c : first(sync.conflicts, 3))
    add("conflicts", fmt::format("{} {} in {}: {}", grouped(c.count), c.kind,
                                 dts::to_string(c.table), conflict_keys(c)));
  if (sync.conflicts.size() > 3)
    add("", fmt::format("{} more kinds: dtsctl status --json", sync.conflicts.size() - 3));
  for (const dts::PhaseState* phase : {static_cast<const dts::PhaseState*>(&state.precheck),
                                       &state.schema, &state.data, &state.sync_phase})
    if (!phase->error.empty()) add("last error", phase->error);
  return facts;
}

std::string schema(const std::vector<dts::SchemaDifference>& differences, int width) {
  if (differences.empty()) return "\nschema: source and target have the same\n";
  Table table({Align::left, Align::left, Align::left, Align::left, Align::left});
  table.row({"", "KIND", "NAME ON THE TARGET", "", "DIFFERENCE"});
  std::size_t harmful = 0;
  for (const dts::SchemaDifference& one : differences) {
    harmful += one.harmful ? 1 : 0;
    table.row({one.harmful ? "harmful" : "no harm", one.kind, printable(dts::name_of(one)),
               dts::to_string(one.sort), printable(one.what)});
  }
  return fmt::format("\n{}schema: {}, {} harmful\n", table.text(width),
                     counted(differences.size(), "difference"), harmful);
}

}  // namespace

std::string status_screen(const JobStatus& status, const Terminal& out, int width, int height) {
  std::string running = "not running";
  if (status.holder)
    running = fmt::format("{} is running, pid {}, since {}", printable(status.holder->command),
                          status.holder->pid, printable(status.holder->since));
  const auto cut = [&](const std::string& line, int room) { return width > 0 ? elide(line, room) : line; };
  std::string text = fmt::format("{}  {}\n", cut(printable(status.job), width - 2 - columns(status.overall)),
                                 out.paint(style_of(status.overall), status.overall));
  if (!status.state.source.empty() || !status.state.target.empty()) {
    const std::string from = printable(status.state.source), to = "-> " + printable(status.state.target);
    const bool both = width == 0 || columns(from) + 1 + columns(to) <= width;
    text += both ? fmt::format("{} {}\n", from, to) : fmt::format("{}\n{}\n", cut(from, width), cut(to, width));
  }
  text += cut(running, width) + "\n\n" + phases(status, width);
  text += tables(status, width, height);
  const auto lines = facts(status, width);
  if (!lines.empty()) text += '\n';
  for (const auto& [name, fact] : lines) {
    // What one looks for is wrapped, the others are cut.
    if (name == "last error" || name.starts_with("to "))
      text += fmt::format("{:<{}}{}\n", name, fact_indent, folded(fact, fact_indent, width));
    else
      text += cut(fmt::format("{:<{}}{}", name, fact_indent, fact), width) + '\n';
  }
  if (status.schema) text += schema(*status.schema, width);
  return text;
}

}  // namespace dtsctl
