#pragma once

#include <atomic>
#include <exception>
#include <functional>
#include <mutex>
#include <stop_token>
#include <thread>
#include <vector>

namespace dts {

/// The threads of a phase. The first exception of any of them stops all, and is rethrown by join().
class Workers {
 public:
  /// `outer` stops them too.
  explicit Workers(std::stop_token outer)
      : outer_(std::move(outer), [this] { stop_.request_stop(); }) {}
  ~Workers() { stop_.request_stop(); }

  void start(std::function<void(std::stop_token)> work) {
    ++running_;
    threads_.emplace_back([this, work = std::move(work)] {
      try {
        work(stop_.get_token());
      } catch (...) {  // rethrown by join()
        std::lock_guard lock(mutex_);
        if (!failure_) failure_ = std::current_exception();
        stop_.request_stop();
      }
      --running_;
    });
  }
  bool running() const { return running_ > 0; }
  std::stop_token token() const { return stop_.get_token(); }
  void request_stop() { stop_.request_stop(); }
  void join() {
    threads_.clear();
    if (failure_) std::rethrow_exception(failure_);
  }

 private:
  std::stop_source stop_;
  std::stop_callback<std::function<void()>> outer_;
  std::mutex mutex_;
  std::exception_ptr failure_;
  std::atomic<int> running_ = 0;
  std::vector<std::jthread> threads_;  // last: joined before the rest goes
};

}  // namespace dts
