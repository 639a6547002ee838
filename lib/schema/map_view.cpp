#include <fmt/format.h>

#include <algorithm>

#include "schema/rewrite.hpp"

// Views: text that the server has written, with every table by its database, and every column by
// its table's alias, or by database and table where it has none.

namespace dts {

namespace {

using Relation = ObjectNames::Relation;

/// What an alias may stand for.
struct Meaning {
  const Relation* table = nullptr;  ///< null: a subquery, or a table that is not selected
  bool own_name = false;            ///< it is the table's name
};

struct View {
  Rewrite& rewrite;
  std::size_t from;
  std::vector<Mention> mentions;
  std::map<std::string, std::vector<Meaning>> aliases;

  std::string folded(const std::string& name) const { return rewrite.names.folded(name); }

  void collect() {
    mentions = find_mentions(rewrite.pieces, from);
    for (const Mention& m : mentions) {
      if (m.is_alias && !m.table && !aliases.contains(folded(m.parts[0])))
        aliases[folded(m.parts[0])].push_back({});  // of a subquery
      if (!m.table) continue;
      const Relation* table =
          m.parts.size() == 2 ? rewrite.relation(m.parts[0], m.parts[1]) : nullptr;
      const bool own = m.alias.empty();
      auto& meanings = aliases[folded(own ? m.parts.back() : m.alias)];
      meanings.push_back({table, own});
    }
  }

  /// a.b: an alias and a column.
  void map_column(const Mention& m) {
    const auto found = aliases.find(folded(m.parts[0]));
    if (found == aliases.end()) return check_all(m.parts[1]);
    std::set<std::string> firsts, columns;
    for (const Meaning& meaning : found->second) {
      firsts.insert(meaning.table && meaning.own_name ? meaning.table->target.table : m.parts[0]);
      const ColumnFate fate =
          meaning.table ? rewrite.column(*meaning.table, m.parts[1]) : ColumnFate{};
      if (fate.left_out) return rewrite.refuse_column(*meaning.table, m.parts[1], fate);
      columns.insert(fate.changed ? fate.name : m.parts[1]);
    }
    if (firsts.size() > 1 || columns.size() > 1) {
      rewrite.refuse(fmt::format("mentions '{}.{}', and '{}' stands for several tables", m.parts[0],
                                 m.parts[1], m.parts[0]));
      return;
    }
    write(m.first, m.parts[0], *firsts.begin());
    write(m.last, m.parts[1], *columns.begin());
  }

  void write(std::size_t piece, const std::string& old, const std::string& name) {
    if (name != old) rewrite.replace(piece, piece, in_backticks(name));
  }

  void map_whole(const Mention& m) {
    rewrite.map_pair(m);
    const Relation* table = rewrite.relation(m.parts[0], m.parts[1]);
    if (!table || m.parts.size() < 3) return;
    const ColumnFate fate = rewrite.column(*table, m.parts[2]);
    if (fate.left_out) return rewrite.refuse_column(*table, m.parts[2], fate);
    if (fate.changed) write(m.first + 4, m.parts[2], fate.name);
  }

  /// A name without a table, which may be a column's before and after: of any table in the text.
  void check_all(const std::string& name) {
    for (const TableName& key : std::set<TableName>(rewrite.result.relations)) {
      const Relation& table = rewrite.names.relations.at(key);
      for (const auto& [from, to] : table.columns) {
        if (to && lowered(*to) == lowered(from)) continue;
        if (lowered(from) == lowered(name))
          rewrite.refuse_column(table, name, {true, !to, to.value_or("")});
        else if (to && lowered(*to) == lowered(name))
          rewrite.refuse(fmt::format("mentions '{}', which is a column of '{}' on the target", name,
                                     to_string(table.source)));
      }
    }
  }

  bool is_result_column(const std::string& name) const {
    return std::any_of(mentions.begin(), mentions.end(), [&](const Mention& m) {
      return m.behind_as && m.parts.size() == 1 && m.parts[0] == name;
    });
  }

  void map(const Mention& m) {
    if (m.called && !m.table) return rewrite.map_call(m);
    if (m.parts.size() > 2 || (m.table && m.parts.size() == 2)) return map_whole(m);
    if (m.parts.size() == 2) return map_column(m);
    if (m.table || m.is_alias || m.behind_as) return;
    // The end of a UNION is sorted by what it gives back.
    const bool sorted = m.in_order && has_words(rewrite.pieces, from, {"UNION"});
    if (rewrite.pieces[m.first].kind == TokenKind::quoted &&
        !(sorted && is_result_column(m.parts[0])))
      check_all(m.parts[0]);
  }

  /// An alias may have the name that a table without one gets.
  void check_new_names() {
    for (const auto& [alias, meanings] : aliases)
      for (const Meaning& meaning : meanings) {
        if (!meaning.table || !meaning.own_name) continue;
        const std::string& name = meaning.table->target.table;
        if (rewrite.same(name, meaning.table->source.table)) continue;
        const auto other = aliases.find(folded(name));
        if (other == aliases.end()) continue;
        for (const Meaning& taken : other->second)
          if (!taken.own_name || !taken.table || rewrite.same(taken.table->target.table, name))
            rewrite.refuse(
                fmt::format("mentions '{}', which is the name of another table on the "
                            "target",
                            name));
      }
  }
};

}  // namespace

void map_view(Rewrite& rewrite, std::size_t from) {
  View view{rewrite, from, {}, {}};
  view.collect();
  for (const Mention& mention : view.mentions) view.map(mention);
  view.check_new_names();
}

}  // namespace dts
