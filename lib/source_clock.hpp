#pragma once

#include <chrono>

namespace dts {

/// The source's clock from one look at it on, counted by a clock of ours that nobody sets: so it goes on
/// whatever becomes of the time of day here.
class SourceClock {
 public:
  /// What it shows now, in seconds since 1970.
  explicit SourceClock(double seconds) : seconds_(seconds) {}
  double now() const {
    return seconds_ + std::chrono::duration<double>(Clock::now() - since_).count();
  }

 private:
  using Clock = std::chrono::steady_clock;
  double seconds_;
  Clock::time_point since_ = Clock::now();
};

}  // namespace dts
