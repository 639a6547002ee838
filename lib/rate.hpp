#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <utility>

namespace dts {

/// How fast a counter has grown over the last seconds.
class Rate {
 public:
  /// To be called with the counter's value as time goes by.
  double per_second(std::uint64_t value) {
    auto now = std::chrono::steady_clock::now();
    samples_.emplace_back(now, value);
    while (samples_.size() > 2 && now - samples_.front().first > window) samples_.pop_front();
    std::chrono::duration<double> time = now - samples_.front().first;
    if (time.count() <= 0) return 0;
    return static_cast<double>(value - samples_.front().second) / time.count();
  }

 private:
  static constexpr std::chrono::seconds window{5};
  std::deque<std::pair<std::chrono::steady_clock::time_point, std::uint64_t>> samples_;
};

}  // namespace dts
