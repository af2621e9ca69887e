// Refusals: which refusals of authenticated callers get an audit entry of their own, so that nobody can fill
// the log by asking for what they may not. Each caller has kBurst at once and then one every kRefill; the
// rest is counted. Remembers kMaxCallers callers; more share one allowance. Thread safety: all members may be
// called from any thread.
#pragma once

#include <algorithm>
#include <chrono>
#include <map>
#include <mutex>
#include <string>

namespace sluice::controlplane {

class Refusals {
 public:
  static constexpr double kBurst = 10;
  static constexpr std::chrono::seconds kRefill{10};
  static constexpr size_t kMaxCallers = 10'000;

  // Whether this refusal of `caller` is written down. `steady` never goes back.
  bool Admit(const std::string& caller, std::chrono::steady_clock::time_point steady) {
    std::lock_guard lock(mutex_);
    if (allowances_.size() >= kMaxCallers && !allowances_.contains(caller)) Forget(steady);
    const bool room = allowances_.size() < kMaxCallers || allowances_.contains(caller);
    Allowance& allowance =
        allowances_.try_emplace(room ? caller : "", Allowance{kBurst, steady}).first->second;
    allowance.left = Left(allowance, steady);
    allowance.at = steady;
    if (allowance.left < 1) return false;
    --allowance.left;
    return true;
  }

 private:
  struct Allowance {
    double left = 0;
    std::chrono::steady_clock::time_point at;
  };
  static double Left(const Allowance& allowance, std::chrono::steady_clock::time_point now) {
    return std::min(kBurst, allowance.left + std::chrono::duration<double>(now - allowance.at) / kRefill);
  }
  // Whoever has a whole allowance again is like one who never came.
  void Forget(std::chrono::steady_clock::time_point now) {
    std::erase_if(allowances_, [&](const auto& entry) { return Left(entry.second, now) >= kBurst; });
  }

  std::mutex mutex_;
  std::map<std::string, Allowance> allowances_;  // guarded by mutex_
};

}  // namespace sluice::controlplane
