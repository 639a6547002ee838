#include "apply/waits.hpp"

#include <algorithm>

namespace dts {

Waits::Wait::Wait(Waits* waits, std::string what) : waits_(waits) {
  if (waits_ == nullptr) return;
  std::lock_guard lock(waits_->mutex_);
  at_ = waits_->open_.emplace(waits_->open_.end(), std::move(what), Clock::now());
}

Waits::Wait::~Wait() {
  if (waits_ == nullptr) return;
  std::lock_guard lock(waits_->mutex_);
  waits_->sums_[at_->first] += Clock::now() - std::max(at_->second, waits_->began_);
  waits_->open_.erase(at_);
}

std::string Waits::longest(Clock::time_point now) {
  std::lock_guard lock(mutex_);
  if (now - began_ < std::chrono::seconds(1)) return last_;
  for (const auto& [what, since] : open_) sums_[what] += now - std::max(since, began_);
  const auto most = std::max_element(sums_.begin(), sums_.end(), [](const auto& a, const auto& b) {
    return a.second < b.second;
  });
  last_ = most == sums_.end() ? std::string() : most->first;
  share_ = most == sums_.end() ? 0 : std::chrono::duration<double>(most->second) / (now - began_);
  sums_.clear();
  began_ = now;
  return last_;
}

double Waits::share() const {
  std::lock_guard lock(mutex_);
  return share_;
}

}  // namespace dts
