#include "copy/lock_watch.hpp"

#include <fmt/format.h>

#include "db/lock_waits.hpp"

namespace dts {

void LockWatch::look() {
  constexpr std::chrono::seconds interval{3};
  constexpr unsigned waited_seconds = 5, answer_seconds = 10;
  if (std::chrono::steady_clock::now() - looked_ < interval) return;
  const char* side = side_ == Side::source ? "source" : "target";
  try {
    if (!session_) session_.emplace(server_, side_, answer_seconds);
    for (const std::string& wait : lock_waits(*session_, waited_seconds))
      notes_.add(Severity::warning, fmt::format("{} waits on the {}: {}", who_, side, wait));
  } catch (const Error&) {  // the workers meet the same, and decide
    session_.reset();
  }
  looked_ = std::chrono::steady_clock::now();
}

}  // namespace dts
