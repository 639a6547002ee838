#include "db/replicas.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "db/server_objects.hpp"

namespace dts {

namespace {

constexpr const char* name_them =
    "name them in the job file: [data] replicas = [\"HOST:PORT\"]; or remove "
    "data.max_replica_lag_seconds";

using NamedRow = std::map<std::string, std::optional<std::string>>;

std::vector<NamedRow> named_rows(Connection& connection, const Sql& statement) {
  std::vector<NamedRow> rows;
  Cursor cursor(connection, statement);
  while (cursor.next()) {
    NamedRow& row = rows.emplace_back();
    for (unsigned i = 0; i < cursor.columns(); ++i) {
      auto& value = row[cursor.name(i)];
      if (cursor.data(i) != nullptr) value.emplace(cursor.data(i), cursor.length(i));
    }
  }
  return rows;
}

/// One row for each server that it replicates from.
std::vector<NamedRow> replica_status(Connection& replica) {
  const bool newer = !replica.is_mariadb() && replica.version_number() >= 80022;
  return named_rows(replica, replica.is_mariadb() ? sql("SHOW ALL SLAVES STATUS")
                             : newer              ? sql("SHOW REPLICA STATUS")
                                                  : sql("SHOW SLAVE STATUS"));
}

/// The value under the newer or the older name of a column.
std::optional<std::string> value_of(const NamedRow& row, const char* name, const char* older) {
  auto found = row.find(name);
  if (found == row.end()) found = row.find(older);
  return found == row.end() ? std::nullopt : found->second;
}

Endpoint endpoint_at(const Job& job, std::string host, std::uint16_t port) {
  Endpoint endpoint = job.source;
  endpoint.socket.clear();
  endpoint.host = std::move(host);
  endpoint.port = port;
  return endpoint;
}

/// With another setting of the server, the account stands between host and port.
std::string port_of(const TextRow& row, bool mariadb) {
  return row.at(row.size() - (mariadb ? 2 : 3)).value_or("");
}

std::vector<TextRow> list_replicas(Connection& source) {
  try {
    return replicas(source);
  } catch (const Error& error) {
    if (is_connection_loss(error.server_errno())) throw;
    throw Error(ErrorKind::source,
                fmt::format("cannot find the replicas for data.max_replica_lag_seconds: {}",
                            error.what()),
                name_them, error.server_errno());
  }
}

}  // namespace

std::vector<Endpoint> watched_replicas(const Job& job, Connection& source) {
  std::vector<Endpoint> endpoints;
  for (const HostPort& replica : job.data.replicas)
    endpoints.push_back(endpoint_at(job, replica.host, replica.port));
  if (!endpoints.empty()) return endpoints;
  for (const TextRow& row : list_replicas(source)) {
    const std::string id = row.at(0).value_or(""), host = row.at(1).value_or("");
    if (id == std::to_string(job.server_id)) continue;
    const auto place = parse_host_port(
        fmt::format("[{}]:{}", host, port_of(row, source.is_mariadb())));
    if (!place)
      throw Error(ErrorKind::source,
                  fmt::format("cannot watch the lag of the replica with server_id {}: the source "
                              "does not know its host (its report_host is not set)",
                              id),
                  name_them);
    endpoints.push_back(endpoint_at(job, place->host, place->port));
  }
  if (endpoints.empty())
    throw Error(ErrorKind::source,
                "cannot watch the lag of replicas: the source lists none, and the job names none",
                name_them);
  return endpoints;
}

ReplicaLag replica_lag(Connection& replica, const std::string& source_server_id) {
  std::vector<NamedRow> rows = replica_status(replica);
  if (rows.empty())
    throw Error(ErrorKind::source, "the server is no replica: its replica status is empty",
                "correct data.replicas");
  const auto is_of_source = [&](const NamedRow& row) {
    return value_of(row, "Source_Server_Id", "Master_Server_Id") == source_server_id;
  };
  if (std::any_of(rows.begin(), rows.end(), is_of_source))
    std::erase_if(rows, [&](const NamedRow& row) { return !is_of_source(row); });
  ReplicaLag lag;
  for (const NamedRow& row : rows) {
    const auto seconds = value_of(row, "Seconds_Behind_Source", "Seconds_Behind_Master");
    if (!seconds) {
      lag.seconds.reset();
      for (const char* column : {"Last_IO_Error", "Last_SQL_Error"})
        if (lag.trouble.empty()) lag.trouble = value_of(row, column, column).value_or("");
      return lag;
    }
    const std::uint64_t number = std::strtoull(seconds->c_str(), nullptr, 10);
    lag.seconds = std::max(lag.seconds.value_or(0), number);
  }
  return lag;
}

bool is_replicating(Connection& server) {
  try {
    const auto rows = replica_status(server);
    return std::any_of(rows.begin(), rows.end(), [](const NamedRow& row) {
      return value_of(row, "Replica_SQL_Running", "Slave_SQL_Running") == "Yes";
    });
  } catch (const Error& error) {
    if (is_connection_loss(error.server_errno())) throw;
    return false;
  }
}

std::string WatchedReplica::name() const {
  return fmt::format("{}:{}", endpoint_.host, endpoint_.port);
}

ReplicaLag WatchedReplica::lag(const std::string& source_server_id) {
  // It is no part of the job: nothing may wait long for it.
  constexpr unsigned answer_seconds = 10;
  try {
    if (!session_) session_ = std::make_unique<Connection>(endpoint_, Side::source, answer_seconds);
    return replica_lag(*session_, source_server_id);
  } catch (const Error& error) {
    session_.reset();
    throw Error(ErrorKind::source,
                fmt::format("cannot learn the lag of the replica {}: {}", name(), error.what()),
                error.hint().empty() ? "the source's account must exist there, with the right to see "
                                       "its status: GRANT SLAVE MONITOR (MariaDB) or REPLICATION "
                                       "CLIENT (MySQL) ON *.*"
                                     : error.hint(),
                error.server_errno());
  }
}

}  // namespace dts
