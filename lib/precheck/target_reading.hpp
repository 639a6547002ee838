#pragma once

#include <functional>
#include <future>
#include <optional>
#include <set>
#include <stop_token>

#include "dts/endpoint.hpp"
#include "schema_compare.hpp"

namespace dts {

/// Reads tables of the target on sessions of its own, while the source's are read: where there are many,
/// either server takes seconds to open them all. Cancelled when it is destroyed.
class TargetReading {
 public:
  TargetReading() = default;
  ~TargetReading() { stop_.request_stop(); }
  TargetReading(const TargetReading&) = delete;
  TargetReading& operator=(const TargetReading&) = delete;

  /// Once at most. Cancelled once `stop` is requested.
  void start(const Endpoint& target, std::set<TableName> names, const std::stop_token& stop);
  /// Until its sessions are closed.
  void wait() const;
  /// What has been read, once; nothing if that failed, or was not begun.
  TargetTables take();

 private:
  std::stop_source stop_;
  std::optional<std::stop_callback<std::function<void()>>> on_stop_;
  std::future<TargetTables> tables_;
};

}  // namespace dts
