#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "copy/throttle.hpp"
#include "db/replicas.hpp"
#include "dts/job.hpp"
#include "dts/observer.hpp"

namespace dts {

/// Holds the copy while the source has more to do, or its replicas lag more, than the job allows.
class Brake {
 public:
  /// Throws Error{source} if the job limits the lag of replicas and one can't be asked.
  Brake(const Job& job, Throttle& throttle, Observer& observer);

  /// Asks the servers once a second. While the source does not answer, the workers decide.
  void look();

 private:
  std::string busy_source();
  std::string lagging_replica();

  const Job& job_;
  Throttle& throttle_;
  Observer& observer_;
  std::optional<Connection> source_;
  std::string server_id_;
  std::vector<WatchedReplica> replicas_;
  std::chrono::steady_clock::time_point looked_{}, told_{};
};

}  // namespace dts
