#include "schema/translate_text.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "schema/collations.hpp"
#include "schema/letter_case.hpp"
#include "schema/map_text.hpp"
#include "schema/pieces.hpp"
#include "schema/read.hpp"
#include "schema/text_rules.hpp"

namespace dts {

namespace {

/// The arguments of a function: the pieces [first, last) of each.
using Arguments = std::vector<std::pair<std::size_t, std::size_t>>;

class TextTranslator {
 public:
  TextTranslator(std::string_view create, const Dialect& dialect, const SourceFacts& from,
                 const TargetFacts& to)
      : create_(create), from_(from), to_(to), pieces_(pieces_of(create, dialect)) {}

  TextTranslation run() {
    check_comments();
    find_parentheses();
    is_view_ = is_view();
    for (std::size_t i = 0; i < pieces_.size(); ++i) {
      follow_clause(i);
      step(i);
    }
    result_.text = edited(create_, std::move(edits_));
    return std::move(result_);
  }

 private:
  bool at_word(std::size_t i, std::string_view word) const {
    return i < pieces_.size() && is_word(pieces_[i], word);
  }
  bool at_symbol(std::size_t i, char symbol) const {
    return i < pieces_.size() && is_symbol(pieces_[i], symbol);
  }
  bool at_string(std::size_t i) const {
    return i < pieces_.size() && pieces_[i].kind == TokenKind::string;
  }
  bool at_name(std::size_t i) const {
    return i < pieces_.size() &&
           (pieces_[i].kind == TokenKind::word || pieces_[i].kind == TokenKind::quoted);
  }
  /// Nothing stands between this piece and the next one.
  bool adjoins_next(std::size_t i) const {
    return i + 1 < pieces_.size() && pieces_[i].end == pieces_[i + 1].begin;
  }

  static void add(std::vector<std::string>& list, std::string text) {
    if (std::find(list.begin(), list.end(), text) == list.end()) list.push_back(std::move(text));
  }
  void change(std::string text) { add(result_.changes, std::move(text)); }
  void doubt(std::string text) { add(result_.doubts, std::move(text)); }
  void refuse(std::string text) { add(result_.refused, std::move(text)); }
  void replace(std::size_t first, std::size_t last, std::string with) {
    edits_.push_back({pieces_[first].begin, pieces_[last].end, std::move(with)});
  }

  bool is_view() const;
  void check_comments();
  void find_parentheses();
  void follow_clause(std::size_t i);
  void step(std::size_t i);
  Arguments arguments(std::size_t open) const;
  bool is_inside(std::size_t i, std::string_view function_prefix) const;

  void charset(std::size_t i);
  void collate(std::size_t i);
  std::string collation(const std::string& name, bool of_type);
  void binary_cast(std::size_t i);
  void function(std::size_t i);
  void json_function(std::size_t i, const std::string& name);
  void json_value(std::size_t i);
  void json_arrow(std::size_t i);
  void json_column(std::size_t i);
  void regexp_like(std::size_t i);
  void pattern(std::size_t first);
  void other_schema(std::size_t i);

  std::string_view create_;
  const SourceFacts& from_;
  const TargetFacts& to_;
  Pieces pieces_;
  std::vector<std::size_t> opener_;  ///< of each piece: the parenthesis that it is in; or npos
  std::vector<std::size_t> closer_;  ///< of each piece that opens: the one that closes
  std::string clause_;
  bool is_view_ = false;
  std::vector<Edit> edits_;
  TextTranslation result_;
};

constexpr std::size_t none = std::string_view::npos;

bool TextTranslator::is_view() const {
  for (std::size_t i = 0; i < pieces_.size(); ++i) {
    if (at_word(i, "VIEW")) return true;
    for (const char* kind : {"TRIGGER", "PROCEDURE", "FUNCTION", "PACKAGE", "EVENT", "AS"})
      if (at_word(i, kind)) return false;
  }
  return false;
}

/// Each kind of server reads other ones of them.
void TextTranslator::check_comments() {
  std::size_t at = 0;
  for (std::size_t i = 0; i <= pieces_.size(); ++i) {
    const std::size_t end = i < pieces_.size() ? pieces_[i].begin : create_.size();
    const std::string_view gap = create_.substr(at, end - at);
    if (gap.find("/*!") != gap.npos || gap.find("/*M!") != gap.npos)
      refuse("has an executable comment, which other servers read than did here");
    if (i < pieces_.size()) at = pieces_[i].end;
  }
}

void TextTranslator::find_parentheses() {
  opener_.assign(pieces_.size(), none);
  closer_.assign(pieces_.size(), pieces_.size());
  std::vector<std::size_t> open;
  for (std::size_t i = 0; i < pieces_.size(); ++i) {
    if (is_symbol(pieces_[i], ')') && !open.empty()) {
      closer_[open.back()] = i;
      open.pop_back();
    }
    opener_[i] = open.empty() ? none : open.back();
    if (is_symbol(pieces_[i], '(')) open.push_back(i);
  }
}

/// In which part of a statement a piece stands, as far as it matters.
void TextTranslator::follow_clause(std::size_t i) {
  static constexpr std::array words = {
      "SELECT", "WHERE",  "ON",    "HAVING", "SET",    "IF",   "WHEN", "ORDER",   "GROUP", "VALUES",
      "UPDATE", "RETURN", "WHILE", "UNTIL",  "ELSEIF", "THEN", "FROM", "DECLARE", "CASE",  "LIMIT"};
  if (at_symbol(i - 1, '.') || at_word(i - 1, "CHARACTER")) return;
  for (const char* word : words)
    if (is_word(pieces_[i], word)) clause_ = word;
}

Arguments TextTranslator::arguments(std::size_t open) const {
  Arguments list;
  const std::size_t close = closer_[open];
  std::size_t first = open + 1;
  for (std::size_t i = first; i < close; ++i)
    if (opener_[i] == open && is_symbol(pieces_[i], ',')) {
      list.emplace_back(first, i);
      first = i + 1;
    }
  if (first < close) list.emplace_back(first, close);
  return list;
}

/// Whether a function whose name begins so has this piece among its arguments, at any depth.
bool TextTranslator::is_inside(std::size_t i, std::string_view function_prefix) const {
  for (std::size_t open = opener_[i]; open != none; open = opener_[open])
    if (open > 0 && pieces_[open - 1].kind == TokenKind::word &&
        lowered(std::string(pieces_[open - 1].text)).starts_with(function_prefix))
      return true;
  return false;
}

void TextTranslator::step(std::size_t i) {
  const bool dotted = i > 0 && at_symbol(i - 1, '.');
  if (at_symbol(i, '-')) return json_arrow(i);
  if (at_symbol(i, '/') && !is_view_)
    doubt("divides: where a quotient is kept, MariaDB has more of its digits");
  if (!at_name(i) || (i > 0 && at_symbol(i - 1, '@'))) return;
  if (at_symbol(i + 1, '.') && !dotted) other_schema(i);
  json_column(i);
  if (pieces_[i].kind != TokenKind::word || dotted) return;
  if (at_word(i, "COLLATE")) return collate(i);
  if (at_word(i, "CHARSET") || (at_word(i, "CHARACTER") && at_word(i + 1, "SET")))
    return charset(i);
  if (at_word(i, "REGEXP") || at_word(i, "RLIKE")) return pattern(i + 1);
  if ((at_word(i, "PREPARE") && at_name(i + 1) && at_word(i + 2, "FROM")) ||
      (at_word(i, "EXECUTE") && at_word(i + 1, "IMMEDIATE")))
    doubt("builds statements while it runs, which are not translated");
  if (at_symbol(i + 1, '(')) function(i);
}

std::string TextTranslator::collation(const std::string& name, bool of_type) {
  const auto found = closest_collation(lowered(name), to_.collations, true);
  if (!found) {
    refuse(fmt::format("uses the collation {}, and the target has nothing like it", name));
    return name;
  }
  if (found->equality == Equality::same) return found->name;
  std::string text = found->name == lowered(name)
                         ? fmt::format("collation {} is of another version of Unicode", name)
                         : fmt::format("collation {} becomes {}", name, found->name);
  if (!of_type) text = "compares by other rules: " + text;
  // Types go with the tables, whose collations become the same.
  of_type ? change(std::move(text)) : doubt(std::move(text));
  return found->name;
}

void TextTranslator::collate(std::size_t i) {
  std::size_t name = i + 1;
  if (at_symbol(name, '=')) ++name;
  if (name >= pieces_.size()) return;
  const bool quoted = at_string(name) || pieces_[name].kind == TokenKind::quoted;
  const std::string text(quoted ? pieces_[name].text.substr(1, pieces_[name].text.size() - 2)
                                : pieces_[name].text);
  const bool of_type =
      i >= 2 && (at_word(i - 2, "CHARSET") || at_word(i - 2, "SET") || at_symbol(i - 2, '='));
  const std::string there = collation(text, of_type);
  if (long_name(there) != long_name(lowered(text))) replace(name, name, there);
}

/// Each kind of server has a default collation of its own for the sets of Unicode: it is written
/// down, where a type is meant.
void TextTranslator::charset(std::size_t i) {
  const std::size_t word = at_word(i, "CHARACTER") ? i + 1 : i;
  const std::size_t name = at_symbol(word + 1, '=') ? word + 2 : word + 1;
  if (name >= pieces_.size() || (!at_name(name) && !at_string(name))) return;
  if (at_word(name, "BINARY")) return binary_cast(i);
  if (i > 0 && at_word(i - 1, "SET")) return;  // SET CHARACTER SET ...
  if (is_inside(i, "cast") || is_inside(i, "convert")) return;
  const std::size_t next = at_symbol(name + 1, ',') ? name + 2 : name + 1;
  if (at_word(next, "COLLATE") || (at_word(next, "DEFAULT") && at_word(next + 1, "COLLATE")))
    return;
  std::string set = lowered(name_of(pieces_[name]));
  if (at_string(name)) set = set.substr(1, set.size() - 2);
  auto found = from_.default_collations.find(set);
  if (set == "utf8" && found == from_.default_collations.end())
    found = from_.default_collations.find("utf8mb3");
  if (set == "utf8mb3" && found == from_.default_collations.end())
    found = from_.default_collations.find("utf8");
  const bool is_unicode = set.starts_with("utf") || set == "ucs2";
  if (!is_unicode || found == from_.default_collations.end()) return;
  edits_.push_back(
      {pieces_[name].end, pieces_[name].end, " COLLATE " + collation(found->second, true)});
}

/// MariaDB writes BINARY so in views. Without a length, MySQL would cut bytes there; with one,
/// MariaDB cuts characters.
void TextTranslator::binary_cast(std::size_t i) {
  if (to_.kind.mariadb || i == 0) return;
  std::size_t type = i - 1;
  if (at_symbol(type, ')')) type -= std::min<std::size_t>(type, 3);
  if (!at_word(type, "CHAR")) return;
  if (type + 1 != i)
    return refuse("casts to CHAR(n) CHARSET binary, which is cut after other bytes there");
  for (const Piece& piece : pieces_)
    if (piece.kind == TokenKind::string &&
        std::any_of(piece.text.begin(), piece.text.end(), [](char c) { return (c & 0x80) != 0; }))
      return refuse("has bytes and texts beyond ASCII, which MySQL does not compare right in views");
  replace(type, at_word(i, "CHARACTER") ? i + 2 : i + 1, "binary");
}

void TextTranslator::function(std::size_t i) {
  const std::string name = lowered(std::string(pieces_[i].text));
  if (name.starts_with("json_")) json_function(i, name);
  if (name == "regexp_like") return regexp_like(i);
  const Arguments list = arguments(i + 1);
  if (name.starts_with("regexp_") && list.size() >= 2) {
    pattern(list[1].first);
    if (list.size() > (name == "regexp_replace" ? 3 : 2))
      return refuse(fmt::format("uses {}() with options, which only MySQL has", name));
    if (name == "regexp_replace" && list.size() == 3) {
      const std::string_view with = pieces_[list[2].first].text;
      if (!at_string(list[2].first) || with.find_first_of("\\$") != with.npos)
        refuse(
            "uses regexp_replace() with a text that may have references, which are written "
            "otherwise there");
    }
  }
  if (name == "date_format" && list.size() > 1 && at_string(list[1].first))
    for (const char* zone : {"%z", "%Z"})
      if (pieces_[list[1].first].text.find(zone) != std::string_view::npos)
        refuse("uses date_format() with a time zone, which MariaDB 11 only knows");
  for (std::string_view reader : geometry_readers)
    if (name == reader && list.size() > 1)
      refuse(
          fmt::format("uses {}() with an SRID, which decides the order of the axes on MySQL "
                      "only",
                      name));
  for (const DifferentFunction& one : different_functions)
    if (name == one.name)
      one.refused ? refuse(fmt::format("uses {}(), {}", name, one.what))
                  : doubt(fmt::format("uses {}(), {}", name, one.what));
  const auto rename = [&](const auto& names) {
    for (const RenamedFunction& one : names)
      if (name == one.from) replace(i, i, std::string(one.to));
  };
  to_.kind.mariadb ? rename(renamed_to_mariadb) : rename(renamed_to_mysql);
}

void TextTranslator::json_function(std::size_t i, const std::string& name) {
  const std::size_t open = i + 1;
  if (name == "json_contains" && arguments(open).size() > 2)
    refuse(
        "uses json_contains() with a path: where that is not there, one kind of server gives 0 "
        "and the other NULL");
  if (name == "json_value") return json_value(i);
  if (name == "json_extract" && !is_inside(i, "json_")) {
    if (clause_ == "ORDER" || clause_ == "GROUP" || is_inside(i, "min") || is_inside(i, "max"))
      refuse("orders or groups by json_extract(), which is JSON on MySQL and text on MariaDB");
    doubt("uses json_extract(), which is JSON on MySQL and text on MariaDB");
  }
  const bool makes = name == "json_array" || name == "json_object" || name == "json_set" ||
                     name == "json_insert" || name == "json_replace" ||
                     name == "json_array_append" || name == "json_array_insert";
  for (std::size_t k = open + 1; makes && k < closer_[open]; ++k)
    if (opener_[k] == open && (at_word(k, "TRUE") || at_word(k, "FALSE")))
      refuse(fmt::format("uses {}() with TRUE or FALSE, which is a number on MariaDB", name));
}

/// MySQL writes the type that is the default.
void TextTranslator::json_value(std::size_t i) {
  const std::size_t close = closer_[i + 1];
  if (!to_.kind.mariadb || close < i + 6 || close >= pieces_.size()) return;
  const std::size_t at = close - 5;  // RETURNING CHAR ( 512 )
  if (at_word(at, "RETURNING") && at_word(at + 1, "CHAR") && pieces_[at + 3].text == "512")
    replace(at, close - 1, "");
}

/// column -> 'path', column ->> 'path': only MySQL has these.
void TextTranslator::json_arrow(std::size_t i) {
  if (!to_.kind.mariadb || !adjoins_next(i) || !at_symbol(i + 1, '>')) return;
  const bool unquoted = adjoins_next(i + 1) && at_symbol(i + 2, '>');
  const std::size_t path = unquoted ? i + 3 : i + 2;
  if (!at_string(path) || i == 0 || !at_name(i - 1)) return;
  std::size_t first = i - 1;
  while (first >= 2 && at_symbol(first - 1, '.') && at_name(first - 2)) first -= 2;
  const std::string column(
      create_.substr(pieces_[first].begin, pieces_[i - 1].end - pieces_[first].begin));
  std::string text = fmt::format("json_extract({}, {})", column, pieces_[path].text);
  if (unquoted) text = "json_unquote(" + text + ")";
  if (!unquoted && (clause_ == "ORDER" || clause_ == "GROUP"))
    refuse("orders or groups by json_extract(), which is JSON on MySQL and text on MariaDB");
  if (!unquoted) doubt("uses json_extract(), which is JSON on MySQL and text on MariaDB");
  replace(first, path, std::move(text));
}

/// A column that is JSON on MySQL, and text on the target, where it is compared.
void TextTranslator::json_column(std::size_t i) {
  if (from_.json_columns.empty() || at_symbol(i + 1, '.') || at_symbol(i + 1, '(')) return;
  const std::string name = name_of(pieces_[i]);
  if (!from_.json_columns.contains(lowered(name))) return;
  const auto compares = [&](std::size_t k) {
    return at_symbol(k, '=') || at_symbol(k, '<') || at_symbol(k, '>') || at_symbol(k, '!') ||
           at_word(k, "IN") || at_word(k, "BETWEEN");
  };
  std::size_t first = i;
  while (first >= 2 && at_symbol(first - 1, '.')) first -= 2;
  const bool assigns = clause_ == "SET" || clause_ == "UPDATE" || clause_ == "DECLARE";
  const bool sorts = (clause_ == "ORDER" || clause_ == "GROUP") && !is_inside(i, "json_");
  const bool compared = !assigns && (compares(i + 1) || (first > 0 && compares(first - 1)));
  if (compared || (sorts && !at_symbol(i + 1, '-')))
    refuse(
        fmt::format("compares or sorts '{}', which is JSON on MySQL and text on the target", name));
}

/// MySQL writes a REGEXP b so.
void TextTranslator::regexp_like(std::size_t i) {
  const Arguments list = arguments(i + 1);
  if (list.size() > 1) pattern(list[1].first);
  if (!to_.kind.mariadb || list.size() != 2) return;  // options: the target has no such function
  replace(i, i + 1, "((");
  replace(list[0].second, list[0].second, ") regexp (");
  const std::size_t close = closer_[i + 1];
  replace(close, close, "))");
}

/// A regular expression: MySQL asks ICU, MariaDB PCRE.
void TextTranslator::pattern(std::size_t first) {
  while (at_symbol(first, '(') || at_word(first, "BINARY")) ++first;
  if (at_name(first) && at_string(first + 1) && adjoins_next(first)) ++first;  // _utf8mb4'...'
  if (!at_string(first))
    return doubt(
        "takes regular expressions that are not in its text, and the servers have "
        "different libraries for these");
  const std::string_view text = pieces_[first].text;
  for (std::string_view odd : odd_patterns)
    if (text.find(odd) != text.npos)
      refuse(
          fmt::format("uses the regular expression {}, which only one kind of server knows", text));
}

void TextTranslator::other_schema(std::size_t i) {
  const std::string name = lowered(name_of(pieces_[i]));
  if (name == "mysql" || name == "sys" || name == "performance_schema")
    refuse(fmt::format("mentions '{}', which is another one there", name));
  if (name == "information_schema") doubt("reads information_schema, which is not the same there");
}

void append_mode(std::string& to, std::string_view name) {
  if (!to.empty()) to += ',';
  to += name;
}

}  // namespace

SourceFacts source_facts(Connection& source) {
  SourceFacts facts{kind_of(source), {}, {}};
  for (auto& row : source.query(sql("SELECT CHARACTER_SET_NAME, DEFAULT_COLLATE_NAME FROM "
                                    "information_schema.CHARACTER_SETS")))
    facts.default_collations.emplace(row.at(0).value_or(""), row.at(1).value_or(""));
  return facts;
}

TextTranslation translate_text(std::string_view create, const Dialect& dialect,
                               const SourceFacts& from, const TargetFacts& to) {
  return TextTranslator(create, dialect, from, to).run();
}

SqlModes translate_modes(std::string_view names, ServerKind from, ServerKind to) {
  // Names for sets of modes, which are listed beside them, and modes that change nothing here.
  // Under ONLY_FULL_GROUP_BY each kind refuses other queries; without it, both take them all.
  static constexpr auto dropped = std::to_array<std::string_view>(
      {"ANSI", "TRADITIONAL", "POSTGRESQL", "MSSQL", "DB2", "MAXDB", "MYSQL323", "MYSQL40",
       "NO_KEY_OPTIONS", "NO_TABLE_OPTIONS", "NO_FIELD_OPTIONS", "NO_AUTO_CREATE_USER",
       "IGNORE_BAD_TABLE_OPTIONS", "ONLY_FULL_GROUP_BY", "TIME_ROUND_FRACTIONAL",
       "TIME_TRUNCATE_FRACTIONAL"});
  static constexpr auto meaningful = std::to_array<std::string_view>(
      {"ORACLE", "EMPTY_STRING_IS_NULL", "SIMULTANEOUS_ASSIGNMENT"});
  SqlModes modes;
  bool rounds = !from.mariadb;
  while (!names.empty()) {
    const auto end = std::min(names.find(','), names.size());
    const std::string_view name = names.substr(0, end);
    names.remove_prefix(std::min(end + 1, names.size()));
    if (name == "TIME_ROUND_FRACTIONAL") rounds = true;
    if (name == "TIME_TRUNCATE_FRACTIONAL") rounds = false;
    const bool is_oracle_of_mysql = name == "ORACLE" && !from.mariadb;
    if (std::ranges::find(dropped, name) != dropped.end() || is_oracle_of_mysql) continue;
    const bool unknown = std::ranges::find(meaningful, name) != meaningful.end();
    append_mode(unknown ? modes.unknown : modes.known, name);
  }
  // Unasked, MySQL rounds fractions of a second that do not fit, and MariaDB cuts them.
  constexpr unsigned can_truncate = 80001;
  if (to.mariadb && rounds) append_mode(modes.known, "TIME_ROUND_FRACTIONAL");
  if (!to.mariadb && !rounds && to.version >= can_truncate)
    append_mode(modes.known, "TIME_TRUNCATE_FRACTIONAL");
  return modes;
}

}  // namespace dts
