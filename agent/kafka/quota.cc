#include "agent/kafka/quota.h"

#include <algorithm>
#include <cmath>

namespace sluice::agent::kafka {

void Quota::Refill(Steady now) {
  if (refilled_ != Steady::min()) {
    const double seconds = std::chrono::duration<double>(now - refilled_).count();
    tokens_ = std::min(rate_ * kBurstSeconds, tokens_ + std::max(0.0, seconds) * rate_);
  }
  refilled_ = now;
}

std::chrono::milliseconds Quota::WaitFor(int64_t partitions, Steady now) {
  if (rate_ <= 0 || partitions <= 0) return {};
  Refill(now);
  const double missing = std::min(static_cast<double>(partitions), rate_ * kBurstSeconds) - tokens_;
  if (missing <= 0) return {};
  return std::chrono::milliseconds(static_cast<int64_t>(std::ceil(missing / rate_ * 1000)));
}

void Quota::Take(int64_t partitions, Steady now) {
  if (rate_ <= 0) return;
  Refill(now);
  tokens_ -= static_cast<double>(partitions);
}

}  // namespace sluice::agent::kafka
