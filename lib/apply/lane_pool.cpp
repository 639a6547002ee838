#include "apply/lane_pool.hpp"

#include <algorithm>
#include <utility>

#include "db/bookkeeping.hpp"

namespace dts {

namespace {

constexpr std::size_t bytes_max = 48 << 20;  // of transactions under way
constexpr std::size_t groups_max = 4;        // under way

/// The transaction without its changes.
Transaction head_of(const Transaction& whole) {
  Transaction head;
  head.id = whole.id;
  head.arena = whole.arena;
  head.offset = whole.offset;
  head.timestamp = whole.timestamp;
  return head;
}

}  // namespace

LanePool::LanePool(const Job& job, Connection& control, LaneRules rules, const Cascades& cascades,
                   const Position& position, std::uint64_t run, Waits* waits,
                   std::stop_token stop)
    : rules_(std::move(rules)), workers_(std::move(stop)) {
  const unsigned count = std::clamp<unsigned>(job.sync.workers, 1, lane_count);
  std::vector<LanePosition> lanes(count);
  for (unsigned slot = 0; slot < count; ++slot)
    lanes[slot] = {slot, 0, run, rules_.rules(), position};
  for (unsigned lane = 0; lane < lane_count; ++lane)
    lanes[lane % count].lanes |= std::uint64_t{1} << lane;
  create_lanes(control, job.bookkeeping, job.name, lanes);
  for (const LanePosition& lane : lanes) {
    Session& session = sessions_.emplace_back();
    session.target = std::make_unique<Connection>(control.endpoint(), Side::target);
    session.applier = std::make_unique<Applier>(*session.target, job, lane);
    session.applier->watch(waits);
    session.applier->set_cascades(cascades);  // tables that they connect share a lane
  }
  for (Session& session : sessions_)
    workers_.start([this, &session](std::stop_token token) { work(session, token); });
}

LanePool::~LanePool() {
  workers_.request_stop();
  cancel();
}

void LanePool::cancel() noexcept {
  for (Session& session : sessions_) session.target->cancel();
}

/// One part a session, empty for those that have nothing to do.
std::vector<LanePool::Part> LanePool::split(std::vector<Transaction>& group) const {
  std::vector<Part> parts(sessions_.size());
  auto part_of = [&](unsigned lane) -> std::vector<Transaction>& {
    return parts[lane % parts.size()].transactions;
  };
  std::vector<Transaction*> heads(parts.size());
  for (Transaction& transaction : group) {
    if (transaction.changes.size() == 1) {  // most often: it goes as it is, unless its key changes
      const auto [from, to] = rules_.lanes(transaction.changes.front());
      if (from % parts.size() == to % parts.size()) {
        part_of(from).push_back(std::move(transaction));
        continue;
      }
    }
    std::fill(heads.begin(), heads.end(), nullptr);
    auto add = [&](unsigned lane, const RowChange& change) {
      Transaction*& head = heads[lane % parts.size()];
      if (head == nullptr) head = &part_of(lane).emplace_back(head_of(transaction));
      head->changes.push_back(change);
    };
    for (const RowChange& change : transaction.changes) {
      const auto [from, to] = rules_.lanes(change);
      if (from % parts.size() == to % parts.size()) {
        add(from, change);
      } else {
        add(from, {ChangeKind::remove, change.table, change.before, {}});
        add(to, {ChangeKind::insert, change.table, {}, change.after});
      }
    }
  }
  return parts;
}

void LanePool::rethrow() {
  if (!failed_) return;
  workers_.request_stop();
  workers_.join();
}

bool LanePool::dispatch(std::vector<Transaction> group, const Position& end,
                        const std::optional<Position>& copy_end) {
  auto done = std::make_shared<Group>();
  done->end = end;
  for (const Transaction& transaction : group) {
    done->bytes += transaction.bytes();
    if (!transaction.counted) continue;
    ++done->done.transactions;
    done->timestamp = transaction.timestamp;
  }
  std::vector<Part> parts = split(group);
  std::unique_lock lock(mutex_);
  const bool free = changed_.wait(lock, workers_.token(), [&] {
    const auto under_way = std::count_if(groups_.begin(), groups_.end(),
                                         [](const auto& other) { return other->parts > 0; });
    return failed_ || under_way == 0 ||
           (static_cast<std::size_t>(under_way) < groups_max && bytes_ + done->bytes <= bytes_max);
  });
  if (failed_ || !free) {
    lock.unlock();
    rethrow();
    return false;
  }
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (parts[i].transactions.empty()) continue;
    parts[i].group = done;
    parts[i].copy_end = copy_end;
    ++done->parts;
    sessions_[i].waiting.push_back(std::move(parts[i]));
  }
  if (done->parts > 0) bytes_ += done->bytes;
  groups_.push_back(std::move(done));
  changed_.notify_all();
  return true;
}

void LanePool::work(Session& session, std::stop_token stop) {
  for (;;) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, stop, [&] { return !session.waiting.empty(); });
    if (stop.stop_requested()) return;
    Part part = std::move(session.waiting.front());
    session.waiting.pop_front();
    lock.unlock();
    try {
      session.applier->apply_part(part.transactions, part.group->end, part.copy_end);
    } catch (...) {
      lock.lock();
      failed_ = true;
      changed_.notify_all();
      throw;
    }
    Applied done = session.applier->take_applied();
    part.transactions.clear();
    lock.lock();
    Applied& all = part.group->done;
    all.changes += done.changes;
    all.conflicts.insert(all.conflicts.end(), done.conflicts.begin(), done.conflicts.end());
    if (--part.group->parts == 0) bytes_ -= part.group->bytes;
    changed_.notify_all();
  }
}

void LanePool::collect(Applier& applier) {
  std::unique_lock lock(mutex_);
  while (!groups_.empty() && groups_.front()->parts == 0) {
    const Group& group = *groups_.front();
    applier.passed(group.end, group.timestamp, group.done);
    groups_.pop_front();
  }
  lock.unlock();
  rethrow();
}

bool LanePool::drain(Applier& applier) {
  std::unique_lock lock(mutex_);
  const bool whole = changed_.wait(lock, workers_.token(), [&] {
    return failed_ || std::all_of(groups_.begin(), groups_.end(),
                                  [](const auto& group) { return group->parts == 0; });
  });
  lock.unlock();
  collect(applier);
  return whole;
}

bool LanePool::busy() const {
  std::lock_guard lock(mutex_);
  return !groups_.empty();
}

}  // namespace dts
