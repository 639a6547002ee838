#include "schema_plan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <set>

#include "db/server_objects.hpp"
#include "schema/carry_objects.hpp"
#include "schema/list_objects.hpp"
#include "schema/map_text.hpp"
#include "schema/read_selected.hpp"

namespace dts {

namespace {

/// Why an object is not to be on the target; empty if it is.
std::string reason_to_leave(const Job& job, const ObjectId& id) {
  if (id.kind == "trigger" && job.schema.triggers == Triggers::skip)
    return "schema.triggers is \"skip\"";
  return {};
}

/// One run of plan_objects().
struct Planner {
  const Job& job;
  Connection& source;
  Connection& target_server;
  TargetFacts target;
  const Mapping& mapping;
  Observer& observer;
  SchemaPlan plan{};
  std::map<TableName, std::size_t> table_indexes{};  ///< of the tables found so far

  void tell(Severity severity, const ObjectId& id, const std::string& what) {
    observer.message(severity, fmt::format("{} '{}': {}", id.kind, name_of(id), what));
  }

  void tell_left_out(const ObjectId& id, const std::string& why, Severity severity) {
    observer.message(severity, fmt::format("{} '{}' is left out: {}", id.kind, name_of(id), why));
  }

  /// A table by the names of the target.
  void map_definition(Definition& definition) {
    const MappedTable& table = plan.tables.at(definition.source);
    const MappedText create = mapped_create(definition.statements.back(), table, mapping);
    if (!create.refused.empty())
      throw Error(ErrorKind::source,
                  fmt::format("cannot create table '{}': {}", name_of(definition.id),
                              create.refused.front()),
                  "change exclude_columns of its map, in a new job if this one has begun");
    for (const std::string& text : create.left_out) tell(Severity::warning, definition.id, text);
    definition.statements.back() = create.text;
    definition.text = mapped_create(definition.text, table, mapping).text;
    definition.id.name = table.target.name;
  }

  /// The foreign keys of a table; those whose parents are not selected are told and left out.
  void add_keys(const Definition& table, std::vector<Definition>& definitions) {
    const MappedTable& child = plan.tables.at(table.source);
    const ObjectId id{"foreign-keys", table.source};
    std::vector<ForeignKeyText> kept;
    for (const ForeignKeyText& key : table.foreign_keys) {
      TableName parent = key.parent;
      if (parent.schema.empty()) parent.schema = table.source.schema;
      const auto found = plan.tables.find(parent);
      ForeignKeyText mapped = key;
      std::string trouble;
      if (!selects(job.objects, parent) || found == plan.tables.end())
        trouble = fmt::format("its parent '{}' is not selected", to_string(parent));
      else if (!mapping.is_identity())
        mapped = mapped_key(key, child, found->second);
      if (mapped.clause.empty()) trouble = "a column of it is left out";
      if (trouble.empty())
        kept.push_back(std::move(mapped));
      else
        observer.message(Severity::warning,
                         fmt::format("foreign key '{}' of '{}' is left out: {}", key.name,
                                     to_string(table.source), trouble));
    }
    if (kept.empty()) return;
    definitions.push_back(foreign_keys_of(table.id.name, kept));
    definitions.back().source = table.source;
  }

  /// Views, routines, triggers and events in the words and by the names of the target.
  void carry_others(std::vector<Definition>& others, const std::vector<ObjectId>& ids) {
    const ObjectNames names =
        object_names(job.objects, mapping, plan.tables, ids, folds_names(source));
    const CarryReport report = carry_objects(
        others, names, plan.tables, {source, target_server, target});
    for (const auto& [id, changes] : report.changes)
      for (const std::string& change : changes) tell(Severity::info, id, change);
    for (const auto& [id, doubts] : report.doubts)
      for (const std::string& doubt : doubts) tell(Severity::warning, id, "it " + doubt);
    for (const UnmappedObject& object : report.left_out)
      for (const std::string& why : object.reasons)
        tell_left_out(object.id, "it " + why, Severity::warning);
  }

  /// In the order in which they can be created.
  void add_others(std::vector<Definition> others) {
    std::vector<Definition> routines, views, triggers, events;
    for (Definition& other : others) {
      auto& list = other.id.kind == "view"      ? views
                   : other.id.kind == "trigger" ? triggers
                   : other.id.kind == "event"   ? events
                                                : routines;
      list.push_back(std::move(other));
    }
    if (!events.empty())
      observer.message(Severity::info,
                       fmt::format("{} events are created disabled, because both servers would run "
                                   "them; ALTER EVENT ... ENABLE starts them when the target takes "
                                   "over",
                                   events.size()));
    sort_views(views);
    for (auto* list : {&routines, &views, &triggers, &events})
      plan.objects.insert(plan.objects.end(), std::move_iterator(list->begin()),
                          std::move_iterator(list->end()));
  }

  /// False for what can't be carried, if `uncarried` is to take that.
  bool adapt_to_target(Definition& definition, Unreadable* uncarried) {
    const auto table = plan.tables.find(definition.source);
    std::vector<std::string> changes;
    try {
      adapt(source, definition, table == plan.tables.end() ? nullptr : &table->second.source, target,
            changes);
    } catch (const Error& error) {
      if (uncarried == nullptr || error.kind() != ErrorKind::source || error.server_errno() != 0) throw;
      uncarried->emplace(definition.id, error);
      return false;
    }
    for (const std::string& change : changes) tell(Severity::info, definition.id, change);
    return true;
  }

  /// Whether anything of a database stays in the one that is there for it: what is no table or
  /// view, or tables that are created later, as far as no map sends any name elsewhere.
  bool keeps_something(const std::string& schema, const std::vector<ObjectId>& ids) {
    const std::string own = mapping.schema(schema);
    if (mapping.table({schema, "a_later_table"}).schema == own) return true;
    return std::any_of(ids.begin(), ids.end(), [&](const ObjectId& id) {
      return id.name.schema == schema && id.kind != "database" && id.kind != "table" &&
             id.kind != "view" && id.kind != "trigger";
    });
  }

  /// A database of the target: by its own name, and wherever a table or view of it goes.
  void add_databases(const Definition& source_database, const std::vector<ObjectId>& ids,
                     std::vector<Definition>& databases) {
    const std::string& schema = source_database.source.schema;
    std::set<std::string> names;
    if (selects_schema(job.objects, schema) && keeps_something(schema, ids))
      names.insert(mapping.schema(schema));
    for (const auto& [name, table] : plan.tables)
      if (name.schema == schema) names.insert(table.target.name.schema);
    for (const ObjectId& id : ids)
      if (id.kind == "view" && id.name.schema == schema) names.insert(mapping.table(id.name).schema);
    for (const std::string& name : names) {
      const bool known = std::any_of(databases.begin(), databases.end(), [&](const Definition& d) {
        return d.id.name.schema == name;
      });
      if (!known) databases.push_back(renamed_database(source_database, name));
    }
  }

  /// Several sources of one table must agree about it.
  void add_table(Definition table, std::vector<Definition>& tables) {
    const auto [at, is_new] = table_indexes.try_emplace(table.id.name, tables.size());
    if (is_new) return tables.push_back(std::move(table));
    const Definition* same = &tables[at->second];
    if (same->text != table.text)
      throw Error(
          ErrorKind::usage,
          fmt::format("cannot merge '{}' and '{}' into '{}': they are not alike",
                      to_string(same->source), to_string(table.source), name_of(table.id)),
          "make them alike, or map them to different tables, in a new job if this one has begun");
  }
};

}  // namespace

void check_stop(const std::stop_token& stop) {
  if (stop.stop_requested())
    throw Error(ErrorKind::interrupted, "stopped while initializing the schema",
                "run init-schema again to go on");
}

std::vector<ObjectId> list_selected(const Job& job, Connection& source) {
  auto ids = list_objects(source, job.objects);
  if (!job.schema.events) return ids;
  for (ObjectId& id : list_events(source, job.objects)) ids.push_back(std::move(id));
  return ids;
}

void TableTexts::operator()(Connection& session, std::span<const Table> tables) {
  std::vector<TableName> names;
  for (const Table& table : tables) names.push_back(table.name);
  define_tables(session, names, [this](Definition&& definition) {
    std::lock_guard lock(mutex);
    TableName name = definition.id.name;
    texts.emplace(std::move(name), std::move(definition));
  });
}

std::vector<Definition> define_selected(const Job& job, Connection& source,
                                        const std::vector<ObjectId>& ids, TableTexts& known,
                                        const std::stop_token& stop, Unreadable* unreadable) {
  const auto has_text = [&](const ObjectId& id) {
    return id.kind == "table" && known.texts.contains(id.name);
  };
  std::vector<ObjectId> wanted = ids, unknown;
  std::erase_if(wanted, [&](const ObjectId& id) { return !reason_to_leave(job, id).empty(); });
  for (const ObjectId& id : wanted)
    if (!has_text(id)) unknown.push_back(id);
  prepare_reading(source);
  auto read = define_all(source, unknown, job.schema, stop, unreadable);
  std::vector<Definition> definitions;
  definitions.reserve(wanted.size());
  auto next = read.begin();
  for (const ObjectId& id : wanted) {
    if (unreadable != nullptr && unreadable->contains(id)) continue;
    definitions.push_back(std::move(has_text(id) ? known.texts.at(id.name) : *next++));
    definitions.back().source = id.name;
  }
  known.texts.clear();
  return definitions;
}

SourceObjects read_source(const Job& job, Connection& source, const std::stop_token& stop) {
  TableTexts texts{job.schema};
  SourceObjects objects;
  objects.tables = read_selected(source, job.objects, std::ref(texts)).tables;
  objects.ids = list_selected(job, source);
  objects.definitions = define_selected(job, source, objects.ids, texts, stop);
  return objects;
}

SchemaPlan plan_objects(const Job& job, Connection& source, Connection& target,
                        const Mapping& mapping, Observer& observer, const std::stop_token& stop) {
  return plan_objects(job, source, target, read_source(job, source, stop), mapping, observer, stop);
}

SchemaPlan plan_objects(const Job& job, Connection& source, Connection& target,
                        SourceObjects objects, const Mapping& mapping, Observer& observer,
                        const std::stop_token& stop) {
  prepare_reading(source);
  Planner planner{job, source, target, target_facts(target), mapping, observer};
  for (Table& table : objects.tables) {
    TableName name = table.name;
    planner.plan.tables.emplace(std::move(name), map_table(std::move(table), mapping));
  }
  std::vector<Definition> databases, tables, keys, others;
  const auto& ids = objects.ids;
  auto read = objects.definitions.begin();
  for (const ObjectId& id : ids) {
    check_stop(stop);
    if (const std::string why = reason_to_leave(job, id); !why.empty()) {
      planner.tell_left_out(id, why, Severity::info);
      continue;
    }
    Definition definition = std::move(*read++);
    // Made after the tables were read: it comes with the copy.
    if (id.kind == "table" && !planner.plan.tables.contains(definition.source)) continue;
    if (!planner.adapt_to_target(definition, objects.uncarried)) continue;
    if (id.kind == "database") {
      planner.add_databases(definition, ids, databases);
    } else if (id.kind == "table") {
      if (!mapping.is_identity()) planner.map_definition(definition);
      planner.add_table(std::move(definition), tables);
    } else {
      others.push_back(std::move(definition));
    }
  }
  // A table may take defaults from them.
  std::stable_partition(tables.begin(), tables.end(), [&](const Definition& table) {
    return is_sequence(planner.plan.tables.at(table.source).source);
  });
  for (const Definition& table : tables) planner.add_keys(table, keys);
  if (!mapping.is_identity() || !write_alike(source, target)) planner.carry_others(others, ids);
  planner.plan.objects = std::move(databases);
  for (auto* list : {&tables, &keys})
    planner.plan.objects.insert(planner.plan.objects.end(), std::move_iterator(list->begin()),
                                std::move_iterator(list->end()));
  planner.add_others(std::move(others));
  return std::move(planner.plan);
}

}  // namespace dts
