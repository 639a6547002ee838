// How stale a target is: writes numbers to a table of the source, looks for them on the target, and prints the
// time from commit here to sight there.
//
//   staleness SOURCE_SOCKET TARGET_SOCKET SECONDS
//
// Both sockets are logged in to as root. The table is bench.beat (id INT PRIMARY KEY, n BIGINT), row 1. A beat begins 5 ms after
// the last one was seen at the earliest, so the target is never asked for two.

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include "db/connection.hpp"
#include "db/sql.hpp"

namespace {

using Clock = std::chrono::steady_clock;

dts::Endpoint by_socket(const char* path) {
  dts::Endpoint endpoint;
  endpoint.socket = path;
  endpoint.user = "root";
  return endpoint;
}

double percentile(const std::vector<double>& sorted, double share) {
  return sorted[std::min(sorted.size() - 1, static_cast<std::size_t>(share * sorted.size()))];
}

int measure(const char* source_socket, const char* target_socket, int seconds) {
  dts::Connection source(by_socket(source_socket), dts::Side::source);
  dts::Connection target(by_socket(target_socket), dts::Side::target);
  constexpr auto give_up = std::chrono::seconds(30);
  std::vector<double> milliseconds;
  const Clock::time_point end = Clock::now() + std::chrono::seconds(seconds);
  const auto first = dts::sql("SELECT n FROM bench.beat WHERE id = 1");
  long beat = std::atol(source.value(first).value_or("0").c_str());
  while (Clock::now() < end) {
    source.execute(dts::sql("UPDATE bench.beat SET n = {} WHERE id = 1", ++beat));
    const Clock::time_point written = Clock::now();
    while (target.value(first) != std::to_string(beat)) {
      if (Clock::now() - written > give_up) {
        std::fprintf(stderr, "beat %ld has not come\n", beat);
        return 1;
      }
      std::this_thread::sleep_for(std::chrono::microseconds(100));
    }
    milliseconds.push_back(std::chrono::duration<double, std::milli>(Clock::now() - written).count());
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  std::sort(milliseconds.begin(), milliseconds.end());
  std::printf("%zu %.1f %.1f %.1f %.1f\n", milliseconds.size(), percentile(milliseconds, 0.5),
              percentile(milliseconds, 0.95), percentile(milliseconds, 0.99), milliseconds.back());
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    std::fprintf(stderr, "usage: staleness SOURCE_SOCKET TARGET_SOCKET SECONDS\n");
    return 2;
  }
  try {
    return measure(argv[1], argv[2], std::atoi(argv[3]));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "staleness: %s\n", error.what());
    return 1;
  }
}
