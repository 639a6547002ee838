#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include "format.hpp"
#include "report.hpp"

namespace dtsctl {
namespace {

double part_of(std::uint64_t done, std::uint64_t all) {
  return all == 0 ? 0 : std::min(1.0, static_cast<double>(done) / static_cast<double>(all));
}

/// "[=====>    ]  52%"
std::string bar(double part, int width) {
  const int full = static_cast<int>(part * width);
  std::string text(static_cast<std::size_t>(full), '=');
  if (full < width) text += '>';
  text.resize(static_cast<std::size_t>(width), ' ');
  return fmt::format("[{}] {:3.0f}%", text, part * 100);
}

std::string padded(const std::string& text, int width) {
  const std::string cut = elide(text, width);
  return cut + std::string(static_cast<std::size_t>(std::max(width - columns(cut), 0)), ' ');
}

int bar_width(int width) {
  return std::clamp(width / 5 - 6, 8, 40);
}

std::string total_line(const dts::Progress& progress, int name_width, int width) {
  const CopyTotals sum = totals(*progress.state);
  const double part = part_of(sum.rows, sum.rows_estimated);
  std::string line = fmt::format("{}  {}", padded("data", name_width), bar(part, bar_width(width)));
  const bool rows_left = sum.tables_done < sum.tables;
  if (rows_left && progress.eta_seconds >= 0) line += "  ETA " + duration(progress.eta_seconds);
  if (rows_left)
    line += fmt::format("  {}/s  {}/s",
                        counted(static_cast<std::uint64_t>(progress.rows_per_second), "row"),
                        bytes(progress.bytes_per_second));
  // What matters most comes first: a narrow terminal cuts the end.
  return line + fmt::format("  {}/{} tables  {}{} rows", sum.tables_done, sum.tables,
                            grouped(sum.rows), rows_left ? "/~" + grouped(sum.rows_estimated) : "");
}

std::string table_line(const dts::TableProgress& table, int name_width, int width) {
  const std::string name = padded("  " + printable(dts::to_string(table.table)), name_width);
  const std::string size = bytes(static_cast<double>(table.bytes));
  if (table.indexing)
    return fmt::format("{}  {}  {}  {}  {}", name,
                       padded("indexing", bar_width(width) + 7),
                       counted(table.indexes_waiting.size(), "index", "indexes"),
                       counted(table.rows, "row"), size);
  const std::uint64_t all = std::max(table.rows, table.rows_estimated);
  return fmt::format("{}  {}  {}/~{} rows  {}", name,
                     bar(part_of(table.rows, all), bar_width(width)), grouped(table.rows),
                     grouped(all), size);
}

}  // namespace

std::string copy_screen(const dts::Progress& progress, int width, int height) {
  std::vector<const dts::TableProgress*> active;
  for (const dts::TableProgress& table : progress.state->tables)
    if (table.active) active.push_back(&table);
  // Lines above should stay in sight.
  const auto room = static_cast<std::size_t>(std::max(height / 2, 2));
  int name_width = 4;
  for (const dts::TableProgress* table : active)
    name_width = std::max(name_width, columns(printable(dts::to_string(table->table))) + 2);
  name_width = std::min(name_width, std::max(width / 3 - 4, 16));
  std::string text = total_line(progress, name_width, width);
  for (std::size_t i = 0; i < std::min(active.size(), room); ++i)
    text += '\n' + table_line(*active[i], name_width, width);
  if (active.size() > room) text += fmt::format("\n  and {} more", active.size() - room);
  return text;
}

}  // namespace dtsctl
