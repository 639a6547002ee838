#include "copy/throttle.hpp"

#include <doctest/doctest.h>

#include <thread>

using dts::Throttle;
using std::chrono::milliseconds;

namespace {

/// How long wait() takes, in milliseconds.
long long waited(Throttle& throttle, milliseconds most, std::stop_token stop = {}) {
  const auto start = std::chrono::steady_clock::now();
  throttle.wait(most, stop);
  return std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now() - start).count();
}

}  // namespace

TEST_CASE("throttle: without a limit nothing waits") {
  Throttle throttle(0, 0);
  throttle.spend(1'000'000'000, 1'000'000'000'000);
  CHECK(waited(throttle, milliseconds(5000)) < 1000);
}

TEST_CASE("throttle: the stricter of both limits, and never longer than asked") {
  Throttle throttle(1000, 1'000'000);
  throttle.spend(100, 300'000);
  CHECK(waited(throttle, milliseconds(5000)) >= 250);
  throttle.spend(400, 0);
  const auto time = waited(throttle, milliseconds(100));
  CHECK(time >= 95);
  CHECK(time < 390);
}

TEST_CASE("throttle: held until let go, or until a stop") {
  Throttle throttle(0, 0);
  throttle.hold(true);
  CHECK(waited(throttle, milliseconds(50)) >= 45);
  std::jthread release([&] {
    std::this_thread::sleep_for(milliseconds(60));
    throttle.hold(false);
  });
  CHECK(waited(throttle, milliseconds(60'000)) < 30'000);
  throttle.hold(true);
  std::stop_source stop;
  stop.request_stop();
  CHECK(waited(throttle, milliseconds(60'000), stop.get_token()) < 1000);
}
