// Contest: resources that somebody keeps changing back after the agent put them right. They are put right at growing
// intervals, so that two programs that disagree do not hammer the cluster or fill the audit log, and people are told.
//
// A resource is contested from the third time that it was put right, each soon after the one before. From then on it is
// put right only after a delay: two resync intervals, doubled each time, at most ten minutes (or one interval, if that
// is longer). It is contested no more when it has stayed right for the delay and kQuiet. Bounded by what drifts at one
// time. Thread safety: belongs to one thread.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "common/clock/clock.h"

namespace sluice::agent {

// For a slice's condition.
struct Contested {
  std::string slice;
  std::string resource;  // Identity of the steps
  std::string message;
  bool operator==(const Contested&) const = default;
};

class Contest {
 public:
  using Steady = std::chrono::steady_clock::time_point;
  static constexpr int kTimes = 3;
  static constexpr std::chrono::microseconds kMostDelay = std::chrono::minutes(10);
  // Longer than Acknowledged has patience: what is changed back before it was seen is noticed only then.
  static constexpr std::chrono::microseconds kQuiet = std::chrono::minutes(5);

  explicit Contest(std::chrono::microseconds resync_interval) : interval_(resync_interval) {}

  // `identity` of `slice` had drifted and was put right. `wall` is for people.
  void PutRight(const std::string& identity, const std::string& slice, Steady now, Time wall);
  // Forgets what has stayed right long enough.
  void Forget(Steady now);

  // Whether `identity` must wait at `now` before it is put right again.
  bool Waits(const std::string& identity, Steady now) const;
  bool Holds(const std::string& identity) const;  // contested
  std::vector<Contested> All() const;             // by resource

 private:
  struct Entry {
    std::string slice;
    int times = 0;
    Time since{};
    Steady last{};
    std::chrono::microseconds delay{};
  };
  std::chrono::microseconds DelayAfter(int times) const;

  const std::chrono::microseconds interval_;
  std::map<std::string, Entry> entries_;  // by Identity
};

}  // namespace sluice::agent
