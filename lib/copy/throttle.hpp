#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <stop_token>

namespace dts {

/// Holds writing to so many rows and bytes a second, all workers together, or stops it for a while.
/// Thread-safe.
class Throttle {
 public:
  /// A limit of 0 is none.
  Throttle(std::uint64_t rows_per_second, std::uint64_t bytes_per_second)
      : rows_per_second_(rows_per_second), bytes_per_second_(bytes_per_second) {}

  /// Counts what was sent.
  void spend(std::uint64_t rows, std::uint64_t bytes);
  /// Waits until that was allowed to be, but not longer than `most`: a server that waits for the
  /// rest of a statement gives up at some time. Returns whether more is allowed now.
  bool wait(std::chrono::milliseconds most, std::stop_token stop);
  /// While held, wait() does not return before its time is over.
  void hold(bool held);
  bool is_held() const { return held_; }
  bool has_limits() const { return rows_per_second_ > 0 || bytes_per_second_ > 0; }

 private:
  using Clock = std::chrono::steady_clock;

  const std::uint64_t rows_per_second_, bytes_per_second_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  Clock::time_point paid_{};  ///< what was sent until now is allowed from then on
  std::atomic<bool> held_ = false;
};

}  // namespace dts
