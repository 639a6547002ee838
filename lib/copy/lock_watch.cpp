#include "copy/lock_watch.hpp"

#include "db/lock_waits.hpp"

namespace dts {

void LockWatch::look() {
  constexpr std::chrono::seconds interval{3};
  constexpr unsigned waited_seconds = 5, answer_seconds = 10;
  if (std::chrono::steady_clock::now() - looked_ < interval) return;
  try {
    if (!session_) session_.emplace(target_, Side::target, answer_seconds);
    for (const std::string& wait : lock_waits(*session_, waited_seconds))
      notes_.add(Severity::warning, "the copy waits on the target: " + wait);
  } catch (const Error&) {  // the workers meet the same, and decide
    session_.reset();
  }
  looked_ = std::chrono::steady_clock::now();
}

}  // namespace dts
