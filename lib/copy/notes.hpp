#pragma once

#include <chrono>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "dts/observer.hpp"

namespace dts {

/// What workers have to tell, for the thread that may call the observer. Thread-safe.
class Notes {
 public:
  /// The same text is told once a minute at most.
  void add(Severity severity, const std::string& text) {
    std::lock_guard lock(mutex_);
    const auto now = std::chrono::steady_clock::now();
    const auto [told, is_new] = told_.emplace(text, now);
    if (!is_new && now - told->second < std::chrono::minutes(1)) return;
    told->second = now;
    notes_.emplace_back(severity, text);
  }
  void tell(Observer& observer) {
    std::vector<std::pair<Severity, std::string>> notes;
    {
      std::lock_guard lock(mutex_);
      notes.swap(notes_);
    }
    for (const auto& [severity, text] : notes) observer.message(severity, text);
  }

 private:
  std::mutex mutex_;
  std::vector<std::pair<Severity, std::string>> notes_;
  std::map<std::string, std::chrono::steady_clock::time_point> told_;
};

}  // namespace dts
