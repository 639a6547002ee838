#include "schema/column_text.hpp"

#include <algorithm>
#include <array>

namespace dts {

namespace {

class Reader {
 public:
  explicit Reader(std::span<const Token> tokens) : tokens_(tokens) {}

  bool done() const { return at_ >= tokens_.size(); }
  bool at(std::string_view word) const { return !done() && is_word(tokens_[at_], word); }
  bool take(std::string_view word) {
    if (!at(word)) return false;
    ++at_;
    return true;
  }
  bool at_symbol(char symbol) const { return !done() && is_symbol(tokens_[at_], symbol); }
  void take_symbol(char symbol) {
    if (at_symbol(symbol)) ++at_;
  }
  const Token& peek() const { return tokens_[at_]; }
  std::string next() { return done() ? std::string() : std::string(tokens_[at_++].text); }
  /// What stands in parentheses, with them.
  std::string parentheses() {
    const std::size_t first = at_;
    int depth = 0;
    do {
      if (at_symbol('(')) ++depth;
      if (at_symbol(')')) --depth;
      if (!done()) ++at_;
    } while (depth > 0 && !done());
    return text(first);
  }
  std::string text(std::size_t first) const {
    if (first >= at_) return {};
    const char* begin = tokens_[first].text.data();
    return {begin, tokens_[at_ - 1].text.data() + tokens_[at_ - 1].text.size()};
  }
  std::size_t place() const { return at_; }

 private:
  std::span<const Token> tokens_;
  std::size_t at_ = 0;
};

/// Whether the default ends here: another attribute begins.
bool at_attribute(const Reader& reader) {
  static constexpr std::array words = {"ON",      "COMMENT", "CHECK",           "INVISIBLE",
                                       "COLLATE", "NOT",     "AUTO_INCREMENT",  "COLUMN_FORMAT",
                                       "STORAGE", "WITHOUT", "ENGINE_ATTRIBUTE"};
  return std::any_of(words.begin(), words.end(), [&](const char* word) { return reader.at(word); });
}

/// A constant or the current time: all else is an expression, which MySQL wants in parentheses.
bool is_plain_default(std::span<const Token> tokens) {
  const Token& first = tokens[0];
  if (first.kind == TokenKind::string || first.kind == TokenKind::number) return true;
  if (is_symbol(first, '-') || is_symbol(first, '.')) return tokens.size() < 6;
  if (first.kind != TokenKind::word) return false;
  for (const char* word : {"NULL", "CURRENT_TIMESTAMP", "TRUE", "FALSE"})
    if (is_word(first, word)) return true;
  const bool is_number = first.text[0] >= '0' && first.text[0] <= '9';  // 0x41, 1e300
  const bool introduces = tokens.size() == 2 && tokens[1].kind == TokenKind::string;
  return is_number || introduces;
}

void read_default(Reader& reader, std::span<const Token> tokens, ColumnText& column) {
  const std::size_t first = reader.place();
  while (!reader.done() && !at_attribute(reader)) {
    if (reader.at_symbol('('))
      reader.parentheses();
    else
      reader.next();
  }
  if (reader.place() == first) return;
  column.default_value = reader.text(first);
  column.default_is_expression = !is_plain_default(tokens.subspan(first, reader.place() - first));
}

void read_type(Reader& reader, ColumnText& column) {
  const std::size_t first = reader.place();
  column.type_name = reader.next();
  if (reader.at_symbol('(')) reader.parentheses();
  column.type = reader.text(first);
  if (reader.take("UNSIGNED")) column.type += " unsigned";
  if (reader.take("ZEROFILL")) column.type += " zerofill";
}

void read_generated(Reader& reader, ColumnText& column) {
  reader.take("ALWAYS");
  reader.take("AS");
  if (reader.at("ROW")) {
    column.versioned = true;
    reader.next();
    reader.next();
    return;
  }
  column.generated = reader.parentheses();
  column.storage = reader.next();
}

/// An attribute without a part of its own, with its value.
void leave_out(Reader& reader, ColumnText& column) {
  std::string what = reader.next();
  const bool has_value = what == "COLUMN_FORMAT" || what == "STORAGE";
  if (reader.at_symbol('=') || has_value) {
    reader.take_symbol('=');
    what += " " + reader.next();
  }
  column.left_out.push_back(std::move(what));
}

void read_attribute(Reader& reader, std::span<const Token> tokens, ColumnText& column) {
  if (reader.take("CHARACTER")) {
    reader.take("SET");
    column.charset = reader.next();
  } else if (reader.take("COLLATE")) {
    column.collation = reader.next();
  } else if (reader.take("GENERATED")) {
    read_generated(reader, column);
  } else if (reader.take("NOT")) {
    column.null = "NOT " + reader.next();
  } else if (reader.take("NULL")) {
    column.null = "NULL";
  } else if (reader.take("DEFAULT")) {
    read_default(reader, tokens, column);
  } else if (reader.take("ON")) {
    reader.take("UPDATE");
    column.on_update = reader.next();
    if (reader.at_symbol('(')) column.on_update += reader.parentheses();
  } else if (reader.take("AUTO_INCREMENT")) {
    column.auto_increment = true;
  } else if (reader.take("INVISIBLE")) {
    column.invisible = true;
  } else if (reader.take("COMPRESSED")) {
    column.compressed = true;
  } else if (reader.take("COMMENT")) {
    column.comment = reader.next();
  } else if (reader.take("CHECK")) {
    column.check = reader.parentheses();
  } else if (reader.take("SRID") || reader.take("REF_SYSTEM_ID")) {
    reader.take_symbol('=');
    column.srid = reader.next();
  } else {
    leave_out(reader, column);
  }
}

}  // namespace

ColumnText read_column_text(std::span<const Token> tokens) {
  Reader reader(tokens);
  ColumnText column;
  column.name = reader.next();
  read_type(reader, column);
  while (!reader.done()) read_attribute(reader, tokens, column);
  return column;
}

std::string write_column_text(const ColumnText& column) {
  std::string text = column.name + " " + column.type;
  const auto add = [&](std::string_view word, const std::string& value) {
    if (value.empty()) return;
    text += ' ';
    text += word;
    text += value;
  };
  add("CHARACTER SET ", column.charset);
  add("COLLATE ", column.collation);
  add("GENERATED ALWAYS AS ", column.generated);
  add("", column.storage);
  add("", column.null);
  add("SRID ", column.srid);
  add("DEFAULT ", column.default_value);
  add("ON UPDATE ", column.on_update);
  add("", column.auto_increment ? "AUTO_INCREMENT" : "");
  add("", column.invisible ? "INVISIBLE" : "");
  add("COMMENT ", column.comment);
  add("CHECK ", column.check);
  return text;
}

std::string without_executable_comments(std::string_view text) {
  std::string result;
  const char* at = text.data();
  const auto add_gap = [&](const char* end) {
    const std::string_view gap(at, static_cast<std::size_t>(end - at));
    if (gap.find('*') == gap.npos)
      result += gap;
    else
      result += gap.find('\n') == gap.npos ? " " : "\n";
  };
  for (const Token& token : tokenize(text)) {
    add_gap(token.text.data());
    result += token.text;
    at = token.text.data() + token.text.size();
  }
  return result;
}

}  // namespace dts
