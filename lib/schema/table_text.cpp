#include "schema/table_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "db/tokens.hpp"
#include "schema/column_text.hpp"

namespace dts {

namespace {

using Tokens = std::vector<Token>;
using Sort = TableItem::Sort;

std::string upper(std::string text) {
  for (char& c : text)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  return text;
}

std::string slice(const Tokens& tokens, std::size_t first, std::size_t last) {
  if (first >= last || last > tokens.size()) return {};
  const char* begin = tokens[first].text.data();
  const std::string_view end = tokens[last - 1].text;
  return {begin, end.data() + end.size()};
}

/// The name behind KEY or CONSTRAINT; a primary key has none.
std::string name_behind(const Tokens& tokens, std::size_t first, std::size_t last,
                        std::string_view word) {
  for (std::size_t i = first; i + 1 < last && !is_symbol(tokens[i], '('); ++i)
    if (is_word(tokens[i], word) && tokens[i + 1].kind == TokenKind::quoted)
      return name_of(tokens[i + 1]);
  return {};
}

TableItem item_of(const Tokens& tokens, std::size_t first, std::size_t last) {
  TableItem item{Sort::other, {}, slice(tokens, first, last)};
  if (tokens[first].kind == TokenKind::quoted) {
    item.sort = Sort::column;
    item.name = name_of(tokens[first]);
    return item;
  }
  for (const char* word : {"PRIMARY", "UNIQUE", "KEY", "FULLTEXT", "SPATIAL", "VECTOR"})
    if (is_word(tokens[first], word)) {
      item.sort = Sort::key;
      item.name =
          is_word(tokens[first], "PRIMARY") ? "PRIMARY" : name_behind(tokens, first, last, "KEY");
      return item;
    }
  if (is_word(tokens[first], "CONSTRAINT") || is_word(tokens[first], "CHECK")) {
    item.sort = Sort::check;
    item.name = name_behind(tokens, first, last, "CONSTRAINT");
  } else {
    item.name = slice(tokens, first, std::min(first + 3, last));  // PERIOD FOR SYSTEM_TIME
  }
  return item;
}

/// What stands behind the columns, up to PARTITION BY, which it returns.
std::size_t read_options(const Tokens& tokens, std::size_t i, TableText& table) {
  while (i < tokens.size() && !is_word(tokens[i], "PARTITION")) {
    if (is_word(tokens[i], "DEFAULT") || is_symbol(tokens[i], ',')) {
      ++i;
      continue;
    }
    std::string name = upper(name_of(tokens[i++]));
    if (name == "WITH") {  // SYSTEM VERSIONING
      const std::size_t last = std::min(i + 2, tokens.size());
      table.items.push_back({Sort::option, "VERSIONING", slice(tokens, i - 1, last)});
      i = last;
      continue;
    }
    const bool has_two_words = name == "DATA" || name == "INDEX" || name == "CHARACTER";
    if (has_two_words && i < tokens.size()) name += " " + upper(name_of(tokens[i++]));
    if (i < tokens.size() && is_symbol(tokens[i], '=')) ++i;
    const std::size_t first = i++;
    if (first < tokens.size() && is_symbol(tokens[first], '('))
      while (i < tokens.size() && !is_symbol(tokens[i - 1], ')')) ++i;
    table.items.push_back({Sort::option, name, slice(tokens, first, std::min(i, tokens.size()))});
  }
  return i;
}

const TableItem* find(const TableText& table, const TableItem& item) {
  const auto found = std::find_if(
      table.items.begin(), table.items.end(),
      [&](const TableItem& other) { return other.sort == item.sort && other.name == item.name; });
  return found == table.items.end() ? nullptr : &*found;
}

bool is_unique_key(const TableItem& item) {
  const std::string text = upper(item.text);
  return item.sort == Sort::key && (text.starts_with("UNIQUE") || text.starts_with("PRIMARY"));
}

ColumnText column_of(const TableItem& item) {
  return read_column_text(tokenize(item.text));
}

/// A constant of a default: '0' and 0 are one, as are the ways to write the current time. Nothing
/// if it is an expression, or written in bytes: servers turn the one into the other.
std::optional<std::string> constant(const ColumnText& column) {
  auto tokens = tokenize(column.default_value);
  while (tokens.size() > 2 && is_symbol(tokens.front(), '(') && is_symbol(tokens.back(), ')')) {
    tokens.erase(tokens.begin());
    tokens.pop_back();
  }
  if (tokens.empty() || is_word(tokens[0], "NULL")) return "NULL";
  if (is_word(tokens[0], "CURRENT_TIMESTAMP")) return "CURRENT_TIMESTAMP";
  std::string text;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    const Token& token = tokens[i];
    const bool sign = i == 0 && is_symbol(token, '-');
    const bool string = token.kind == TokenKind::string && token.text.size() > 1;
    const bool number = token.text[0] >= '0' && token.text[0] <= '9';
    if (i == 0 && tokens.size() == 2 && token.text.starts_with("_utf8")) continue;
    if ((!sign && !string && !number && !is_symbol(token, '.')) || token.text.starts_with("0x"))
      return std::nullopt;
    text += string ? token.text.substr(1, token.text.size() - 2) : token.text;
  }
  return text;
}

/// Whether servers that don't write alike may mean the same; types are compared as shapes.
bool may_be_same(const ColumnText& a, const ColumnText& b) {
  if (a.on_update.empty() != b.on_update.empty()) return false;
  if (upper(a.type_name).ends_with("BINARY") || a.type_name == "bit") return true;
  const auto left = constant(a), right = constant(b);
  return !left || !right || left == right;
}

bool is_comment_only(const TableItem& here, const TableItem& there, bool alike) {
  if (here.sort == Sort::option) return here.name == "COMMENT";
  if (here.sort != Sort::column) return false;
  ColumnText a = column_of(here), b = column_of(there);
  if (!alike) return may_be_same(a, b);
  a.comment = b.comment = {};
  return write_column_text(a) == write_column_text(b) && a.left_out == b.left_out;
}

/// What servers that don't write alike agree about, of all but columns.
std::string common_form(const TableItem& item) {
  if (item.sort == Sort::option)
    return item.name == "ENGINE" ? upper(item.text) : item.name == "COMMENT" ? item.text : "";
  if (item.sort == Sort::key) {
    std::string text;
    for (const Token& token : tokenize(item.text)) {
      if (is_symbol(token, ')')) break;
      if (token.kind == TokenKind::quoted) text += name_of(token) + "\n";
    }
    return item.text.find("((") == std::string::npos ? text : "";
  }
  if (item.sort != Sort::partitions) return {};
  std::string text;
  const auto tokens = tokenize(item.text);
  for (std::size_t i = 1; i < tokens.size(); ++i)
    if (is_word(tokens[i - 1], "PARTITION") || is_word(tokens[i - 1], "PARTITIONS") ||
        is_word(tokens[i - 1], "SUBPARTITIONS"))
      text += name_of(tokens[i]) + "\n";
  return text;
}

bool is_same(const TableItem& a, const TableItem& b, bool alike) {
  if (alike) return a.text == b.text;
  if (a.sort != Sort::column) return common_form(a) == common_form(b);
  const ColumnText left = column_of(a), right = column_of(b);
  return left.comment == right.comment && may_be_same(left, right);
}

/// Servers that don't write alike give checks of columns other places and names.
bool has_fixed_place(const TableItem& item, bool alike) {
  if (alike) return true;
  if (item.sort == Sort::option) return item.name == "ENGINE" || item.name == "COMMENT";
  return item.sort != Sort::check && item.sort != Sort::other;
}

/// Whether a part that only one side has counts: an engine may be left to the server.
bool may_lack(const TableItem& item, bool alike) {
  return !has_fixed_place(item, alike) || (!alike && item.name == "ENGINE");
}

std::size_t count_checks(const TableText& table) {
  std::size_t count = 0;
  for (const TableItem& item : table.items)
    count +=
        item.sort == Sort::check || (item.sort == Sort::column && !column_of(item).check.empty())
            ? 1
            : 0;
  return count;
}

void compare_checks(const TableText& here, const TableText& there,
                    std::vector<ItemDifference>& found) {
  for (const TableItem& item : here.items)
    if (item.sort == Sort::check && !item.name.empty() && !find(there, item))
      found.push_back({Sort::check, title_of(item), item.text, {}});
  if (count_checks(there) <= count_checks(here)) return;
  for (const TableItem& item : there.items)
    if (item.sort == Sort::check && !find(here, item))
      found.push_back({Sort::check, title_of(item), {}, item.text, true});
}

Table of_one(const Column& column) {
  Table table;
  table.columns = {column};
  return table;
}

std::string facts(const Column& column) {
  std::string text = column.definition;
  if (!column.collation.empty()) text += " collate " + column.collation;
  text += column.nullable ? " null" : " not null";
  return text + (column.generated ? " generated" : "");
}

std::string facts(const Table& table, const Key& key) {
  std::string text;
  for (const KeyPart& part : key.parts) {
    text += (text.empty() ? "" : ", ") + table.columns[part.column].name;
    if (part.prefix) text += fmt::format("({})", *part.prefix);
  }
  if (key.functional) text += text.empty() ? "an expression" : ", an expression";
  return fmt::format("{}key ({})", key.unique ? "unique " : "", text);
}

template <class T>
const T* named(const std::vector<T>& all, const std::string& name) {
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const T& one) { return one.name == name; });
  return found == all.end() ? nullptr : &*found;
}

void compare_columns(const Table& here, ServerKind from, const Table& there, ServerKind to,
                     std::vector<ItemDifference>& found) {
  const auto add = [&](const Column& column, std::string left, std::string right) {
    found.push_back({Sort::column, fmt::format("column '{}'", column.name), std::move(left),
                     std::move(right), true});
  };
  std::string order_here, order_there;
  for (const Column& column : here.columns) {
    const Column* other = named(there.columns, column.name);
    if (other == nullptr)
      add(column, facts(column), {});
    else if (!shape_difference(of_one(column), from, of_one(*other), to).empty())
      add(column, facts(column), facts(*other));
    if (other != nullptr) order_here += (order_here.empty() ? "" : ", ") + column.name;
  }
  for (const Column& column : there.columns) {
    if (!named(here.columns, column.name))
      add(column, {}, facts(column));
    else
      order_there += (order_there.empty() ? "" : ", ") + column.name;
  }
  if (order_here != order_there)
    found.push_back({Sort::column, "the order of columns", order_here, order_there, true});
}

void compare_keys(const Table& here, const Table& there, bool all,
                  std::vector<ItemDifference>& found) {
  const auto add = [&](const Key& key, std::string left, std::string right, bool unique) {
    if (all || unique)
      found.push_back({Sort::key, fmt::format("key '{}'", key.name), std::move(left),
                       std::move(right), unique});
  };
  for (const Key& key : here.keys) {
    const Key* other = named(there.keys, key.name);
    const std::string left = facts(here, key), right = other ? facts(there, *other) : "";
    if (left != right) add(key, left, right, key.unique || (other && other->unique));
  }
  for (const Key& key : there.keys)
    if (!named(here.keys, key.name)) add(key, {}, facts(there, key), key.unique);
}

/// Around the place where two long texts begin to differ.
std::string excerpt(std::string text, std::size_t at) {
  constexpr std::size_t before = 40, most = 160;
  for (char& c : text)
    if (c == '\n') c = ' ';
  if (text.size() <= most) return text;
  const auto is_inside = [&](std::size_t i) {
    return i < text.size() && (static_cast<unsigned char>(text[i]) & 0xc0) == 0x80;
  };
  std::size_t begin = at > before ? at - before : 0;
  begin = std::min(begin, text.size() - most);
  while (is_inside(begin)) ++begin;
  std::size_t end = begin + most;
  while (is_inside(end)) ++end;
  return (begin > 0 ? "..." : "") + text.substr(begin, end - begin) +
         (end < text.size() ? "..." : "");
}

}  // namespace

std::string title_of(const TableItem& item) {
  switch (item.sort) {
    case Sort::column:
      return fmt::format("column '{}'", item.name);
    case Sort::key:
      return fmt::format("key '{}'", item.name);
    case Sort::check:
      return fmt::format("check '{}'", item.name);
    case Sort::other:
      return item.name;
    case Sort::option:
      return "the option " + item.name;
    case Sort::partitions:
      return "partitioning";
  }
  return {};
}

TableText read_table_text(std::string_view create) {
  TableText table;
  const std::string text = without_executable_comments(create);
  const Tokens tokens = tokenize(text);
  std::size_t first = 0, i = 0;
  int depth = 0;
  for (; i < tokens.size(); ++i) {
    const bool opens = is_symbol(tokens[i], '('), closes = is_symbol(tokens[i], ')');
    if (opens && depth++ == 0) first = i + 1;
    if (closes) --depth;
    if (!(closes && depth == 0) && !(depth == 1 && is_symbol(tokens[i], ','))) continue;
    if (i > first) table.items.push_back(item_of(tokens, first, i));
    first = i + 1;
    if (depth == 0) break;
  }
  if (table.items.empty()) {
    table.rest = text;
    return table;
  }
  i = read_options(tokens, i + 1, table);
  if (i < tokens.size())
    table.items.push_back({Sort::partitions, {}, slice(tokens, i, tokens.size())});
  return table;
}

std::string text_of(const ItemDifference& difference) {
  const auto& [sort, title, here, there, rows, comment_only] = difference;
  if (there.empty()) return fmt::format("{} is missing there: {}", title, excerpt(here, 0));
  if (here.empty()) return fmt::format("{} is only there: {}", title, excerpt(there, 0));
  const auto at = static_cast<std::size_t>(
      std::mismatch(here.begin(), here.end(), there.begin(), there.end()).first - here.begin());
  return fmt::format("{} should be '{}', and is '{}'", title, excerpt(here, at),
                     excerpt(there, at));
}

std::vector<ItemDifference> text_differences(const TableText& here, const TableText& there,
                                             bool alike) {
  std::vector<ItemDifference> found;
  for (const TableItem& item : here.items) {
    if (!has_fixed_place(item, alike)) continue;
    const TableItem* other = find(there, item);
    const bool unique = is_unique_key(item) || (other != nullptr && is_unique_key(*other));
    if (other == nullptr && !may_lack(item, alike))
      found.push_back({item.sort, title_of(item), item.text, {}, unique});
    if (other == nullptr) continue;
    if (!is_same(item, *other, alike))
      found.push_back({item.sort, title_of(item), item.text, other->text,
                       unique || item.sort == Sort::check, is_comment_only(item, *other, alike)});
  }
  for (const TableItem& item : there.items)
    if (!may_lack(item, alike) && find(here, item) == nullptr)
      found.push_back({item.sort,
                       title_of(item),
                       {},
                       item.text,
                       is_unique_key(item) || item.sort == Sort::check});
  for (ItemDifference& one : found)
    if (one.sort == Sort::option && one.title.ends_with(" COMMENT")) one.comment_only = true;
  if (!alike) compare_checks(here, there, found);
  if (alike && here.rest != there.rest)
    found.push_back({Sort::other, "the definition", here.rest, there.rest, false});
  return found;
}

std::vector<ItemDifference> shape_differences(const Table& here, ServerKind from,
                                              const Table& there, ServerKind to) {
  std::vector<ItemDifference> found;
  compare_columns(here, from, there, to, found);
  compare_keys(here, there, !are_translated(from, to), found);
  return found;
}

std::string rows_difference(const Table& here, ServerKind from, const Table& there, ServerKind to) {
  const auto without_plain_keys = [](Table table) {
    std::erase_if(table.keys, [](const Key& key) { return !key.unique; });
    table.row_key.reset();
    return table;
  };
  return shape_difference(without_plain_keys(here), from, without_plain_keys(there), to);
}

}  // namespace dts
