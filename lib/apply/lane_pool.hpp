#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <vector>

#include "apply/applier.hpp"
#include "apply/lanes.hpp"
#include "binlog/event.hpp"
#include "db/connection.hpp"
#include "dts/job.hpp"
#include "workers.hpp"

namespace dts {

/// Applies groups of transactions by several sessions at a time, each of which serves some lanes: changes of a
/// lane in their order, nothing waits for another lane. Each session writes its part of a group and its position in
/// one target transaction. All calls but cancel() are for one thread; what ends a session is rethrown by them.
class LanePool {
 public:
  /// Sessions beside `control`, on the same server. `position` is the job's, committed on the target: lanes
  /// start there. `run` tells this run from earlier ones.
  LanePool(const Job& job, Connection& control, LaneRules rules, const Cascades& cascades,
           const Position& position, std::uint64_t run, Waits* waits, std::stop_token stop);
  ~LanePool();

  /// Hands whole transactions, up to and including `end`, to the sessions; waits while much is under way. False
  /// if stopped.
  bool dispatch(std::vector<Transaction> group, const Position& end,
                const std::optional<Position>& copy_end);
  /// Tells `applier` of all groups that are applied whole, as are all before them.
  void collect(Applier& applier);
  /// Waits until everything is applied, and tells `applier`. False if stopped.
  bool drain(Applier& applier);
  /// Whether something is under way or not collected.
  bool busy() const;
  /// Makes blocked calls fail. May be called from any thread.
  void cancel() noexcept;

 private:
  struct Group {
    Position end;
    std::uint32_t timestamp = 0;
    std::size_t bytes = 0;
    std::size_t parts = 0;  ///< not applied yet
    Applied done;
  };
  struct Part {
    std::vector<Transaction> transactions;
    std::shared_ptr<Group> group;
    std::optional<Position> copy_end;
  };
  struct Session {
    std::unique_ptr<Connection> target;
    std::unique_ptr<Applier> applier;
    std::deque<Part> waiting;
  };
  std::vector<Part> split(std::vector<Transaction>& group) const;
  void work(Session& session, std::stop_token stop);
  void rethrow();

  const LaneRules rules_;
  std::vector<Session> sessions_;
  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  std::deque<std::shared_ptr<Group>> groups_;  ///< in order, under way or not collected
  std::size_t bytes_ = 0;                      ///< of groups under way
  std::atomic<bool> failed_ = false;
  Workers workers_;  // last: ended before the rest goes
};

}  // namespace dts
