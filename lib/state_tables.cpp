#include "state_tables.hpp"

#include <algorithm>
#include <charconv>
#include <string>

#include "toml_writer.hpp"

namespace dts {

namespace {

/// Takes lines from the front of a text.
class Lines {
 public:
  explicit Lines(std::string_view text) : text_(text) {}
  bool any() const { return !text_.empty(); }
  std::string_view next() {
    const std::size_t end = std::min(text_.find('\n'), text_.size());
    const std::string_view line = text_.substr(0, end);
    text_.remove_prefix(std::min(end + 1, text_.size()));
    return line;
  }

 private:
  std::string_view text_;
};

/// A quoted text, with the escapes of toml_string().
bool read(std::string_view value, std::string& out) {
  if (value.size() < 2 || value.front() != '"' || value.back() != '"') return false;
  value = value.substr(1, value.size() - 2);
  if (value.find_first_of("\"\\%") == value.npos) return out = value, true;
  out.clear();
  for (std::size_t i = 0; i < value.size(); ++i) {
    if (value[i] == '"') return false;
    if (value[i] != '\\') {
      out += value[i];
      continue;
    }
    const char escaped = ++i < value.size() ? value[i] : '\0';
    if (escaped != '"' && escaped != '\\' && escaped != 'n' && escaped != 't') return false;
    out += escaped == 'n' ? '\n' : escaped == 't' ? '\t' : escaped;
  }
  return percent_decode(out);
}

template <class Number>
bool read_number(std::string_view value, Number& out) {
  const char* end = value.data() + value.size();
  const auto [stopped, error] = std::from_chars(value.data(), end, out);
  return error == std::errc() && stopped == end;
}

/// Those beyond the integers of TOML are in quotes.
bool read(std::string_view value, std::uint64_t& out) {
  if (value.size() > 2 && value.front() == '"' && value.back() == '"')
    value = value.substr(1, value.size() - 2);
  return read_number(value, out);
}

bool read(std::string_view value, double& out) {
  return value.find_first_of(".e") != value.npos && read_number(value, out);
}

bool read(std::string_view value, bool& out) {
  out = value == "true";
  return out || value == "false";
}

/// The texts of a list, one a line, up to the bracket that closes it.
bool read(std::string_view value, Lines& lines, std::vector<std::string>& out) {
  out.clear();
  if (value == "[]") return true;
  if (value != "[") return false;
  while (lines.any()) {
    const std::string_view line = lines.next();
    if (line == "]") return true;
    if (!line.starts_with("  ") || !line.ends_with(',') ||
        !read(line.substr(2, line.size() - 3), out.emplace_back()))
      return false;
  }
  return false;
}

bool read_key(std::string_view key, std::string_view value, Lines& lines, TableProgress& table) {
  if (key == "schema") return read(value, table.table.schema);
  if (key == "table") return read(value, table.table.table);
  if (key == "rows_estimated") return read(value, table.rows_estimated);
  if (key == "rows") return read(value, table.rows);
  if (key == "bytes") return read(value, table.bytes);
  if (key == "chunks") return read(value, table.chunks);
  if (key == "seconds") return read(value, table.seconds);
  if (key == "copied_through") return read(value, lines, table.copied_through);
  if (key == "done") return read(value, table.done);
  if (key == "indexes_waiting") return read(value, lines, table.indexes_waiting);
  return false;
}

}  // namespace

std::optional<StateTables> split_tables(std::string_view text) {
  // No value has a line of its own that begins so: lines inside of texts are escaped.
  const std::size_t begin = std::min(text.find("\n[[tables]]\n"), text.find("\n[[settled]]\n"));
  if (begin == text.npos) return std::nullopt;
  StateTables found;
  found.head = text.substr(0, begin + 1);
  // A list that grows is moved, and status spends most of its time on fresh memory. No table is shorter.
  constexpr std::size_t shortest = 110;
  found.tables.reserve(text.size() / shortest + 1);
  std::vector<TableProgress>* list = nullptr;
  for (Lines lines(text.substr(begin + 1)); lines.any();) {
    const std::string_view line = lines.next();
    if (line.empty()) continue;
    if (line == "[[tables]]" || line == "[[settled]]") {
      list = line == "[[tables]]" ? &found.tables : &found.settled;
      list->emplace_back();
      continue;
    }
    const std::size_t middle = line.find(" = ");
    if (middle == line.npos ||
        !read_key(line.substr(0, middle), line.substr(middle + 3), lines, list->back()))
      return std::nullopt;
  }
  return found;
}

}  // namespace dts
