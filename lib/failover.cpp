#include "failover.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <thread>

#include "binlog/find.hpp"
#include "db/replicas.hpp"
#include "db/server.hpp"
#include "dts/error.hpp"

namespace dts {

namespace {

const char* name_of(Side side) { return side == Side::source ? "source" : "target"; }

bool leads_to(const Endpoint& endpoint, const HostPort& host) {
  return endpoint.host == host.host && endpoint.port == host.port;
}

void lead_to(Endpoint& endpoint, const HostPort& host) {
  endpoint.host = host.host;
  endpoint.port = host.port;
}

/// The one in use, then the ones behind it, then those before it.
std::vector<HostPort> in_turn(const Endpoint& endpoint) {
  std::vector<HostPort> hosts = endpoint.hosts;
  const auto used = std::find_if(hosts.begin(), hosts.end(),
                                 [&](const HostPort& host) { return leads_to(endpoint, host); });
  if (used != hosts.end()) std::rotate(hosts.begin(), used, hosts.end());
  return hosts;
}

/// The host that the state was written with, if it is still one of them.
void lead_to_last(Endpoint& endpoint, const std::string& last) {
  for (const HostPort& host : endpoint.hosts) {
    Endpoint there = endpoint;
    lead_to(there, host);
    if (to_string(there) == last) return lead_to(endpoint, host);
  }
}

/// Why none of the hosts will do, and whether that may be otherwise soon.
class Refusals {
 public:
  void add(const Endpoint& endpoint, const Objection& objection) {
    add_text(fmt::format("{}: {}", to_string(endpoint), objection.why));
    may_pass_ = may_pass_ || objection.may_pass;
  }
  void add(const Error& error) {
    add_text(error.what());
    if (is_connection_loss(error.server_errno()))
      lost_ = error.server_errno();
    else if (first_ == 0)
      first_ = error.server_errno();
  }
  bool empty() const { return text_.empty(); }
  const std::string& text() const { return text_; }
  [[noreturn]] void raise(Side side) const {
    constexpr unsigned waited_for = 1205;  // as a lock: it may be otherwise in a moment
    const unsigned code = lost_ != 0 ? lost_ : may_pass_ ? waited_for : first_;
    throw Error(code != 0 ? ErrorKind::connect : ErrorKind::state,
                fmt::format("cannot use any of the {}'s hosts: {}", name_of(side), text_),
                fmt::format("see {}.hosts in the job file", name_of(side)), code);
  }

 private:
  void add_text(const std::string& text) { text_ += (text_.empty() ? "" : "; ") + text; }
  std::string text_;
  unsigned lost_ = 0, first_ = 0;
  bool may_pass_ = false;
};

bool is_read_only_error(unsigned code) {
  static constexpr std::array codes = {1290u, 1792u, 1836u, 3032u};
  return std::find(codes.begin(), codes.end(), code) != codes.end();
}

/// A replica of the target has what the bookkeeping has, its identity included; but it takes no writes.
std::optional<Objection> inspect_target(Connection& target, const Job& job, const JobState& state) {
  const std::string found = target_identity(target, job.bookkeeping);
  if (!state.target_id.empty() && found != state.target_id)
    return Objection{fmt::format("it is not the job's target or a replica of it (its bookkeeping is "
                                 "'{}' instead of '{}')",
                                 found, state.target_id)};
  if (found.empty()) {
    if (target.value(sql("SELECT @@GLOBAL.read_only")) != "1") return std::nullopt;
    return Objection{"it is read-only", true};
  }
  try {
    target.execute(sql("UPDATE {}.server SET id = id WHERE id = ''", Name{job.bookkeeping}));
  } catch (const Error& error) {
    if (!is_read_only_error(error.server_errno())) throw;
    return Objection{"it is read-only", true};
  }
  // One that nobody has promoted may be writable all the same, and its primary come back.
  if (server_identity(target) != state.target_server && is_replicating(target))
    return Objection{"it still replicates from another server", true};
  return std::nullopt;
}

std::optional<Objection> inspect_known(Connection& source, const JobState& state) {
  const std::string found = server_identity(source);
  if (state.source_id.empty() || found == state.source_id) return std::nullopt;
  return Objection{fmt::format("it is another server than the one that this job has worked with "
                               "('{}' instead of '{}'); only sync goes on with another",
                               found, state.source_id)};
}

struct Mark {
  DomainGtid gtid;
  std::uint32_t time;
};

std::string mark_text(const DomainGtid& gtid, std::uint32_t time) {
  return fmt::format("{}@{}", gtid_text(Position{{gtid}}), time);
}

std::optional<Mark> read_mark(const std::string& text) {
  const auto at = text.find('@');
  if (at == text.npos) return std::nullopt;
  const Position position = parse_gtids(text.substr(0, at));
  if (position.gtids.size() != 1) return std::nullopt;
  return Mark{position.gtids[0], static_cast<std::uint32_t>(std::strtoul(&text[at + 1], nullptr, 10))};
}

/// Numbers of MariaDB's GTIDs are the same on servers that have nothing in common. A transaction of this
/// number and time is not.
std::optional<Objection> inspect_mark(Connection& source, const Job& job, const Position& applied,
                                      const std::string& text) {
  const std::optional<Mark> mark = read_mark(text);
  if (!mark || !contains(applied, Position{{mark->gtid}}))
    return Objection{"nothing tells whether it is a replica of the source: no transaction that both "
                     "should have is known"};
  const auto times = transaction_times(source.endpoint(), applied, mark->gtid, job.server_id);
  if (std::find(times.begin(), times.end(), mark->time) != times.end()) return std::nullopt;
  const std::string name = gtid_text(Position{{mark->gtid}});
  if (!times.empty())
    return Objection{
        fmt::format("it is no replica of the source: its transaction {} is another one", name)};
  return Objection{fmt::format("it is no replica of the source, or has purged what would show it: its "
                               "binlog does not have the transaction {}",
                               name)};
}

/// Whether a source that is not the one before has all that the target has from that one.
std::optional<Objection> inspect_other(Connection& source, const Job& job, const JobState& state,
                                       const PositionRow& row) {
  if (is_by_file(row.position) || row.position.empty() || !uses_gtids(source))
    return Objection{"it is another server, and the job's position is not by GTIDs"};
  // While catching up, the end of the copy is a place in a file of the other server.
  if (!source.is_mariadb() && row.copy_end && !contains(row.position, *row.copy_end))
    return Objection{"it is another server, and the job has not caught up with the copy yet; only "
                     "the server that was copied from knows where that is"};
  Position there;
  for (int tries = 0; tries < 10; ++tries) {
    there = committed_position(source);
    if (contains(there, row.position))
      return source.is_mariadb() ? inspect_mark(source, job, row.position, state.sync.mark)
                                 : std::nullopt;
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
  }
  return Objection{fmt::format("it does not have what the target has applied (applied {}, it is at {})",
                               to_string(row.position), to_string(there)),
                   true};
}

/// Before anything is read from a MariaDB source that is known: what will tell its replicas.
void note_mark(Connection& source, const Job& job, JobState& state, const Position& applied) {
  if (!source.is_mariadb()) return;
  const std::optional<Mark> mark = read_mark(state.sync.mark);
  if (mark && contains(applied, Position{{mark->gtid}})) return;
  state.sync.mark.clear();
  for (const DomainGtid& gtid : applied.gtids) {
    const auto times = transaction_times(source.endpoint(), applied, gtid, job.server_id);
    if (times.empty()) continue;
    state.sync.mark = mark_text(gtid, times[0]);
    return;
  }
}

/// From now on this is the job's source.
void take_over(Connection& target, const Job& job, StateFile& state, const PositionRow& row,
               const std::string& source_id) {
  lock_job(target, job.bookkeeping, job.name);
  target.execute(sql("START TRANSACTION"));
  target.execute(set_source(job.bookkeeping, job.name, source_id));
  if (row.copy_end && row.copy_end->gtids.empty())  // a place in a file of the other server
    set_copy_end(target, job.bookkeeping, job.name, row.position);
  for (const LateTable& table : read_late(target, job.bookkeeping, job.name))
    if (table.end && table.end->gtids.empty()) target.execute(forget_late(job.bookkeeping, job.name, table.name));
  target.execute(sql("COMMIT"));
  state.state.source_id = source_id;
}

}  // namespace

std::string transaction_mark(const TransactionId& id, std::uint32_t time) {
  const auto* gtid = std::get_if<DomainGtid>(&id.gtid);
  return gtid == nullptr ? std::string() : mark_text(*gtid, time);
}

std::unique_ptr<Connection> connect_first(Endpoint& endpoint, Side side, const Inspect& inspect,
                                          Observer& observer) {
  if (endpoint.hosts.empty()) return std::make_unique<Connection>(endpoint, side);
  Refusals refusals;
  for (const HostPort& host : in_turn(endpoint)) {
    Endpoint there = endpoint;
    lead_to(there, host);
    try {
      auto connection = std::make_unique<Connection>(there, side);
      if (const auto objection = inspect(*connection)) {
        refusals.add(there, *objection);
        continue;
      }
      if (!refusals.empty())
        observer.message(Severity::warning, fmt::format("the {} is {} now, because: {}",
                                                        name_of(side), to_string(there),
                                                        refusals.text()));
      endpoint = std::move(there);
      return connection;
    } catch (const Error& error) {
      refusals.add(error);
    }
  }
  refusals.raise(side);
}

Job with_hosts(Job job, JobState& state, Observer& observer) {
  if (job.source.hosts.empty() && job.target.hosts.empty()) return job;
  lead_to_last(job.source, state.source);
  lead_to_last(job.target, state.target);
  if (!job.source.hosts.empty())
    connect_first(job.source, Side::source,
                  [&](Connection& source) { return inspect_known(source, state); }, observer);
  if (!job.target.hosts.empty())
    connect_first(job.target, Side::target,
                  [&](Connection& target) { return inspect_target(target, job, state); }, observer);
  state.source = to_string(job.source);
  state.target = to_string(job.target);
  return job;
}

Job with_hosts(Job job) {
  Observer nobody;
  JobState unknown;
  return with_hosts(std::move(job), unknown, nobody);
}

Servers connect_for_sync(Job& job, StateFile& file, Observer& observer) {
  if (job.source.hosts.empty() && job.target.hosts.empty()) return connect_servers(job, file);
  JobState& state = file.state;
  lead_to_last(job.source, state.source);
  lead_to_last(job.target, state.target);
  Servers servers;
  servers.target = connect_first(
      job.target, Side::target,
      [&](Connection& target) { return inspect_target(target, job, state); }, observer);
  std::optional<PositionRow> row;
  if (has_bookkeeping(*servers.target, job.bookkeeping))
    row = read_position_locked(*servers.target, job.bookkeeping, job.name);
  if (row)
    for (const LateTable& table : read_late(*servers.target, job.bookkeeping, job.name))
      if (table.end && !contains(row->position, *table.end)) row->copy_end = table.end;
  // The target's word counts: it may know of a failover that the state file does not.
  if (row && !job.source.hosts.empty()) state.source_id = row->source_id;
  servers.source = connect_first(
      job.source, Side::source,
      [&](Connection& source) -> std::optional<Objection> {
        auto known = inspect_known(source, state);
        return known && row ? inspect_other(source, job, state, *row) : known;
      },
      observer);
  check_identities(servers, job, file, row && !job.source.hosts.empty());
  if (row && !job.source.hosts.empty()) {
    const std::string found = server_identity(*servers.source);
    if (found != row->source_id) take_over(*servers.target, job, file, *row, found);
    note_mark(*servers.source, job, state, row->position);
  }
  state.source = to_string(job.source);
  state.target = to_string(job.target);
  file.save();
  return servers;
}

void check_target_server(Connection& target, const Job& job, StateFile& state, bool may_skip_ddl) {
  if (job.target.hosts.empty()) return;
  const std::string found = server_identity(target);
  std::string& known = state.state.target_server;
  if (!known.empty() && known != found && !may_skip_ddl) {
    const auto left = read_intent(target, job.bookkeeping, job.name);
    if (left && !left->statement.empty())
      throw Error(ErrorKind::target,
                  fmt::format("cannot go on with {}: the target before it was lost while a statement "
                              "ran, and nobody knows whether it was done here: {}",
                              to_string(target.endpoint()), left->statement.substr(0, 200)),
                  fmt::format("look at the target. If it was done, go on behind it: dtsctl sync "
                              "--skip-ddl {}. If not, DELETE FROM {}.ddl_intent WHERE job = '{}' "
                              "there, then run dtsctl sync",
                              to_string(left->position), job.bookkeeping, job.name));
  }
  known = found;
}

}  // namespace dts
