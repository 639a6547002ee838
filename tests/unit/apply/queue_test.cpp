#include "apply/queue.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <thread>

using dts::Transaction;
using dts::TransactionQueue;
using namespace std::chrono_literals;

namespace {

Transaction make(std::uint64_t sequence, std::size_t changes = 1, bool first = true,
                 bool last = true) {
  Transaction transaction;
  transaction.id.begin = sequence;
  transaction.changes.resize(changes);
  transaction.first = first;
  transaction.last = last;
  return transaction;
}

Transaction ddl(std::uint64_t sequence) {
  Transaction transaction = make(sequence, 0);
  transaction.ddl.emplace();
  return transaction;
}

/// The sequence numbers of each group taken until the queue is empty.
std::vector<std::vector<std::uint64_t>> groups(TransactionQueue& queue, std::size_t changes_max) {
  std::vector<std::vector<std::uint64_t>> all;
  for (;;) {
    auto group = queue.take(changes_max, 1, {});
    if (group.empty()) return all;
    auto& list = all.emplace_back();
    for (const auto& transaction : group) list.push_back(transaction.id.begin);
    queue.applied();
  }
}

using Groups = std::vector<std::vector<std::uint64_t>>;

}  // namespace

TEST_CASE("queue: a group is what has piled up") {
  TransactionQueue queue(1 << 20);
  CHECK(queue.empty());
  for (std::uint64_t i = 1; i <= 5; ++i) CHECK(queue.push(make(i), {}));
  CHECK_FALSE(queue.empty());
  CHECK(groups(queue, 1000) == Groups{{1, 2, 3, 4, 5}});
  CHECK(queue.empty());
}

TEST_CASE("queue: a group ends when it has enough changes") {
  TransactionQueue queue(1 << 20);
  for (std::uint64_t i = 1; i <= 6; ++i) queue.push(make(i, 4), {});
  CHECK(groups(queue, 8) == Groups{{1, 2}, {3, 4}, {5, 6}});
  for (std::uint64_t i = 1; i <= 2; ++i) queue.push(make(i, 100), {});
  CHECK(groups(queue, 8) == Groups{{1}, {2}});
  for (std::uint64_t i = 1; i <= 3; ++i) queue.push(make(i, 0), {});
  CHECK(groups(queue, 1) == Groups{{1, 2, 3}});
}

TEST_CASE("queue: pieces and statements are alone") {
  TransactionQueue queue(1 << 20);
  queue.push(make(1), {});
  queue.push(make(2, 1, true, false), {});
  queue.push(make(2, 1, false, false), {});
  queue.push(make(2, 1, false, true), {});
  queue.push(make(3), {});
  queue.push(make(4), {});
  queue.push(ddl(5), {});
  queue.push(ddl(6), {});
  queue.push(make(7), {});
  CHECK(groups(queue, 1000) == Groups{{1}, {2}, {2}, {2}, {3, 4}, {5}, {6}, {7}});
}

TEST_CASE("queue: groups bounded by bytes, and no transaction too large for one") {
  const std::size_t bytes = make(1).bytes();
  TransactionQueue queue(1 << 20);
  for (std::uint64_t i = 1; i <= 5; ++i) queue.push(make(i), {});
  CHECK(queue.take(100, 1, {}, 2 * bytes).size() == 2);
  CHECK(queue.take(100, 1, {}, bytes / 2).size() == 1);
  CHECK(queue.take(100, 1, {}, 3 * bytes).size() == 2);
}

TEST_CASE("queue: take waits no longer than asked") {
  TransactionQueue queue(1 << 20);
  const auto from = std::chrono::steady_clock::now();
  CHECK(queue.take(10, 20, {}).empty());
  const auto took = std::chrono::steady_clock::now() - from;
  CHECK(took >= 15ms);
  CHECK(took < 5s);
}

TEST_CASE("queue: finish lets the rest be taken") {
  TransactionQueue queue(1 << 20);
  queue.push(make(1), {});
  queue.finish();
  CHECK_FALSE(queue.finished());
  CHECK(queue.take(10, 60000, {}).size() == 1);
  CHECK(queue.finished());
  CHECK(queue.take(10, 60000, {}).empty());  // does not wait
}

TEST_CASE("queue: behind while something waits for what is being applied") {
  TransactionQueue queue(1 << 20);
  queue.push(make(1), {});
  CHECK_FALSE(queue.behind());
  CHECK(queue.take(10, 60000, {}).size() == 1);
  CHECK_FALSE(queue.behind());
  queue.push(make(2), {});
  CHECK(queue.behind());
  queue.applied();
  CHECK_FALSE(queue.behind());
}

TEST_CASE("queue: bounded by bytes") {
  const std::size_t bytes = make(1).bytes();
  TransactionQueue queue(3 * bytes);
  for (std::uint64_t i = 1; i <= 3; ++i) CHECK(queue.push(make(i), {}));
  std::atomic<bool> pushed = false;
  std::jthread pusher([&](std::stop_token stop) {
    queue.push(make(4), stop);
    pushed = true;
  });
  std::this_thread::sleep_for(20ms);
  CHECK_FALSE(pushed);
  CHECK(queue.take(1, 1000, {}).size() == 1);
  pusher.join();
  CHECK(pushed);
  queue.applied();
  CHECK(groups(queue, 1000) == Groups{{2, 3, 4}});
}

TEST_CASE("queue: one that is larger than the limit passes alone") {
  TransactionQueue queue(10);
  CHECK(queue.push(make(1, 1000), {}));
  std::stop_source stop;
  std::jthread stopper([&] {
    std::this_thread::sleep_for(20ms);
    stop.request_stop();
  });
  CHECK_FALSE(queue.push(make(2), stop.get_token()));
  CHECK(groups(queue, 10) == Groups{{1}});
  CHECK(queue.push(make(3), {}));
}

TEST_CASE("queue: a stop wakes everybody") {
  TransactionQueue queue(10);
  std::stop_source stop;
  queue.push(make(1), {});
  std::atomic<int> woken = 0;
  {
    std::jthread pusher([&] { woken += queue.push(make(2), stop.get_token()) ? 0 : 1; });
    std::jthread waiter([&] { woken += queue.wait_applied(stop.get_token()) ? 0 : 1; });
    TransactionQueue other(10);
    std::jthread taker([&] { woken += other.take(1, 60000, stop.get_token()).empty() ? 1 : 0; });
    std::this_thread::sleep_for(20ms);
    CHECK(woken == 0);
    stop.request_stop();
    taker.join();
  }
  CHECK(woken == 3);
  CHECK(queue.take(1, 60000, stop.get_token()).empty());
}

TEST_CASE("queue: wait_applied waits for what was taken, too") {
  TransactionQueue queue(1 << 20);
  CHECK(queue.wait_applied({}));
  queue.push(ddl(1), {});
  std::atomic<bool> done = false;
  std::jthread waiter([&] { done = queue.wait_applied({}); });
  CHECK(queue.take(10, 1000, {}).size() == 1);
  CHECK_FALSE(queue.empty());
  std::this_thread::sleep_for(20ms);
  CHECK_FALSE(done);
  queue.applied();
  waiter.join();
  CHECK(done);
  CHECK(queue.empty());
}

TEST_CASE("queue: two threads lose nothing") {
  TransactionQueue queue(20000);
  constexpr std::uint64_t count = 20000;
  std::jthread pusher([&](std::stop_token stop) {
    for (std::uint64_t i = 1; i <= count; ++i) queue.push(make(i, i % 5), stop);
    queue.finish();
  });
  std::uint64_t next = 1;
  while (!queue.finished()) {
    for (const auto& transaction : queue.take(50, 100, {}))
      if (transaction.id.begin == next) ++next;
    queue.applied();
  }
  CHECK(next == count + 1);
}
