#pragma once

#include <atomic>
#include <chrono>
#include <stop_token>
#include <thread>

#include <signal.h>

namespace dtsctl {

/// Turns SIGINT, SIGTERM and SIGHUP into a stop request; a second one ends the process at once with
/// 130. Must be made before any other thread, so that all of them inherit the blocked signals.
class Interrupt {
 public:
  /// `talk`: say on the terminal that we are stopping.
  explicit Interrupt(bool talk);
  ~Interrupt();
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;

  std::stop_token token() const { return source_.get_token(); }

 private:
  void wait();

  const bool talk_;
  sigset_t signals_;
  std::stop_source source_;
  std::atomic<bool> done_ = false;
  std::thread thread_;
};

/// While it lives, this thread takes signals as a program that handles none, and so do the programs
/// that it starts: without it a Ctrl-C would not reach a password_command.
class SignalsAsUsual {
 public:
  SignalsAsUsual();
  ~SignalsAsUsual();
  SignalsAsUsual(const SignalsAsUsual&) = delete;
  SignalsAsUsual& operator=(const SignalsAsUsual&) = delete;

 private:
  sigset_t mask_;
  struct sigaction pipe_;
};

/// Sleeps; returns false at once when a stop is requested.
bool pause_for(std::chrono::milliseconds time, const std::stop_token& stop);

}  // namespace dtsctl
