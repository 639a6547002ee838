#include "dts/init_schema.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "db/bookkeeping.hpp"
#include "db/server_objects.hpp"
#include "schema/ask_target.hpp"
#include "schema/collations.hpp"
#include "schema/definition.hpp"
#include "schema/difference.hpp"
#include "schema/mapping.hpp"
#include "schema/read.hpp"
#include "schema_plan.hpp"
#include "servers.hpp"

namespace dts {

namespace {

std::string step_kind(const ObjectId& id) {
  const bool own = id.kind == "database" || id.kind == "table" || id.kind == "foreign-keys" ||
                   id.kind == "view" || id.kind == "trigger" || id.kind == "event";
  return own ? id.kind : "routine";
}

void tell_left_out(const Job& job, Connection& source, Observer& observer) {
  for (const ObjectId& id : list_left_out(source, job.objects))
    observer.message(Severity::info,
                     fmt::format("{} '{}' is left out: only a whole database brings its views, "
                                 "routines and triggers",
                                 id.kind, name_of(id)));
}

using Definitions = std::map<ObjectId, Definition>;

/// What the target has under the wanted names.
Definitions present(const Job& job, Connection& target, const std::vector<Definition>& plan,
                    const std::stop_token& stop) {
  prepare_reading(target);
  std::set<ObjectId> ids;
  std::set<std::string> schemas;
  for (const Definition& definition : plan) {
    ids.insert(definition.id);
    schemas.insert(definition.id.name.schema);
  }
  Definitions found;
  auto there = list_objects(target, schemas);
  for (ObjectId& event : list_events(target, schemas)) there.push_back(std::move(event));
  for (const ObjectId& id : there) {
    check_stop(stop);
    if (!ids.contains(id)) continue;
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
  const SchemaPlan& plan;
  std::set<std::string> created;  ///< as in the state, for looking up
  std::set<ObjectId> left_out{};  ///< what the target has refused, and what depends on it
  std::vector<const Definition*> refused{};

  /// How an object that is on the target differs from the wanted one; empty if it serves.
  std::string difference(const Definition& want, const Definition& have) {
    if (want.text == have.text) return {};
    if (want.id.kind == "database") return database_difference(want, have);
    // Servers of other versions write the same table in other words, and a kept table may differ in
    // what doesn't concern its rows.
    if (want.id.kind == "table" &&
        (!write_alike(source, target) || job.schema.existing_tables == ExistingTables::keep)) {
      const auto there = read_table(target, want.id.name);
      return there ? shape_difference(plan.tables.at(want.source).target, kind_of(source), *there,
                                      kind_of(target))
                   : "it is gone";
    }
    if (!write_alike(source, target) && created.contains(to_string(want.id))) return {};
    return text_difference(want.text, have.text);
  }

  std::string database_difference(const Definition& want, const Definition& have) {
    if (long_name(want.text) == long_name(have.text)) return {};
    const std::string text = fmt::format("its collation is '{}' on the source, '{}' on the target",
                                         want.text, have.text);
    // Tables name their own; routines and later tables take it from the database.
    if (selects_schema(job.objects, want.source.schema)) return text;
    observer.message(Severity::info, fmt::format("database '{}': {}", name_of(want.id), text));
    return {};
  }

  /// Writes down what is ours before it is there: a killed run leaves nothing of unknown origin.
  void claim(const Definitions& have) {
    for (const Definition& want : plan.objects)
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

  /// The target may refuse what comes from a server of another kind or version. Returns why; empty
  /// if the object is there.
  std::string create(const Definition& want) {
    try {
      for (const std::string& statement : want.statements) target.execute(Sql::verbatim(statement));
    } catch (const Error& e) {
      const std::string why = want.may_be_refused ? refusal_of(target, e) : std::string();
      if (!why.empty()) return why;
      throw Error(
          e.kind(),
          fmt::format("cannot create {} '{}': {}", want.id.kind, name_of(want.id), e.what()),
          hint(want, e), e.server_errno());
    }
    if (want.may_be_refused && want.id.kind == "view")
      if (std::string why = unreadable(want); !why.empty()) return why;
    observer.message(Severity::debug,
                     fmt::format("created {} '{}'", want.id.kind, name_of(want.id)));
    return {};
  }

  /// What a view means the server finds out only when it is read.
  std::string unreadable(const Definition& view) {
    constexpr unsigned invalid_view = 1356;  // also for rights that its owner lacks
    try {
      target.query(sql("SELECT * FROM {} LIMIT 0", view.id.name));
    } catch (const Error& e) {
      if (e.kind() == ErrorKind::connect) throw;
      const bool of_owner =
          job.schema.definer == Definer::keep && e.server_errno() == invalid_view;
      return of_owner ? std::string() : refusal_of(target, e);
    }
    return {};
  }

  /// Why an object can't be there without those that were refused; empty if it can.
  std::string lost_part(const Definition& want) const {
    for (const Definition* gone : refused) {
      const bool relation = gone->id.kind == "view";
      if ((relation ? want.relations : want.routines).contains(gone->key))
        return fmt::format("mentions the {} '{}', which is left out", gone->id.kind,
                           to_string(gone->source));
    }
    return {};
  }

  void leave_out(const Definition& want, const std::string& why) {
    // The settings that it was to be made under.
    if (want.id.kind != "foreign-keys")
      target.execute(Sql::verbatim(want.statements.back()));
    if (created.contains(to_string(want.id))) {
      std::string kind = want.id.kind;
      for (char& c : kind)
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
      target.execute(sql("DROP {} IF EXISTS {}", Sql::verbatim(kind), want.id.name));
    }
    left_out.insert(want.id);
    const bool routine = want.id.kind == "function" || want.id.kind == "procedure" ||
                         want.id.kind == "package";
    if (routine || want.id.kind == "view") refused.push_back(&want);
    observer.message(Severity::warning, fmt::format("{} '{}' is left out: it {}", want.id.kind,
                                                    to_string(want.source), why));
  }

  /// Routines come before views, and may mention one that was refused.
  void leave_out_dependents() {
    for (std::size_t before = left_out.size() + 1; before != left_out.size();) {
      before = left_out.size();
      for (const Definition& want : plan.objects)
        if (!left_out.contains(want.id))
          if (const std::string why = lost_part(want); !why.empty()) leave_out(want, why);
    }
  }

  void make(const Definition& want, const Definitions& have) {
    std::string why = lost_part(want);
    if (!why.empty()) return leave_out(want, why);
    if (const auto found = have.find(want.id); found != have.end())
      accept(want, found->second);
    else if (why = create(want); !why.empty())
      leave_out(want, why);
  }

  static std::string hint(const Definition& want, const Error& e) {
    if (e.server_errno() == 1227 && want.text.find("DEFINER") != std::string::npos)
      return "grant it to the target account, or set schema.definer to \"current\"";
    if (e.server_errno() == 1418 || e.server_errno() == 1419)
      return "SET GLOBAL log_bin_trust_function_creators = ON on the target";
    static constexpr std::array missing = {1054u, 1146u, 1305u, 1356u, 1370u};
    if (want.id.kind == "view" && std::ranges::find(missing, e.server_errno()) != missing.end())
      return fmt::format("select what the view is made of too, or exclude \"{}\" from the job",
                         name_of(want.id));
    constexpr unsigned no_tablespace = 3510;
    if (e.server_errno() == no_tablespace)
      return "create the tablespace on the target, or alter the table on the source";
    return e.hint();
  }

  /// Only names, columns and keys: what rows and binlog depend on.
  void compare() {
    std::set<TableName> names;
    for (const auto& [name, table] : plan.tables) names.insert(table.target.name);
    std::map<TableName, Table> there;
    for (Table& table : read_tables(target, names)) there.emplace(table.name, std::move(table));
    const Mapping mapping = mapping_for(job.objects, target);
    for (Table& table : read_tables(source, job.objects)) {
      const MappedTable here = map_table(std::move(table), mapping);
      const auto found = there.find(here.target.name);
      const std::string differs =
          found == there.end()
              ? "it is missing there"
              : shape_difference(here.target, kind_of(source), found->second, kind_of(target));
      if (!differs.empty())
        throw Error(
            ErrorKind::target,
            fmt::format("table '{}' is not the same on source (here) and target (there): {}",
                        to_string(here.source.name), differs),
            "if the source was altered in the meantime, drop the table on the target and "
            "run init-schema again");
    }
  }
};

/// With `missing_only`, what is there is left as it is: the copy may have taken indexes away.
void initialize(const Job& job, StateFile& state, bool missing_only, Observer& observer,
                const std::stop_token& stop) {
  Servers servers = connect_servers(job, state);
  servers.source->cancel_on(stop);
  servers.target->cancel_on(stop);
  create_bookkeeping(*servers.target, job.bookkeeping);
  if (state.state.target_id.empty())
    state.state.target_id = target_identity(*servers.target, job.bookkeeping);
  lock_job(*servers.target, job.bookkeeping, job.name);
  tell_left_out(job, *servers.source, observer);
  const SchemaPlan plan =
      plan_objects(job, *servers.source, *servers.target,
                   mapping_for(job.objects, *servers.target), observer, stop);
  const auto have = present(job, *servers.target, plan.objects, stop);
  Run run{job,
          state,
          observer,
          *servers.source,
          *servers.target,
          plan,
          {state.state.created.begin(), state.state.created.end()}};
  run.claim(have);
  state.state.schema_objects = 0;
  for (const Definition& want : plan.objects) {
    check_stop(stop);
    if (!missing_only || !have.contains(want.id)) run.make(want, have);
    ++state.state.schema_objects;
    state.save_soon();
    observer.progress({.phase = "schema", .state = &state.state});
  }
  run.leave_out_dependents();
  state.state.schema_objects -= run.left_out.size();
  if (!missing_only) run.compare();
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
  SchemaPlan plan = plan_objects(job, source, target,
                                 mapping_for(job.objects, target), observer, stop);
  for (Definition& definition : plan.objects)
    steps.push_back(
        {step_kind(definition.id), name_of(definition.id), std::move(definition.statements)});
  return steps;
}

void init_schema(const Job& job, StateFile& state, Observer& observer, std::stop_token stop) {
  PhaseState& phase = state.state.schema;
  const bool synced = state.state.sync_phase.status != PhaseStatus::not_started;
  const bool copied = state.state.data.status == PhaseStatus::done;
  const bool copying = state.state.data.status != PhaseStatus::not_started && !copied && !synced;
  if (phase.status == PhaseStatus::done && (synced || copied)) {
    observer.message(Severity::info, "the schema was initialized before: nothing to do");
    return;
  }
  if (copying)
    observer.message(Severity::info,
                     "the copy has begun: only what is missing on the target is created");
  phase.status = PhaseStatus::running;
  phase.started = now();
  phase.finished.reset();
  phase.error.clear();
  state.save();
  try {
    initialize(job, state, copying, observer, stop);
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
