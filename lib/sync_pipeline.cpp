#include "sync_pipeline.hpp"

#include <algorithm>
#include <random>
#include <set>

#include "binlog/decoder.hpp"
#include "binlog/types.hpp"
#include "failover.hpp"
#include "filter/collator.hpp"
#include "selection.hpp"

namespace dts {

namespace {

constexpr std::size_t queue_bytes = 32 << 20;
constexpr std::size_t piece_bytes = 4 << 20;
constexpr std::size_t group_changes = 10'000;
constexpr unsigned wait_ms = 100;
// A transaction is not cut where it may be applied by several sessions: lanes count whole ones.
constexpr std::size_t parallel_piece_bytes = 16 << 20;
// Smaller groups are sooner done by one session.
constexpr std::size_t parallel_changes_min = 500, parallel_bytes_min = 2 << 20;
constexpr unsigned busy_wait_ms = 2;               // while lanes are at work

constexpr std::size_t type_offset = 4;  // of an event's type in its header

std::uint64_t random_number() {
  std::random_device random;
  return (std::uint64_t{random()} << 31) ^ random();
}

/// Of the row images, as the limit counts them.
std::uint64_t value_bytes(const Transaction& transaction) {
  std::uint64_t bytes = 0;
  for (const RowChange& change : transaction.changes)
    for (const Row& row : {change.before, change.after})
      for (const Value& value : row) bytes += value.data.size();
  return bytes;
}

DecoderOptions decoder_options(const Position& start, const Connection& target, ApplyMode mode) {
  DecoderOptions options;
  options.piece_bytes = mode == ApplyMode::parallel ? parallel_piece_bytes : piece_bytes;
  options.by_file = is_by_file(start);
  if (target.is_mariadb()) options.json = JsonForm::text;
  return options;
}

std::optional<Position> late_end(const std::vector<LateTable>& late) {
  std::optional<Position> end;
  for (const LateTable& table : late)
    if (table.end && (!end || contains(*table.end, *end))) end = table.end;
  return end;
}

}  // namespace

SyncPipeline::SyncPipeline(const Job& job, const Range& range, Connection& target,
                           const PositionRow& row, std::vector<LateTable> late,
                           SourceSettings source, SourceClock clock, std::stop_token stop)
    : job_(job),
      range_(range),
      clock_(clock),
      target_(target),
      mapping_(mapping_for(job.objects, target)),
      late_(std::move(late)),
      shapes_(job, read_tracked(target, job.bookkeeping, job.name),
              read_listed(target, job.bookkeeping, job.name), late_),
      router_(job, mapping_, collator()),
      applier_(target, job, row.position, row.copy_end),
      ddl_(target, job, applier_, shapes_, mapping_, source),
      xa_(target, job, applier_, shapes_, router_, decoder_options(row.position, target, job.sync.apply),
          [this] { ddl_.note_passed(); }),
      queue_(queue_bytes),
      throttle_(job.sync.rows_per_second, job.sync.mb_per_second * 1'000'000),
      run_(random_number()),
      ahead_(take_over_lanes(target, job.bookkeeping, job.name, run_)),
      dispatched_(row.position),
      follows_(follows_keys(shapes_, source.logs_cascades)),
      start_(row.position),
      read_(row.position),
      late_end_(late_end(late_)),
      workers_(std::move(stop)) {
  status_.waiting = shapes_.waiting();
  for (JoinedAt& joined : read_joined(target, job.bookkeeping, job.name))
    if (!contains(row.position, joined.start))
      shapes_.join(std::move(joined.start), parse_selection(joined.before).objects);
  applier_.watch(&target_waits_);
  see_schemas();
  follow_cascades();
  publish();
  workers_.start([this](std::stop_token token) { read(token); });
  workers_.start([this](std::stop_token token) { apply(token); });
}

/// Opens its session when it is asked for the first time: most filters decide everything themselves.
Collator SyncPipeline::collator() {
  return [this, ask = Collator()](std::span<const TextQuestion> questions) mutable {
    if (!ask) {
      asked_ = std::make_unique<Connection>(job_.source, Side::source);
      ask = server_collator(*asked_);
    }
    return ask(questions);
  };
}

SyncPipeline::~SyncPipeline() { workers_.request_stop(); }

void SyncPipeline::join() { workers_.join(); }

void SyncPipeline::force() noexcept {
  target_.cancel();
  ddl_.cancel();
  std::lock_guard lock(pool_mutex_);
  if (pool_) pool_->cancel();
}

void SyncPipeline::read(std::stop_token stop) {
  BinlogStream stream(job_.source, start_, job_.server_id, job_.sync.heartbeat_seconds);
  std::stop_callback cancel(stop, [&] { stream.cancel(); });
  Decoder decoder([this](const TableName& name, const TransactionId& transaction) {
    return shapes_.find(name, transaction);
  }, [&](Transaction&& transaction) { take(std::move(transaction), stop); },
                  decoder_options(start_, target_, job_.sync.apply));
  decoder.skip(range_.skip_transactions);
  if (is_by_file(start_)) decoder.pass_over(start_);
  try {
    while (!stop.stop_requested() && !read_all_) {
      std::string_view event;
      {
        const Waits::Wait wait(&source_waits_, "");
        event = stream.next();
      }
      const Waits::Wait decoding(&source_waits_, "decoding");
      silent_ = event.size() > type_offset &&
                static_cast<std::uint8_t>(event[type_offset]) == event_type::heartbeat;
      decoder.feed(event);
      if (!silent_) continue;
      follow(decoder, stop);
      if (range_.until.time && clock_.now() > static_cast<double>(*range_.until.time)) break;
    }
  } catch (const Error& error) {
    if (stop.stop_requested()) return;  // we cut the stream ourselves
    // What came before is good: whoever mends what stopped us must find it on the target.
    if (!is_connection_loss(error.server_errno())) queue_.wait_applied(stop);
    throw;
  }
  queue_.finish();
}

/// Where files and offsets count, the position also moves over what the source had for nobody: it
/// says in a heartbeat how far it is.
void SyncPipeline::follow(const Decoder& decoder, std::stop_token stop) {
  const bool counts = is_by_file(read_) || !read_.sets.empty();
  const bool moved = decoder.file() != read_.file || decoder.offset() > read_.offset;
  if (!counts || !moved || !decoder.at_boundary()) return;
  Transaction nothing;
  nothing.id.file = decoder.file();
  nothing.id.begin = nothing.offset = decoder.offset();
  nothing.counted = false;
  take(std::move(nothing), stop);
}

/// A transaction from the decoder: on to the queue, unless the range ends before it.
void SyncPipeline::take(Transaction&& transaction, std::stop_token stop) {
  if (read_all_) return;
  if (range_.until.time && transaction.first && transaction.timestamp > *range_.until.time) {
    read_all_ = true;
    return;
  }
  // What follows a DDL statement can be decoded only with the shape that it leaves behind, and what
  // was prepared is decoded with the shapes of its commit.
  bool barrier = transaction.ddl.has_value() || transaction.xa == XaStep::commit;
  if (transaction.last) advance(read_, transaction.id, transaction.offset);
  if (transaction.last && transaction.counted) note_mark(transaction.id, transaction.timestamp);
  router_.route(transaction);
  bool at_end = transaction.last && range_.until.position && contains(read_, *range_.until.position);
  passed_late_ = transaction.last && !at_end && late_end_ && contains(read_, *late_end_);
  at_end = at_end || passed_late_;
  if (!queue_.push(std::move(transaction), stop)) return;
  if (barrier) queue_.wait_applied(stop);
  read_all_ = at_end;
}

/// One in a second is enough; while the applier is behind, those that wait are.
void SyncPipeline::note_mark(const TransactionId& id, std::uint32_t time) {
  constexpr std::size_t enough = 100;
  const auto now = std::chrono::steady_clock::now();
  std::lock_guard lock(mutex_);
  if (job_.source.hosts.empty() || now - marked_ < std::chrono::seconds(1) || marks_.size() > enough)
    return;
  marks_.emplace_back(id, time);
  marked_ = now;
}

/// The target's foreign keys are the source's at this position.
void SyncPipeline::follow_cascades() {
  if (!follows_) return;
  cascades_ = read_cascades(target_, shapes_, mapping_, applier_.position(), applier_.catching_up());
  applier_.set_cascades(cascades_);
}

/// One group by the session that all of it belongs to.
void SyncPipeline::apply_alone(std::vector<Transaction>& group) {
  const Transaction& front = group.front();
  if (front.ddl || front.xa != XaStep::none) applier_.finish();
  if (front.ddl) {
    const bool skipped = names(range_.skip_ddl, front.id);
    const std::uint64_t before = applier_.applied().ddl;
    skipped ? ddl_.skip(front) : ddl_.apply(front);
    see_schemas();
    if (skipped || applier_.applied().ddl != before) follow_cascades();
    {
      std::lock_guard lock(mutex_);
      status_.waiting = shapes_.waiting();
    }
    std::lock_guard lock(pool_mutex_);
    pool_.reset();  // rows may go to other lanes now
  } else if (front.xa != XaStep::none) {
    xa_.apply(front);
  } else {
    applier_.apply(std::move(group));
    // Lanes have sessions of their own, and a limit waits.
    if (job_.sync.apply == ApplyMode::parallel || throttle_.has_limits()) applier_.finish();
  }
}

void SyncPipeline::see_schemas() {
  std::set<std::string> schemas;
  for (const TableName& name : shapes_.names()) schemas.insert(mapping_.table(name).schema);
  schemas_.assign(schemas.begin(), schemas.end());
}

LaneRules SyncPipeline::lane_rules() {
  applier_.finish();
  return LaneRules(read_links(target_, schemas_));
}

/// Whether an earlier run has applied to some lanes what others have not got yet.
bool SyncPipeline::lanes_are_ahead() const {
  return std::any_of(ahead_.begin(), ahead_.end(), [&](const LanePosition& lane) {
    return !contains(applier_.seen(), lane.position);
  });
}

/// Hands a group to the lanes if that pays and may be. False: it is to be applied alone, and nothing else is
/// under way.
bool SyncPipeline::apply_in_lanes(std::vector<Transaction>& group, std::stop_token stop) {
  if (job_.sync.apply != ApplyMode::parallel) return false;
  const bool whole = !group.front().ddl && group.front().xa == XaStep::none &&
                     group.front().first && group.back().last;
  std::size_t changes = 0, bytes = 0;
  for (const Transaction& transaction : group) {
    changes += transaction.changes.size();
    bytes += transaction.bytes();
  }
  const bool small = changes < parallel_changes_min && bytes < parallel_bytes_min;
  const bool busy = pool_ && pool_->busy();
  if (!whole || (!busy && small)) {
    if (pool_ && !pool_->drain(applier_)) return true;  // stopped
    if (!whole) applier_.save_position();
    return false;
  }
  if (!pool_) {
    applier_.save_position();
    auto pool = std::make_unique<LanePool>(job_, target_, lane_rules(), cascades_,
                                           applier_.position(), run_, &target_waits_, stop);
    std::lock_guard lock(pool_mutex_);
    pool_ = std::move(pool);
  }
  std::optional<Position> copy_end = applier_.copy_end();
  if (copy_end && contains(dispatched_, *copy_end)) copy_end.reset();
  for (const Transaction& transaction : group) {
    advance(dispatched_, transaction.id, transaction.offset);
    if (!transaction.skipped_kind.empty())
      applier_.count_skipped(transaction.skipped_kind, transaction.skipped, to_string(transaction.id));
  }
  pool_->dispatch(std::move(group), dispatched_, copy_end);
  return true;
}

void SyncPipeline::apply_group(std::vector<Transaction>& group, std::stop_token stop) {
  ddl_.note_passed();
  if (!ahead_.empty() && !lanes_are_ahead()) ahead_.clear();
  if (ahead_.empty()) {
    if (apply_in_lanes(group, stop)) return;
  } else {
    if (!ahead_rules_) ahead_rules_.emplace(lane_rules());
    if (ahead_rules_->rules() != ahead_.front().rules)
      throw Error(ErrorKind::target,
                  "cannot go on: the target's foreign keys are others than when sync was interrupted, "
                  "so it is not known which changes were applied",
                  "give the target the foreign keys of the source again, then run dtsctl sync");
    leave_out_applied(group, ahead_, *ahead_rules_);
  }
  apply_alone(group);
  dispatched_ = applier_.seen();
}

void SyncPipeline::apply(std::stop_token stop) {
  auto saved = std::chrono::steady_clock::now();
  auto save_position = [&] {
    applier_.save_position();
    saved = std::chrono::steady_clock::now();
    publish();
  };
  const std::uint64_t limit = job_.sync.rows_per_second;
  const std::size_t changes_max =
      limit == 0 ? group_changes : std::clamp<std::uint64_t>(limit / 10, 1, group_changes);
  const std::size_t bytes_max = job_.sync.mb_per_second == 0 ? SIZE_MAX : job_.sync.mb_per_second * 100'000;
  bool busy = false;
  while (!stop.stop_requested() && !queue_.finished()) {
    std::vector<Transaction> group;
    held_back_ = !throttle_.wait(std::chrono::milliseconds(wait_ms), stop);
    const unsigned wait = !applier_.is_finished() ? 0 : busy ? busy_wait_ms : wait_ms;
    if (!held_back_) group = queue_.take(changes_max, wait, stop, bytes_max);
    if (group.empty()) applier_.finish();
    if (!group.empty()) {
      std::uint64_t changes = 0, bytes = 0;
      for (const Transaction& transaction : group) {
        changes += transaction.changes.size();
        if (job_.sync.mb_per_second > 0) bytes += value_bytes(transaction);
      }
      apply_group(group, stop);
      throttle_.spend(changes, bytes);
    }
    if (pool_) pool_->collect(applier_);
    busy = pool_ && pool_->busy();
    if (!busy && applier_.is_finished()) queue_.applied();
    publish();
    if (std::chrono::steady_clock::now() - saved > std::chrono::seconds(1)) save_position();
  }
  if (pool_) pool_->drain(applier_);
  save_position();
}

void SyncPipeline::publish() {
  std::lock_guard lock(mutex_);
  status_.position = applier_.position();
  status_.source_timestamp = applier_.timestamp();
  status_.catching_up = applier_.catching_up() || late_end_.has_value();
  status_.applied = applier_.applied();
  for (; !marks_.empty() && contains(status_.position, marks_.front().first); marks_.pop_front())
    status_.mark = transaction_mark(marks_.front().first, marks_.front().second);
  if (const std::uint64_t count = router_.left_out(); count > 0)
    status_.applied.skipped.push_back(
        {"filtered", "changes that where or dml of a map leave out", to_string(status_.position), count});
}

PipelineStatus SyncPipeline::status() const {
  std::lock_guard lock(mutex_);
  return status_;
}

bool SyncPipeline::idle() const { return silent_ && queue_.empty(); }

std::pair<std::string, std::string> SyncPipeline::bottleneck() {
  const std::string target = target_waits_.longest(), source = source_waits_.longest();
  if (idle()) return {};
  if (!waiting().empty()) return {"target", "DDL"};  // nothing is read meanwhile
  if (held_back_) return {"limit", ""};
  // It may have taken all that there is, and be held up by one of them.
  const bool held_up = !queue_.empty() && target_waits_.share() > 0.5;
  if (queue_.behind() || held_up) return {"target", target};
  return {"source", source};
}

}  // namespace dts
