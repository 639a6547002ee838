#include "schema/map_objects.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "db/sql.hpp"
#include "schema/rewrite.hpp"

namespace dts {

namespace {

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

/// Whether names in a text of this character set have the bytes that they have elsewhere.
bool is_utf8(std::string_view charset) {
  return charset.empty() || charset.starts_with("utf8");
}

bool has_word(const Pieces& pieces, std::size_t at, const char* word) {
  return at < pieces.size() && is_word(pieces[at], word);
}

/// The last piece of the name that begins at `first`.
std::size_t end_of_name(const Pieces& pieces, std::size_t first) {
  const bool dotted = first + 2 < pieces.size() && is_symbol(pieces[first + 1], '.');
  return dotted ? first + 2 : first;
}

/// Where the object's own name begins.
std::size_t own_name(const Pieces& pieces) {
  std::size_t at = 0;
  const auto is_kind = [&] {
    for (const char* kind : {"VIEW", "TRIGGER", "PROCEDURE", "FUNCTION", "PACKAGE", "EVENT"})
      if (is_word(pieces[at], kind)) return true;
    return false;
  };
  while (at < pieces.size() && !is_kind()) ++at;
  ++at;
  if (has_word(pieces, at - 1, "PACKAGE") && has_word(pieces, at, "BODY")) ++at;
  if (has_word(pieces, at, "IF") && has_word(pieces, at + 1, "NOT")) at += 3;
  return at;
}

/// The table of a trigger, which decides where the trigger goes; returns where the rest begins.
std::size_t map_trigger_table(Rewrite& rewrite, std::size_t at) {
  const Pieces& pieces = rewrite.pieces;
  while (at < pieces.size() && !is_word(pieces[at], "ON")) ++at;
  const std::size_t first = at + 1;
  if (first >= pieces.size()) {
    rewrite.refuse("has a text that dtsctl does not understand");
    return pieces.size();
  }
  const std::size_t last = end_of_name(pieces, first);
  const bool dotted = last != first;
  const TableName source{dotted ? name_of(pieces[first]) : rewrite.id.name.schema,
                         name_of(pieces[last])};
  rewrite.trigger_table = rewrite.relation(source.schema, source.table);
  const auto target = rewrite.target_of(source.schema, source.table);
  rewrite.home = target ? target->schema : rewrite.names.mapping.schema(source.schema);
  if (target &&
      (dotted ? !rewrite.same(source, *target) : !rewrite.same(source.table, target->table)))
    rewrite.replace(first, last, rewrite.written(*target));
  for (at = last + 1; at < pieces.size() && !is_word(pieces[at], "ROW");) ++at;
  return at + 1;
}

/// The column names of a view, which stay, and AS; returns where its SELECT begins.
std::size_t behind_columns(const Pieces& pieces, std::size_t at) {
  while (at < pieces.size() && !is_word(pieces[at], "AS")) ++at;
  return at + 1;
}

void map_own_name(Rewrite& rewrite, std::size_t first, std::size_t last) {
  TableName& name = rewrite.result.name;
  name = {rewrite.home, rewrite.id.name.table};
  if (rewrite.id.kind == "view")
    name = rewrite.target_of(rewrite.id.name.schema, rewrite.id.name.table).value_or(name);
  if (last != first) {
    std::string text;
    append_name(text, name);
    if (rewrite.id.name.schema != name.schema || rewrite.id.name.table != name.table)
      rewrite.replace(first, last, text);
  } else if (rewrite.id.name.table != name.table) {
    rewrite.replace(first, last, in_backticks(name.table));
  }
}

}  // namespace

void check_charset(Rewrite& rewrite, std::size_t from) {
  if (is_utf8(rewrite.dialect.charset) || rewrite.names.mapping.is_identity()) return;
  for (const Mention& mention : find_mentions(rewrite.pieces, from))
    for (const std::string& part : mention.parts)
      if (!is_ascii(part)) {
        rewrite.refuse(
            fmt::format("has names beyond ASCII in the character set {}", rewrite.dialect.charset));
        return;
      }
}

std::string in_backticks(std::string_view name) {
  std::string text;
  append_name(text, name);
  return text;
}

void Rewrite::replace(std::size_t first, std::size_t last, std::string with) {
  if (!is_ascii(with) && !is_utf8(dialect.charset))
    refuse(fmt::format("is in the character set {}, which may have no {}", dialect.charset, with));
  edits.push_back({pieces[first].begin, pieces[last].end, std::move(with)});
}

void Rewrite::refuse(std::string why) {
  auto& list = result.unsafe;
  if (std::find(list.begin(), list.end(), why) == list.end()) list.push_back(std::move(why));
}

const ObjectNames::Relation* Rewrite::relation(const std::string& schema,
                                               const std::string& table) {
  const TableName key{names.folded(schema), names.folded(table)};
  const auto found = names.relations.find(key);
  if (found == names.relations.end()) return nullptr;
  result.relations.insert(key);
  return &found->second;
}

std::optional<TableName> Rewrite::target_of(const std::string& schema, const std::string& table) {
  if (const auto* known = relation(schema, table)) return known->target;
  const auto database = names.schemas.find(names.folded(schema));
  if (database == names.schemas.end()) return std::nullopt;
  const TableName name{database->second, table};
  if (!selects(names.objects, name)) return std::nullopt;
  return names.mapping.table(name);
}

bool Rewrite::same(const std::string& a, const std::string& b) const {
  return a == b || (names.target_folds && lowered(a) == lowered(b));
}

bool Rewrite::same(const TableName& a, const TableName& b) const {
  return same(a.schema, b.schema) && same(a.table, b.table);
}

std::string Rewrite::written(const TableName& target) const {
  if (same(target.schema, home)) return in_backticks(target.table);
  std::string text;
  append_name(text, target);
  return text;
}

void Rewrite::map_pair(const Mention& mention) {
  const TableName name{mention.parts[0], mention.parts[1]};
  const auto target = target_of(name.schema, name.table);
  const bool exact = id.kind == "view";  // the server writes it, and so it is compared
  if (target) {
    if (exact ? *target == name : same(*target, name)) return;
    std::string text;
    append_name(text, *target);
    replace(mention.first, mention.first + 2, text);
    return;
  }
  const auto database = names.schemas.find(names.folded(name.schema));
  if (database == names.schemas.end()) return;
  const std::string there = names.mapping.schema(database->second);
  if (!same(there, name.schema))
    refuse(
        fmt::format("mentions '{}', which is not selected, in a database that is called '{}' on "
                    "the target",
                    to_string(name), there));
}

void Rewrite::map_call(const Mention& mention) {
  const auto known = [&](const std::string& schema, const std::string& name) {
    const TableName key{names.folded(schema), lowered(name)};
    const bool found = names.routines.contains(key);
    if (found) result.routines.insert(key);
    return found;
  };
  const std::string& first = mention.parts[0];
  // Of the object's own database: f(), or package.f()
  const bool one = mention.parts.size() == 1 || !names.schemas.contains(names.folded(first));
  if (one && known(id.name.schema, first)) {
    const std::string there = names.mapping.schema(id.name.schema);
    if (same(there, home)) return;
    if (mention.procedure || (id.kind == "view" && pieces[mention.first].kind == TokenKind::quoted))
      replace(mention.first, mention.first, in_backticks(there) + "." + in_backticks(first));
    else
      refuse(fmt::format("mentions the function '{}', which stays in the database '{}'", first,
                         there));
    return;
  }
  if (mention.parts.size() < 2) return;
  const auto database = names.schemas.find(names.folded(first));
  if (database == names.schemas.end()) return;
  const std::string there = names.mapping.schema(database->second);
  const bool found = known(first, mention.parts[1]);
  const bool unchanged = id.kind == "view" ? there == first : same(there, first);
  if (unchanged) return;
  if (found)
    replace(mention.first, mention.first, in_backticks(there));
  else
    refuse(fmt::format("mentions '{}.{}', and the database '{}' is called '{}' on the target",
                       first, mention.parts[1], first, there));
}

ColumnFate Rewrite::column(const ObjectNames::Relation& relation, const std::string& name) const {
  const std::string wanted = lowered(name);
  for (const auto& [from, to] : relation.columns)
    if (lowered(from) == wanted) return {true, !to, to.value_or("")};
  return {false, false, name};
}

void Rewrite::refuse_column(const ObjectNames::Relation& relation, const std::string& name,
                            const ColumnFate& fate) {
  const std::string what =
      fate.left_out ? "left out" : fmt::format("called '{}' on the target", fate.name);
  refuse(fmt::format("mentions column '{}' of '{}', which is {}", name, to_string(relation.source),
                     what));
}

ObjectNames object_names(const Objects& objects, const Mapping& mapping,
                         const std::map<TableName, MappedTable>& tables,
                         const std::vector<ObjectId>& others, bool source_folds) {
  ObjectNames names{objects, mapping, source_folds, mapping.target_folds(), {}, {}, {}};
  const auto key = [&](const TableName& name) {
    return TableName{names.folded(name.schema), names.folded(name.table)};
  };
  const auto add_schema = [&](const std::string& schema) {
    if (selects_schema(objects, schema)) names.schemas.emplace(names.folded(schema), schema);
  };
  for (const auto& [name, table] : tables) {
    ObjectNames::Relation relation{name, table.target.name, {}};
    for (std::size_t i = 0; i < table.source.columns.size(); ++i) {
      const std::string& column = table.source.columns[i].name;
      const auto at = std::find(table.columns.begin(), table.columns.end(), i);
      std::optional<std::string> target;
      if (at != table.columns.end())
        target = table.target.columns[static_cast<std::size_t>(at - table.columns.begin())].name;
      if (target != column) relation.columns.emplace_back(column, std::move(target));
    }
    names.relations.emplace(key(name), std::move(relation));
    add_schema(name.schema);
  }
  for (const ObjectId& id : others) {
    add_schema(id.name.schema);
    if (id.kind == "view")
      names.relations.emplace(key(id.name),
                              ObjectNames::Relation{id.name, mapping.table(id.name), {}, true});
    else if (id.kind == "function" || id.kind == "procedure" || id.kind == "package")
      names.routines.insert({names.folded(id.name.schema), lowered(id.name.table)});
  }
  return names;
}

MappedObject mapped_object(const ObjectId& id, std::string_view create, const Dialect& dialect,
                           const ObjectNames& names) {
  Rewrite rewrite{names, id, create, dialect, pieces_of(create, dialect)};
  const std::size_t first = own_name(rewrite.pieces);
  if (first >= rewrite.pieces.size()) {
    rewrite.refuse("has a text that dtsctl does not understand");
    rewrite.result.text = create;
    rewrite.result.name = id.name;
    return std::move(rewrite.result);
  }
  const std::size_t last = end_of_name(rewrite.pieces, first);
  std::size_t from = last + 1;
  rewrite.home = id.kind == "view" ? names.mapping.table(id.name).schema
                                   : names.mapping.schema(id.name.schema);
  if (id.kind == "trigger") from = map_trigger_table(rewrite, from);
  if (id.kind == "view") from = behind_columns(rewrite.pieces, from);
  map_own_name(rewrite, first, last);
  rewrite.result.relations.clear();  // its own table goes in any case
  check_charset(rewrite, from);
  if (id.kind == "view")
    map_view(rewrite, from);
  else
    map_body(rewrite, from);
  rewrite.result.text = edited(create, std::move(rewrite.edits));
  return std::move(rewrite.result);
}

namespace {

bool is_routine(const ObjectId& id) {
  return id.kind == "function" || id.kind == "procedure" || id.kind == "package";
}

/// By which other objects mention it.
TableName key_of(const ObjectId& id, const ObjectNames& names) {
  return {names.folded(id.name.schema),
          is_routine(id) ? lowered(id.name.table) : names.folded(id.name.table)};
}

/// Takes out what can't be there, with the reasons.
void take_unsafe(std::vector<Definition>& definitions, std::vector<MappedObject>& mapped,
                 std::vector<ObjectId>& ids, std::vector<UnmappedObject>& out) {
  std::size_t kept = 0;
  for (std::size_t i = 0; i < definitions.size(); ++i) {
    if (!mapped[i].unsafe.empty()) {
      out.push_back({ids[i], mapped[i].unsafe});
      continue;
    }
    if (kept != i) {
      definitions[kept] = std::move(definitions[i]);
      mapped[kept] = std::move(mapped[i]);
      ids[kept] = std::move(ids[i]);
    }
    ++kept;
  }
  definitions.resize(kept);
  mapped.resize(kept);
  ids.resize(kept);
}

}  // namespace

namespace {

/// Objects of several databases that come together on the target: one of those that are alike is
/// enough, and of others the first one has the name.
void check_same_names(std::vector<Definition>& definitions, std::vector<MappedObject>& mapped,
                      std::vector<ObjectId>& ids, const ObjectNames& names) {
  std::map<TableName, TableName> tables;  // by their names on the target
  for (const auto& [key, relation] : names.relations)
    if (!relation.is_view) tables.emplace(relation.target, relation.source);
  std::map<ObjectId, std::size_t> first;
  std::vector<std::size_t> spare;
  for (std::size_t i = 0; i < definitions.size(); ++i) {
    ObjectId id = definitions[i].id;
    if (is_routine(id) || id.kind == "package body") id.name.table = lowered(id.name.table);
    const auto [found, is_new] = first.emplace(id, i);
    const auto table = tables.find(id.name);
    std::string other;
    if (!is_new && definitions[found->second].text == definitions[i].text)
      spare.push_back(i);
    else if (!is_new)
      other = to_string(ids[found->second]);
    else if (id.kind == "view" && table != tables.end())
      other = to_string(table->second);
    if (!other.empty())
      mapped[i].unsafe.push_back(
          fmt::format("would be called '{}', and so is {}", name_of(definitions[i].id), other));
  }
  for (auto i = spare.rbegin(); i != spare.rend(); ++i) {
    const auto at = static_cast<std::ptrdiff_t>(*i);
    definitions.erase(definitions.begin() + at);
    mapped.erase(mapped.begin() + at);
    ids.erase(ids.begin() + at);
  }
}

}  // namespace

std::vector<UnmappedObject> map_objects(
    std::vector<Definition>& definitions, const ObjectNames& names,
    const std::map<ObjectId, std::vector<std::string>>& refused) {
  std::vector<MappedObject> mapped;
  std::vector<ObjectId> ids;
  for (Definition& definition : definitions) {
    mapped.push_back(mapped_object(definition.id, create_text(definition),
                                   dialect(definition.sql_mode, definition.charset), names));
    ids.push_back(definition.id);
    if (definition.id.kind == "package body")  // goes with its package only
      mapped.back().routines.insert(
          {names.folded(definition.id.name.schema), lowered(definition.id.name.table)});
    if (const auto found = refused.find(definition.id); found != refused.end())
      mapped.back().unsafe.insert(mapped.back().unsafe.begin(), found->second.begin(),
                                  found->second.end());
    definition.key = key_of(definition.id, names);
    definition.relations = mapped.back().relations;
    definition.routines = mapped.back().routines;
    rename(definition, mapped.back().name, mapped.back().text);
  }
  check_same_names(definitions, mapped, ids, names);
  std::vector<UnmappedObject> out;
  for (std::size_t told = 0;;) {
    take_unsafe(definitions, mapped, ids, out);
    if (told == out.size()) return out;
    for (; told < out.size(); ++told) {
      const ObjectId& gone = out[told].id;
      const bool routine = is_routine(gone);
      if (!routine && gone.kind != "view") continue;
      const TableName key = key_of(gone, names);
      for (MappedObject& object : mapped)
        if ((routine ? object.routines : object.relations).contains(key))
          object.unsafe.push_back(
              fmt::format("mentions the {} '{}', which is left out", gone.kind, name_of(gone)));
    }
  }
}

bool folds_names(Connection& connection) {
  return connection.value(sql("SELECT @@lower_case_table_names")).value_or("0") != "0";
}

}  // namespace dts
