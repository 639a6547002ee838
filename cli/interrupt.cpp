#include "interrupt.hpp"

#include <condition_variable>
#include <mutex>
#include <string_view>

#include <pthread.h>
#include <unistd.h>

namespace dtsctl {

Interrupt::Interrupt(bool talk) : talk_(talk && isatty(STDERR_FILENO) == 1) {
  signal(SIGPIPE, SIG_IGN);
  sigemptyset(&signals_);
  sigaddset(&signals_, SIGINT);
  sigaddset(&signals_, SIGTERM);
  // Under nohup it is ignored and must stay so; sigwait would fetch it all the same.
  struct sigaction hangup;
  if (sigaction(SIGHUP, nullptr, &hangup) == 0 && hangup.sa_handler != SIG_IGN)
    sigaddset(&signals_, SIGHUP);
  pthread_sigmask(SIG_BLOCK, &signals_, nullptr);
  thread_ = std::thread([this] { wait(); });
}

Interrupt::~Interrupt() {
  done_ = true;
  pthread_kill(thread_.native_handle(), SIGINT);  // only to wake it
  thread_.join();
}

void Interrupt::wait() {
  for (int number = 0;;) {
    if (sigwait(&signals_, &number) != 0) continue;
    if (done_) return;
    if (source_.stop_requested()) _exit(130);
    if (talk_) {
      constexpr std::string_view text = "\r\033[Kstopping; once more ends it at once\n";
      [[maybe_unused]] const auto written = write(STDERR_FILENO, text.data(), text.size());
    }
    source_.request_stop();
  }
}

SignalsAsUsual::SignalsAsUsual() {
  sigset_t none;
  sigemptyset(&none);
  pthread_sigmask(SIG_SETMASK, &none, &mask_);
  struct sigaction usual = {};
  usual.sa_handler = SIG_DFL;
  sigaction(SIGPIPE, &usual, &pipe_);
}

SignalsAsUsual::~SignalsAsUsual() {
  sigaction(SIGPIPE, &pipe_, nullptr);
  pthread_sigmask(SIG_SETMASK, &mask_, nullptr);
}

bool pause_for(std::chrono::milliseconds time, const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any wake;
  std::unique_lock lock(mutex);
  wake.wait_for(lock, stop, time, [] { return false; });
  return !stop.stop_requested();
}

}  // namespace dtsctl
