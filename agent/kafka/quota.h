// Quota: how many partitions a second the agent creates at most, as a bucket of tokens (KIP-599). The
// versions of CreateTopics and CreatePartitions that librdkafka sends are never refused by a broker's
// controller_mutation_rate: it takes them and then leaves the connection unread until the debt is paid, so
// that the next answer comes too late. Who keeps below the rate is never in debt. Thread safety: belongs to
// one thread.
#pragma once

#include <chrono>
#include <cstdint>

namespace sluice::agent::kafka {

class Quota {
 public:
  using Steady = std::chrono::steady_clock::time_point;

  // `rate`: partitions a second; 0: no limit. Brokers grant a burst of eleven seconds
  // (controller.quota.window.num); the bucket holds half of that.
  explicit Quota(double rate = 0) : rate_(rate), tokens_(rate * kBurstSeconds) {}

  // Partitions in one request: those of a second, at least one. 0: no limit.
  int64_t most() const { return rate_ <= 0 ? 0 : rate_ < 1 ? 1 : static_cast<int64_t>(rate_); }
  // How long to wait before `partitions` may be created. More than the bucket holds may go once it is full.
  std::chrono::milliseconds WaitFor(int64_t partitions, Steady now);
  // `partitions` are being created.
  void Take(int64_t partitions, Steady now);
  double rate() const { return rate_; }

 private:
  static constexpr double kBurstSeconds = 5;
  void Refill(Steady now);

  double rate_;
  double tokens_;
  Steady refilled_ = Steady::min();
};

}  // namespace sluice::agent::kafka
