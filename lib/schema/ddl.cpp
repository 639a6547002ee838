#include "schema/ddl.hpp"

#include <algorithm>
#include <initializer_list>

#include "db/sql.hpp"
#include "schema/pieces.hpp"

namespace dts {

namespace {

/// Of keywords as servers write them. That saves splitting thousands of texts.
bool contains(std::string_view create, std::string_view words) {
  return create.find(words) != create.npos;
}

bool are_words(const Pieces& pieces, std::size_t at, std::initializer_list<const char*> words) {
  for (const char* word : words)
    if (at >= pieces.size() || !is_word(pieces[at++], word)) return false;
  return true;
}

bool symbol_at(const Pieces& pieces, std::size_t at, char symbol) {
  return at < pieces.size() && is_symbol(pieces[at], symbol);
}

/// The keyword that names the kind of object to create; pieces.size() if there is none.
std::size_t kind_at(const Pieces& pieces) {
  for (std::size_t i = 0; i < pieces.size(); ++i)
    for (const char* kind : {"TABLE", "VIEW", "TRIGGER", "PROCEDURE", "FUNCTION", "PACKAGE",
                             "SEQUENCE", "EVENT"})
      if (is_word(pieces[i], kind)) return i;
  return pieces.size();
}

/// Behind IF NOT EXISTS, where the object's name stands.
std::size_t name_at(const Pieces& pieces, std::size_t kind) {
  const std::size_t at = kind + 1;
  return are_words(pieces, at, {"IF", "NOT", "EXISTS"}) ? at + 3 : at;
}

std::size_t behind_name(const Pieces& pieces, std::size_t name) {
  return symbol_at(pieces, name + 1, '.') ? name + 3 : name + 1;
}

std::string joined(std::string_view text, std::size_t end, std::string_view middle,
                   std::size_t begin) {
  std::string result(text.substr(0, end));
  result += middle;
  if (begin < text.size()) result += text.substr(begin);
  return result;
}

/// Where piece `i` begins, or the end of the text behind the last one.
std::size_t begin_of(const Pieces& pieces, std::size_t i, std::string_view text) {
  return i < pieces.size() ? pieces[i].begin : text.size();
}

/// The end of the parentheses that open at piece `open`.
std::size_t closing(const Pieces& pieces, std::size_t open) {
  int depth = 0;
  for (std::size_t i = open; i < pieces.size(); ++i) {
    if (is_symbol(pieces[i], '(')) ++depth;
    if (is_symbol(pieces[i], ')') && --depth == 0) return i;
  }
  return pieces.size();
}

std::string action(const Pieces& pieces, std::size_t first, std::size_t last, const char* event) {
  for (std::size_t i = first; i < last; ++i) {
    if (!are_words(pieces, i, {"ON", event})) continue;
    std::string text(i + 2 < last ? pieces[i + 2].text : "");
    const bool two_words = text == "SET" || text == "NO";
    if (two_words && i + 3 < last) text += " " + std::string(pieces[i + 3].text);
    return text;
  }
  return "RESTRICT";
}

/// The pieces [first, last) as a foreign key; false if they are something else.
bool read_foreign_key(std::string_view text, const Pieces& pieces, std::size_t first,
                      std::size_t last, ForeignKeyText& key) {
  std::size_t at = first;
  if (is_word(pieces[at], "CONSTRAINT")) {
    ++at;
    if (!are_words(pieces, at, {"FOREIGN", "KEY"}) && at < last) key.name = name_of(pieces[at++]);
  }
  if (!are_words(pieces, at, {"FOREIGN", "KEY"})) return false;
  key.clause = text.substr(pieces[first].begin, pieces[last - 1].end - pieces[first].begin);
  while (at < last && !is_word(pieces[at], "REFERENCES")) ++at;
  if (at + 3 < last && symbol_at(pieces, at + 2, '.'))
    key.parent = {name_of(pieces[at + 1]), name_of(pieces[at + 3])};
  else if (at + 1 < last)
    key.parent.table = name_of(pieces[at + 1]);
  key.on_delete = action(pieces, at, last, "DELETE");
  key.on_update = action(pieces, at, last, "UPDATE");
  return true;
}

/// Where the clauses of a routine begin: behind the name of a package, else at the end of the
/// header line, which the server always writes.
std::size_t routine_clauses(std::string_view text, const Pieces& pieces, std::size_t kind) {
  if (is_word(pieces[kind], "PACKAGE")) {
    const std::size_t name =
        name_at(pieces, are_words(pieces, kind + 1, {"BODY"}) ? kind + 1 : kind);
    return pieces[std::min(behind_name(pieces, name), pieces.size()) - 1].end;
  }
  int depth = 0;
  for (std::size_t i = kind; i < pieces.size(); ++i) {
    if (is_symbol(pieces[i], '(')) ++depth;
    if (is_symbol(pieces[i], ')')) --depth;
    const std::size_t next = begin_of(pieces, i + 1, text);
    const auto newline = text.substr(pieces[i].end, next - pieces[i].end).find('\n');
    if (depth == 0 && newline != std::string_view::npos) return pieces[i].end + newline + 1;
  }
  return text.size();
}

/// How many pieces the clause of a routine at `at` has; 0 if the body begins there.
std::size_t clause_length(const Pieces& pieces, std::size_t at) {
  if (are_words(pieces, at, {"DETERMINISTIC"})) return 1;
  if (are_words(pieces, at, {"READS", "SQL", "DATA"}) ||
      are_words(pieces, at, {"MODIFIES", "SQL", "DATA"}))
    return 3;
  const bool two =
      are_words(pieces, at, {"NO", "SQL"}) || are_words(pieces, at, {"CONTAINS", "SQL"}) ||
      are_words(pieces, at, {"LANGUAGE", "SQL"}) || are_words(pieces, at, {"COMMENT"}) ||
      are_words(pieces, at, {"NOT", "DETERMINISTIC"});
  return two ? 2 : 0;
}

/// The clause goes where the server writes it, so that its text compares equal: before the comment.
std::string routine_with_invoker(std::string_view text, const Pieces& pieces, std::size_t kind) {
  std::size_t place = routine_clauses(text, pieces, kind);
  std::size_t at = kind;
  while (at < pieces.size() && pieces[at].begin < place) ++at;
  bool commented = false;
  for (;;) {
    if (are_words(pieces, at, {"SQL", "SECURITY"}) && at + 2 < pieces.size())
      return joined(text, pieces[at + 2].begin, "INVOKER", pieces[at + 2].end);
    const std::size_t length = clause_length(pieces, at);
    if (length == 0) return joined(text, place, "    SQL SECURITY INVOKER\n", place);
    commented = commented || are_words(pieces, at, {"COMMENT"});
    at += length;
    if (commented || at >= pieces.size()) continue;
    const std::size_t newline = text.find('\n', pieces[at - 1].end);
    place = std::min(newline == text.npos ? text.size() : newline + 1, pieces[at].begin);
  }
}

}  // namespace

Dialect dialect(std::string_view sql_mode, std::string_view charset) {
  // ORACLE and the other combined modes are listed by the server with what they contain.
  const auto has = [&](std::string_view mode) { return sql_mode.find(mode) != sql_mode.npos; };
  return {{has("ANSI_QUOTES"), !has("NO_BACKSLASH_ESCAPES")}, charset};
}

CreateTable cut_foreign_keys(std::string_view create) {
  if (!contains(create, "FOREIGN KEY")) return {std::string(create), {}};
  const Pieces pieces = pieces_of(create, {});
  const std::size_t open = behind_name(pieces, name_at(pieces, kind_at(pieces)));
  if (!symbol_at(pieces, open, '(')) return {std::string(create), {}};
  const std::size_t close = closing(pieces, open);
  CreateTable result;
  std::string kept;
  std::size_t first = open + 1;
  int depth = 0;
  for (std::size_t i = open + 1; i <= close && i < pieces.size(); ++i) {
    if (is_symbol(pieces[i], '(')) ++depth;
    if (is_symbol(pieces[i], ')') && i != close) --depth;
    if (i != close && (depth != 0 || !is_symbol(pieces[i], ','))) continue;
    ForeignKeyText key;
    if (first < i && read_foreign_key(create, pieces, first, i, key)) {
      result.foreign_keys.push_back(std::move(key));
    } else {
      if (!kept.empty()) kept += ',';
      // With the white space before it, as the server wrote it.
      const std::size_t begin = pieces[first - 1].end;
      kept += create.substr(begin, pieces[i - 1].end - begin);
    }
    first = i + 1;
  }
  if (close >= pieces.size() || result.foreign_keys.empty())
    return {std::string(create), std::move(result.foreign_keys)};
  result.text = joined(create, pieces[open].end, kept, pieces[close - 1].end);
  return result;
}

std::string with_name(std::string_view create, const TableName& name) {
  constexpr std::size_t before_the_body = 64;
  const Pieces pieces = pieces_of(create, {}, before_the_body);
  const std::size_t first = name_at(pieces, kind_at(pieces));
  if (first >= pieces.size()) return std::string(create);
  std::string written;
  append_name(written, name);
  const std::size_t last = std::min(behind_name(pieces, first), pieces.size()) - 1;
  return joined(create, pieces[first].begin, written, pieces[last].end);
}

std::string without_auto_increment(std::string_view create) {
  if (!contains(create, "AUTO_INCREMENT=")) return std::string(create);
  const Pieces pieces = pieces_of(create, {});
  const std::size_t open = behind_name(pieces, name_at(pieces, kind_at(pieces)));
  for (std::size_t i = closing(pieces, open); i + 2 < pieces.size(); ++i)
    if (is_word(pieces[i], "AUTO_INCREMENT") && is_symbol(pieces[i + 1], '='))
      return joined(create, pieces[i].begin, "", begin_of(pieces, i + 3, create));
  return std::string(create);
}

std::string without_definer(std::string_view create, const Dialect& dialect) {
  const Pieces pieces = pieces_of(create, dialect);
  const std::size_t kind = kind_at(pieces);
  for (std::size_t i = 0; i < kind; ++i) {
    if (!is_word(pieces[i], "DEFINER") || !symbol_at(pieces, i + 1, '=')) continue;
    std::size_t end = i + 3;
    if (symbol_at(pieces, end, '@') || symbol_at(pieces, end, '(')) end += 2;
    return joined(create, pieces[i].begin, "", begin_of(pieces, end, create));
  }
  return std::string(create);
}

std::string with_invoker(std::string_view create, const Dialect& dialect) {
  const Pieces pieces = pieces_of(create, dialect);
  const std::size_t kind = kind_at(pieces);
  if (kind == pieces.size()) return std::string(create);
  if (!is_word(pieces[kind], "VIEW")) return routine_with_invoker(create, pieces, kind);
  for (std::size_t i = 0; i + 2 < kind + 1; ++i)
    if (are_words(pieces, i, {"SQL", "SECURITY"}))
      return joined(create, pieces[i + 2].begin, "INVOKER", pieces[i + 2].end);
  return joined(create, pieces[kind].begin, "SQL SECURITY INVOKER ", pieces[kind].begin);
}

std::string guarded_trigger(std::string_view create, const Dialect& dialect, bool keeps_order) {
  const Pieces pieces = pieces_of(create, dialect);
  std::size_t row = kind_at(pieces);
  while (row < pieces.size() && !are_words(pieces, row, {"FOR", "EACH", "ROW"})) ++row;
  row += 2;
  if (row >= pieces.size()) return std::string(create);
  std::size_t body = row + 1;
  std::size_t begin = pieces[row].end;
  if (are_words(pieces, body, {"FOLLOWS"}) || are_words(pieces, body, {"PRECEDES"})) {
    begin = body + 1 < pieces.size() ? pieces[body + 1].end : create.size();
    body += 2;
  }
  const bool guarded = are_words(pieces, body, {"IF"}) && symbol_at(pieces, body + 1, '@') &&
                       body + 2 < pieces.size() && pieces[body + 2].text == "dtsctl_writes" &&
                       are_words(pieces, body + 3, {"IS", "NULL", "THEN"});
  // MySQL writes a space there, whatever stood there.
  if (guarded)
    return keeps_order ? std::string(create)
                       : joined(create, pieces[row].end, "\n", pieces[body].begin);
  std::size_t end = create.size();
  for (std::size_t i = pieces.size(); i > body && is_symbol(pieces[i - 1], ';'); --i)
    end = pieces[i - 1].begin;
  // The newline before the end: the body may close with a comment up to the end of its line.
  return fmt::format("{}\nIF @dtsctl_writes IS NULL THEN{}\n; END IF",
                     create.substr(0, keeps_order ? begin : pieces[row].end),
                     create.substr(begin, end - begin));
}

std::string disabled_event(std::string_view create, const Dialect& dialect) {
  const Pieces pieces = pieces_of(create, dialect);
  // The server always writes both: ON COMPLETION ... and the state.
  std::size_t at = kind_at(pieces);
  while (at < pieces.size() && !are_words(pieces, at, {"ON", "COMPLETION"})) ++at;
  at += are_words(pieces, at + 2, {"NOT"}) ? 4 : 3;
  if (at >= pieces.size()) return std::string(create);
  std::size_t last = at;
  if (are_words(pieces, at, {"DISABLE", "ON"}) && at + 2 < pieces.size()) last = at + 2;
  return joined(create, pieces[at].begin, "DISABLE", pieces[last].end);
}

std::vector<TableName> qualified_names(std::string_view create) {
  const Pieces pieces = pieces_of(create, {});
  std::vector<TableName> names;
  for (std::size_t i = 0; i + 2 < pieces.size(); ++i)
    if (pieces[i].kind == TokenKind::quoted && is_symbol(pieces[i + 1], '.') &&
        pieces[i + 2].kind == TokenKind::quoted)
      names.push_back({name_of(pieces[i]), name_of(pieces[i + 2])});
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

}  // namespace dts
