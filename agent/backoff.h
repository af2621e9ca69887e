// Backoff: when to try again what failed, per resource, so that one bad resource neither is hammered nor
// delays another. Thread safety: belongs to one thread.
#pragma once

#include <absl/status/status.h>

#include <chrono>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>

namespace sluice::agent {

// Doubles from `base` to `most`, each time multiplied by a random factor of [0.5, 1.0].
std::chrono::microseconds Delay(int attempt, std::chrono::microseconds base, std::chrono::microseconds most,
                                std::mt19937_64& random);

class Backoff {
 public:
  using Steady = std::chrono::steady_clock::time_point;

  explicit Backoff(std::chrono::microseconds most, uint64_t seed) : most_(most), random_(seed) {}

  // `identity` of `slice` failed with `why`: it is due again after a growing delay.
  void Fail(const std::string& identity, const std::string& slice, int64_t generation,
            const absl::Status& why, Steady now);
  void Succeed(const std::string& identity) { entries_.erase(identity); }
  // Forgets what failed in `slices` and is not among `identities`, or failed at another generation.
  void Keep(const std::set<std::string>& slices, const std::set<std::string>& identities,
            const std::map<std::string, int64_t>& generations);

  // Why `identity` must wait at `now`; nullptr: it need not.
  const absl::Status* Waiting(const std::string& identity, int64_t generation, Steady now) const;
  // The earliest moment at which something is due, and the slices due at `now`.
  std::optional<Steady> NextDue() const;
  std::set<std::string> DueSlices(Steady now) const;
  size_t size() const { return entries_.size(); }

 private:
  struct Entry {
    std::string slice;
    int64_t generation = 0;
    int attempts = 0;
    absl::Status why;
    Steady due;
  };
  const std::chrono::microseconds most_;
  std::mt19937_64 random_;
  std::map<std::string, Entry> entries_;  // by Identity
};

}  // namespace sluice::agent
