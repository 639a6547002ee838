#pragma once

#include <chrono>
#include <optional>

#include "copy/notes.hpp"
#include "db/connection.hpp"

namespace dts {

/// Tells when the copy, or sync, waits for locks on a server, which would else look like a hang.
class LockWatch {
 public:
  LockWatch(const Endpoint& server, Side side, Notes& notes, const char* who = "the copy")
      : server_(server), side_(side), notes_(notes), who_(who) {}
  /// Looks every few seconds.
  void look();

 private:
  const Endpoint& server_;
  Side side_;
  Notes& notes_;
  const char* who_;
  std::optional<Connection> session_;
  std::chrono::steady_clock::time_point looked_ = std::chrono::steady_clock::now();
};

}  // namespace dts
