#include "apply/queue.hpp"

#include <chrono>

namespace dts {

bool TransactionQueue::push(Transaction transaction, std::stop_token stop) {
  std::size_t bytes = transaction.bytes();
  std::unique_lock lock(mutex_);
  // One that is larger than the limit passes when it is alone.
  if (!changed_.wait(lock, stop,
                     [&] { return waiting_.empty() || bytes_ + bytes <= bytes_max_; }))
    return false;
  bytes_ += bytes;
  waiting_.push_back(std::move(transaction));
  changed_.notify_all();
  return true;
}

bool TransactionQueue::wait_applied(std::stop_token stop) {
  std::unique_lock lock(mutex_);
  return changed_.wait(lock, stop, [&] { return waiting_.empty() && !applying_; });
}

void TransactionQueue::finish() {
  std::lock_guard lock(mutex_);
  finished_ = true;
  changed_.notify_all();
}

std::vector<Transaction> TransactionQueue::take(std::size_t changes_max, unsigned wait_ms,
                                                std::stop_token stop, std::size_t bytes_max) {
  std::vector<Transaction> group;
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, stop, std::chrono::milliseconds(wait_ms),
                    [&] { return !waiting_.empty() || finished_; });
  if (stop.stop_requested()) return group;
  std::size_t changes = 0, bytes = 0;
  auto alone = [](const Transaction& t) {
    return t.ddl.has_value() || t.xa != XaStep::none || !t.first || !t.last;
  };
  while (!waiting_.empty() && (group.empty() || (changes < changes_max && bytes < bytes_max))) {
    Transaction& next = waiting_.front();
    if (alone(next) && !group.empty()) break;
    changes += next.changes.size();
    bytes += next.bytes();
    bytes_ -= next.bytes();
    group.push_back(std::move(next));
    waiting_.pop_front();
    if (alone(group.back())) break;
  }
  if (!group.empty()) applying_ = true;
  changed_.notify_all();
  return group;
}

void TransactionQueue::applied() {
  std::lock_guard lock(mutex_);
  applying_ = false;
  changed_.notify_all();
}

bool TransactionQueue::finished() const {
  std::lock_guard lock(mutex_);
  return finished_ && waiting_.empty();
}

bool TransactionQueue::behind() const {
  std::lock_guard lock(mutex_);
  return applying_ && !waiting_.empty();
}

bool TransactionQueue::empty() const {
  std::lock_guard lock(mutex_);
  return waiting_.empty() && !applying_;
}

}  // namespace dts
