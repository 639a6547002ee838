#include "lag_history.hpp"

#include <doctest/doctest.h>

namespace {

dts::Time at(std::int64_t minute, int second) {
  return dts::Time{std::chrono::minutes(minute) + std::chrono::seconds(second)};
}

}  // namespace

TEST_CASE("of each minute the highest lag is kept, of an hour at most") {
  dts::SyncProgress sync;
  const auto note = [&](std::int64_t minute, int second, double lag) {
    sync.lag_seconds = lag;
    dts::note_lag(sync, at(minute, second));
  };
  note(1000, 5, 2);
  note(1000, 30, 7);
  note(1000, 59, 1);
  CHECK(sync.lag_history == std::vector<double>{7});
  note(1001, 0, -1);  // not known
  CHECK(sync.lag_history == std::vector<double>{7, -1});
  note(1004, 0, 3);  // sync did not run in between
  CHECK(sync.lag_history == std::vector<double>{7, -1, -1, -1, 3});
  note(1003, 0, 5);  // a clock that is set back
  CHECK(sync.lag_history == std::vector<double>{7, -1, -1, -1, 5});
  CHECK(sync.lag_minute == at(1004, 0));
  note(1062, 0, 1);
  CHECK(sync.lag_history.size() == 60);
  CHECK(sync.lag_history[1] == 5);
  CHECK(sync.lag_history.back() == 1);
  note(9000, 0, 4);
  CHECK(sync.lag_history.size() == 60);
  CHECK(sync.lag_history.front() == -1);
  CHECK(sync.lag_history.back() == 4);
}
