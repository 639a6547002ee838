#include "schema/translate.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <optional>

#include "db/tokens.hpp"
#include "schema/collations.hpp"
#include "schema/column_text.hpp"

namespace dts {

namespace {

using Tokens = std::vector<Token>;

std::string_view between(const Tokens& tokens, std::size_t first, std::size_t last) {
  if (first >= last) return {};
  const char* end = tokens[last - 1].text.data() + tokens[last - 1].text.size();
  return {tokens[first].text.data(), static_cast<std::size_t>(end - tokens[first].text.data())};
}

/// Behind the parentheses that open at `open`.
std::size_t behind_parentheses(const Tokens& tokens, std::size_t open) {
  int depth = 0;
  for (std::size_t i = open; i < tokens.size(); ++i) {
    if (is_symbol(tokens[i], '(')) ++depth;
    if (is_symbol(tokens[i], ')') && --depth == 0) return i + 1;
  }
  return tokens.size();
}

/// Calls `take` with the first token of each column, key and constraint of a table and the one
/// behind it; returns where the list opens, and what is behind it.
template <class Take>
std::pair<std::size_t, std::size_t> for_each_item(const Tokens& tokens, const Take& take) {
  std::size_t open = 0;
  while (open < tokens.size() && !is_symbol(tokens[open], '(')) ++open;
  const std::size_t behind = behind_parentheses(tokens, open);
  int depth = 0;
  std::size_t first = open + 1;
  for (std::size_t i = open + 1; i < behind; ++i) {
    if (is_symbol(tokens[i], '(')) ++depth;
    if (is_symbol(tokens[i], ')')) --depth;
    if (depth < 0 || (depth == 0 && is_symbol(tokens[i], ','))) {
      take(first, i);
      first = i + 1;
    }
  }
  return {open, behind};
}

/// One table on its way from one kind of server to another.
class Translator {
 public:
  Translator(const Table& shape, ServerKind from, const TargetFacts& to)
      : shape_(shape), from_(from), to_(to) {}

  TableTranslation run(std::string_view create);

 private:
  bool to_mysql(unsigned since) const { return !to_.kind.mariadb && to_.kind.version >= since; }
  bool to_mariadb(unsigned since) const { return to_.kind.mariadb && to_.kind.version >= since; }
  void change(std::string what, const std::string& where) {
    changes_[std::move(what)].insert(where);
  }
  void refuse(std::string what) { result_.refused.push_back(std::move(what)); }

  void item(const Tokens& tokens, std::size_t first, std::size_t last);
  void column(const Tokens& tokens, std::size_t first, std::size_t last);
  void set_charset(const Column& column, ColumnText& text);
  void set_type(const Column& column, ColumnText& text);
  void set_default(const Column& column, ColumnText& text);
  void set_attributes(const Column& column, ColumnText& text);
  void set_check(const Column& column, ColumnText& text);
  void key(const Tokens& tokens, std::size_t first, std::size_t last);
  void check(const Tokens& tokens, std::size_t first, std::size_t last);
  void options(const Tokens& tokens, std::size_t first);
  void option(const std::string& name, std::string_view value);
  std::string collation(const std::string& name, const std::string& where, bool in_unique_key);
  void check_unique_keys();
  std::string without_introducers(const std::string& text);

  const Table& shape_;
  ServerKind from_;
  const TargetFacts& to_;
  std::vector<std::string> items_;
  std::string options_, charset_, partitions_;
  std::map<std::string, std::set<std::string>> changes_;
  TableTranslation result_;
};

bool is_in_unique_key(const Table& table, const Column& column) {
  return std::any_of(table.keys.begin(), table.keys.end(), [&](const Key& key) {
    return key.unique && (key.functional ||
                          std::any_of(key.parts.begin(), key.parts.end(), [&](const KeyPart& part) {
                            return &table.columns[part.column] == &column;
                          }));
  });
}

std::string Translator::collation(const std::string& name, const std::string& where,
                                  bool in_unique_key) {
  const auto found = closest_collation(name, to_.collations, from_.mariadb != to_.kind.mariadb);
  if (!found) {
    refuse(fmt::format("{}: collation {}", where, name));
    return name;
  }
  if (found->equality == Equality::same) return found->name;
  const char* how = found->equality == Equality::finer ? ", which tells more values apart" : "";
  if (found->name == name)  // MariaDB has its own rules behind MySQL's names
    change(fmt::format("collation {} is of another version of Unicode", name), where);
  else
    change(fmt::format("collation {} becomes {}{}", name, found->name, how), where);
  if (in_unique_key && found->equality == Equality::other)
    result_.clashes.push_back(found->name == name
                                  ? fmt::format("{}: {} by another version of Unicode", where, name)
                                  : fmt::format("{}: {} becomes {}", where, name, found->name));
  return found->name;
}

void Translator::set_charset(const Column& column, ColumnText& text) {
  text.charset = text.collation = {};
  if (column.collation.empty() || (to_.kind.mariadb && column.type == ColumnType::json)) return;
  text.charset = column.charset;
  text.collation = collation(column.collation, column.name, is_in_unique_key(shape_, column));
}

void Translator::set_type(const Column& column, ColumnText& text) {
  if (!has_type(to_.kind, text.type_name))
    refuse(fmt::format("{}: type {}", column.name, text.type));
  if (column.type == ColumnType::json && to_.kind.mariadb)
    change("json becomes longtext with a check", column.name);
  if (text.type_name == "geomcollection") text.type = "geometrycollection";
  if (!text.srid.empty() && !to_mysql(80003)) {
    change("the SRID is told, not enforced", column.name);
    if (to_.kind.mariadb) text.type += " REF_SYSTEM_ID=" + text.srid;
    text.srid.clear();
  }
  if (text.compressed) change("COMPRESSED is left out", column.name);
  text.compressed = false;
}

void Translator::set_default(const Column& column, ColumnText& text) {
  if (text.default_value.empty() || to_.kind.mariadb) return;
  if (text.default_value.find("nextval(") != std::string::npos)
    return refuse(fmt::format("{}: DEFAULT {}", column.name, text.default_value));
  const bool is_large = column.type == ColumnType::json || column.type == ColumnType::geometry ||
                        text.type_name.ends_with("text") || text.type_name.ends_with("blob");
  const bool is_null = text.default_value == "NULL";
  const bool needs_expression = text.default_is_expression || (is_large && !is_null);
  if (!needs_expression) return;
  if (!to_mysql(80013))
    return refuse(fmt::format("{}: DEFAULT {}", column.name, text.default_value));
  if (text.default_value.front() != '(') text.default_value = "(" + text.default_value + ")";
}

void Translator::set_attributes(const Column& column, ColumnText& text) {
  if (text.invisible && !to_mysql(80023) && !to_.kind.mariadb) {
    change("INVISIBLE is left out", column.name);
    text.invisible = false;
  }
  if (!text.generated.empty() && to_.kind.mariadb && text.null == "NOT NULL") {
    change("NOT NULL of a generated column is left out", column.name);
    text.null.clear();
  }
  if (text.versioned) refuse(fmt::format("{}: system versioning", column.name));
  for (const std::string& other : text.left_out)
    change(fmt::format("{} is left out", other), column.name);
}

/// MariaDB's JSON is longtext with such a check. MySQL takes a little less for JSON.
bool is_json_check(const std::string& check, const Column& column) {
  std::string name;
  append_name(name, column.name);
  return check == "(json_valid(" + name + "))";
}

void Translator::set_check(const Column& column, ColumnText& text) {
  if (text.check.empty() || to_.kind.mariadb) return;
  if (!to_mysql(80016)) {
    change("CHECK is left out", column.name);
    text.check.clear();
  } else if (is_json_check(text.check, column)) {
    change("the check json_valid is told, not enforced", column.name);
    text.check += " NOT ENFORCED";
  }
}

void Translator::column(const Tokens& tokens, std::size_t first, std::size_t last) {
  ColumnText text = read_column_text(std::span(tokens).subspan(first, last - first));
  const std::string name = name_of(tokens[first]);
  const auto found = std::find_if(shape_.columns.begin(), shape_.columns.end(),
                                  [&](const Column& column) { return column.name == name; });
  if (found == shape_.columns.end()) return refuse(fmt::format("{}: unknown column", name));
  set_type(*found, text);
  set_charset(*found, text);
  set_default(*found, text);
  set_attributes(*found, text);
  set_check(*found, text);
  items_.push_back(write_column_text(text));
}

void Translator::key(const Tokens& tokens, std::size_t first, std::size_t last) {
  std::size_t open = first;
  while (open < last && !is_symbol(tokens[open], '(')) ++open;
  const std::size_t close = behind_parentheses(tokens, open);
  const std::string name =
      tokens[open - 1].kind == TokenKind::quoted ? name_of(tokens[open - 1]) : "PRIMARY";
  const std::string where = "key " + name;
  if (is_word(tokens[first], "VECTOR") && !to_mariadb(110700))
    return change("the vector key is left out", where);
  for (std::size_t i = open + 1; i + 1 < close; ++i) {
    const bool begins = is_symbol(tokens[i - 1], ',') || i == open + 1;
    if (begins && is_symbol(tokens[i], '(') && !to_mysql(80013))
      return refuse(where + ": functional key");
    if (is_symbol(tokens[i], '(')) i = behind_parentheses(tokens, i) - 1;
    if (is_word(tokens[i], "WITHOUT")) return refuse(where + ": WITHOUT OVERLAPS");
  }
  std::string text(between(tokens, first, close));
  for (std::size_t i = close; i < last; ++i) {
    const Token& word = tokens[i];
    if (is_word(word, "INVISIBLE") || is_word(word, "IGNORED")) {
      if (to_mysql(80000))
        text += " INVISIBLE";
      else if (to_mariadb(100600))
        text += " IGNORED";
      else
        change("INVISIBLE is left out", where);
    } else if (is_word(word, "USING") && i + 1 < last) {
      text += fmt::format(" USING {}", tokens[++i].text);
    } else if (is_word(word, "COMMENT") && i + 1 < last) {
      text += fmt::format(" COMMENT {}", tokens[++i].text);
    } else if (is_word(word, "KEY_BLOCK_SIZE")) {
      i += i + 1 < last && is_symbol(tokens[i + 1], '=') ? 2 : 1;
      if (i < last) text += fmt::format(" KEY_BLOCK_SIZE={}", tokens[i].text);
    } else if (is_word(word, "WITH") && i + 2 < last) {
      change(fmt::format("parser {} is left out", name_of(tokens[i + 2])), where);
      i += 2;
    } else if (word.kind == TokenKind::word || word.kind == TokenKind::quoted) {
      change(fmt::format("{} is left out", name_of(word)), where);
      if (i + 1 < last && is_symbol(tokens[i + 1], '=')) i += 2;
    }
  }
  items_.push_back(std::move(text));
}

/// CONSTRAINT `name` CHECK (...) [NOT ENFORCED]
void Translator::check(const Tokens& tokens, std::size_t first, std::size_t last) {
  std::size_t at = first;
  std::string name;
  if (is_word(tokens[at], "CONSTRAINT")) name = name_of(tokens[at + 1]), at += 2;
  if (at >= last || !is_word(tokens[at], "CHECK")) return refuse(name + ": constraint");
  const std::size_t close = behind_parentheses(tokens, at + 1);
  const bool rests = close < last;
  if ((rests && to_.kind.mariadb) || (!to_.kind.mariadb && !to_mysql(80016)))
    return change("CHECK is left out", "constraint " + name);
  // MariaDB's own names are the same in every table, MySQL's are unique in their database.
  const bool unnamed = name.empty() || (from_.mariadb && name.starts_with("CONSTRAINT_"));
  std::string text;
  if (!unnamed) {
    text = "CONSTRAINT ";
    append_name(text, name);
    text += ' ';
    result_.checks.push_back(name);
  }
  items_.push_back(text + std::string(between(tokens, at, last)));
}

void Translator::item(const Tokens& tokens, std::size_t first, std::size_t last) {
  if (first >= last) return;
  const Token& word = tokens[first];
  if (word.kind == TokenKind::quoted) return column(tokens, first, last);
  if (is_word(word, "CONSTRAINT") || is_word(word, "CHECK")) return check(tokens, first, last);
  if (is_word(word, "PERIOD")) return refuse("PERIOD");
  key(tokens, first, last);
}

void Translator::option(const std::string& name, std::string_view value) {
  static constexpr std::array common = {"ENGINE",           "AUTO_INCREMENT",     "MIN_ROWS",
                                        "MAX_ROWS",         "PACK_KEYS",          "AVG_ROW_LENGTH",
                                        "STATS_PERSISTENT", "STATS_AUTO_RECALC",  "CHECKSUM",
                                        "DELAY_KEY_WRITE",  "STATS_SAMPLE_PAGES", "ROW_FORMAT",
                                        "COMMENT",          "KEY_BLOCK_SIZE",     "INSERT_METHOD"};
  const auto is_common = [&](std::string_view other) { return name == other; };
  if (name == "CHARSET" || name == "SET") {
    charset_ = value;
  } else if (name == "COLLATE") {
    charset_.clear();
    options_ += " COLLATE=" + collation(std::string(value), "the table", false);
  } else if (std::any_of(common.begin(), common.end(), is_common)) {
    options_ += fmt::format(" {}={}", name, value);
  } else {
    change(fmt::format("{} is left out", name), "the table");
  }
}

std::string upper(std::string text) {
  for (char& c : text)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  return text;
}

void Translator::options(const Tokens& tokens, std::size_t first) {
  std::size_t i = first;
  while (i < tokens.size() && !is_word(tokens[i], "PARTITION")) {
    if (is_word(tokens[i], "DEFAULT") || is_word(tokens[i], "CHARACTER") ||
        is_symbol(tokens[i], ',')) {
      ++i;
      continue;
    }
    const std::string name = upper(name_of(tokens[i++]));
    if (name == "WITH") return refuse("WITH SYSTEM VERSIONING");
    if (name == "DATA" || name == "INDEX") ++i;  // DIRECTORY
    if (i < tokens.size() && is_symbol(tokens[i], '=')) ++i;
    if (i >= tokens.size()) break;
    option(name, tokens[i].kind == TokenKind::quoted ? name_of(tokens[i]) : tokens[i].text);
    i = is_symbol(tokens[i], '(') ? behind_parentheses(tokens, i) : i + 1;
  }
  // Without COLLATE servers don't agree about these; they did when only one wrote it so.
  if (charset_ == "utf8mb4" || charset_ == "utf8mb3" || charset_ == "utf8")
    options_ += " COLLATE=" + collation(charset_ + "_general_ci", "the table", false);
  else if (!charset_.empty())
    options_ += " DEFAULT CHARSET=" + charset_;
  partitions_ = between(tokens, i, tokens.size());
  for (std::size_t at = i; at + 2 < tokens.size() && !to_.kind.mariadb; ++at)
    if (is_word(tokens[at], "PARTITION") && is_word(tokens[at + 2], "DEFAULT"))
      refuse(fmt::format("partition {}: DEFAULT", name_of(tokens[at + 1])));
}

/// MySQL has no unique keys over long values.
void Translator::check_unique_keys() {
  constexpr std::uint64_t bytes_max = 3072;
  if (to_.kind.mariadb) return;
  for (const Key& key : shape_.keys)
    for (const KeyPart& part : key.parts)
      if (key.unique && !part.prefix && shape_.columns[part.column].bytes_max > bytes_max)
        refuse(fmt::format("key {}: unique over the long column {}", key.name,
                           shape_.columns[part.column].name));
}

/// MariaDB loses escapes in strings with an introducer when it keeps them as part of an expression.
/// In a session of utf8mb4, those of MySQL's say nothing.
std::string Translator::without_introducers(const std::string& text) {
  std::string result;
  const char* at = text.data();
  const Tokens tokens = tokenize(text);
  for (std::size_t i = 0; i + 1 < tokens.size(); ++i) {
    const std::string_view word = tokens[i].text, next = tokens[i + 1].text;
    if (tokens[i].kind != TokenKind::word || tokens[i + 1].kind != TokenKind::string ||
        word.data() + word.size() != next.data() || !word.starts_with("_"))
      continue;
    const bool is_utf8 = word == "_utf8mb4" || word == "_utf8mb3" || word == "_utf8";
    if (!is_utf8 && next.substr(1, next.size() - 2).find_first_of("'\\") != next.npos)
      refuse(fmt::format("an expression with {}{}", word, next));
    if (!is_utf8) continue;
    result.append(at, word.data());
    at = next.data();
  }
  return result.append(at, text.data() + text.size());
}

TableTranslation Translator::run(std::string_view create) {
  std::string text = without_executable_comments(create);
  if (to_.kind.mariadb) text = without_introducers(text);
  const Tokens tokens = tokenize(text);
  const auto [open, behind] = for_each_item(
      tokens, [&](std::size_t first, std::size_t last) { item(tokens, first, last); });
  options(tokens, behind);
  check_unique_keys();
  result_.text = std::string(between(tokens, 0, open)) + " (";
  for (std::size_t i = 0; i < items_.size(); ++i)
    result_.text += (i ? ",\n  " : "\n  ") + items_[i];
  result_.text += "\n)" + options_;
  if (!partitions_.empty()) result_.text += "\n" + partitions_;
  for (const auto& [what, where] : changes_) {
    std::string list;
    for (const std::string& one : where) list += (list.empty() ? "" : ", ") + one;
    result_.changes.push_back(fmt::format("{} ({})", what, list));
  }
  return std::move(result_);
}

}  // namespace

TargetFacts target_facts(Connection& target) {
  TargetFacts facts{kind_of(target), {}};
  for (auto& row : target.query(all_collations(target)))
    for (auto& name : row)
      if (name) facts.collations.insert(*name);
  return facts;
}

TableTranslation translate_table(std::string_view create, const Table& shape, ServerKind from,
                                 const TargetFacts& to) {
  return Translator(shape, from, to).run(create);
}

std::string with_timestamp_defaults(std::string_view create, std::vector<std::string>& changes) {
  const Tokens tokens = tokenize(create);
  std::string result;
  const char* at = create.data();
  for_each_item(tokens, [&](std::size_t first, std::size_t last) {
    if (first >= last || tokens[first].kind != TokenKind::quoted) return;
    const ColumnText column = read_column_text(std::span(tokens).subspan(first, last - first));
    if (column.type_name != "timestamp" || column.null != "NOT NULL" || column.versioned ||
        !column.default_value.empty() || !column.generated.empty())
      return;
    const char* end = tokens[last - 1].text.data() + tokens[last - 1].text.size();
    result.append(at, end);
    result += " DEFAULT '0000-00-00 00:00:00'";
    at = end;
    changes.push_back(fmt::format("a zero is the default ({})", name_of(tokens[first])));
  });
  return result.append(at, create.data() + create.size());
}

std::string counterpart_by_number(Connection& target, int number, bool from_mariadb) {
  if (from_mariadb == target.is_mariadb()) return collation_of(target, number).name;
  const std::string theirs = collation_by_number(number, from_mariadb);
  // What MariaDB has without padding, it numbers after what pads.
  constexpr int first_nopad = 1024;
  if (theirs.empty())
    return collation_of(target, number < first_nopad ? number : number - first_nopad).name;
  const auto found = closest_collation(theirs, target_facts(target).collations, true);
  return found ? found->name : std::string();
}

void restore_json(Connection& target, Table& table) {
  if (!target.is_mariadb()) return;
  const auto create = target.query(sql("SHOW CREATE TABLE {}", table.name));
  const std::string text = create.at(0).at(1).value_or("");
  for (Column& column : table.columns) {
    std::string check = "json_valid(";
    append_name(check, column.name);
    if (column.definition != "longtext" || text.find(check + ")") == text.npos) continue;
    column.type = ColumnType::json;
    column.definition = "json";
    column.collation.clear();
  }
}

}  // namespace dts
