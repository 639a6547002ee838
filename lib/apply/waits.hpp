#pragma once

#include <chrono>
#include <list>
#include <map>
#include <mutex>
#include <string>
#include <utility>

namespace dts {

/// What the sessions of a target are waited for, so that it can be said what holds sync back.
/// Thread-safe.
class Waits {
 public:
  using Clock = std::chrono::steady_clock;

  /// One wait, from here to its end.
  class Wait {
   public:
    /// `waits` may be null: then nobody wants to know.
    Wait(Waits* waits, std::string what);
    ~Wait();
    Wait(const Wait&) = delete;
    Wait& operator=(const Wait&) = delete;

   private:
    Waits* waits_;
    std::list<std::pair<std::string, Clock::time_point>>::iterator at_;
  };

  /// What was waited for most during the last second or so; a wait that goes on counts. Empty if
  /// nothing was.
  std::string longest(Clock::time_point now = Clock::now());
  /// Which part of that time it was waited for, above 1 if by several at a time.
  double share() const;

 private:
  mutable std::mutex mutex_;
  double share_ = 0;
  Clock::time_point began_ = Clock::now();  ///< of the time that is being summed
  std::map<std::string, Clock::duration> sums_;
  std::list<std::pair<std::string, Clock::time_point>> open_;
  std::string last_;
};

}  // namespace dts
