#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "format.hpp"
#include "report.hpp"

namespace dtsctl {
namespace {

using Align = Table::Align;

struct Word {
  const char* text;
  Style style;
};

Word word(dts::Level level) {
  switch (level) {
    case dts::Level::pass:
      return {"pass", Style::good};
    case dts::Level::warning:
      return {"warn", Style::warning};
    case dts::Level::failure:
      return {"FAIL", Style::bad};
  }
  return {"", Style::plain};
}

std::string count_line(std::span<const dts::Finding> findings) {
  std::array<std::size_t, 3> counts{};
  std::size_t acknowledged = 0;
  for (const dts::Finding& f : findings) {
    ++counts[static_cast<std::size_t>(f.level)];
    acknowledged += f.level == dts::Level::warning && f.acknowledged;
  }
  const std::string remark =
      acknowledged > 0 ? fmt::format(" ({} acknowledged)", grouped(acknowledged)) : "";
  return fmt::format("{} passed, {}{}, {}", grouped(counts[0]), counted(counts[1], "warning"),
                     remark, counted(counts[2], "failure"));
}

/// A body with semicolons needs another delimiter to be pasted into the client.
bool compound(const std::string& kind) {
  return kind == "routine" || kind == "trigger" || kind == "event";
}

class TextReport final : public Report {
 public:
  using Report::Report;

  void explain(std::span<const dts::CheckInfo> checks) override {
    for (const dts::CheckInfo& check : checks) {
      out_.line(out_.paint(Style::strong, check.name));
      std::vector<std::string> paragraphs = {check.summary};
      if (checks.size() == 1) paragraphs.insert(paragraphs.end(), {check.details, fmt::format("Runs {}.", check.runs)});
      for (const std::string& paragraph : paragraphs)
        for (const std::string& line : wrapped(paragraph, out_.width() - 2)) out_.line("  " + line);
    }
  }

  void plan(const std::string&, const dts::JobPlan& plan, bool all) override {
    out_.write(plan_screen(plan, out_.is_tty() ? out_.width() : 0, all));
    note(plan_note(plan));
  }

  void schema_plan(std::span<const dts::SchemaStep> steps) override {
    for (const dts::SchemaStep& step : steps) {
      const char* end = compound(step.kind) ? " ;;" : ";";
      std::string text =
          out_.paint(Style::faint, fmt::format("-- {} {}", step.kind, printable(step.name)));
      if (compound(step.kind)) text += "\nDELIMITER ;;";
      for (const std::string& statement : step.statements) text += '\n' + statement + end;
      if (compound(step.kind)) text += "\nDELIMITER ;";
      out_.line(text);
    }
    note(
        fmt::format("dry run: nothing was changed; {} to create", counted(steps.size(), "object")));
  }

  void copy_plan(std::span<const dts::CopyPlan> tables) override {
    Table table({Align::left, Align::right, Align::right, Align::left});
    table.row({"TABLE", "ROWS", "SIZE", "SPLIT BY"});
    std::uint64_t rows = 0, size = 0;
    for (const dts::CopyPlan& plan : tables) {
      rows += plan.rows_estimated;
      size += plan.bytes_estimated;
      table.row({printable(dts::to_string(plan.table)), "~" + grouped(plan.rows_estimated),
                 "~" + bytes(static_cast<double>(plan.bytes_estimated)),
                 plan.key.empty() ? "(read whole)" : printable(plan.key)});
    }
    out_.write(table.text(out_.is_tty() ? out_.width() : 0));
    note(fmt::format("dry run: nothing was copied; {}, about {} and {}",
                     counted(tables.size(), "table"), counted(rows, "row"),
                     bytes(static_cast<double>(size))));
  }

  void status(const JobStatus& status, bool watched) override {
    show(status_screen(status, out_, out_.is_tty() ? out_.width() : 0,
                       out_.is_tty() ? out_.height() : 0),
         watched);
  }

  void jobs(std::span<const JobStatus> jobs, bool watched) override {
    show(jobs_screen(jobs, out_.is_tty() ? out_.width() : 0), watched);
  }

 private:
  void show(const std::string& screen, bool watched) {
    watched&& out_.is_tty() ? out_.screen(screen) : out_.write(watched ? screen + '\n' : screen);
  }

 protected:
  void show_progress(const dts::Progress& progress) override {
    if (options_.quiet) return;
    const auto since = Clock::now() - shown_;
    if (since < (err_.is_tty() ? std::chrono::milliseconds(200) : std::chrono::seconds(30))) return;
    shown_ = Clock::now();
    if (err_.is_tty() && progress.phase == "data")
      return err_.status(copy_screen(progress, err_.width(), err_.height()));
    const std::string line = printable(progress_line(progress));
    err_.is_tty() ? err_.status(line) : err_.line(line);
  }

  void show_message(dts::Severity severity, std::string_view text) override {
    if (options_.quiet) return;
    if (severity == dts::Severity::warning)
      err_.line(fmt::format("{}: {}", err_.paint(Style::warning, "warning"), talk(text, 9)));
    else if (severity == dts::Severity::info)
      err_.line(talk(text, 2));
    else if (options_.verbose > 0)
      err_.line(err_.paint(Style::faint, indented(text, 2)));
  }

  void show_findings(const std::string&, std::span<const dts::Finding> findings) override {
    std::vector<dts::Finding> groups(findings.begin(), findings.end());
    std::ranges::stable_sort(groups, {}, &dts::Finding::level);
    int subjects = 0, checks = 0;
    for (const dts::Finding& f : groups) {
      subjects = std::max(subjects, columns(printable(f.subject)));
      checks = std::max(checks, columns(f.check));
    }
    // One very long table name must not push every message off the screen.
    subjects = std::min(subjects, !out_.is_tty() || out_.width() >= 120 ? 28 : 6);
    for (const dts::Finding& f : groups) finding(f, subjects, checks);
    out_.line(count_line(findings));
  }

  void show_summary(const Summary& summary) override {
    err_.clear_status();
    if (summary.phase == "data" && summary.done && !summary.idle && !options_.quiet)
      copied_tables(summary.state);
    if (summary.phase == "sync") left_out(summary.state.sync);
    if (!options_.quiet) err_.line(talk(summary_line(summary), 2));
    if (!summary.next.empty())
      note(fmt::format("{}: {}", err_.paint(Style::strong, "next"), summary.next));
  }

 private:
  /// Broken at spaces for a terminal; but a command to run stays in one piece.
  std::string talk(std::string_view text, std::size_t indent) const {
    const bool whole = !err_.is_tty() || text.starts_with("next: ");
    return folded(text, indent, whole ? 0 : err_.width());
  }

  void note(const std::string& text) {
    if (!options_.quiet) err_.line(text);
  }

  /// On a narrow terminal a long message stands below what it is about, not in a column beside it.
  void finding(const dts::Finding& f, int subjects, int checks) {
    constexpr int column_min = 60, hang = 6;
    const auto padded = [](const std::string& text, int width) {
      return text + std::string(static_cast<std::size_t>(std::max(width - columns(text), 0)), ' ');
    };
    const auto [text, style] = word(f.level);
    const std::string subject = printable(f.subject);
    const int beside = std::max(subjects, columns(subject)) + checks + 10;
    std::string message = printable(f.message);
    if (f.acknowledged) message += " (acknowledged)";
    const int width = out_.is_tty() ? out_.width() : 0, room = width - beside;
    const bool below = width > 0 && room < column_min && columns(message) > room;
    const int indent = below ? hang : beside;
    std::string lines = below ? "\n" + spaces(hang) : "";
    for (bool first = true;
         const std::string& line : wrapped(message, width > 0 ? std::max(width - indent, 20) : 0)) {
      lines += (first ? "" : '\n' + spaces(indent)) + line;
      first = false;
    }
    out_.line(fmt::format("{}  {}  {}{}{}", out_.paint(style, text), padded(subject, subjects),
                          below ? f.check : padded(f.check, checks), below ? "" : "  ", lines));
    if (!f.remedy.empty() && f.level != dts::Level::pass) hint(f.remedy, width);
  }

  /// Words are wrapped. A statement is there to be pasted: it is never broken, and begins a line if
  /// it is a long one.
  void hint(std::string_view remedy, int width) {
    constexpr int indent = 12;
    std::string text;
    const auto add = [&](const std::string& line, int room) {
      for (const std::string& part : wrapped(line, room))
        text += (text.empty() ? "" : '\n' + spaces(indent)) + part;
    };
    for (bool more = true; more;) {
      const std::size_t end = remedy.find('\n');
      const std::string line = printable(remedy.substr(0, end));
      more = end != remedy.npos;
      if (more) remedy.remove_prefix(end + 1);
      const int room = width > 0 ? std::max(width - indent, 20) : 0;
      const std::size_t colon = line.find(": ");
      if (room == 0 || columns(line) <= room || !line.ends_with(';')) {
        add(line, room);
      } else if (colon == line.npos) {
        add(line, 0);
      } else {
        add(line.substr(0, colon + 1), room);
        add(line.substr(colon + 2), 0);
      }
    }
    out_.line(fmt::format("      {}: {}", out_.paint(Style::strong, "hint"), text));
  }

  static std::string spaces(int count) { return std::string(static_cast<std::size_t>(count), ' '); }

  /// What sync did not apply, or not to the data that it should have met.
  void left_out(const dts::SyncProgress& sync) {
    for (const std::string& waiting : sync.uncopied)
      note(fmt::format("not applied: changes of {}; run dtsctl init-data", printable(waiting)));
    for (const dts::Skipped& s : sync.skipped)
      note(fmt::format("skipped: {} {}, last at {}: {}", grouped(s.count), printable(s.kind),
                       printable(s.position), printable(s.detail)));
    for (const dts::Conflict& c : sync.conflicts)
      note(fmt::format("conflicts: {} {} in {}: {}", grouped(c.count), printable(c.kind),
                       printable(dts::to_string(c.table)), printable(conflict_keys(c))));
  }

  /// The result of init-data, largest tables first.
  void copied_tables(const dts::JobState& state) {
    std::vector<dts::TableProgress> tables = state.tables;
    std::ranges::stable_sort(tables, std::ranges::greater(), &dts::TableProgress::bytes);
    Table table({Align::left, Align::right, Align::right, Align::right, Align::right, Align::left});
    table.row({"TABLE", "ROWS", "MB", "SECONDS", "CHUNKS", "STATE"});
    for (const dts::TableProgress& t : tables)
      table.row({printable(dts::to_string(t.table)), grouped(t.rows),
                 fmt::format("{:.1f}", static_cast<double>(t.bytes) / 1e6),
                 fmt::format("{:.1f}", t.seconds), grouped(t.chunks), state_of(t)});
    if (!tables.empty()) out_.write(table.text(out_.is_tty() ? out_.width() : 0));
  }

  Clock::time_point shown_ = Clock::now();
};

}  // namespace

std::unique_ptr<Report> make_text_report(Terminal& out, Terminal& err, Log& log,
                                         const GlobalOptions& options) {
  return std::make_unique<TextReport>(out, err, log, options);
}

}  // namespace dtsctl
