#include "db/share_work.hpp"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace dts {

namespace {

constexpr std::size_t sessions_max = 3, worth_a_session = 16;

/// What the sessions of one share_work() have in common.
struct Shared {
  std::size_t count;
  const std::function<void(Connection&, std::size_t)>& work;
  std::atomic<std::size_t> next{0};
  std::mutex mutex{};
  std::exception_ptr failure{};

  void run(Connection& session) {
    try {
      for (std::size_t i = next++; i < count; i = next++) work(session, i);
    } catch (...) {
      std::lock_guard lock(mutex);
      if (!failure) failure = std::current_exception();
      next = count;
    }
  }
};

/// Too many sessions, for one: the others do the work.
std::unique_ptr<Connection> open_another(const Connection& first, std::uint64_t limit) {
  try {
    auto session = std::make_unique<Connection>(first.endpoint(), first.side());
    session->cancel_on(first.stop());
    session->execute(sql("SET SESSION lock_wait_timeout = {}", limit));
    return session;
  } catch (const Error&) {
    return nullptr;
  }
}

}  // namespace

void share_work(Connection& first, std::size_t count,
                const std::function<void(Connection&)>& prepare,
                const std::function<void(Connection&, std::size_t)>& work) {
  Shared shared{count, work};
  const std::size_t sessions = std::clamp<std::size_t>(count / worth_a_session, 1, sessions_max);
  const std::uint64_t limit =
      sessions == 1 ? 0 : std::stoull(first.value(sql("SELECT @@SESSION.lock_wait_timeout")).value_or("60"));
  {
    std::vector<std::jthread> others;
    for (std::size_t i = 1; i < sessions; ++i)
      others.emplace_back([&] {
        const auto session = open_another(first, limit);
        if (!session) return;
        try {
          prepare(*session);
        } catch (const Error&) {  // a session that was lost at once
          return;
        }
        shared.run(*session);
      });
    shared.run(first);
  }
  if (shared.failure) std::rethrow_exception(shared.failure);
}

}  // namespace dts
