#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dts/state.hpp"

namespace dtsctl {

/// 3481220 -> "3,481,220"
std::string grouped(std::uint64_t number);
/// "1 table", "12 tables"; names whose plural is no "s" give it.
std::string counted(std::uint64_t number, std::string_view one, std::string_view many = {});
/// 12345678 -> "12.3 MB"
std::string bytes(double number);
/// 252.4 -> "4m12s"; below ten seconds with one decimal.
std::string duration(double seconds);
/// The same for times that are known to the second only.
std::string whole_duration(double seconds);
/// "id = 5 (2 times), id = 7, 12 others": the keys of the first rows that met other data.
std::string conflict_keys(const dts::Conflict& conflict);
/// When the source may purge what is needed next, if that is near; else empty.
std::string purge_text(const dts::SyncProgress& sync);
/// What lies between two times; up to now if there is no end.
double seconds_between(dts::Time start, const std::optional<dts::Time>& end);

/// Text in aligned columns, two spaces apart.
class Table {
 public:
  enum class Align { left, right };

  explicit Table(std::vector<Align> columns) : columns_(std::move(columns)) {}
  void row(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }
  std::size_t rows() const { return rows_.size(); }
  /// Cells of left columns are cut so that lines fit into `width`, the widest first; 0: never.
  std::string text(int width) const;

 private:
  std::vector<int> widths(int width) const;

  std::vector<Align> columns_;
  std::vector<std::vector<std::string>> rows_;
};

/// The lines of the text, made printable, the second and later ones indented.
std::string indented(std::string_view lines, std::size_t indent);
/// The same, with lines broken at spaces as far as they are longer than `width`; 0: never.
std::string folded(std::string_view lines, std::size_t indent, int width);
/// The text broken at spaces into lines of at most `width` columns; 0: one line.
std::vector<std::string> wrapped(std::string_view text, int width);

}  // namespace dtsctl
