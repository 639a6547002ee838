#include "format.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

#include "terminal.hpp"

namespace dtsctl {

std::string grouped(std::uint64_t number) {
  std::string text = fmt::format("{}", number);
  for (std::size_t end = text.size(); end > 3; end -= 3) text.insert(end - 3, ",");
  return text;
}

std::string counted(std::uint64_t number, std::string_view one, std::string_view many) {
  if (number == 1) return fmt::format("1 {}", one);
  return many.empty() ? fmt::format("{} {}s", grouped(number), one)
                      : fmt::format("{} {}", grouped(number), many);
}

std::string bytes(double number) {
  static constexpr std::array units{"B", "kB", "MB", "GB", "TB", "PB"};
  std::size_t unit = 0;
  while (number >= 999.5 && unit + 1 < units.size()) {
    number /= 1000;
    ++unit;
  }
  return fmt::format("{:.{}f} {}", number, unit > 0 && number < 99.95 ? 1 : 0, units[unit]);
}

std::string duration(double seconds) {
  if (seconds < 9.95) return fmt::format("{:.1f}s", std::max(seconds, 0.0));
  const auto s = static_cast<std::uint64_t>(std::llround(seconds));
  if (s < 60) return fmt::format("{}s", s);
  if (s < 3600) return fmt::format("{}m{:02}s", s / 60, s % 60);
  if (s < 86400) return fmt::format("{}h{:02}m", s / 3600, s / 60 % 60);
  return fmt::format("{}d{:02}h", s / 86400, s / 3600 % 24);
}

std::string whole_duration(double seconds) {
  return seconds < 9.95 ? fmt::format("{:.0f}s", seconds) : duration(seconds);
}

double seconds_between(dts::Time start, const std::optional<dts::Time>& end) {
  return std::max(0.0, std::chrono::duration<double>(end.value_or(dts::now()) - start).count());
}

std::vector<int> Table::widths(int width) const {
  std::vector<int> widths(columns_.size());
  for (const auto& row : rows_)
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], columns(row[i]));
  if (width == 0) return widths;
  int total = 2 * (static_cast<int>(widths.size()) - 1);
  for (const int w : widths) total += w;
  while (total > width) {
    int* widest = nullptr;
    for (std::size_t i = 0; i < widths.size(); ++i)
      if (columns_[i] == Align::left && (widest == nullptr || widths[i] > *widest))
        widest = &widths[i];
    if (widest == nullptr || *widest <= 8) break;
    --*widest;
    --total;
  }
  return widths;
}

std::string Table::text(int width) const {
  const std::vector<int> fit = widths(width);
  std::string out;
  for (const auto& row : rows_) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      const std::string cell = elide(row[i], fit[i]);
      const std::string fill(static_cast<std::size_t>(fit[i] - columns(cell)), ' ');
      line += i == 0 ? "" : "  ";
      line += columns_[i] == Align::left ? cell + fill : fill + cell;
    }
    line.erase(line.find_last_not_of(' ') + 1);
    out += line + '\n';
  }
  return out;
}

std::string indented(std::string_view lines, std::size_t indent) {
  std::string out;
  for (;;) {
    const std::size_t end = std::min(lines.find('\n'), lines.size());
    out += printable(lines.substr(0, end));
    lines.remove_prefix(std::min(end + 1, lines.size()));
    if (lines.empty()) return out;
    out += '\n' + std::string(indent, ' ');
  }
}

std::string folded(std::string_view lines, std::size_t indent, int width) {
  const int room = width > 0 ? std::max(width - static_cast<int>(indent), 20) : 0;
  std::string out;
  for (bool more = true; more;) {
    const std::size_t end = lines.find('\n');
    more = end != lines.npos && end + 1 < lines.size();
    for (const std::string& part : wrapped(printable(lines.substr(0, end)), room))
      out += (out.empty() ? "" : '\n' + std::string(indent, ' ')) + part;
    if (more) lines.remove_prefix(end + 1);
  }
  return out;
}

std::vector<std::string> wrapped(std::string_view text, int width) {
  if (width <= 0 || columns(text) <= width) return {std::string(text)};
  std::vector<std::string> lines(1);
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    const std::string_view word = text.substr(0, end);
    if (!lines.back().empty() && columns(lines.back()) + 1 + columns(word) > width)
      lines.emplace_back();
    if (!lines.back().empty()) lines.back() += ' ';
    lines.back() += word;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

std::string conflict_keys(const dts::Conflict& conflict) {
  constexpr std::size_t shown_max = 5;
  if (conflict.keys.empty()) return "last " + conflict.key;
  std::string text;
  std::uint64_t others = conflict.count;
  for (std::size_t i = 0; i < std::min(conflict.keys.size(), shown_max); ++i) {
    const dts::ConflictKey& key = conflict.keys[i];
    text += (i == 0 ? "" : ", ") + key.key;
    if (key.count > 1) text += fmt::format(" ({} times)", grouped(key.count));
    others -= std::min(others, key.count);
  }
  if (others > 0) text += fmt::format(", {} others, last {}", grouped(others), conflict.key);
  return text;
}

std::string purge_text(const dts::SyncProgress& sync) {
  constexpr double near_hours = 24;
  if (!sync.purge_expected) return {};
  const double hours = static_cast<double>((*sync.purge_expected - dts::now()).count()) / 3600;
  if (hours > near_hours) return {};
  if (hours <= 0) return "the source may have purged what is needed next";
  return fmt::format("the source may purge what is needed next in about {:.1f} hours", hours);
}

}  // namespace dtsctl
