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

/// What makes a server forget that it is a replica; newer MySQL has other words.
std::string ending(Context& context, Side replica) {
  const Connection& server = context.connection(replica);
  const char* statements = server.is_mariadb()                ? "STOP ALL SLAVES; RESET SLAVE ALL;"
                           : server.version_number() >= 80022 ? "STOP REPLICA; RESET REPLICA ALL;"
                                                              : "STOP SLAVE; RESET SLAVE ALL;";
  return on(replica, statements) + "\nor give the other server of this server_id one of its own";
}

}  // namespace

Findings check_replication(Context& context) {
  const auto twice = is_replica_of(context, Side::target, Side::source);
  const auto back = is_replica_of(context, Side::source, Side::target);
  Findings findings;
  if (twice.value_or(false))
    findings.push_back(warning(
        "target",
        "the source has a replica with the target's server_id: if that is the target, it would "
        "get every change twice",
        ending(context, Side::target)));
  if (back.value_or(false))
    findings.push_back(warning(
        "source",
        "the target has a replica with the source's server_id: if that is the source, what is "
        "written to the target would come back to it",
        ending(context, Side::source)));
  if (!findings.empty()) return findings;
  const std::string unseen = !twice && !back ? "neither side lets its account ask"
                             : !twice        ? "the source does not let its account ask"
                             : !back         ? "the target does not let its account ask"
                                             : "";
  return {pass(
      unseen.empty()
          ? "neither server is a replica of the other one"
          : fmt::format("no replication between the two is known, but {} who replicates from it",
                        unseen))};
}

}  // namespace dts
