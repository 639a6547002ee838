#include <algorithm>

#include "db/server_objects.hpp"
#include "precheck/check.hpp"

namespace dts {

namespace {

/// Whether `replica`'s server_id is one of those that replicate from `primary`; nothing if the
/// account may not ask for these.
std::optional<bool> is_replica_of(Context& context, Side replica, Side primary) {
  const std::string id = context.variable(replica, "server_id");
  try {
    const auto known = replicas(context.connection(primary));
    return std::any_of(known.begin(), known.end(),
                       [&](const TextRow& row) { return row.at(0) == id; });
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::connect) throw;
    return std::nullopt;
  }
}

std::string end_replication(Context& context, Side side) {
  const Connection& connection = context.connection(side);
  const bool newer = !connection.is_mariadb() && connection.version_number() >= 80022;
  return on(side, newer ? "STOP REPLICA;\nRESET REPLICA ALL;" : "STOP SLAVE;\nRESET SLAVE ALL;") +
         "\nor, if that is another server, give it its own server_id";
}

}  // namespace

Findings check_replication(Context& context) {
  const auto twice = is_replica_of(context, Side::target, Side::source);
  const auto back = is_replica_of(context, Side::source, Side::target);
  Findings findings;
  if (twice.value_or(false))
    findings.push_back(failure(
        "target",
        "the source has a replica with the target's server_id: if that is the target, it would "
        "get every change twice",
        end_replication(context, Side::target)));
  if (back.value_or(false))
    findings.push_back(failure(
        "source",
        "the target has a replica with the source's server_id: if that is the source, what is "
        "written to the target would come back to it",
        end_replication(context, Side::source)));
  if (!findings.empty()) return findings;
  const std::string unseen = !twice && !back ? "neither side lets its account ask"
                             : !twice        ? "the source does not let its account ask"
                             : !back         ? "the target does not let its account ask"
                                             : "";
  return {pass(unseen.empty()
                   ? "neither server is a replica of the other one"
                   : fmt::format("no replication between the two is known, but {} who replicates from it",
                                 unseen))};
}

}  // namespace dts
