#pragma once

#include <future>
#include <set>
#include <stop_token>

#include "dts/endpoint.hpp"
#include "schema_compare.hpp"

namespace dts {

/// Reads tables of the target on sessions of its own, while the source's are read: where there are many,
/// either server takes seconds to open them all. Not waited for when it is destroyed: then it is cancelled.
class TargetReading {
 public:
  TargetReading() = default;
  ~TargetReading() { stop_.request_stop(); }
  TargetReading(const TargetReading&) = delete;
  TargetReading& operator=(const TargetReading&) = delete;

  /// Once at most.
  void start(const Endpoint& target, std::set<TableName> names);
  /// Until its sessions are closed.
  void wait() const;
  /// What has been read, once; nothing if that failed, or was not begun.
  TargetTables take();

 private:
  std::stop_source stop_;
  std::future<TargetTables> tables_;
};

}  // namespace dts
