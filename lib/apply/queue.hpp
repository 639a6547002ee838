#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <stop_token>
#include <vector>

#include "binlog/event.hpp"

namespace dts {

/// Transactions between the thread that reads them and the one that applies them; bounded by the
/// memory that they hold. Groups are as large as what has piled up: a single transaction when the
/// applier keeps up, thousands when it is behind.
class TransactionQueue {
 public:
  explicit TransactionQueue(std::size_t bytes_max) : bytes_max_(bytes_max) {}

  /// Waits while the queue is full. False if stopped.
  bool push(Transaction transaction, std::stop_token stop);
  /// Waits until everything pushed has been taken and reported as applied. False if stopped.
  bool wait_applied(std::stop_token stop);
  /// Nothing will be pushed any more.
  void finish();

  /// Waits for work, at most `wait_ms`; an empty result means that there was none, or that the
  /// queue is finished or stopped. A group is a number of whole transactions, or one piece of a
  /// large one, or one DDL statement, or one step of an XA transaction; one is taken whatever its size is. Whoever takes
  /// a group says applied() afterwards.
  std::vector<Transaction> take(std::size_t changes_max, unsigned wait_ms, std::stop_token stop,
                                std::size_t bytes_max = SIZE_MAX);
  void applied();

  bool finished() const;
  /// Something waits while something else is being applied: the applier is slower.
  bool behind() const;
  /// Nothing waits and nothing is being applied.
  bool empty() const;

 private:
  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  std::deque<Transaction> waiting_;
  std::size_t bytes_ = 0, bytes_max_;
  bool finished_ = false, applying_ = false;
};

}  // namespace dts
