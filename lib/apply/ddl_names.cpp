#include "apply/ddl_names.hpp"

#include <fmt/format.h>

#include "db/tokens.hpp"
#include "schema/mapping.hpp"

namespace dts {

namespace {

/// Walks over the tokens of one statement.
class Walk {
 public:
  Walk(const Ddl& ddl, const std::vector<Token>& tokens) : ddl_(ddl), tokens_(tokens) {}

  bool done() const { return at_ >= tokens_.size(); }
  bool step() {
    ++at_;
    return true;
  }
  bool at(std::string_view keyword) const { return !done() && is_word(tokens_[at_], keyword); }
  bool at_symbol(char symbol) const { return !done() && is_symbol(tokens_[at_], symbol); }
  bool take(std::string_view keyword) {
    if (!at(keyword)) return false;
    ++at_;
    return true;
  }
  bool take_symbol(char symbol) {
    if (!at_symbol(symbol)) return false;
    ++at_;
    return true;
  }
  void take_if_exists() {
    if (!at("IF")) return;
    step();
    take("NOT");
    take("EXISTS");
  }
  bool at_name() const {
    return !done() && (tokens_[at_].kind == TokenKind::word ||
                       tokens_[at_].kind == TokenKind::quoted ||
                       tokens_[at_].kind == TokenKind::number);
  }
  /// `name` or `schema`.`name`; false if there is no name here.
  bool take_table(TableName& name) {
    if (!at_name()) return false;
    const std::size_t first = at_;
    name = {ddl_.schema, name_of(tokens_[at_++])};
    if (take_symbol('.')) {
      if (!at_name()) return false;
      name.schema = std::move(name.table);
      name.table = name_of(tokens_[at_++]);
    }
    note(name, first);
    return true;
  }
  bool take_database(std::string& name) {
    if (!at_name()) return false;
    name = name_of(tokens_[at_]);
    note({name, {}}, at_);
    ++at_;
    return true;
  }
  /// The parents of foreign keys and the sequences of defaults, wherever they stand.
  void note_references() {
    for (at_ = 0; !done(); step()) {
      TableName name;
      if (take("REFERENCES")) {
        if (take_table(name)) places_.back().references = true;
      } else if (at("NEXTVAL") || at("LASTVAL") || at("SETVAL")) {
        step();
        if (take_symbol('(')) take_table(name);
      } else if (at("NEXT") || at("PREVIOUS")) {
        step();
        if (take("VALUE") && take("FOR")) take_table(name);
      }
      if (done()) return;
    }
  }
  std::vector<NamePlace> places() { return std::move(places_); }

 private:
  /// The name's tokens begin at `first` and end before the present one, or with it.
  void note(const TableName& name, std::size_t first) {
    const std::string_view last = tokens_[at_ > first ? at_ - 1 : first].text;
    const char* begin = ddl_.statement.data();
    places_.push_back({name, static_cast<std::size_t>(tokens_[first].text.data() - begin),
                       static_cast<std::size_t>(last.data() + last.size() - begin)});
  }

  const Ddl& ddl_;
  const std::vector<Token>& tokens_;
  std::vector<NamePlace> places_;
  std::size_t at_ = 0;
};

using Names = DdlNames;

Names table_list(Walk& walk, Names names) {
  walk.take_if_exists();
  do {
    TableName name;
    if (!walk.take_table(name)) return {};
    names.tables.push_back(name);
  } while (walk.take_symbol(','));
  return names;
}

Names one_table(Walk& walk, Names names) {
  walk.take_if_exists();
  TableName name;
  if (!walk.take_table(name)) return {};
  names.tables.push_back(name);
  return names;
}

Names create_table(Walk& walk) {
  Names names = one_table(walk, {"create-table", {}, {}, {}});
  bool bracket = walk.take_symbol('(');
  TableName like;
  if (walk.take("LIKE") && walk.take_table(like)) names.tables.push_back(like);
  (void)bracket;
  return names;
}

Names rename_table(Walk& walk) {
  Names names{"rename-table", {}, {}, {}};
  walk.take_if_exists();
  do {
    TableName from, to;
    if (!walk.take_table(from)) return {};
    if (walk.take("WAIT")) walk.step();
    walk.take("NOWAIT");
    if (!walk.take("TO") || !walk.take_table(to)) return {};
    names.tables.push_back(from);
    names.tables.push_back(to);
  } while (walk.take_symbol(','));
  return names;
}

/// A second table comes in by RENAME [TO | AS | =] name, EXCHANGE PARTITION p WITH TABLE name,
/// CONVERT PARTITION p TO TABLE name and CONVERT TABLE name TO PARTITION p.
Names alter_table(Walk& walk) {
  Names names = one_table(walk, {"alter-table", {}, {}, {}});
  int depth = 0;
  for (; !walk.done(); walk.step()) {
    if (walk.at_symbol('(')) ++depth;
    if (walk.at_symbol(')')) --depth;
    if (depth > 0) continue;
    TableName other;
    if (walk.take("RENAME")) {
      if (walk.at("COLUMN") || walk.at("INDEX") || walk.at("KEY") || walk.at("CONSTRAINT")) continue;
      if (!walk.take("TO") && !walk.take("AS")) walk.take_symbol('=');
      if (!walk.take_table(other)) return {};
      names.tables.push_back(other);
    } else if ((walk.at("WITH") || walk.at("TO") || walk.at("CONVERT")) && walk.step() &&
               walk.take("TABLE")) {
      if (!walk.take_table(other)) return {};
      names.tables.push_back(other);
    }
  }
  return names;
}

Names index(Walk& walk, const char* kind) {
  while (!walk.done() && !walk.at("ON")) walk.step();
  if (!walk.take("ON")) return {};
  return one_table(walk, {kind, {}, {}, {}});
}

Names database(Walk& walk, const Ddl& ddl, const char* kind) {
  walk.take_if_exists();
  Names names{kind, {}, ddl.schema, {}};
  // ALTER DATABASE may leave the name out.
  bool named = !walk.at("DEFAULT") && !walk.at("CHARACTER") && !walk.at("CHARSET") &&
               !walk.at("COLLATE") && !walk.at("COMMENT");
  if (named) walk.take_database(names.database);
  return names;
}

/// A view, routine, trigger or event, by its name: where it has no database of its own, the default
/// one counts.
Names object_of(Walk& walk, const char* kind) {
  walk.step();
  walk.take("BODY");
  return table_list(walk, {kind, {}, {}, {}});
}

/// The word that says what is created, altered or dropped, behind DEFINER, ALGORITHM and the like.
Names other_object(Walk& walk, const char* verb) {
  for (; !walk.done() && !walk.at_symbol('('); walk.step()) {
    if (walk.take("CURRENT_USER") || walk.take("CURRENT_ROLE")) walk.take_symbol('(');
    if (walk.at("VIEW")) return object_of(walk, "view");
    if (walk.at("PROCEDURE") || walk.at("FUNCTION") || walk.at("PACKAGE"))
      return object_of(walk, "routine");
    if (walk.at("TRIGGER")) return object_of(walk, "trigger");
    if (walk.at("EVENT")) return object_of(walk, "event");
    if (walk.at("LIBRARY")) return object_of(walk, "library");
    if (walk.take("SEQUENCE"))  // a table of one row
      return table_list(walk, {fmt::format("{}-table", verb), {}, {}, {}});
    if (walk.at("SERVER") || walk.at("TABLESPACE")) return {"other", {}, {}, {}};
  }
  return {};
}

Names create_or_drop(Walk& walk, const Ddl& ddl, bool create) {
  if (walk.take("OR")) walk.take("REPLACE");
  if (walk.take("TEMPORARY")) return {"temporary", {}, {}, {}};
  if (walk.take("TABLE") || walk.take("TABLES"))
    return create ? create_table(walk) : table_list(walk, {"drop-table", {}, {}, {}});
  if (walk.take("DATABASE") || walk.take("SCHEMA"))
    return database(walk, ddl, create ? "create-database" : "drop-database");
  if (walk.at("INDEX") || walk.at("UNIQUE") || walk.at("FULLTEXT") || walk.at("SPATIAL"))
    return index(walk, create ? "create-index" : "drop-index");
  return other_object(walk, create ? "create" : "drop");
}

}  // namespace

namespace {

DdlNames read_names(Walk& walk, const Ddl& ddl) {
  if (walk.take("CREATE")) return create_or_drop(walk, ddl, true);
  if (walk.take("DROP")) return create_or_drop(walk, ddl, false);
  if (walk.take("ALTER")) {
    walk.take("ONLINE");
    walk.take("IGNORE");
    if (walk.take("TABLE")) return alter_table(walk);
    if (walk.take("DATABASE") || walk.take("SCHEMA")) return database(walk, ddl, "alter-database");
    return other_object(walk, "alter");
  }
  if (walk.take("RENAME") && (walk.take("TABLE") || walk.take("TABLES"))) return rename_table(walk);
  if (walk.take("TRUNCATE")) {
    walk.take("TABLE");
    return one_table(walk, {"truncate-table", {}, {}, {}});
  }
  return {};
}

}  // namespace

DdlNames ddl_names(const Ddl& ddl) {
  auto tokens = tokenize(ddl.statement, quote_rules(ddl.sql_mode));
  tokens.erase(tokens.begin(), tokens.begin() + static_cast<long>(behind_set_statement(tokens)));
  Walk walk(ddl, tokens);
  DdlNames names = read_names(walk, ddl);
  if (names.kind == "create-table" || names.kind == "alter-table") walk.note_references();
  names.places = walk.places();
  return names;
}

void lower_names(DdlNames& names) {
  const auto lower = [](const TableName& name) {
    return TableName{lowered(name.schema), lowered(name.table)};
  };
  for (TableName& name : names.tables) name = lower(name);
  names.database = lowered(names.database);
  for (NamePlace& place : names.places) {
    const TableName name = lower(place.name);
    place.lowered = name != place.name;
    place.name = name;
  }
}

std::string runnable_statement(const Ddl& ddl) {
  const auto tokens = tokenize(ddl.statement, quote_rules(ddl.sql_mode));
  const std::size_t last = tokens.size() - 1;
  if (tokens.size() < 4 || !is_word(tokens[0], "CREATE") || !is_word(tokens[1], "TABLE") ||
      !is_word(tokens[last - 1], "START") || !is_word(tokens[last], "TRANSACTION"))
    return ddl.statement;
  return ddl.statement.substr(
      0, static_cast<std::size_t>(tokens[last - 1].text.data() - ddl.statement.data()));
}

}  // namespace dts
