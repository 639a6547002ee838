#include <algorithm>
#include <map>
#include <mutex>
#include <set>

#include "copy/copier.hpp"
#include "db/server_objects.hpp"
#include "precheck/check.hpp"
#include "schema/collations.hpp"
#include "schema/list_objects.hpp"
#include "schema/read_selected.hpp"

namespace dts {

namespace {

/// Whether the job has not had the table so far.
bool is_new(const std::optional<Objects>& before, const TableName& source) {
  return !before || !selects(*before, source);
}

/// Rows that are there can be kept only where others can be written over them.
void check_kept(Context& context, Findings& findings) {
  const auto before = context.before();
  std::set<TableName> asked, there;
  for (const MappedTable& table : context.mapped_tables())
    if (is_new(before, table.source.name) && is_copied_whole(table.source))
      asked.insert(table.target.name);
  for (const Table& table : read_named(*context.target, asked)) there.insert(table.name);
  for (const MappedTable& table : context.mapped_tables())
    if (there.contains(table.target.name) && is_copied_whole(table.source))
      findings.push_back(
          failure(to_string(table.source.name),
                  fmt::format("rows that are there can't be kept: the table {}",
                              table.source.row_key ? "can't be overwritten" : "has no key"),
                  "add a primary key, or drop the target's table"));
}

/// Without a schema phase, tables to be filled must be empty.
void check_empty(Context& context, Findings& findings) {
  const auto before = context.before();
  std::set<TableName> names, filled;
  for (const MappedTable& table : context.mapped_tables())
    if (is_new(before, table.source.name)) names.insert(table.target.name);
  std::mutex mutex;
  read_named(*context.target, names, [&](Connection& session, std::span<const Table> tables) {
    for (const Table& table : tables) {
      if (is_sequence(table) || is_empty(session, table)) continue;
      std::lock_guard lock(mutex);
      filled.insert(table.name);
    }
  });
  std::vector<std::string> list;
  for (const TableName& name : filled) list.push_back(to_string(name));
  if (!list.empty())
    findings.push_back(failure("target", fmt::format("tables are not empty: {}", listed(list)),
                               "empty them, or exclude them from the job"));
}

/// Whether the job would create it: what is left out may be there, made by hand.
bool is_carried(Context& context, const ObjectId& id) {
  if (id.kind == "table" || write_alike(*context.source, *context.target)) return true;
  const auto& gone = context.carry_report().left_out;
  return std::none_of(gone.begin(), gone.end(),
                      [&](const UnmappedObject& object) { return object.id == id; });
}

bool is_relation(const ObjectId& id) {
  return id.kind == "table" || id.kind == "view";
}

/// Tables and views of the target: they share their names.
std::set<TableName> relations(const std::set<ObjectId>& objects) {
  std::set<TableName> names;
  for (const ObjectId& id : objects)
    if (is_relation(id)) names.insert(id.name);
  return names;
}

/// The tables of the source's triggers: a trigger goes where its table goes.
std::map<TableName, TableName> trigger_tables(Context& context) {
  std::map<TableName, TableName> tables;
  const auto& ids = context.objects();
  if (std::none_of(ids.begin(), ids.end(), [](const ObjectId& id) { return id.kind == "trigger"; })) return tables;
  for (const std::string& schema : context.schemas())
    for (auto& row : context.source->query(
             sql("SELECT TRIGGER_NAME, EVENT_OBJECT_TABLE FROM information_schema.TRIGGERS WHERE "
                 "EVENT_OBJECT_SCHEMA = {}",
                 Text{schema})))
      tables[{schema, row.at(0).value_or("")}] = {schema, row.at(1).value_or("")};
  return tables;
}

/// What an object of the source is called on the target.
ObjectId target_id(Context& context, ObjectId id, const std::map<TableName, TableName>& triggers) {
  const auto table = triggers.find(id.name);
  if (is_relation(id))
    id.name = context.mapping().table(id.name);
  else if (id.kind == "trigger" && table != triggers.end())
    id.name.schema = context.mapping().table(table->second).schema;
  else
    id.name.schema = context.mapping().schema(id.name.schema);
  return id;
}

/// Objects of several databases that would be one; tables are looked at with the names.
void add_merged(const ObjectId& source, const ObjectId& target, std::map<ObjectId, ObjectId>& taken,
                Findings& findings) {
  const auto [other, is_new] = taken.try_emplace(target, source);
  if (is_new || source.kind == "table") return;
  findings.push_back(
      failure("target",
              fmt::format("{} and {} would both be called '{}'", to_string(other->second),
                          to_string(source), name_of(target)),
              "rename one of them, or map their databases to different ones"));
}

Findings check_same_names(Context& context) {
  const auto& created = context.state.created;
  const std::set<std::string> own(created.begin(), created.end());
  std::set<ObjectId> there;
  for (ObjectId& id : list_objects(*context.target, context.target_schemas()))
    there.insert(std::move(id));
  auto wanted = context.objects();
  if (context.job.schema.events) {
    for (ObjectId& id : list_events(*context.target, context.target_schemas()))
      there.insert(std::move(id));
  }
  if (const auto before = context.before()) {
    std::set<ObjectId> had;
    for (ObjectId& id : list_objects(*context.source, *before)) had.insert(std::move(id));
    for (ObjectId& id : list_events(*context.source, *before)) had.insert(std::move(id));
    std::erase_if(wanted, [&](const ObjectId& id) { return had.contains(id); });
  }
  const std::set<TableName> relations_there = relations(there);
  const auto triggers = trigger_tables(context);
  std::vector<std::string> clashes;
  std::map<ObjectId, ObjectId> taken;
  Findings findings;
  for (const ObjectId& source : wanted) {
    if (source.kind == "database" || !is_carried(context, source)) continue;
    if (source.kind == "trigger" && context.job.schema.triggers == Triggers::skip) continue;
    const ObjectId id = target_id(context, source, triggers);
    add_merged(source, id, taken, findings);
    if (own.contains(to_string(id))) continue;
    if (is_relation(id) ? relations_there.contains(id.name) : there.contains(id))
      clashes.push_back(to_string(id));
  }
  if (!clashes.empty())
    findings.push_back(failure(
        "target",
        fmt::format("objects with these names are there already, and not by this job: {}",
                    listed(clashes)),
        "drop or rename them on the target, or exclude them from the job\nor, to use them as "
        "they are, " +
            in_job_file("schema.existing_tables = \"keep\"")));
  return findings;
}

/// Of all databases.
std::map<std::string, std::string> default_collations(Connection& connection) {
  std::map<std::string, std::string> collations;
  for (auto& row : connection.query(
           sql("SELECT SCHEMA_NAME, DEFAULT_COLLATION_NAME FROM information_schema.SCHEMATA")))
    collations.emplace(row.at(0).value_or(""), row.at(1).value_or(""));
  return collations;
}

std::optional<std::string> found(const std::map<std::string, std::string>& values, const std::string& name) {
  const auto at = values.find(name);
  return at == values.end() ? std::nullopt : std::optional(at->second);
}

/// Routines and later tables take their character set from the database.
void check_databases(Context& context, Findings& findings) {
  const std::set<std::string> known = target_facts(*context.target).collations;
  const auto collations = default_collations(*context.source), taken = default_collations(*context.target);
  for (const std::string& schema : context.schemas()) {
    if (!selects_schema(context.job.objects, schema)) continue;
    const std::string target = context.mapping().schema(schema);
    auto here = found(collations, schema), there = found(taken, target);
    if (here && are_translated(kind_of(*context.source), kind_of(*context.target)))
      if (auto closest = closest_collation(*here, known, is_other_kind(context)))
        here = closest->name;
    if (here && there && long_name(*here) != long_name(*there))
      findings.push_back(
          failure(schema,
                  fmt::format("the database's collation is '{}' on the source, '{}' on the target",
                              *here, *there),
                  on(Side::target,
                     sql("ALTER DATABASE {} COLLATE {};", Name{target}, Name{*here}).text())));
  }
}

}  // namespace

namespace {

/// The collations of databases that the job creates, with what they have for later tables.
std::map<std::string, std::string> created_databases(Context& context) {
  std::map<std::string, std::string> collations;
  if (!context.job.schema_phase) return collations;
  const auto& selected = context.schemas();
  for (const auto& [schema, collation] : default_collations(*context.source))
    if (std::find(selected.begin(), selected.end(), schema) != selected.end())
      collations[schema] = long_name(collation);
  return collations;
}

}  // namespace

Findings check_target_objects(Context& context) {
  const Job& job = context.job;
  const bool started = context.state.data.status != PhaseStatus::not_started ||
                       context.state.sync_phase.status != PhaseStatus::not_started;
  if (started && !context.before())
    return {pass("the job runs already: its objects are its own", "target")};
  const bool keep = job.schema.existing_tables == ExistingTables::keep;
  Findings findings;
  if (keep) check_kept(context, findings);
  if (!job.schema_phase && job.data_phase && !keep) check_empty(context, findings);
  if (job.schema_phase) {
    if (!keep) findings = check_same_names(context);
    check_databases(context, findings);
  }
  if (findings.empty()) findings.push_back(pass("nothing on the target is in the way", "target"));
  return findings;
}

Findings check_collations(Context& context) {
  const std::set<std::string> known = target_facts(*context.target).collations;
  const bool translated = are_translated(kind_of(*context.source), kind_of(*context.target));
  std::set<std::string> long_names;
  for (const std::string& name : known) long_names.insert(long_name(name));
  const auto is_known = [&](const std::string& collation) {
    return collation.empty() || long_names.contains(collation) ||
           (translated && closest_collation(collation, known, is_other_kind(context)));
  };
  std::map<std::string, std::vector<std::string>> unknown;
  for (const auto& [schema, collation] : created_databases(context))
    if (!is_known(collation)) unknown[collation].push_back("the database " + schema);
  for (const Table& table : context.tables())
    for (const Column& column : table.columns)
      if (!is_known(column.collation))
        unknown[column.collation].push_back(to_string(table.name) + "." + column.name);
  Findings findings;
  for (const auto& [collation, columns] : unknown)
    findings.push_back(failure(
        "target",
        fmt::format("the target does not know the collation {} of {}", collation, listed(columns)),
        "change the collation of these, or use a newer target"));
  if (findings.empty())
    findings.push_back(pass(translated ? "the target has all collations, or something close"
                                       : "the target knows all collations",
                            "target"));
  return findings;
}

}  // namespace dts
