#include "schema/carry_objects.hpp"

#include "db/server_objects.hpp"
#include "schema/ask_target.hpp"
#include "schema/collations.hpp"
#include "schema/read.hpp"
#include "schema/translate_text.hpp"

namespace dts {

namespace {

/// One run of carry_objects().
struct Carrier {
  const CarryServers& servers;
  SourceFacts from;
  std::map<ObjectId, std::vector<std::string>> refused{};
  CarryReport report{};

  void refuse(const ObjectId& id, std::string why) { refused[id].push_back(std::move(why)); }

  /// For a server of the other kind.
  void translate(Definition& definition) {
    const ObjectId id = definition.id;
    ObjectTranslation done = translate_object(definition, from, servers.facts);
    for (std::string& why : done.refused) refuse(id, std::move(why));
    auto& changes = report.changes[id];
    changes.insert(changes.end(), done.changes.begin(), done.changes.end());
    if (!done.doubts.empty()) report.doubts[id] = std::move(done.doubts);
  }
};

std::set<std::string> json_columns(const std::map<TableName, MappedTable>& tables) {
  std::set<std::string> names;
  for (const auto& [name, table] : tables)
    for (const Column& column : table.source.columns)
      if (column.type == ColumnType::json) names.insert(lowered(column.name));
  return names;
}

/// The collation of literals.
std::string literals(const Definition& definition, const TargetFacts& to, ObjectTranslation& result) {
  const auto found = closest_collation(definition.collation, to.collations, true);
  if (!found) {
    result.refused.push_back(fmt::format(
        "has literals of the collation {}, and the target has nothing like it",
        definition.collation));
    return definition.collation;
  }
  if (long_name(found->name) != long_name(definition.collation))
    result.changes.push_back(
        fmt::format("collation {} of literals becomes {}", definition.collation, found->name));
  return found->name;
}

}  // namespace

ObjectTranslation translate_object(Definition& definition, const SourceFacts& from,
                                   const TargetFacts& to) {
  ObjectTranslation result;
  const bool canonical = definition.id.kind == "view" && definition.sql_mode.empty();
  const SqlModes modes =
      canonical ? SqlModes{} : translate_modes(definition.sql_mode, from.kind, to.kind);
  if (!modes.unknown.empty())
    result.refused.push_back(
        fmt::format("is made under sql_mode {}, which the target has not", modes.unknown));
  const std::string collation = literals(definition, to, result);
  TextTranslation text = translate_text(
      create_text(definition), dialect(definition.sql_mode, definition.charset), from, to);
  for (std::string& why : text.refused) result.refused.push_back(std::move(why));
  result.changes.insert(result.changes.end(), text.changes.begin(), text.changes.end());
  result.doubts = std::move(text.doubts);
  rename(definition, definition.id.name, text.text);
  resettle(definition, modes.known, collation);
  return result;
}

CarryReport carry_objects(std::vector<Definition>& definitions, const ObjectNames& names,
                          const std::map<TableName, MappedTable>& tables,
                          const CarryServers& servers) {
  Carrier carrier{servers, source_facts(servers.source)};
  if (servers.facts.kind.mariadb) carrier.from.json_columns = json_columns(tables);
  const bool other_kind = carrier.from.kind.mariadb != servers.facts.kind.mariadb;
  if (!write_alike(servers.source, servers.target)) {
    Questions questions{servers.source, servers.target};
    for (Definition& definition : definitions) {
      definition.may_be_refused = true;
      if (other_kind) carrier.translate(definition);
      if (carrier.refused.contains(definition.id)) continue;
      std::string why = refusal_of(questions, definition, names);
      if (!why.empty()) carrier.refuse(definition.id, std::move(why));
    }
  }
  carrier.report.left_out = map_objects(definitions, names, carrier.refused);
  for (const UnmappedObject& object : carrier.report.left_out) {
    carrier.report.changes.erase(object.id);
    carrier.report.doubts.erase(object.id);
  }
  std::erase_if(carrier.report.changes, [](const auto& item) { return item.second.empty(); });
  return std::move(carrier.report);
}

}  // namespace dts
