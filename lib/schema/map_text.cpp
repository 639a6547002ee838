#include "schema/map_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "db/sql.hpp"

namespace dts {

namespace {

std::string quoted_name(std::string_view name) {
  std::string text;
  append_name(text, name);
  return text;
}

/// What a column of the source is called on the target.
struct ColumnName {
  bool known = false;
  std::optional<std::string> target;  ///< nothing: it is left out
};

ColumnName find_column(const MappedTable& table, std::string_view name) {
  for (std::size_t i = 0; i < table.source.columns.size(); ++i) {
    if (!same_column(table.source.columns[i].name, name)) continue;
    const auto at = std::find(table.columns.begin(), table.columns.end(), i);
    if (at == table.columns.end()) return {true, std::nullopt};
    return {true, table.target.columns[static_cast<std::size_t>(at - table.columns.begin())].name};
  }
  return {};
}

/// The tokens of a definition, and what is to change in its text.
class Editor {
 public:
  Editor(std::string_view text, const MappedTable& table, const Mapping& mapping)
      : text_(text), table_(table), mapping_(mapping), tokens_(tokenize(text)) {}

  const std::vector<Token>& tokens() const { return tokens_; }
  std::size_t begin(std::size_t i) const {
    return static_cast<std::size_t>(tokens_[i].text.data() - text_.data());
  }
  std::size_t end(std::size_t i) const { return begin(i) + tokens_[i].text.size(); }

  /// Renames what stands for a column in the tokens [first, last); gives the first that is left out.
  std::optional<std::string> rename_columns(std::size_t first, std::size_t last) {
    std::optional<std::string> missing;
    for (std::size_t i = first; i < last; ++i) {
      if (tokens_[i].kind != TokenKind::quoted) continue;
      if (rename_qualified(i, last)) {
        i += 2;
        continue;
      }
      if (names_something_else(i)) continue;
      const ColumnName column = find_column(table_, name_of(tokens_[i]));
      if (!column.known) continue;
      if (!column.target)
        missing = missing.value_or(name_of(tokens_[i]));
      else if (*column.target != name_of(tokens_[i]))
        replace(i, i, quoted_name(*column.target));
    }
    return missing;
  }
  /// Tokens `first` to `last` give way to `with`.
  void replace(std::size_t first, std::size_t last, std::string with) {
    edits_.push_back({begin(first), end(last), std::move(with)});
  }
  void erase(std::size_t from, std::size_t to) {
    std::erase_if(edits_, [&](const Edit& edit) { return edit.begin >= from && edit.end <= to; });
    edits_.push_back({from, to, {}});
  }
  std::string result() { return edited(text_, std::move(edits_)); }

 private:
  bool is_dot(std::size_t i) const { return i < tokens_.size() && is_symbol(tokens_[i], '.'); }

  /// A sequence in a default: `database`.`name`.
  bool rename_qualified(std::size_t i, std::size_t last) {
    if (i + 2 >= last || !is_dot(i + 1) || tokens_[i + 2].kind != TokenKind::quoted) return false;
    const TableName name{name_of(tokens_[i]), name_of(tokens_[i + 2])};
    const TableName target = mapping_.table(name);
    if (target != name) {
      std::string text;
      append_name(text, target);
      replace(i, i + 2, text);
    }
    return true;
  }

  /// Names of keys, constraints and partitions stand where no column can.
  bool names_something_else(std::size_t i) const {
    if (i == 0) return true;
    for (const char* word : {"KEY", "INDEX", "CONSTRAINT", "PARTITION", "SUBPARTITION", "PERIOD", "FOR"})
      if (is_word(tokens_[i - 1], word)) return true;
    return false;
  }

  std::string_view text_;
  const MappedTable& table_;
  const Mapping& mapping_;
  std::vector<Token> tokens_;
  std::vector<Edit> edits_;
};

/// The table's own name: behind TABLE or SEQUENCE; returns where its name ends.
std::size_t rename_table(Editor& editor, const TableName& target) {
  const auto& tokens = editor.tokens();
  std::size_t at = 0;
  while (at < tokens.size() && !is_word(tokens[at], "TABLE") && !is_word(tokens[at], "SEQUENCE")) ++at;
  const std::size_t first = at + 1;
  if (first >= tokens.size()) return tokens.size();
  const bool has_schema = first + 2 < tokens.size() && is_symbol(tokens[first + 1], '.');
  const std::size_t last = has_schema ? first + 2 : first;
  std::string name;
  append_name(name, target);
  editor.replace(first, last, name);
  return last + 1;
}

/// The name of a key or check, for people.
std::string item_name(const std::vector<Token>& tokens, std::size_t first, std::size_t last) {
  for (std::size_t i = first; i < last && !is_symbol(tokens[i], '('); ++i)
    if (tokens[i].kind == TokenKind::quoted) return fmt::format("'{}'", name_of(tokens[i]));
  return is_word(tokens[first], "PRIMARY") ? "'PRIMARY'" : "without a name";
}

/// One definition in the parentheses; false if it goes as a whole.
bool map_item(Editor& editor, const MappedTable& table, std::size_t first, std::size_t last,
              MappedText& mapped) {
  const auto& tokens = editor.tokens();
  if (tokens[first].kind == TokenKind::quoted) {
    const std::string name = name_of(tokens[first]);
    const ColumnName column = find_column(table, name);
    if (column.known && !column.target) return false;
    if (column.known && *column.target != name)
      editor.replace(first, first, quoted_name(*column.target));
    if (auto missing = editor.rename_columns(first + 1, last))
      mapped.refused.push_back(
          fmt::format("column '{}' is defined by column '{}', which is left out", name, *missing));
    return true;
  }
  const auto missing = editor.rename_columns(first, last);
  if (!missing) return true;
  if (is_word(tokens[first], "PERIOD")) {
    mapped.refused.push_back(fmt::format("column '{}' of a period is left out", *missing));
    return true;
  }
  const bool is_check = is_word(tokens[first], "CONSTRAINT") || is_word(tokens[first], "CHECK");
  mapped.left_out.push_back(fmt::format("{} {} is left out with column '{}'",
                                        is_check ? "check" : "key",
                                        item_name(tokens, first, last), *missing));
  return false;
}

/// Behind the parenthesis that closes the one at `open`.
std::size_t closing(const std::vector<Token>& tokens, std::size_t open) {
  int depth = 0;
  for (std::size_t i = open; i < tokens.size(); ++i) {
    if (is_symbol(tokens[i], '(')) ++depth;
    if (is_symbol(tokens[i], ')') && --depth == 0) return i;
  }
  return tokens.size();
}

/// Definitions that go away take the comma behind them along, the last ones the comma before.
void map_items(Editor& editor, const MappedTable& table, std::size_t open, std::size_t close,
               MappedText& mapped) {
  const auto& tokens = editor.tokens();
  std::size_t kept_end = editor.end(open), first = open + 1;
  bool kept_any = false;
  int depth = 0;
  for (std::size_t i = open + 1; i <= close && i < tokens.size(); ++i) {
    if (is_symbol(tokens[i], '(')) ++depth;
    if (is_symbol(tokens[i], ')') && i != close) --depth;
    if (i != close && (depth != 0 || !is_symbol(tokens[i], ','))) continue;
    if (first < i && map_item(editor, table, first, i, mapped)) {
      kept_any = true;
      kept_end = editor.end(i - 1);
    } else if (first < i) {
      if (kept_any)
        editor.erase(kept_end, editor.end(i - 1));
      else
        editor.erase(editor.end(open), i == close ? editor.begin(i) : editor.end(i));
      if (kept_any) kept_end = editor.end(i - 1);
    }
    first = i + 1;
  }
}

}  // namespace

std::string edited(std::string_view text, std::vector<Edit> edits) {
  std::sort(edits.begin(), edits.end(),
            [](const Edit& a, const Edit& b) { return a.begin < b.begin; });
  std::string result;
  std::size_t at = 0;
  for (const Edit& edit : edits) {
    result += text.substr(at, edit.begin - at);
    result += edit.text;
    at = edit.end;
  }
  result += text.substr(at);
  return result;
}

MappedText mapped_create(std::string_view create, const MappedTable& table,
                         const Mapping& mapping) {
  MappedText mapped;
  Editor editor(create, table, mapping);
  const std::size_t open = rename_table(editor, table.target.name);
  const auto& tokens = editor.tokens();
  if (open < tokens.size() && is_symbol(tokens[open], '(')) {
    const std::size_t close = closing(tokens, open);
    map_items(editor, table, open, close, mapped);
    if (auto missing = editor.rename_columns(std::min(close + 1, tokens.size()), tokens.size()))
      mapped.refused.push_back(fmt::format("the partitions need column '{}', which is left out", *missing));
  }
  mapped.text = editor.result();
  return mapped;
}

ForeignKeyText mapped_key(const ForeignKeyText& key, const MappedTable& child,
                          const MappedTable& parent) {
  ForeignKeyText mapped = key;
  const auto tokens = tokenize(key.clause);
  std::vector<Edit> edits;
  const auto begin = [&](std::size_t i) {
    return static_cast<std::size_t>(tokens[i].text.data() - key.clause.data());
  };
  const MappedTable* table = nullptr;  // whose columns stand here
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    if (is_word(tokens[i], "FOREIGN")) table = &child;
    if (is_word(tokens[i], "ON")) break;
    if (is_word(tokens[i], "REFERENCES") && i + 1 < tokens.size()) {
      table = &parent;
      const bool has_schema = i + 3 < tokens.size() && is_symbol(tokens[i + 2], '.');
      const std::size_t last = has_schema ? i + 3 : i + 1;
      // As the server writes it: the database only where it is another one.
      std::string name;
      if (parent.target.name.schema == child.target.name.schema)
        append_name(name, parent.target.name.table);
      else
        append_name(name, parent.target.name);
      edits.push_back({begin(i + 1), begin(last) + tokens[last].text.size(), name});
      i = last;
      continue;
    }
    if (table == nullptr || tokens[i].kind != TokenKind::quoted) continue;
    const ColumnName column = find_column(*table, name_of(tokens[i]));
    if (column.known && !column.target) {
      mapped.clause.clear();
      return mapped;
    }
    if (column.known)
      edits.push_back({begin(i), begin(i) + tokens[i].text.size(), quoted_name(*column.target)});
  }
  mapped.clause = edited(key.clause, std::move(edits));
  mapped.parent = parent.target.name;
  return mapped;
}

}  // namespace dts
