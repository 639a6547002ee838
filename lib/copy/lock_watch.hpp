#pragma once

#include <chrono>
#include <optional>

#include "copy/notes.hpp"
#include "db/connection.hpp"

namespace dts {

/// Tells when the copy waits for locks on the target, which would else look like a hang.
class LockWatch {
 public:
  LockWatch(const Endpoint& target, Notes& notes) : target_(target), notes_(notes) {}
  /// Looks every few seconds.
  void look();

 private:
  const Endpoint& target_;
  Notes& notes_;
  std::optional<Connection> session_;
  std::chrono::steady_clock::time_point looked_ = std::chrono::steady_clock::now();
};

}  // namespace dts
