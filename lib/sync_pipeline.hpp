#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>

#include "apply/applier.hpp"
#include "apply/ddl.hpp"
#include "apply/lane_pool.hpp"
#include "apply/lanes.hpp"
#include "apply/queue.hpp"
#include "apply/route.hpp"
#include "apply/shapes.hpp"
#include "apply/waits.hpp"
#include "apply/xa.hpp"
#include "binlog/decoder.hpp"
#include "binlog/stream.hpp"
#include "copy/throttle.hpp"
#include "db/bookkeeping.hpp"
#include "dts/sync.hpp"
#include "source_clock.hpp"
#include "workers.hpp"

namespace dts {

/// Where the stream is to end, resolved: at a position, or before the first transaction that the
/// source committed after a time.
struct Until {
  std::optional<Position> position;
  std::optional<std::int64_t> time;  ///< seconds since 1970
};

/// A SyncRange, resolved by the source.
struct Range {
  Until until;
  Position skip_ddl, skip_transactions;
  std::chrono::steady_clock::time_point resolved = std::chrono::steady_clock::now();  ///< when "now" was
};

/// What the pipeline has come to, for whoever watches it.
struct PipelineStatus {
  Position position;
  std::uint32_t source_timestamp = 0;
  bool catching_up = false;
  Applied applied;
  std::vector<std::string> waiting;  ///< tables that are to be copied again
  std::string mark;  ///< of a transaction that is applied, see transaction_mark()
};

/// One run of sync from the position on the target: a thread that reads and decodes, a queue, a
/// thread that applies; with sync.apply = "parallel", that one hands groups to more sessions. It ends by reaching its end, by stop, or by the first error; then it is
/// made anew.
class SyncPipeline {
 public:
  /// `late`: those that wait for a copy, and those whose rows converge after it.
  SyncPipeline(const Job& job, const Range& range, Connection& target, const PositionRow& row,
               std::vector<LateTable> late, SourceSettings source, SourceClock clock,
               std::stop_token stop);
  ~SyncPipeline();

  bool running() const { return workers_.running(); }
  /// Waits for the threads and rethrows what ended them, if that was an error.
  void join();
  /// Whether it has ended where rows of late tables need to converge no longer, before the end of its
  /// range: the next run takes them as they are.
  bool passed_late() const { return passed_late_; }
  /// Ends a blocked call on the target: the clean way did not come to an end in time.
  void force() noexcept;

  PipelineStatus status() const;
  /// Whether the source has nothing more and all is applied.
  bool idle() const;
  /// "limit" while [sync] holds the applier back, "target" while it is behind, "source"
  /// while the reader is, else ""; and the table that the target is at work on, or "commit", or
  /// "decoding" where the source is not what the reader waits for.
  std::pair<std::string, std::string> bottleneck();
  /// What the target has been busy with for some seconds; empty if nothing.
  std::string waiting() { return ddl_.under_way(); }

 private:
  void read(std::stop_token stop);
  void apply(std::stop_token stop);
  void apply_group(std::vector<Transaction>& group, std::stop_token stop);
  void apply_alone(std::vector<Transaction>& group);
  bool apply_in_lanes(std::vector<Transaction>& group, std::stop_token stop);
  bool lanes_are_ahead() const;
  LaneRules lane_rules();
  void see_schemas();
  void follow_cascades();
  void follow(const Decoder& decoder, std::stop_token stop);
  void take(Transaction&& transaction, std::stop_token stop);
  void publish();
  Collator collator();
  void note_mark(const TransactionId& id, std::uint32_t time);

  const Job& job_;
  const Range& range_;
  const SourceClock clock_;
  Connection& target_;
  Mapping mapping_;
  std::unique_ptr<Connection> asked_;  ///< the source, for what row filters can't decide themselves
  const std::vector<LateTable> late_;
  Shapes shapes_;
  Router router_;
  Applier applier_;
  DdlApplier ddl_;
  XaApplier xa_;
  TransactionQueue queue_;
  Throttle throttle_;
  mutable Waits target_waits_, source_waits_;
  const std::uint64_t run_;           ///< tells this pipeline from earlier ones on the target
  std::vector<LanePosition> ahead_;   ///< lanes that an earlier run left ahead of the job's position
  std::optional<LaneRules> ahead_rules_;
  std::vector<std::string> schemas_;  ///< of the target's tables; read and written between DDL statements only
  Position dispatched_;               ///< handed to lanes or applied
  std::mutex pool_mutex_;             ///< for its making and cancelling
  std::unique_ptr<LanePool> pool_;
  std::atomic<bool> held_back_ = false;  ///< by the throttle
  bool follows_;  ///< the target does what foreign keys did: the source does not log it
  Cascades cascades_;
  Position start_, read_;
  std::optional<Position> late_end_;  ///< up to where rows of late tables converge
  bool passed_late_ = false;
  bool read_all_ = false;            ///< the reader has come to the end of the range
  std::atomic<bool> silent_ = false; ///< the last event was a heartbeat
  mutable std::mutex mutex_;
  PipelineStatus status_;
  /// Of transactions that were read, some of them, and that may not be applied yet.
  std::deque<std::pair<TransactionId, std::uint32_t>> marks_;
  std::chrono::steady_clock::time_point marked_{};
  Workers workers_;
};

}  // namespace dts
