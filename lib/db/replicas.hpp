#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "db/connection.hpp"
#include "dts/job.hpp"

namespace dts {

/// The replicas whose lag `data.max_replica_lag_seconds` is about: those that the job names, else those
/// that the source lists. They are logged in to as the source is. Throws Error{source} if there are
/// none, or if one of them does not say where it is.
std::vector<Endpoint> watched_replicas(const Job& job, Connection& source);

struct ReplicaLag {
  std::optional<std::uint64_t> seconds;  ///< nothing: it does not replicate now
  std::string trouble;                   ///< why not, as far as it says
};

/// The largest lag of a server behind the source with that server_id; behind any, if it has none of
/// it (a replica of a replica). Throws Error{source} if it is no replica.
ReplicaLag replica_lag(Connection& replica, const std::string& source_server_id);

/// Whether the server applies what another one sends, as far as the account may see that.
bool is_replicating(Connection& server);

/// The same with a session of its own, which is opened where there is none.
class WatchedReplica {
 public:
  explicit WatchedReplica(Endpoint endpoint) : endpoint_(std::move(endpoint)) {}
  /// Throws Error{source} that names the replica.
  ReplicaLag lag(const std::string& source_server_id);
  std::string name() const;

 private:
  Endpoint endpoint_;
  std::unique_ptr<Connection> session_;
};

}  // namespace dts
