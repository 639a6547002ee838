#include "schema/table.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>

#include "dts/error.hpp"
#include "schema/difference.hpp"

namespace dts {

namespace {

constexpr std::string_view first_line = "dtsctl shape 1";

// Persistent, in the order of ColumnType: may be added to, never changed.
constexpr std::array<std::string_view, 22> type_names = {
    "integer",  "decimal",   "float", "double", "bit",    "year",   "date", "time",
    "datetime", "timestamp", "text",  "binary", "bytes",  "enum",   "set",  "json",
    "geometry", "uuid",      "inet4", "inet6",  "vector", "unknown"};
static_assert(type_names.size() == static_cast<std::size_t>(ColumnType::unknown) + 1);

// The text stays ASCII, so that neither a connection nor a column can change it.
void append_field(std::string& to, std::string_view field) {
  static constexpr char digits[] = "0123456789abcdef";
  for (const char c : field) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte < 0x7f && c != '\\') {
      to += c;
    } else {
      to += "\\x";
      to += digits[byte >> 4];
      to += digits[byte & 15];
    }
  }
}

void append_line(std::string& to, std::initializer_list<std::string_view> fields) {
  bool first = true;
  for (std::string_view field : fields) {
    if (!first) to += '\t';
    append_field(to, field);
    first = false;
  }
  to += '\n';
}

[[noreturn]] void damaged(std::string_view line) {
  throw Error(ErrorKind::state, fmt::format("cannot read the shape of a table: '{}'", line),
              "the bookkeeping on the target is damaged or was written by a newer dtsctl");
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (;;) {
    const auto end = text.find(separator);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

template <class Number>
Number number(std::string_view text, int base = 10) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (error != std::errc{} || end != text.data() + text.size()) damaged(text);
  return value;
}

std::string unescaped(std::string_view field) {
  std::string text;
  for (std::size_t i = 0; i < field.size(); ++i) {
    if (field[i] != '\\') {
      text += field[i];
      continue;
    }
    if (field.size() - i < 4 || field[i + 1] != 'x') damaged(field);
    text += static_cast<char>(number<unsigned>(field.substr(i + 2, 2), 16));
    i += 3;
  }
  return text;
}

struct Flag {
  char letter;
  bool Column::*member;
};
constexpr std::array flags = {
    Flag{'u', &Column::is_unsigned}, Flag{'n', &Column::nullable},
    Flag{'g', &Column::generated},   Flag{'d', &Column::has_default},
    Flag{'o', &Column::on_update},   Flag{'a', &Column::auto_increment},
    Flag{'i', &Column::invisible},   Flag{'s', &Column::row_start},
    Flag{'e', &Column::row_end},
};

std::string flags_of(const Column& column) {
  std::string text;
  for (const Flag& flag : flags)
    if (column.*flag.member) text += flag.letter;
  return text;
}

std::string parts_of(const Key& key) {
  std::string text;
  for (const KeyPart& part : key.parts) {
    if (!text.empty()) text += ',';
    text += std::to_string(part.column);
    if (part.prefix) text += ':' + std::to_string(*part.prefix);
  }
  return text;
}

Column parse_column(const std::vector<std::string>& fields) {
  Column column;
  column.name = fields[1];
  column.definition = fields[2];
  const auto type = std::find(type_names.begin(), type_names.end(), fields[3]);
  if (type == type_names.end()) damaged(fields[3]);
  column.type = static_cast<ColumnType>(type - type_names.begin());
  column.charset = fields[4];
  column.collation = fields[5];
  column.text_form = text_form(column.charset);
  for (const Flag& flag : flags)
    column.*flag.member = fields[6].find(flag.letter) != std::string::npos;
  column.bytes_max = number<std::uint64_t>(fields[7]);
  column.digits = number<int>(fields[8]);
  return column;
}

Key parse_key(const std::vector<std::string>& fields, std::size_t columns) {
  Key key;
  key.name = fields[1];
  key.unique = fields[2].find('u') != std::string::npos;
  key.nullable = fields[2].find('n') != std::string::npos;
  key.functional = fields[2].find('f') != std::string::npos;
  if (fields[3].empty()) return key;
  for (std::string_view text : split(fields[3], ',')) {
    const auto colon = text.find(':');
    KeyPart part{number<std::size_t>(text.substr(0, colon)), std::nullopt};
    if (part.column >= columns) damaged(text);
    if (colon != std::string_view::npos)
      part.prefix = number<std::uint64_t>(text.substr(colon + 1));
    key.parts.push_back(part);
  }
  return key;
}

void parse_line(Table& table, std::string_view line) {
  std::vector<std::string> fields;
  for (std::string_view field : split(line, '\t')) fields.push_back(unescaped(field));
  const auto is = [&](std::string_view word, std::size_t count) {
    return fields[0] == word && fields.size() >= count;
  };
  if (is("table", 5)) {
    table.name = {fields[1], fields[2]};
    table.engine = fields[3];
    table.kind = fields[4];
  } else if (is("without-overlaps", 1)) {
    table.without_overlaps = true;
  } else if (is("create", 2)) {
    table.create_hash = fields[1];
  } else if (is("snapshot", 2)) {
    table.snapshot = fields[1];
  } else if (is("column", 9)) {
    table.columns.push_back(parse_column(fields));
  } else if (is("key", 4)) {
    table.keys.push_back(parse_key(fields, table.columns.size()));
  } else if (is("row-key", 2)) {
    table.row_key = number<std::size_t>(fields[1]);
    if (*table.row_key >= table.keys.size()) damaged(line);
  } else {
    damaged(line);
  }
}

std::string in_quotes(std::string_view name) {
  return fmt::format("'{}'", name);
}

std::string column_difference(const Column& a, const Column& b) {
  const auto facts = [](const Column& column) {
    std::string text = normal_type(column.definition);
    if (!column.collation.empty()) text += " collate " + column.collation;
    text += column.nullable ? " null" : " not null";
    if (column.generated) text += " generated";
    return text;
  };
  const std::string left = facts(a), right = facts(b);
  if (left == right && a.charset == b.charset) return {};
  return fmt::format("column {} is '{}' here and '{}' there", in_quotes(a.name), left, right);
}

std::string columns_difference(const Table& a, const Table& b) {
  for (std::size_t i = 0; i < std::max(a.columns.size(), b.columns.size()); ++i) {
    if (i >= b.columns.size())
      return fmt::format("column {} is missing there", in_quotes(a.columns[i].name));
    if (i >= a.columns.size())
      return fmt::format("column {} is only there", in_quotes(b.columns[i].name));
    if (a.columns[i].name != b.columns[i].name)
      return fmt::format("column {} is {} here and {} there", i + 1, in_quotes(a.columns[i].name),
                         in_quotes(b.columns[i].name));
    if (auto text = column_difference(a.columns[i], b.columns[i]); !text.empty()) return text;
  }
  return {};
}

std::vector<const Key*> by_name(const std::vector<Key>& keys) {
  std::vector<const Key*> sorted;
  for (const Key& key : keys) sorted.push_back(&key);
  std::sort(sorted.begin(), sorted.end(),
            [](const Key* a, const Key* b) { return a->name < b->name; });
  return sorted;
}

std::string keys_difference(const Table& a, const Table& b) {
  const auto left = by_name(a.keys), right = by_name(b.keys);
  for (std::size_t i = 0; i < std::max(left.size(), right.size()); ++i) {
    if (i >= right.size() || (i < left.size() && left[i]->name < right[i]->name))
      return fmt::format("key {} is missing there", in_quotes(left[i]->name));
    if (i >= left.size() || right[i]->name < left[i]->name)
      return fmt::format("key {} is only there", in_quotes(right[i]->name));
    if (left[i]->unique != right[i]->unique || left[i]->functional != right[i]->functional ||
        parts_of(*left[i]) != parts_of(*right[i]))
      return fmt::format("key {} has other columns there", in_quotes(left[i]->name));
  }
  return {};
}

}  // namespace

std::string normal_type(std::string_view type) {
  const auto open = type.find('(');
  const std::string_view name = type.substr(0, std::min({open, type.find(' '), type.size()}));
  if (name == "geomcollection") return "geometrycollection" + std::string(type.substr(name.size()));
  const bool shows_width = name == "year" || (name.ends_with("int") && !name.ends_with("point"));
  std::string text(type);
  // Another way to store whole seconds, which SQL cannot ask for.
  constexpr std::string_view old_format = " /* mariadb-5.3 */";
  if (const auto at = text.find(old_format); at != text.npos) text.erase(at, old_format.size());
  if (const auto at = text.find("/*M!"); at != text.npos) text.erase(at + 2, 1);  // since 11.x
  if (shows_width && open != type.npos)
    text.erase(open, type.find(')') - open + 1);
  // It shows the width, too; and it is the same number.
  constexpr std::string_view padded = " zerofill";
  const auto at = text.find(padded);
  if (shows_width && at != text.npos) text.erase(at, padded.size());
  return text;
}

std::optional<std::size_t> row_end_column(const Table& table) {
  for (std::size_t i = 0; i < table.columns.size(); ++i)
    if (table.columns[i].row_end) return i;
  return std::nullopt;
}

std::optional<std::size_t> choose_row_key(const Table& table) {
  for (std::size_t i = 0; i < table.keys.size(); ++i)
    if (table.keys[i].name == "PRIMARY") return i;
  // Longer columns have only a hash of theirs in the index: it finds rows, but has no order.
  constexpr std::uint64_t ordered_bytes_max = 3072;
  std::optional<std::size_t> unordered;
  for (std::size_t i = 0; i < table.keys.size(); ++i) {
    const Key& key = table.keys[i];
    const auto column = [&](const KeyPart& part) -> const Column& {
      return table.columns[part.column];
    };
    const bool whole = std::none_of(key.parts.begin(), key.parts.end(), [&](const KeyPart& part) {
      return part.prefix || column(part).nullable || column(part).generated;
    });
    if (!key.unique || key.nullable || key.functional || key.parts.empty() || !whole) continue;
    const bool ordered = std::all_of(key.parts.begin(), key.parts.end(), [&](const KeyPart& part) {
      return column(part).bytes_max <= ordered_bytes_max;
    });
    if (ordered) return i;
    if (!unordered) unordered = i;
  }
  return unordered;
}

std::string shape_text(const Table& table) {
  std::string text{first_line};
  text += '\n';
  append_line(text, {"table", table.name.schema, table.name.table, table.engine, table.kind});
  if (table.without_overlaps) append_line(text, {"without-overlaps"});
  if (!table.create_hash.empty()) append_line(text, {"create", table.create_hash});
  if (!table.snapshot.empty()) append_line(text, {"snapshot", table.snapshot});
  for (const Column& column : table.columns)
    append_line(
        text, {"column", column.name, column.definition,
               type_names[static_cast<std::size_t>(column.type)], column.charset, column.collation,
               flags_of(column), std::to_string(column.bytes_max), std::to_string(column.digits)});
  for (const Key& key : table.keys) {
    const std::string flags = std::string(key.unique ? "u" : "") + (key.nullable ? "n" : "") +
                              (key.functional ? "f" : "");
    append_line(text, {"key", key.name, flags, parts_of(key)});
  }
  if (table.row_key) append_line(text, {"row-key", std::to_string(*table.row_key)});
  return text;
}

Table parse_shape(const std::string& text) {
  const auto lines = split(text, '\n');
  if (lines[0] != first_line) damaged(lines[0]);
  Table table;
  for (std::size_t i = 1; i < lines.size(); ++i)
    if (!lines[i].empty()) parse_line(table, lines[i]);
  return table;
}

std::string shape_difference(const Table& a, const Table& b) {
  std::string text = columns_difference(a, b);
  return text.empty() ? keys_difference(a, b) : text;
}

bool same_shape(const Table& a, const Table& b) {
  return shape_difference(a, b).empty();
}

}  // namespace dts
