#include "dts/init_schema.hpp"

#include <map>
#include <set>

#include "db/bookkeeping.hpp"
#include "db/server_objects.hpp"
#include "schema/definition.hpp"
#include "schema/difference.hpp"
#include "schema/read.hpp"
#include "servers.hpp"

namespace dts {

namespace {

void check_stop(const std::stop_token& stop) {
  if (stop.stop_requested())
    throw Error(ErrorKind::interrupted, "stopped while initializing the schema",
                "run init-schema again to go on");
}

std::string step_kind(const ObjectId& id) {
  const bool own = id.kind == "database" || id.kind == "table" || id.kind == "foreign-keys" ||
                   id.kind == "view" || id.kind == "trigger" || id.kind == "event";
  return own ? id.kind : "routine";
}

/// A table's foreign keys whose parents are selected; the others are told and left out.
std::vector<ForeignKeyText> kept_keys(const Job& job, const Definition& table, Observer& observer) {
  std::vector<ForeignKeyText> kept;
  for (const ForeignKeyText& key : table.foreign_keys) {
    TableName parent = key.parent;
    if (parent.schema.empty()) parent.schema = table.id.name.schema;
    if (selects(job.objects, parent))
      kept.push_back(key);
    else
      observer.message(Severity::warning,
                       fmt::format("foreign key '{}' of '{}' is left out: its parent '{}' is not "
                                   "selected",
                                   key.name, to_string(table.id.name), to_string(parent)));
  }
  return kept;
}

std::vector<Definition> foreign_keys(const Job& job, const std::vector<Definition>& tables,
                                     Observer& observer) {
  std::vector<Definition> definitions;
  for (const Definition& table : tables) {
    auto keys = kept_keys(job, table, observer);
    if (!keys.empty()) definitions.push_back(foreign_keys_of(table.id.name, keys));
  }
  return definitions;
}

void tell_left_out(const Job& job, Connection& source, Observer& observer) {
  for (const ObjectId& id : list_left_out(source, job.objects))
    observer.message(Severity::info,
                     fmt::format("{} '{}' is left out: only a whole database brings its views, "
                                 "routines and triggers",
                                 id.kind, name_of(id)));
}

void tell_changes(const ObjectId& id, const std::vector<std::string>& changes, Observer& observer) {
  for (const std::string& change : changes)
    observer.message(Severity::info, fmt::format("{} '{}': {}", id.kind, name_of(id), change));
}

/// All that are to be created, or that may be there already.
std::vector<ObjectId> listed_objects(const Job& job, Connection& connection) {
  auto ids = list_objects(connection, job.objects);
  if (!job.schema.events) return ids;
  for (ObjectId& id : list_events(connection, job.objects)) ids.push_back(std::move(id));
  return ids;
}

void tell_disabled(const std::vector<Definition>& events, Observer& observer) {
  if (!events.empty())
    observer.message(Severity::info,
                     fmt::format("{} events are created disabled, because both servers would run "
                                 "them; ALTER EVENT ... ENABLE starts them when the target takes "
                                 "over",
                                 events.size()));
}

/// Texts of these are not translated.
bool is_left_to_hand(const ObjectId& id, ServerKind from, ServerKind to) {
  return from.mariadb != to.mariadb && id.kind != "database" && id.kind != "table";
}

/// What the target is to have, in the order in which it can be created.
std::vector<Definition> wanted(const Job& job, Connection& source, const TargetFacts& target,
                               Observer& observer, const std::stop_token& stop) {
  prepare_reading(source);
  const ServerKind from = kind_of(source);
  std::vector<Definition> databases, tables, routines, views, triggers, events;
  for (const ObjectId& id : listed_objects(job, source)) {
    check_stop(stop);
    if (is_left_to_hand(id, from, target.kind)) {
      observer.message(Severity::warning,
                       fmt::format("{} '{}' is left out: it is not translated for the other kind "
                                   "of server",
                                   id.kind, name_of(id)));
      continue;
    }
    if (id.kind == "trigger" && job.schema.triggers == Triggers::skip) {
      observer.message(
          Severity::info,
          fmt::format("trigger '{}' is left out: schema.triggers is \"skip\"", name_of(id)));
      continue;
    }
    auto& list = id.kind == "database"  ? databases
                 : id.kind == "table"   ? tables
                 : id.kind == "view"    ? views
                 : id.kind == "trigger" ? triggers
                 : id.kind == "event"   ? events
                                        : routines;
    list.push_back(define(source, id, job.schema));
    std::vector<std::string> changes;
    adapt(source, list.back(), target, changes);
    tell_changes(id, changes, observer);
  }
  sort_views(views);
  tell_disabled(events, observer);
  auto keys = foreign_keys(job, tables, observer);
  std::vector<Definition> all = std::move(databases);
  for (auto* list : {&tables, &keys, &routines, &views, &triggers, &events})
    all.insert(all.end(), std::move_iterator(list->begin()), std::move_iterator(list->end()));
  return all;
}

using Definitions = std::map<ObjectId, Definition>;

/// What the target has under the wanted names.
Definitions present(const Job& job, Connection& target, const std::vector<Definition>& plan,
                    const std::stop_token& stop) {
  prepare_reading(target);
  std::set<ObjectId> names;
  for (const Definition& definition : plan) names.insert(definition.id);
  Definitions found;
  for (const ObjectId& id : listed_objects(job, target)) {
    check_stop(stop);
    if (!names.contains(id)) continue;
    Definition definition = define(target, id, job.schema);
    if (id.kind == "table") {
      Definition keys = foreign_keys_of(id.name, definition.foreign_keys);
      if (!keys.text.empty()) found.emplace(keys.id, std::move(keys));
    }
    found.emplace(id, std::move(definition));
  }
  return found;
}

/// The first lines in which two texts differ.
std::string text_difference(std::string_view here, std::string_view there) {
  const auto take_line = [](std::string_view& text) {
    const auto end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    return line;
  };
  while (!here.empty() || !there.empty()) {
    const std::string_view left = take_line(here), right = take_line(there);
    if (left != right) return fmt::format("'{}' on the source, '{}' on the target", left, right);
  }
  return "only the line ends differ";
}

/// One run of init_schema.
struct Run {
  const Job& job;
  StateFile& state;
  Observer& observer;
  Connection& source;
  Connection& target;
  std::set<std::string> created;  ///< as in the state, for looking up

  /// How an object that is on the target differs from the wanted one; empty if it serves.
  std::string difference(const Definition& want, const Definition& have) {
    if (want.text == have.text) return {};
    if (want.id.kind == "database") return database_difference(want, have);
    // Servers of other versions write the same table in other words, and a kept table may differ in
    // what doesn't concern its rows.
    if (want.id.kind == "table" &&
        (!write_alike(source, target) || job.schema.existing_tables == ExistingTables::keep)) {
      const auto here = read_table(source, want.id.name), there = read_table(target, want.id.name);
      return here && there ? shape_difference(*here, kind_of(source), *there, kind_of(target))
                           : "it is gone";
    }
    if (!write_alike(source, target) && created.contains(to_string(want.id))) return {};
    return text_difference(want.text, have.text);
  }

  std::string database_difference(const Definition& want, const Definition& have) {
    const std::string text = fmt::format("its collation is '{}' on the source, '{}' on the target",
                                         want.text, have.text);
    // Tables name their own; routines and later tables take it from the database.
    if (selects_schema(job.objects, want.id.name.schema)) return text;
    observer.message(Severity::info, fmt::format("database '{}': {}", name_of(want.id), text));
    return {};
  }

  /// Writes down what is ours before it is there: a killed run leaves nothing of unknown origin.
  void claim(const std::vector<Definition>& plan, const Definitions& have) {
    for (const Definition& want : plan)
      if (!have.contains(want.id) && created.insert(to_string(want.id)).second)
        state.state.created.push_back(to_string(want.id));
    state.save();
  }

  void accept(const Definition& want, const Definition& have) {
    const std::string differs = difference(want, have);
    if (!differs.empty())
      throw Error(ErrorKind::target,
                  fmt::format("cannot create {} '{}': another one is on the target already: {}",
                              want.id.kind, name_of(want.id), differs),
                  want.id.kind == "database"
                      ? "change it with ALTER DATABASE, or drop it on the target"
                      : "drop or rename the one on the target, or exclude it from the job");
  }

  void create(const Definition& want) {
    try {
      for (const std::string& statement : want.statements) target.execute(Sql::verbatim(statement));
    } catch (const Error& e) {
      throw Error(
          e.kind(),
          fmt::format("cannot create {} '{}': {}", want.id.kind, name_of(want.id), e.what()),
          hint(want, e), e.server_errno());
    }
    observer.message(Severity::debug,
                     fmt::format("created {} '{}'", want.id.kind, name_of(want.id)));
  }

  static std::string hint(const Definition& want, const Error& e) {
    if (e.server_errno() == 1227 && want.text.find("DEFINER") != std::string::npos)
      return "grant it to the target account, or set schema.definer to \"current\"";
    if (e.server_errno() == 1418 || e.server_errno() == 1419)
      return "SET GLOBAL log_bin_trust_function_creators = ON on the target";
    if (want.id.kind == "view")
      return fmt::format("select what the view is made of too, or exclude \"{}\" from the job",
                         name_of(want.id));
    return e.hint();
  }

  /// Only names, columns and keys: what rows and binlog depend on.
  void compare() {
    std::map<TableName, Table> there;
    for (Table& table : read_tables(target, job.objects))
      there.emplace(table.name, std::move(table));
    for (const Table& here : read_tables(source, job.objects)) {
      const auto found = there.find(here.name);
      const std::string differs =
          found == there.end()
              ? "it is missing there"
              : shape_difference(here, kind_of(source), found->second, kind_of(target));
      if (!differs.empty())
        throw Error(
            ErrorKind::target,
            fmt::format("table '{}' is not the same on source (here) and target (there): {}",
                        to_string(here.name), differs),
            "if the source was altered in the meantime, drop the table on the target and "
            "run init-schema again");
    }
  }
};

void initialize(const Job& job, StateFile& state, Observer& observer, const std::stop_token& stop) {
  Servers servers = connect_servers(job, state);
  servers.source->cancel_on(stop);
  servers.target->cancel_on(stop);
  create_bookkeeping(*servers.target, job.bookkeeping);
  if (state.state.target_id.empty())
    state.state.target_id = target_identity(*servers.target, job.bookkeeping);
  lock_job(*servers.target, job.bookkeeping, job.name);
  tell_left_out(job, *servers.source, observer);
  const auto plan =
      wanted(job, *servers.source, target_facts(*servers.target), observer, stop);
  const auto have = present(job, *servers.target, plan, stop);
  Run run{job,
          state,
          observer,
          *servers.source,
          *servers.target,
          {state.state.created.begin(), state.state.created.end()}};
  run.claim(plan, have);
  state.state.schema_objects = 0;
  for (const Definition& want : plan) {
    check_stop(stop);
    if (const auto found = have.find(want.id); found != have.end())
      run.accept(want, found->second);
    else
      run.create(want);
    ++state.state.schema_objects;
    state.save_soon();
    observer.progress({.phase = "schema", .state = &state.state});
  }
  run.compare();
}

void finish(StateFile& state, PhaseStatus status, const std::string& error) {
  PhaseState& phase = state.state.schema;
  phase.status = status;
  phase.finished = now();
  phase.error = error;
  state.save();
}

}  // namespace

std::vector<SchemaStep> plan_schema(const Job& job, Observer& observer, std::stop_token stop) {
  Connection source(job.source, Side::source), target(job.target, Side::target);
  tell_left_out(job, source, observer);
  std::vector<SchemaStep> steps;
  for (Definition& definition : wanted(job, source, target_facts(target), observer, stop))
    steps.push_back(
        {step_kind(definition.id), name_of(definition.id), std::move(definition.statements)});
  return steps;
}

void init_schema(const Job& job, StateFile& state, Observer& observer, std::stop_token stop) {
  PhaseState& phase = state.state.schema;
  const bool later = state.state.data.status != PhaseStatus::not_started ||
                     state.state.sync_phase.status != PhaseStatus::not_started;
  if (phase.status == PhaseStatus::done && later) {
    observer.message(Severity::info, "the schema was initialized before: nothing to do");
    return;
  }
  phase.status = PhaseStatus::running;
  phase.started = now();
  phase.finished.reset();
  phase.error.clear();
  state.save();
  try {
    initialize(job, state, observer, stop);
  } catch (const std::exception& e) {
    if (stop.stop_requested()) {  // then the error is that we cut our own connections
      finish(state, PhaseStatus::interrupted, "");
      check_stop(stop);
    }
    finish(state, PhaseStatus::failed, e.what());
    throw;
  }
  finish(state, PhaseStatus::done, "");
}

}  // namespace dts
