#include "dts/sync.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <set>
#include <thread>

#include "copy/lock_watch.hpp"
#include "db/server.hpp"
#include "db/server_objects.hpp"
#include "db/trouble.hpp"
#include "failover.hpp"
#include "grow.hpp"
#include "heartbeat.hpp"
#include "lag_history.hpp"
#include "rate.hpp"
#include "schema/read.hpp"
#include "selection.hpp"
#include "servers.hpp"
#include "source_clock.hpp"
#include "sync_pipeline.hpp"
#include "sync_range.hpp"

namespace dts {

namespace {

using Clock = std::chrono::steady_clock;

constexpr auto stop_grace = std::chrono::seconds(5);

[[noreturn]] void interrupted() {
  throw Error(ErrorKind::interrupted, "interrupted", "run the same command again to go on");
}

/// --from: the job starts without init-data, with the shapes as they are now.
void create_start(Servers& servers, const Job& job, StateFile& state, const std::string& from) {
  Position start = resolve_position(*servers.source, from);
  create_bookkeeping(*servers.target, job.bookkeeping);
  servers.target->execute(sql("START TRANSACTION"));
  for (const Table& table : read_tables(*servers.source, job.objects))
    servers.target->execute(save_tracked(job.bookkeeping, job.name, {table, {}}));
  create_position(*servers.target, job.bookkeeping, job.name,
                  {fingerprint(job), state.state.source_id, start, start});
  servers.target->execute(save_selection(job.bookkeeping, job.name, selection_text(job)));
  servers.target->execute(sql("COMMIT"));
}

/// Whether the row is the job's, with the objects of the job file.
void check_row(Connection& target, const Job& job, const StateFile& state, const PositionRow& row) {
  if (!row.copy_end)
    throw Error(ErrorKind::state, "cannot sync: the copy of the data is not finished",
                "run dtsctl init-data to its end first");
  if (row.fingerprint == fingerprint(job) && row.source_id == state.state.source_id) return;
  if (row.source_id == state.state.source_id &&
      read_selection(target, job.bookkeeping, job.name).value_or(selection_text(job)) !=
          selection_text(job))
    throw Error(ErrorKind::state,
                "cannot sync: the job's objects have changed, and the data of those that join it is not "
                "copied yet",
                "run dtsctl precheck, dtsctl init-schema and dtsctl init-data first; or undo the change "
                "in the job file, and run dtsctl precheck");
  throw Error(ErrorKind::state,
              "cannot sync: the target's position belongs to another job or another source",
              "use the job file that the copy was made with");
}

/// What waits for its copy is kept out. What is being copied has a start position that must not be passed.
std::vector<LateTable> read_late_tables(Connection& target, const Job& job, const PositionRow& row,
                                        StateFile& state, Observer& observer) {
  if (job.sync.ddl_reevaluate == DdlReevaluate::recopy) create_late(target, job.bookkeeping);
  std::vector<LateTable> late = read_late(target, job.bookkeeping, job.name);
  for (const LateTable& table : late)
    if (table.step == LateTable::Step::making || table.step == LateTable::Step::copying)
      throw Error(ErrorKind::state,
                  fmt::format("cannot sync: the copy of {} is not finished", to_string(table.name)),
                  "run dtsctl init-data to its end first");
  for (const LateTable& table : late)
    if (table.end && contains(row.position, *table.end))
      target.execute(forget_late(job.bookkeeping, job.name, table.name));
  std::erase_if(late, [&](const LateTable& table) {
    return table.end && contains(row.position, *table.end);
  });
  state.state.sync.uncopied = waiting_texts(late);
  for (const std::string& text : state.state.sync.uncopied)
    observer.message(Severity::warning,
                     fmt::format("{}; until dtsctl init-data has copied it again, its changes are not "
                                 "applied",
                                 text));
  return late;
}

/// Of a job that an older version began, it is not written down. What is passed is not needed any more.
void note_selection(Connection& target, const Job& job, const PositionRow& row, StateFile& state) {
  for (const JoinedAt& joined : read_joined(target, job.bookkeeping, job.name))
    if (contains(row.position, joined.start))
      target.execute(forget_joined(job.bookkeeping, job.name, joined));
  auto known = read_selection(target, job.bookkeeping, job.name);
  if (!known) {
    create_bookkeeping(target, job.bookkeeping);
    known = selection_text(job);
    target.execute(save_selection(job.bookkeeping, job.name, *known));
  }
  state.state.selection = *known;
}

PositionRow read_start(Servers& servers, const Job& job, StateFile& state, const SyncRange& range) {
  std::optional<PositionRow> row;
  if (has_bookkeeping(*servers.target, job.bookkeeping))
    row = read_position(*servers.target, job.bookkeeping, job.name);
  if (!range.from.empty() && !row) {
    create_start(servers, job, state, range.from);
    row = read_position(*servers.target, job.bookkeeping, job.name);
  } else if (!range.from.empty()) {
    throw Error(ErrorKind::usage,
                fmt::format("cannot start from {}: the job has a position already, {}", range.from,
                            to_string(row->position)),
                "leave --from out to go on from there");
  }
  if (!row)
    throw Error(ErrorKind::state, "cannot sync: the target knows no position of this job",
                "copy the data first: dtsctl init-data; or name a position: dtsctl sync --from");
  check_row(*servers.target, job, state, *row);
  return *row;
}

/// The parts of the state that the target knows, for a state file that was lost.
void recover_state(Servers& servers, const Job& job, StateFile& state, const PositionRow& row) {
  JobState& s = state.state;
  s.job = job.name;
  s.fingerprint = row.fingerprint;
  s.source_id = row.source_id;
  s.source = to_string(job.source);
  s.target = to_string(job.target);
  s.precheck.passed = true;
  s.precheck.status = s.schema.status = s.data.status = PhaseStatus::done;
  s.copy_end = row.copy_end;
  s.tables.clear();
  s.settled.clear();
  s.created.clear();
  s.selection =
      read_selection(*servers.target, job.bookkeeping, job.name).value_or("");
  std::set<TableName> open;
  for (const LateTable& table : read_late(*servers.target, job.bookkeeping, job.name))
    if (table.step != LateTable::Step::copied) open.insert(table.name);
  for (const TrackedTable& table : read_tracked(*servers.target, job.bookkeeping, job.name)) {
    TableProgress progress;
    progress.table = table.shape.name;
    progress.done = !open.contains(progress.table);
    s.tables.push_back(progress);
    s.created.push_back("table " + to_string(table.shape.name));
  }
  state.save();
}

/// Keeps the state file and the observer up to date while the pipeline works.
class Watch {
 public:
  Watch(const Endpoint& target, StateFile& state, Observer& observer, SourceClock clock,
        std::optional<std::chrono::seconds> retention)
      : state_(state),
        observer_(observer),
        locks_(target, Side::target, notes_, "sync"),
        clock_(clock),
        retention_(retention),
        before_(state.state.sync) {}

  void look(SyncPipeline& pipeline) {
    PipelineStatus status = pipeline.status();
    SyncProgress& sync = state_.state.sync;
    sync.position = status.position;
    sync.caught_up_copy = !status.catching_up;
    sync.transactions = before_.transactions + status.applied.transactions;
    sync.row_changes = before_.row_changes + status.applied.changes;
    sync.ddl = before_.ddl + status.applied.ddl;
    sync.row_changes_per_second = rate_.per_second(sync.row_changes);
    if (status.source_timestamp != 0)
      sync.source_time = Time{std::chrono::seconds(status.source_timestamp)};
    sync.lag_seconds = lag(pipeline, status);
    sync.uncopied = status.waiting;
    std::tie(sync.bottleneck, sync.bottleneck_detail) = pipeline.bottleneck();
    sync.waiting = pipeline.waiting();
    if (!sync.waiting.empty()) locks_.look();
    notes_.tell(observer_);
    sync.updated = now();
    note_lag(sync, *sync.updated);
    if (!status.mark.empty()) sync.mark = status.mark;
    guard_retention(pipeline, sync);
    sync.skipped = merged(before_.skipped, status.applied.skipped);
    sync.conflicts = merged(before_.conflicts, status.applied.conflicts);
    Progress progress;
    progress.phase = "sync";
    progress.state = &state_.state;
    progress.rows_per_second = sync.row_changes_per_second;
    observer_.progress(progress);
    state_.save_soon();
  }
  /// What other threads have to tell.
  Notes& notes() { return notes_; }

 private:
  /// A file of the binlog goes by the time when it was written last, which is not before the last
  /// transaction that we have got.
  void guard_retention(const SyncPipeline& pipeline, SyncProgress& sync) {
    using std::chrono::seconds, std::chrono::hours;
    sync.purge_expected.reset();
    if (!retention_ || (!pipeline.idle() && !sync.source_time)) return;
    const double age = pipeline.idle() ? 0 : clock_.now() - in_seconds(*sync.source_time);
    const seconds left = *retention_ - seconds(static_cast<std::int64_t>(age));
    sync.purge_expected = now() + left;
    const bool near = left < std::min<seconds>(hours(24), *retention_ / 4);
    if (!near || (warned_ && Clock::now() - *warned_ < hours(1))) return;
    warned_ = Clock::now();
    const auto in_hours = [](seconds time) { return static_cast<double>(time.count()) / 3600; };
    observer_.message(
        Severity::warning,
        fmt::format("the source may purge the binlog that is needed next in about {:.1f} hours: it "
                    "keeps it for {:.1f} hours; let it keep more (SET GLOBAL "
                    "binlog_expire_logs_seconds or expire_logs_days) until sync has caught up",
                    std::max(0.0, in_hours(left)), in_hours(*retention_)));
  }
  static double in_seconds(Time time) {
    return std::chrono::duration<double>(time.time_since_epoch()).count();
  }
  double lag(const SyncPipeline& pipeline, const PipelineStatus& status) const {
    if (pipeline.idle()) return 0;
    if (status.source_timestamp == 0) return -1;
    return std::max(0.0, clock_.now() - status.source_timestamp);
  }
  static bool same(const Skipped& a, const Skipped& b) {
    return a.kind == b.kind && a.detail == b.detail;
  }
  static bool same(const Conflict& a, const Conflict& b) {
    return a.table == b.table && a.kind == b.kind;
  }
  static std::vector<Conflict> merged(std::vector<Conflict> all, const std::vector<Conflict>& more) {
    for (const Conflict& entry : more) {
      auto found = std::find_if(all.begin(), all.end(),
                                [&](const Conflict& e) { return same(e, entry); });
      if (found == all.end()) {
        all.push_back(entry);
        continue;
      }
      found->add(entry);
    }
    return all;
  }
  /// What does not fit any more is counted together.
  static std::vector<Skipped> merged(std::vector<Skipped> all, const std::vector<Skipped>& more) {
    constexpr std::size_t told_apart = 100;
    const auto find = [&](const Skipped& entry) {
      return std::find_if(all.begin(), all.end(),
                          [&](const Skipped& one) { return same(one, entry); });
    };
    for (Skipped entry : more) {
      auto found = find(entry);
      if (found == all.end() && all.size() >= told_apart) {
        entry.detail = "(others)";
        found = find(entry);
      }
      if (found == all.end()) {
        all.push_back(entry);
      } else {
        entry.count += found->count;
        *found = entry;
      }
    }
    return all;
  }

  StateFile& state_;
  Observer& observer_;
  Notes notes_;
  LockWatch locks_;
  SourceClock clock_;
  std::optional<std::chrono::seconds> retention_;  ///< of the source's binlog
  std::optional<Clock::time_point> warned_;
  SyncProgress before_;
  Rate rate_;
};

std::optional<std::chrono::seconds> retention(Connection& source) {
  const auto found = binlog_retention(source);
  if (!found) return std::nullopt;
  return std::chrono::seconds(*found);
}

void watch(SyncPipeline& pipeline, Watch& watch, std::stop_token stop) {
  std::optional<Clock::time_point> stopping;
  while (pipeline.running()) {
    std::mutex mutex;
    std::condition_variable_any never;
    std::unique_lock lock(mutex);
    never.wait_for(lock, stopping ? std::stop_token{} : stop, std::chrono::milliseconds(50),
                   [&] { return !pipeline.running(); });
    watch.look(pipeline);
    if (!stop.stop_requested()) continue;
    if (!stopping) stopping = Clock::now();
    if (Clock::now() - *stopping > stop_grace) pipeline.force();
  }
  watch.look(pipeline);
}

/// A source that was reset or restored has less than the target has got from it. A commit that we
/// have read is in MySQL's gtid_executed only a moment later.
void check_source_has(Connection& source, const Position& applied, std::stop_token stop) {
  Position there;
  for (int tries = 0; tries < 50 && !stop.stop_requested(); ++tries) {
    there = is_by_file(applied) ? binlog_end(source) : committed_position(source);
    if (contains(there, applied)) return;
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
  }
  if (stop.stop_requested()) interrupted();
  throw Error(ErrorKind::source,
              fmt::format("cannot go on: the target has applied what the source does not have "
                          "(applied {}, the source is at {})",
                          to_string(applied), to_string(there)),
              "the source was reset or restored: copy the data again: dtsctl init-data --restart");
}

/// One try: from the connections to the end of the range. Returns when the range is applied.
/// `job` leads to the hosts that were used last. False if the range goes on.
bool run_once(Job& job, StateFile& state, const SyncRange& range, std::optional<Range>& resolved,
              Observer& observer, std::stop_token stop) {
  Servers servers = connect_for_sync(job, state, observer);
  PositionRow row = read_start(servers, job, state, range);
  lock_job(*servers.target, job.bookkeeping, job.name);
  check_target_server(*servers.target, job, state, !range.skip_ddl.empty());
  // Again, and waiting for a predecessor's transaction that may be committing still.
  row = read_position_locked(*servers.target, job.bookkeeping, job.name).value_or(row);
  check_row(*servers.target, job, state, row);
  if (range.recover_state && state.fresh()) recover_state(servers, job, state, row);
  std::vector<LateTable> late = read_late_tables(*servers.target, job, row, state, observer);
  note_selection(*servers.target, job, row, state);
  check_source_has(*servers.source, row.position, stop);
  if (!resolved) {
    resolved = resolve(*servers.source, range);
    for (const Position* skipped : {&resolved->skip_ddl, &resolved->skip_transactions})
      check_skipped(*skipped, row.position, committed_position(*servers.source));
  }
  if (!job.source.hosts.empty()) refuse_files(*resolved);
  const std::optional<Position>& end = resolved->until.position;
  state.state.sync_phase.status = PhaseStatus::running;
  state.state.sync_phase.error.clear();
  state.state.copy_end = row.copy_end;
  state.state.sync.position = row.position;
  if (end && contains(row.position, *end)) return true;
  observer.message(Severity::info, "from position " + to_string(row.position));
  const auto settings = servers.source->query(
      sql("SELECT @@GLOBAL.default_storage_engine, @@GLOBAL.lower_case_table_names = 1"));
  const SourceClock clock(server_clock(*servers.source));
  Watch look(job.target, state, observer, clock, retention(*servers.source));
  SyncPipeline pipeline(job, *resolved, *servers.target, row, std::move(late),
                        {settings.at(0).at(0).value_or(""), settings.at(0).at(1) == "1",
                         logs_cascades(*servers.source)},
                        clock, stop);
  std::optional<Heartbeat> heartbeat;
  if (!job.sync.heartbeat_table.empty() && !end && !resolved->until.time)
    heartbeat.emplace(job.source, heartbeat_table(job.sync.heartbeat_table), job.name,
                      job.sync.heartbeat_seconds, look.notes());
  watch(pipeline, look, stop);
  pipeline.join();
  if (stop.stop_requested()) interrupted();
  return !pipeline.passed_late();
}

/// All that the source had at a moment is applied: the age of the last transaction says nothing any more.
void note_end(SyncProgress& sync, const Range& range) {
  sync.lag_seconds = std::chrono::duration<double>(Clock::now() - range.resolved).count();
  sync.updated = now();
  note_lag(sync, *sync.updated);
}

/// Tries again after lost connections, for as long as the job says.
void run(Job job, StateFile& state, SyncRange range, Observer& observer, std::stop_token stop) {
  std::optional<Range> resolved;
  std::optional<Clock::time_point> failing_since;
  std::chrono::milliseconds pause{200};
  bool connected = false;
  for (;;) {
    std::uint64_t before = state.state.sync.transactions;
    try {
      while (!run_once(job, state, range, resolved, observer, stop)) range.from.clear();
      if (range.until == "now") note_end(state.state.sync, *resolved);
      return;
    } catch (const Error& error) {
      if (stop.stop_requested()) interrupted();
      connected = connected || state.state.sync_phase.status == PhaseStatus::running;
      bool lost = is_connection_loss(error.server_errno());
      // The first connection of an invocation fails at once.
      const Trouble trouble = trouble_of(error);
      const bool passes = is_transient(error.server_errno()) || trouble.passes;
      if (!passes && !(lost && connected)) throw;
      if (connected) range.from.clear();  // the position is on the target now
      if (!failing_since || state.state.sync.transactions != before) {
        failing_since = Clock::now();
        pause = std::chrono::milliseconds(200);
      }
      std::chrono::minutes limit(lost ? job.retry.connection_minutes : job.retry.statement_minutes);
      if (Clock::now() - *failing_since > limit) throw;
      observer.message(Severity::warning,
                       fmt::format("{}; trying again for {} minutes{}{}", error.what(),
                                   limit.count(), *trouble.remedy ? "; " : "", trouble.remedy));
      state.state.sync_phase.status = PhaseStatus::retrying;
      state.state.sync_phase.error = error.what();
      state.save();
      std::mutex mutex;
      std::condition_variable_any never;
      std::unique_lock lock(mutex);
      never.wait_for(lock, stop, pause, [] { return false; });
      if (stop.stop_requested()) interrupted();
      pause = std::min<std::chrono::milliseconds>(pause * 2, std::chrono::seconds(10));
    }
  }
}

}  // namespace

void sync(const Job& job, StateFile& state, const SyncRange& range, Observer& observer,
          std::stop_token stop) {
  auto finish = [&](PhaseStatus status, const char* error) {
    PhaseState& phase = state.state.sync_phase;
    phase.status = status;
    phase.error = error;
    if (status == PhaseStatus::done) phase.finished = now();
    state.save();
  };
  PhaseState& phase = state.state.sync_phase;
  if (!phase.started) phase.started = now();
  phase.finished.reset();
  phase.status = PhaseStatus::not_started;
  try {
    run(job, state, range, observer, stop);
  } catch (const Error& error) {
    bool on_request = error.kind() == ErrorKind::interrupted;
    finish(on_request ? PhaseStatus::interrupted : PhaseStatus::failed,
           on_request ? "" : error.what());
    throw;
  }
  finish(PhaseStatus::done, "");
}

}  // namespace dts
