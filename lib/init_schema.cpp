#include "dts/init_schema.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <set>
#include <span>
#include <thread>

#include "db/bookkeeping.hpp"
#include "db/server_objects.hpp"
#include "failover.hpp"
#include "schema/ask_target.hpp"
#include "schema/definition.hpp"
#include "schema/list_objects.hpp"
#include "schema/mapping.hpp"
#include "schema_compare.hpp"
#include "schema_plan.hpp"
#include "selection.hpp"
#include "servers.hpp"
#include "workers.hpp"

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

/// One run of init_schema.
struct Run {
  const Job& job;
  StateFile& state;
  Observer& observer;
  Connection& source;
  Connection& target;
  const SchemaPlan& plan;
  std::set<std::string> created;  ///< as in the state, for looking up
  bool missing_only;              ///< what is there is left as it is: the copy has begun
  std::set<ObjectId> left_out{};  ///< what the target has refused, and what depends on it
  std::vector<const Definition*> refused{};

  /// Writes down what is ours before it is there: a killed run leaves nothing of unknown origin.
  void claim(const std::set<ObjectId>& missing) {
    for (const Definition& want : plan.objects)
      if (missing.contains(want.id) && created.insert(to_string(want.id)).second)
        state.state.created.push_back(to_string(want.id));
    state.save();
  }

  /// Whether an object that is there can't take the place of the wanted one.
  bool is_in_the_way(const SchemaDifference& difference) {
    const bool is_table = difference.kind == "table" || difference.kind == "foreign-keys";
    const bool kept = is_table && !wants_definitions(job);
    return difference.sort != SchemaDifference::Sort::waiting &&
           (difference.harmful || (!kept && difference.kind != "database"));
  }

  /// The definitions that have to be created. Throws Error if others are in their place.
  std::set<ObjectId> missing(const std::vector<SchemaDifference>& differences) {
    std::set<ObjectId> wanted, ids;
    for (const Definition& want : plan.objects) wanted.insert(want.id);
    std::vector<SchemaDifference> clashes;
    for (const SchemaDifference& difference : differences) {
      const ObjectId id{difference.kind, difference.target};
      if (!wanted.contains(id)) continue;
      if (difference.sort == SchemaDifference::Sort::missing && difference.what.empty())
        ids.insert(id);
      else if (is_in_the_way(difference))
        clashes.push_back(difference);
    }
    if (missing_only) return ids;
    add_unknown(ids, clashes);
    if (clashes.empty()) return ids;
    for (const SchemaDifference& clash : clashes)
      observer.message(Severity::warning, line_of(clash));
    const SchemaDifference& first = clashes.front();
    throw Error(ErrorKind::target,
                fmt::format("cannot create {} '{}': another one is on the target already: {}{}",
                            first.kind, name_of(first), first.what, and_more(clashes.size())),
                first.kind == "database"
                    ? "change it with ALTER DATABASE, or drop it on the target"
                    : "drop or rename the one on the target, or begin a new job that excludes it");
  }

  /// Servers that write a view or routine in other words can't be asked whether somebody else's is
  /// the same.
  void add_unknown(const std::set<ObjectId>& missing, std::vector<SchemaDifference>& clashes) {
    static constexpr std::array compared = {"database", "table", "foreign-keys"};
    if (write_alike(source, target)) return;
    for (const Definition& want : plan.objects) {
      if (std::ranges::find(compared, want.id.kind) != compared.end()) continue;
      if (missing.contains(want.id) || created.contains(to_string(want.id))) continue;
      if (define(target, want.id, job.schema).text != want.text)
        clashes.push_back({want.id.kind, want.source, want.id.name, SchemaDifference::Sort::differs,
                           "it is not this job's, and is written in other words", true});
    }
  }

  static std::string and_more(std::size_t count) {
    return count < 2 ? "" : fmt::format(" (and {} more differences, told above)", count - 1);
  }

  /// The target may refuse what comes from a server of another kind or version. Returns why; empty
  /// if the object is there.
  std::string create(Connection& session, const Definition& want) {
    try {
      for (const std::string& statement : want.statements)
        session.execute(Sql::verbatim(statement));
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
    return {};
  }

  bool is_there(const std::set<ObjectId>& there, const Definition& want) {
    if (want.id.kind != "foreign-keys") return there.contains(want.id);
    const ObjectId table{"table", want.id.name};
    return there.contains(table) && !define(target, table, job.schema).foreign_keys.empty();
  }

  /// What is to be created for a job that runs: what it had before comes with the stream.
  std::set<ObjectId> missing_of_new(const Objects& before) {
    std::set<ObjectId> had, there, ids;
    std::set<std::string> schemas;
    for (ObjectId& id : list_objects(source, before)) had.insert(std::move(id));
    for (ObjectId& id : list_events(source, before)) had.insert(std::move(id));
    for (const Definition& want : plan.objects) schemas.insert(want.id.name.schema);
    for (ObjectId& id : list_objects(target, schemas)) there.insert(std::move(id));
    for (ObjectId& id : list_events(target, schemas)) there.insert(std::move(id));
    schemas.clear();
    for (const Definition& want : plan.objects) {
      const std::string kind = want.id.kind == "foreign-keys" ? "table" : want.id.kind;
      if (kind == "database" || had.contains({kind, want.source})) continue;
      schemas.insert(want.id.name.schema);
      if (!is_there(there, want)) ids.insert(want.id);
    }
    for (const Definition& want : plan.objects)
      if (want.id.kind == "database" && schemas.contains(want.id.name.schema) &&
          !there.contains(want.id))
        ids.insert(want.id);
    return ids;
  }

  void count(const Definition& want, bool is_new) {
    if (is_new)
      observer.message(Severity::debug,
                       fmt::format("created {} '{}'", want.id.kind, name_of(want.id)));
    ++state.state.schema_objects;
    state.save_soon();
    observer.progress({.phase = "schema", .state = &state.state});
  }

  /// By several sessions: most of the time of a CREATE TABLE goes into waiting for the disk.
  void create_together(std::span<const Definition* const> tables, const std::stop_token& stop) {
    constexpr unsigned sessions = 4;
    std::atomic<std::size_t> next = 0, done = 0;
    std::size_t counted = 0;
    const auto count_done = [&] {
      for (const std::size_t all = done; counted < all; ++counted) count(*tables[counted], true);
    };
    Workers workers(stop);
    for (unsigned i = 0; i < sessions; ++i)
      workers.start([&](std::stop_token token) {
        Connection session(job.target, Side::target);
        session.cancel_on(token);
        for (std::size_t at; !token.stop_requested() && (at = next++) < tables.size(); ++done)
          create(session, *tables[at]);
      });
    while (workers.running()) {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
      count_done();
    }
    workers.join();
    check_stop(stop);
    count_done();
  }

  /// Tables that nobody refuses and nothing hinders, one behind another; sequences come before them.
  std::vector<const Definition*> next_tables(std::size_t begin, const std::set<ObjectId>& missing) {
    std::vector<const Definition*> tables;
    for (; begin < plan.objects.size(); ++begin) {
      const Definition& want = plan.objects[begin];
      if (want.id.kind != "table" || want.may_be_refused || !missing.contains(want.id) ||
          is_sequence(plan.tables.at(want.source).source))
        break;
      tables.push_back(&want);
    }
    return tables;
  }

  void make_all(const std::set<ObjectId>& missing, const std::stop_token& stop) {
    constexpr std::size_t worth_sessions = 8;
    for (std::size_t i = 0; i < plan.objects.size();) {
      check_stop(stop);
      const auto tables = next_tables(i, missing);
      if (tables.size() >= worth_sessions) {
        create_together(tables, stop);
        i += tables.size();
        continue;
      }
      const Definition& want = plan.objects[i++];
      make(want, missing.contains(want.id));
      count(want, missing.contains(want.id) && !left_out.contains(want.id));
    }
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

  void make(const Definition& want, bool is_missing) {
    std::string why = lost_part(want);
    if (why.empty() && is_missing) why = create(target, want);
    if (!why.empty()) leave_out(want, why);
  }

  static std::string hint(const Definition& want, const Error& e) {
    if (e.server_errno() == 1227 && want.text.find("DEFINER") != std::string::npos)
      return "grant it to the target account, or set schema.definer to \"current\"";
    if (e.server_errno() == 1418 || e.server_errno() == 1419)
      return "SET GLOBAL log_bin_trust_function_creators = ON on the target";
    static constexpr std::array missing = {1054u, 1146u, 1305u, 1356u, 1370u};
    if (want.id.kind == "view" && std::ranges::find(missing, e.server_errno()) != missing.end())
      return fmt::format("select what the view is made of too, or exclude \"{}\", in a new job",
                         name_of(want.id));
    constexpr unsigned no_tablespace = 3510;
    if (e.server_errno() == no_tablespace)
      return "create the tablespace on the target, or alter the table on the source";
    return e.hint();
  }

  /// Tells all in which the target is not what the source, read once more, wants of it.
  void compare(const std::stop_token& stop) {
    // Views are shown without the database that a session is in, and ours has been in some.
    Connection fresh(job.target, Side::target);
    fresh.cancel_on(stop);
    auto differences =
        compare_schema(job, source, fresh, plan_to_compare(job, source, fresh, stop),
                       wants_definitions(job), stop);
    std::erase_if(differences, [&](const SchemaDifference& one) {
      return left_out.contains({one.kind, one.target});  // told already
    });
    std::size_t harmful = 0, told = 0;
    constexpr std::size_t told_most = 20;
    for (const SchemaDifference& one : differences) {
      harmful += one.harmful ? 1 : 0;
      if (one.harmful || told++ < told_most)
        observer.message(one.harmful ? Severity::warning : Severity::info, line_of(one));
    }
    if (told > told_most)
      observer.message(Severity::info,
                       fmt::format("and {} more differences that do no harm: dtsctl status "
                                   "--schema shows all",
                                   told - told_most));
    if (harmful == 0) return;
    throw Error(
        ErrorKind::target,
        fmt::format("the schemas of source (here) and target (there) are not the same: {}{}",
                    line_of(differences.front()), and_more(harmful)),
        "if the source was altered in the meantime, drop these objects on the target and "
        "run init-schema again");
  }
};

void initialize(const Job& job, StateFile& state, bool missing_only,
                const std::optional<Selection>& before, Observer& observer,
                const std::stop_token& stop) {
  Servers servers = connect_servers(job, state);
  servers.source->cancel_on(stop);
  servers.target->cancel_on(stop);
  create_bookkeeping(*servers.target, job.bookkeeping);
  if (state.state.target_id.empty())
    state.state.target_id = target_identity(*servers.target, job.bookkeeping);
  lock_job(*servers.target, job.bookkeeping, job.name);
  tell_left_out(job, *servers.source, observer);
  const SchemaPlan plan = plan_objects(job, *servers.source, *servers.target,
                                       mapping_for(job.objects, *servers.target), observer, stop);
  Run run{job,
          state,
          observer,
          *servers.source,
          *servers.target,
          plan,
          {state.state.created.begin(), state.state.created.end()},
          missing_only};
  const auto missing =
      before ? run.missing_of_new(before->objects)
             : run.missing(compare_schema(job, *servers.source, *servers.target, plan,
                                          wants_definitions(job), stop));
  run.claim(missing);
  state.state.schema_objects = 0;
  run.make_all(missing, stop);
  run.leave_out_dependents();
  state.state.schema_objects -= run.left_out.size();
  if (!missing_only) run.compare(stop);
}

void finish(StateFile& state, PhaseStatus status, const std::string& error) {
  PhaseState& phase = state.state.schema;
  phase.status = status;
  phase.finished = now();
  phase.error = error;
  state.save();
}

}  // namespace

std::vector<SchemaStep> plan_schema(const Job& given, Observer& observer, std::stop_token stop) {
  const Job job = with_hosts(given);
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
  const auto before = changed_selection(job, state.state);
  const bool begun = phase.status != PhaseStatus::not_started;
  if (phase.status == PhaseStatus::done && (synced || copied) && !before) {
    observer.message(Severity::info, "the schema was initialized before: nothing to do");
    return;
  }
  if (copying || before)
    observer.message(Severity::info,
                     before ? "the job runs: only what joins it is created"
                            : "the copy has begun: only what is missing on the target is created");
  phase.status = PhaseStatus::running;
  phase.started = now();
  phase.finished.reset();
  phase.error.clear();
  state.save();
  try {
    initialize(with_hosts(job, state.state, observer), state,
               copying || before || (begun && copied), before, observer, stop);
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
