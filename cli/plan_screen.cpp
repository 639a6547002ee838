#include <algorithm>

#include <fmt/format.h>

#include "format.hpp"
#include "json.hpp"
#include "report.hpp"

namespace dtsctl {
namespace {

using Lines = std::vector<std::string>;

constexpr std::size_t shown_max = 20;

std::string joined(const Lines& texts, std::string_view separator) {
  std::string all;
  for (const std::string& text : texts) {
    if (!all.empty()) all += separator;
    all += printable(text);
  }
  return all;
}

std::string name_of(const dts::TableName& name) {
  return printable(dts::to_string(name));
}

/// How many of a list are shown; one more is better than to say that it is one more.
std::size_t shown(std::size_t count, bool all) {
  return all || count <= shown_max + 1 ? count : shown_max;
}

std::string cut_by(const dts::TablePlan& table) {
  return table.whole.empty() ? joined(table.key, ", ")
                             : fmt::format("({})", printable(table.whole));
}

/// Sums over the tables that have no line of their own.
dts::TablePlan sum(std::span<const dts::TablePlan> tables) {
  dts::TablePlan all;
  for (const dts::TablePlan& table : tables) {
    all.rows_estimated += table.rows_estimated;
    all.bytes_estimated += table.bytes_estimated;
    all.chunks += table.chunks;
  }
  return all;
}

class TablesTable {
 public:
  explicit TablesTable(const dts::JobPlan& plan)
      : plan_(plan), renamed_(std::ranges::any_of(plan.tables, [](const dts::TablePlan& table) {
          return table.source != table.target;
        })) {}

  std::string text(int width, bool all) {
    using Align = Table::Align;
    std::vector<Align> columns{Align::left};
    if (renamed_) columns.push_back(Align::left);
    columns.insert(columns.end(), {Align::right, Align::right});
    if (plan_.copies_rows) columns.insert(columns.end(), {Align::right, Align::right, Align::left});
    Table table(columns);
    add(table, "TABLE", "TARGET", {"~ROWS", "~SIZE", "~CHUNKS", "~TIME", "CUT BY"});
    const std::size_t count = shown(plan_.tables.size(), all);
    for (const dts::TablePlan& one : std::span(plan_.tables).first(count))
      add(table, name_of(one.source), one.source == one.target ? "=" : name_of(one.target),
          numbers(one, duration(one.seconds), cut_by(one)));
    if (const auto rest = std::span(plan_.tables).subspan(count); !rest.empty())
      add(table, fmt::format("{} others", grouped(rest.size())), "", numbers(sum(rest), "", ""));
    dts::TablePlan total;
    total.rows_estimated = plan_.rows_estimated;
    total.bytes_estimated = plan_.bytes_estimated;
    total.chunks = plan_.chunks;
    add(table, counted(plan_.tables.size(), "table"), "",
        numbers(total, duration(plan_.seconds), ""));
    return table.text(width);
  }

 private:
  static Lines numbers(const dts::TablePlan& table, std::string time, std::string cut) {
    return {grouped(table.rows_estimated), bytes(static_cast<double>(table.bytes_estimated)),
            grouped(table.chunks), std::move(time), std::move(cut)};
  }

  void add(Table& table, std::string source, std::string target, Lines others) {
    Lines cells{std::move(source)};
    if (renamed_) cells.push_back(std::move(target));
    if (!plan_.copies_rows) others.resize(2);
    cells.insert(cells.end(), others.begin(), others.end());
    table.row(std::move(cells));
  }

  const dts::JobPlan& plan_;
  const bool renamed_;
};

/// A heading, and lines that are indented and broken where a terminal would.
void add_section(std::string& screen, std::string_view heading, const Lines& lines, int width,
                 bool all) {
  if (lines.empty()) return;
  screen += fmt::format("\n{}\n", heading);
  const std::size_t count = shown(lines.size(), all);
  for (std::size_t i = 0; i < count; ++i) {
    std::string indent = "  ";
    for (const std::string& part : wrapped(lines[i], width == 0 ? 0 : std::max(width - 4, 20))) {
      screen += indent + part + '\n';
      indent = "    ";
    }
  }
  if (count < lines.size())
    screen += fmt::format("  and {} more, which --all shows\n", grouped(lines.size() - count));
}

Lines lines_of(std::span<const dts::PlanNote> notes) {
  Lines lines;
  for (const dts::PlanNote& note : notes)
    lines.push_back(
        fmt::format("{} {}: {}", note.kind, printable(note.name), printable(note.what)));
  return lines;
}

Lines changes_of(const dts::JobPlan& plan) {
  Lines lines;
  for (const dts::TablePlan& table : plan.tables)
    if (!table.changes.empty())
      lines.push_back(
          fmt::format("table {}: {}", name_of(table.source), joined(table.changes, "; ")));
  for (std::string& line : lines_of(plan.changes)) lines.push_back(std::move(line));
  return lines;
}

json::Json notes_json(const std::vector<dts::PlanNote>& notes, std::string_view what) {
  return json::array(notes, [&](const dts::PlanNote& note) {
    return json::Object().add("kind", note.kind).add("name", note.name).add(what, note.what);
  });
}

json::Json texts_json(const Lines& texts) {
  return json::array(texts, [](const std::string& text) { return std::string_view(text); });
}

json::Object table_json(const dts::TablePlan& table, bool copied) {
  const json::Json chunks = copied ? json::value(table.chunks) : json::null;
  const json::Json seconds = copied ? json::value(table.seconds) : json::null;
  return json::Object()
      .add("source", dts::to_string(table.source))
      .add("target", dts::to_string(table.target))
      .add("rows_estimated", table.rows_estimated)
      .add("bytes_estimated", table.bytes_estimated)
      .add("chunks_estimated", chunks)
      .add("seconds_estimated", seconds)
      .add("key", table.key.empty() ? json::null : texts_json(table.key))
      .add("whole", table.whole.empty() ? json::null : json::value(table.whole))
      .add("changes", texts_json(table.changes));
}

}  // namespace

std::string plan_screen(const dts::JobPlan& plan, int width, bool all) {
  std::string screen = TablesTable(plan).text(width, all);
  Lines creates;
  for (const auto& [kind, count] : plan.creates)
    creates.push_back(counted(count, kind, kind == "package body" ? "package bodies" : ""));
  if (!plan.creates_schema) creates = {"nothing: the tables must be there"};
  add_section(screen, "init-schema creates", {joined(creates, ", ")}, width, all);
  add_section(screen, "changed on the way", changes_of(plan), width, all);
  add_section(screen, "left out", lines_of(plan.left_out), width, all);
  add_section(screen, "not selected", lines_of(plan.not_selected), width, all);
  return screen;
}

std::string plan_note(const dts::JobPlan& plan) {
  if (!plan.copies_rows) return "a plan: nothing was changed; this job copies no rows";
  return fmt::format(
      "a plan: nothing was changed; rows and sizes are the source's estimates, times those of {:g} "
      "MB "
      "a second for {} together (--speed), without building indexes",
      plan.mb_per_second, counted(plan.workers, "worker"));
}

std::string plan_json(const std::string& job, const dts::JobPlan& plan) {
  json::Object creates;
  for (const auto& [kind, count] : plan.creates) creates.add(kind, count);
  const json::Json whole =
      json::Object()
          .add("job", job)
          .add("tables", json::array(plan.tables,
                                     [&](const dts::TablePlan& table) {
                                       return table_json(table, plan.copies_rows);
                                     }))
          .add("rows_estimated", plan.rows_estimated)
          .add("bytes_estimated", plan.bytes_estimated)
          .add("chunks_estimated", plan.copies_rows ? json::value(plan.chunks) : json::null)
          .add("seconds_estimated", plan.copies_rows ? json::value(plan.seconds) : json::null)
          .add("assumed_mb_per_second", plan.mb_per_second)
          .add("workers", plan.workers)
          .add("creates", plan.creates_schema ? json::value(creates) : json::null)
          .add("changes", notes_json(plan.changes, "change"))
          .add("left_out", notes_json(plan.left_out, "reason"))
          .add("not_selected", notes_json(plan.not_selected, "reason"));
  return whole.text;
}

}  // namespace dtsctl
