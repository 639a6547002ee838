#include "copy/throttle.hpp"

#include <algorithm>

namespace dts {

void Throttle::spend(std::uint64_t rows, std::uint64_t bytes) {
  double seconds = 0;
  if (rows_per_second_ > 0)
    seconds = static_cast<double>(rows) / static_cast<double>(rows_per_second_);
  if (bytes_per_second_ > 0)
    seconds = std::max(seconds, static_cast<double>(bytes) / static_cast<double>(bytes_per_second_));
  if (seconds == 0) return;
  std::lock_guard lock(mutex_);
  // A pause does not save anything up.
  paid_ = std::max(paid_, Clock::now()) +
          std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
}

bool Throttle::wait(std::chrono::milliseconds most, std::stop_token stop) {
  std::unique_lock lock(mutex_);
  const auto until = Clock::now() + most;
  while (!stop.stop_requested()) {
    const auto now = Clock::now();
    if (!held_ && paid_ <= now) return true;
    if (until <= now) return false;
    changed_.wait_until(lock, stop, held_ ? until : std::min(paid_, until),
                        [&] { return !held_ && paid_ <= Clock::now(); });
  }
  return false;
}

void Throttle::hold(bool held) {
  std::lock_guard lock(mutex_);
  held_ = held;
  changed_.notify_all();
}

}  // namespace dts
