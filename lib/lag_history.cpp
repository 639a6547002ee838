#include "lag_history.hpp"

#include <algorithm>

namespace dts {

void note_lag(SyncProgress& sync, Time at) {
  constexpr std::size_t minutes_kept = 60;
  using std::chrono::minutes;
  const Time minute{std::chrono::floor<minutes>(at.time_since_epoch())};
  auto& history = sync.lag_history;
  // A clock that is set back goes on in the minute that was the last.
  const auto passed =
      sync.lag_minute ? std::chrono::duration_cast<minutes>(minute - *sync.lag_minute).count() : 1;
  if (history.empty() || passed > 0) {
    const auto added = std::clamp<std::int64_t>(passed, 1, minutes_kept);
    history.insert(history.end(), static_cast<std::size_t>(added), -1);
    sync.lag_minute = minute;
  }
  if (history.size() > minutes_kept)
    history.erase(history.begin(), history.end() - static_cast<long>(minutes_kept));
  history.back() = std::max(history.back(), sync.lag_seconds);
}

}  // namespace dts
