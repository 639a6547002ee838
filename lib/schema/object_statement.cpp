#include "schema/object_statement.hpp"

#include <algorithm>
#include <initializer_list>

#include "schema/map_text.hpp"
#include "schema/pieces.hpp"

namespace dts {

namespace {

/// Walks over the pieces of one statement.
struct Reader {
  const Pieces& pieces;
  const std::string& schema;
  std::size_t at = 0;

  bool done() const { return at >= pieces.size(); }
  bool word(std::string_view keyword, std::size_t ahead = 0) const {
    return at + ahead < pieces.size() && is_word(pieces[at + ahead], keyword);
  }
  bool symbol(char c, std::size_t ahead = 0) const {
    return at + ahead < pieces.size() && is_symbol(pieces[at + ahead], c);
  }
  bool take(std::initializer_list<const char*> words) {
    std::size_t ahead = 0;
    for (const char* one : words)
      if (!word(one, ahead++)) return false;
    at += words.size();
    return true;
  }
  bool is_name() const {
    return !done() && (pieces[at].kind == TokenKind::word || pieces[at].kind == TokenKind::quoted ||
                       pieces[at].kind == TokenKind::number);
  }

  std::optional<NamedPart> name() {
    if (!is_name()) return std::nullopt;
    NamedPart part{{schema, name_of(pieces[at])}, at, at};
    ++at;
    if (!symbol('.')) return part;
    ++at;
    if (!is_name()) return std::nullopt;
    part.name = {std::move(part.name.table), name_of(pieces[at])};
    part.last = at++;
    return part;
  }

  /// user@host, CURRENT_USER(), role
  void skip_account() {
    at += 1;
    if (symbol('(')) at += 2;
    if (!symbol('@')) return;
    at += 2;
    while (symbol('.')) at += 2;
  }

  /// What may stand between the verb and the kind of object.
  void skip_options(ObjectStatement& statement) {
    for (;;) {
      if (take({"OR", "REPLACE"})) {
        statement.or_replace = true;
      } else if (word("ALGORITHM") && symbol('=', 1)) {
        at += 3;
      } else if (word("DEFINER") && symbol('=', 1)) {
        at += 2;
        statement.has_definer = true;
        skip_account();
      } else if (take({"SQL", "SECURITY"})) {
        ++at;
      } else if (!take({"AGGREGATE"})) {
        return;
      }
    }
  }

  bool take_kind(std::string& kind) {
    if (take({"VIEW"}))
      kind = "view";
    else if (take({"FUNCTION"}))
      kind = "function";
    else if (take({"PROCEDURE"}))
      kind = "procedure";
    else if (take({"TRIGGER"}))
      kind = "trigger";
    else if (take({"EVENT"}))
      kind = "event";
    else if (take({"PACKAGE", "BODY"}))
      kind = "package body";
    else if (take({"PACKAGE"}))
      kind = "package";
    return !kind.empty();
  }

  /// Passes on to the next of these words outside of parentheses.
  bool find(std::initializer_list<const char*> words) {
    int depth = 0;
    for (; !done(); ++at) {
      if (symbol('(')) ++depth;
      if (symbol(')')) --depth;
      if (depth == 0 &&
          std::any_of(words.begin(), words.end(), [&](const char* one) { return word(one); }))
        return true;
    }
    return false;
  }

  bool read_trigger(ObjectStatement& statement) {
    if (!find({"ON"})) return false;
    ++at;
    statement.table = name();
    if (!statement.table || !take({"FOR", "EACH", "ROW"})) return false;
    if (word("FOLLOWS") || word("PRECEDES")) at += 2;
    return true;
  }

  /// The body of an event, behind DO; its clauses come in one order.
  bool read_event(ObjectStatement& statement) {
    while (find({"RENAME", "COMMENT", "DO"})) {
      if (take({"RENAME", "TO"})) {
        statement.renamed = name();
        if (!statement.renamed) return false;
      } else if (take({"DO"})) {
        return true;
      } else {
        at += 2;
      }
    }
    return statement.verb == "alter";
  }

  bool read_create(ObjectStatement& statement) {
    if (statement.kind == "view") {
      statement.has_columns = symbol('(');
      if (!find({"AS"})) return false;
      ++at;
    } else if (statement.kind == "trigger") {
      return read_trigger(statement);
    } else if (statement.kind == "function") {
      statement.loadable = word("RETURNS");
    }
    return true;
  }
};

bool may_alter(const std::string& kind) {
  return kind == "view" || kind == "function" || kind == "procedure" || kind == "event";
}

/// The piece at which the state of an event stands or may stand, and how many pieces it has.
struct StatePlace {
  std::size_t at, length;
};

StatePlace place_of_state(const Pieces& pieces, const ObjectStatement& statement) {
  static const std::string none;
  Reader reader{pieces, none, statement.names.front().last + 1};
  while (reader.find({"ENABLE", "DISABLE", "COMMENT", "DO"})) {
    if (reader.word("COMMENT") || reader.word("DO")) return {reader.at, 0};
    const bool elsewhere = reader.word("DISABLE") && reader.word("ON", 1);
    return {reader.at, elsewhere ? 3u : 1u};
  }
  return {pieces.size(), 0};
}

/// The items of the first select list; nothing if the text does not begin with SELECT.
std::optional<std::vector<std::pair<std::size_t, std::size_t>>> select_items(const Pieces& pieces,
                                                                             std::size_t from) {
  if (from >= pieces.size() || !is_word(pieces[from], "SELECT")) return std::nullopt;
  std::vector<std::pair<std::size_t, std::size_t>> items;
  int depth = 0;
  std::size_t first = from + 1;
  std::size_t i = first;
  for (; i < pieces.size(); ++i) {
    if (is_symbol(pieces[i], '(')) ++depth;
    if (is_symbol(pieces[i], ')')) --depth;
    if (depth == 0 && is_word(pieces[i], "FROM")) break;
    if (depth != 0 || !is_symbol(pieces[i], ',')) continue;
    items.emplace_back(first, i);
    first = i + 1;
  }
  items.emplace_back(first, i);
  return items;
}

bool is_same_text(const Pieces& a, std::pair<std::size_t, std::size_t> from, const Pieces& b,
                  std::pair<std::size_t, std::size_t> to) {
  if (from.second - from.first != to.second - to.first) return false;
  for (std::size_t i = 0; i < from.second - from.first; ++i)
    if (a[from.first + i].text != b[to.first + i].text) return false;
  return true;
}

/// Whether an item has its name from its last piece, whatever comes before: b, a.b, ... AS b.
bool names_itself(const Pieces& pieces, std::pair<std::size_t, std::size_t> item) {
  if (item.second - item.first >= 2 && is_word(pieces[item.second - 2], "AS")) return true;
  for (std::size_t i = item.first; i < item.second; ++i) {
    const bool dot = (i - item.first) % 2 == 1;
    if (dot ? !is_symbol(pieces[i], '.')
            : pieces[i].kind != TokenKind::word && pieces[i].kind != TokenKind::quoted)
      return false;
  }
  return (item.second - item.first) % 2 == 1;
}

}  // namespace

std::optional<ObjectStatement> read_object_statement(std::string_view text, const Dialect& dialect,
                                                     const std::string& schema) {
  const Pieces pieces = pieces_of(text, dialect);
  Reader reader{pieces, schema};
  ObjectStatement statement;
  for (const char* verb : {"create", "alter", "drop"}) {
    std::string keyword(verb);
    for (char& c : keyword) c = static_cast<char>(c - 'a' + 'A');
    if (statement.verb.empty() && reader.take({keyword.c_str()})) statement.verb = verb;
  }
  if (statement.verb.empty()) return std::nullopt;
  reader.skip_options(statement);
  if (!reader.take_kind(statement.kind)) return std::nullopt;
  statement.if_not_exists = reader.take({"IF", "NOT", "EXISTS"});
  if (!statement.if_not_exists) reader.take({"IF", "EXISTS"});
  do {
    const auto name = reader.name();
    if (!name) return std::nullopt;
    statement.names.push_back(*name);
  } while (statement.verb == "drop" && statement.kind == "view" && reader.symbol(',') &&
           ++reader.at);
  bool understood = true;
  if (statement.verb == "alter" && !may_alter(statement.kind)) return std::nullopt;
  if (statement.verb != "drop") {
    if (statement.kind == "event")
      understood = reader.read_event(statement);
    else if (statement.verb == "create" || statement.kind == "view")
      understood = reader.read_create(statement);
  }
  statement.body = reader.at;
  if (!understood) return std::nullopt;
  return statement;
}

std::optional<std::string> with_own_state(std::string_view text, const Dialect& dialect,
                                          const ObjectStatement& statement) {
  const Pieces pieces = pieces_of(text, dialect);
  const StatePlace place = place_of_state(pieces, statement);
  const bool create = statement.verb == "create";
  if (place.length == 0) {
    if (!create) return std::string(text);
    return edited(text, {{pieces[place.at].begin, pieces[place.at].begin, "DISABLE "}});
  }
  const std::size_t begin = pieces[place.at].begin;
  const std::size_t end = pieces[place.at + place.length - 1].end;
  if (create) return edited(text, {{begin, end, "DISABLE"}});
  if (pieces.size() == statement.names.front().last + 1 + place.length) return std::nullopt;
  return edited(text, {{begin, end, ""}});
}

std::string as_create(std::string_view text, const Dialect& dialect) {
  const Pieces pieces = pieces_of(text, dialect);
  return edited(text, {{pieces.front().begin, pieces.front().end, "CREATE OR REPLACE"}});
}

std::string altered_with_invoker(std::string_view text, const Dialect& dialect) {
  const Pieces pieces = pieces_of(text, dialect);
  std::vector<Edit> edits;
  for (std::size_t i = 0; i + 2 < pieces.size(); ++i)
    if (is_word(pieces[i], "SQL") && is_word(pieces[i + 1], "SECURITY"))
      edits.push_back({pieces[i + 2].begin, pieces[i + 2].end, "INVOKER"});
  return edited(text, std::move(edits));
}

std::string renamed_result(std::string_view before, std::string_view after,
                           const Dialect& dialect) {
  const std::string trouble =
      "has a column that is called as its expression is written, which is written otherwise on the "
      "target: name it with AS";
  const auto old_view = read_object_statement(before, dialect, "");
  const auto new_view = read_object_statement(after, dialect, "");
  if (!old_view || !new_view) return trouble;
  if (before == after || old_view->has_columns) return {};
  const Pieces old_pieces = pieces_of(before, dialect), new_pieces = pieces_of(after, dialect);
  const auto old_items = select_items(old_pieces, old_view->body);
  const auto new_items = select_items(new_pieces, new_view->body);
  if (!old_items || !new_items || old_items->size() != new_items->size()) return trouble;
  for (std::size_t i = 0; i < old_items->size(); ++i) {
    const auto old_item = (*old_items)[i], new_item = (*new_items)[i];
    if (is_same_text(old_pieces, old_item, new_pieces, new_item)) continue;
    const bool star = is_symbol(old_pieces[old_item.second - 1], '*');
    const bool named =
        names_itself(old_pieces, old_item) && names_itself(new_pieces, new_item) &&
        name_of(old_pieces[old_item.second - 1]) == name_of(new_pieces[new_item.second - 1]);
    if (!star && !named) return trouble;
  }
  return {};
}

}  // namespace dts
