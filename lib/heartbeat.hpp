#pragma once

#include <stop_token>
#include <string>
#include <thread>

#include "copy/notes.hpp"
#include "dts/endpoint.hpp"
#include "dts/objects.hpp"

namespace dts {

/// Writes the source's time (UTC) to the row of a job in a table of the source, at once and then again and again,
/// by a session and a thread of its own. The table, and its database, are made if they are not there:
/// (job VARCHAR(64) PRIMARY KEY, beat DATETIME(6)). What fails is told, as a warning, and tried again: it never
/// stops the caller.
class Heartbeat {
 public:
  /// `notes` must live as long.
  Heartbeat(const Endpoint& source, const TableName& table, const std::string& job,
            double every_seconds, Notes& notes);

 private:
  void run(const Endpoint& source, const TableName& table, const std::string& job,
           double every_seconds, Notes& notes, std::stop_token stop);

  std::jthread thread_;
};

/// The table that sync.heartbeat_table names.
TableName heartbeat_table(const std::string& name);

}  // namespace dts
