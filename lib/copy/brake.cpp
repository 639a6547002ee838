#include "copy/brake.hpp"

#include <fmt/format.h>

#include <cstdlib>

namespace dts {

namespace {

using Clock = std::chrono::steady_clock;

std::uint64_t number(const std::optional<std::string>& text) {
  return std::strtoull(text.value_or("0").c_str(), nullptr, 10);
}

/// Our own sessions would keep themselves waiting. Those of its own account everybody may see.
std::uint64_t others_running(Connection& source) {
  const auto own = number(source.value(
      sql("SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE USER = "
          "SUBSTRING_INDEX(USER(), '@', 1) AND COMMAND NOT IN ('Sleep', 'Daemon', 'Binlog Dump', "
          "'Binlog Dump GTID')")));
  const auto rows = source.query(sql("SHOW GLOBAL STATUS LIKE 'Threads_running'"));
  const auto all = number(rows.at(0).at(1));
  return all > own ? all - own : 0;
}

}  // namespace

Brake::Brake(const Job& job, Throttle& throttle, Observer& observer)
    : job_(job), throttle_(throttle), observer_(observer) {
  if (job.data.max_replica_lag_seconds == 0) return;
  source_.emplace(job_.source, Side::source);
  server_id_ = source_->value(sql("SELECT @@GLOBAL.server_id")).value_or("");
  std::string names;
  for (Endpoint& endpoint : watched_replicas(job, *source_)) {
    WatchedReplica& replica = replicas_.emplace_back(std::move(endpoint));
    replica.lag(server_id_);
    names += (names.empty() ? "" : ", ") + replica.name();
  }
  observer_.message(Severity::info, "the copy waits while one of these replicas lags more than " +
                                        fmt::format("{} s: {}", job.data.max_replica_lag_seconds,
                                                    names));
}

void Brake::look() {
  constexpr std::chrono::seconds interval{1}, tell_again{60};
  if (job_.data.max_threads_running == 0 && replicas_.empty()) return;
  if (Clock::now() - looked_ < interval) return;
  std::string reason = busy_source();
  if (reason.empty()) reason = lagging_replica();
  looked_ = Clock::now();
  if (!reason.empty() && (!throttle_.is_held() || looked_ - told_ > tell_again)) {
    observer_.message(Severity::info, "waiting: " + reason);
    told_ = looked_;
  }
  if (reason.empty() && throttle_.is_held()) observer_.message(Severity::info, "going on");
  throttle_.hold(!reason.empty());
}

/// Why to wait for the source; empty: no reason.
std::string Brake::busy_source() {
  const unsigned limit = job_.data.max_threads_running;
  if (limit == 0) return {};
  try {
    if (!source_) source_.emplace(job_.source, Side::source);
    const std::uint64_t running = others_running(*source_);
    if (running <= limit) return {};
    return fmt::format("{} threads of others are running on the source, more than "
                       "data.max_threads_running = {}",
                       running, limit);
  } catch (const Error& error) {
    if (!is_connection_loss(error.server_errno()) && error.kind() != ErrorKind::connect) throw;
    source_.reset();
    return {};
  }
}

/// A replica that can't be asked, or does not replicate, may lag by any time: it is waited for, too.
std::string Brake::lagging_replica() {
  const unsigned limit = job_.data.max_replica_lag_seconds;
  for (WatchedReplica& replica : replicas_) {
    ReplicaLag lag;
    try {
      lag = replica.lag(server_id_);
    } catch (const Error& error) {
      return error.what();
    }
    if (!lag.seconds)
      return fmt::format("the replica {} does not replicate{}{}", replica.name(),
                         lag.trouble.empty() ? "" : ": ", lag.trouble);
    if (*lag.seconds > limit)
      return fmt::format("the replica {} lags {} s, more than data.max_replica_lag_seconds = {}",
                         replica.name(), *lag.seconds, limit);
  }
  return {};
}

}  // namespace dts
