#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "schema/rewrite.hpp"

// Routines, triggers and events: text as somebody has written it.

namespace dts {

namespace {

using Relation = ObjectNames::Relation;

bool names_old_or_new(const std::string& name) {
  const std::string lower = lowered(name);
  return lower == "old" || lower == "new";
}

struct Body {
  Rewrite& rewrite;
  std::size_t from;
  std::vector<Mention> mentions;
  std::set<std::string> alone;  ///< names that stand alone where there may be something else than a
                                ///< table: aliases, variables, columns, cursors, labels
  std::map<std::string, std::set<std::string>> qualifiers;  ///< tables, by what they may qualify as
  std::vector<std::pair<std::string, bool>> columns;        ///< maybe; whether without a table
  std::set<std::string> new_names;                          ///< of tables that are called otherwise

  const ObjectNames& names() const { return rewrite.names; }
  const std::string& schema() const { return rewrite.id.name.schema; }

  bool is_trigger_column(const Mention& m) const {
    return rewrite.id.kind == "trigger" && !m.table && m.parts.size() == 2 &&
           names_old_or_new(m.parts[0]);
  }

  void collect() {
    mentions = find_mentions(rewrite.pieces, from);
    for (const Mention& m : mentions) {
      const bool one = m.parts.size() == 1;
      if (one && !m.table && !m.procedure && !m.star)  // also called: AS t (a, b)
        alone.insert(names().folded(m.parts[0]));
      if (!m.table || m.parts.size() > 2) continue;
      const auto target =
          rewrite.target_of(one ? schema() : m.parts[0], m.parts.back()).value_or(TableName{});
      const bool known = !target.table.empty() && (!one || known_here(m.parts[0]));
      const std::string name = known ? target.table : m.parts.back();
      qualifiers[names().folded(m.parts.back())].insert(name);
      if (names().folded(name) != names().folded(m.parts.back()))
        new_names.insert(names().folded(name));
    }
  }

  /// A table or view of the object's own database; nothing else of one name is taken for one.
  const Relation* known_here(const std::string& table) { return rewrite.relation(schema(), table); }

  /// One that a name alone does not lead to on the target.
  const Relation* moved(const std::string& table) {
    const Relation* known = known_here(table);
    return known && !rewrite.same(known->target, {rewrite.home, table}) ? known : nullptr;
  }

  void refuse_table(const std::string& name, const TableName& target) {
    rewrite.refuse(
        fmt::format("mentions '{}', which is called '{}' on the target", name,
                    rewrite.same(target.schema, rewrite.home) ? target.table : to_string(target)));
  }

  void map_alone(const Mention& m) {
    const std::string& name = m.parts[0];
    if (m.table) {
      if (const Relation* table = moved(name))
        rewrite.replace(m.first, m.first, rewrite.written(table->target));
      return;
    }
    if (m.star) return map_qualifier(m);
    columns.emplace_back(name, true);
    if (const Relation* table = moved(name)) refuse_table(name, table->target);
  }

  /// The first part stands for a table, or for one of its rows.
  void map_qualifier(const Mention& m) {
    const std::string& name = m.parts[0];
    const std::string key = names().folded(name);
    const auto found = qualifiers.find(key);
    if (found == qualifiers.end()) {
      if (alone.contains(key)) return;  // an alias or a variable
      if (const Relation* table = moved(name)) refuse_table(name, table->target);
      return;
    }
    const bool unchanged =
        std::all_of(found->second.begin(), found->second.end(),
                    [&](const std::string& target) { return rewrite.same(target, name); });
    if (unchanged) return;
    if (found->second.size() > 1 || alone.contains(key))
      rewrite.refuse(
          fmt::format("mentions '{}', which may stand for a table that is called '{}' on "
                      "the target",
                      name, *found->second.begin()));
    else
      rewrite.replace(m.first, m.first, in_backticks(*found->second.begin()));
  }

  /// TYPE OF a.b: always a table of this database.
  void map_type_of(const Mention& m) {
    if (const Relation* table = moved(m.parts[0]))
      rewrite.replace(m.first, m.first, rewrite.written(table->target));
  }

  void map_trigger_column(const Mention& m) {
    if (!rewrite.trigger_table) return;
    const ColumnFate fate = rewrite.column(*rewrite.trigger_table, m.parts[1]);
    if (!fate.changed || lowered(fate.name) == lowered(m.parts[1])) return;
    if (fate.left_out || alone.contains(names().folded(m.parts[0])))
      rewrite.refuse_column(*rewrite.trigger_table, m.parts[1], fate);
    else
      rewrite.replace(m.last, m.last, in_backticks(fate.name));
  }

  /// a.b that may be a column of a table, or a table of a database.
  void map_two(const Mention& m) {
    if (is_trigger_column(m)) return map_trigger_column(m);
    if (m.table || m.star) return rewrite.map_pair(m);
    columns.emplace_back(m.parts[1], false);
    if (m.type_of) return map_type_of(m);
    const std::string key = names().folded(m.parts[0]);
    const bool is_table = qualifiers.contains(key) || alone.contains(key);
    const bool is_schema =
        names().schemas.contains(key) || rewrite.relation(m.parts[0], m.parts[1]);
    if (is_schema && is_table) {
      const auto target = rewrite.target_of(m.parts[0], m.parts[1]);
      const TableName name{m.parts[0], m.parts[1]};
      if (target && !rewrite.same(*target, name)) refuse_table(to_string(name), *target);
    } else if (is_schema) {
      return rewrite.map_pair(m);
    }
    map_qualifier(m);
  }

  /// A parenthesis follows a function, but also a table: CREATE INDEX i ON a.b (c).
  void map_call(const Mention& m) {
    const bool one = m.parts.size() == 1;
    const std::string& database = one ? schema() : m.parts[0];
    const std::string& name = m.parts[one ? 0 : 1];
    const bool routine = names().routines.contains({names().folded(database), lowered(name)});
    if (m.called && !m.procedure && !routine)
      if (const Relation* known = rewrite.relation(database, name);
          known && !rewrite.same(known->target, {one ? rewrite.home : database, name}))
        return refuse_table(one ? name : to_string(TableName{database, name}), known->target);
    rewrite.map_call(m);
  }

  void map(const Mention& m) {
    if (m.procedure || (m.called && !m.table)) return map_call(m);
    if (m.parts.size() == 1) return map_alone(m);
    if (m.parts.size() == 2) return map_two(m);
    columns.emplace_back(m.parts[2], false);
    rewrite.map_pair(m);
  }

  bool inserts_all_columns(const Mention& m) const {
    const Pieces& pieces = rewrite.pieces;
    const auto word = [&](std::size_t i, const char* w) {
      return i < pieces.size() && is_word(pieces[i], w);
    };
    std::size_t before = m.first - 1;
    while (word(before, "INTO") || word(before, "IGNORE") || word(before, "LOW_PRIORITY") ||
           word(before, "DELAYED") || word(before, "HIGH_PRIORITY"))
      --before;
    if (!m.table || !(word(before, "INSERT") || word(before, "REPLACE"))) return false;
    const std::size_t next = m.last + 1;
    if (word(next, "SET")) return false;
    const bool open = next < pieces.size() && is_symbol(pieces[next], '(');
    return !open || word(next + 1, "SELECT") || word(next + 1, "WITH") ||
           (next + 1 < pieces.size() && is_symbol(pieces[next + 1], '('));
  }

  /// Columns that are called otherwise, of the tables that are mentioned.
  void check_columns(const Relation& table) {
    bool left_out = false, renamed = false;
    for (const auto& [from, to] : table.columns) {
      if (to && lowered(*to) == lowered(from)) continue;
      (to ? renamed : left_out) = true;
      for (const auto& [name, alone] : columns) {
        if (lowered(name) == lowered(from))
          rewrite.refuse_column(table, name, {true, !to, to.value_or("")});
        else if (alone && to && lowered(name) == lowered(*to))
          rewrite.refuse(fmt::format("mentions '{}', which is a column of '{}' on the target", name,
                                     to_string(table.source)));
      }
    }
    if ((left_out || renamed) && has_words(rewrite.pieces, from, {"NATURAL"}))
      rewrite.refuse(fmt::format("joins by the columns that '{}' has, and some are changed",
                                 to_string(table.source)));
    if (!left_out) return;
    bool inserts = selects_all_columns(rewrite.pieces, from);
    for (const Mention& m : mentions) inserts = inserts || inserts_all_columns(m);
    if (inserts)
      rewrite.refuse(
          fmt::format("uses all columns of a table and mentions '{}', of which some are "
                      "left out",
                      to_string(table.source)));
  }

  /// Words in the strings of a body that runs some of them as statements.
  void check_strings() {
    const bool runs = has_words(rewrite.pieces, from, {"PREPARE"}) ||
                      has_words(rewrite.pieces, from, {"EXECUTE", "IMMEDIATE"});
    if (!runs) return;
    for (std::size_t i = from; i < rewrite.pieces.size(); ++i)
      if (rewrite.pieces[i].kind == TokenKind::string) check_string(rewrite.pieces[i].text);
  }

  void check_string(std::string_view text) {
    const auto is_word = [](char c) {
      const auto u = static_cast<unsigned char>(c);
      return std::isalnum(u) || c == '_' || c == '$' || u >= 0x80;
    };
    for (std::size_t at = 0; at < text.size();) {
      std::size_t end = at;
      while (end < text.size() && is_word(text[end])) ++end;
      if (end > at) check_word(std::string(text.substr(at, end - at)));
      at = end + 1;
    }
  }

  void check_word(const std::string& word) {
    const auto refuse = [&](const std::string& target) {
      rewrite.refuse(
          fmt::format("builds statements, and has '{}' in a text, which is called '{}' on "
                      "the target",
                      word, target));
    };
    const auto database = names().schemas.find(names().folded(word));
    if (database != names().schemas.end())
      if (const std::string target = names().mapping.schema(word); !rewrite.same(target, word))
        refuse(target);
    if (const Relation* table = moved(word)) refuse(to_string(table->target));
    columns.emplace_back(word, false);
  }

  void check_new_names() {
    for (const std::string& name : new_names) {
      const auto other = qualifiers.find(name);
      const bool taken = other != qualifiers.end() && other->second.contains(name);
      if (taken || alone.contains(name))
        rewrite.refuse(
            fmt::format("mentions '{}', which is the name of another table on the target", name));
    }
  }
};

}  // namespace

void map_body(Rewrite& rewrite, std::size_t from) {
  Body body{rewrite, from, {}, {}, {}, {}, {}};
  body.collect();
  for (const Mention& mention : body.mentions) body.map(mention);
  body.check_strings();
  body.check_new_names();
  for (const TableName& key : std::set<TableName>(rewrite.result.relations))
    body.check_columns(rewrite.names.relations.at(key));
}

}  // namespace dts
