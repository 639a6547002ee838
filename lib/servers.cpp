#include "servers.hpp"

#include "db/bookkeeping.hpp"
#include "db/server.hpp"
#include "dts/error.hpp"

namespace dts {

namespace {

void check_identity(const char* side, const Endpoint& endpoint, std::string& known,
                    const std::string& found) {
  if (known.empty()) {
    known = found;
  } else if (found.empty()) {
    throw Error(
        ErrorKind::state,
        fmt::format("cannot go on with {} as the {}: the bookkeeping of this job is not to be seen there",
                    to_string(endpoint), side),
        "give the account its rights again if they were taken away; if this is another server, point "
        "the job file at the right one, or begin a new job with another name and state");
  } else if (known != found) {
    throw Error(
        ErrorKind::state,
        fmt::format("cannot go on with {} as the {}: it is another server than the one that this "
                    "job has worked with ('{}' instead of '{}')",
                    to_string(endpoint), side, found, known),
        "point the job file at the right server, or begin a new job with another name and state");
  }
}

}  // namespace

Servers connect_servers(const Job& job, StateFile& state) {
  Servers servers{std::make_unique<Connection>(job.source, Side::source),
                  std::make_unique<Connection>(job.target, Side::target)};
  JobState& known = state.state;
  const std::string source_id = known.source_id, target_id = known.target_id;
  check_identity("source", job.source, known.source_id, server_identity(*servers.source));
  check_identity("target", job.target, known.target_id,
                 target_identity(*servers.target, job.bookkeeping));
  if (known.source_id != source_id || known.target_id != target_id) state.save();
  return servers;
}

}  // namespace dts
