#include "agent/contest.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>

namespace sluice::agent {

using std::chrono::microseconds;

microseconds Contest::DelayAfter(int times) const {
  if (times < kTimes) return microseconds(0);
  const microseconds most = std::max(kMostDelay, interval_);
  return std::min(most, interval_ * (int64_t{1} << std::clamp(times - kTimes + 1, 0, 20)));
}

void Contest::PutRight(const std::string& identity, const std::string& slice, Steady now, Time wall) {
  Entry& entry = entries_[identity];
  if (entry.times == 0) entry.since = wall;
  entry.slice = slice;
  entry.last = now;
  entry.delay = DelayAfter(++entry.times);
}

void Contest::Forget(Steady now) {
  std::erase_if(entries_, [&](const auto& item) {
    return now - item.second.last > item.second.delay + std::max(kQuiet, 3 * interval_);
  });
}

bool Contest::Waits(const std::string& identity, Steady now) const {
  auto found = entries_.find(identity);
  return found != entries_.end() && now < found->second.last + found->second.delay;
}

bool Contest::Holds(const std::string& identity) const {
  auto found = entries_.find(identity);
  return found != entries_.end() && found->second.times >= kTimes;
}

std::vector<Contested> Contest::All() const {
  std::vector<Contested> all;
  for (const auto& [identity, entry] : entries_) {
    if (entry.times < kTimes) continue;
    const std::time_t since = std::chrono::duration_cast<std::chrono::seconds>(entry.since.time_since_epoch()).count();
    all.push_back({entry.slice, identity,
                   fmt::format("somebody keeps changing it back: put right {} times since {:%Y-%m-%dT%H:%M:%SZ}, from "
                               "now on at most every {} s; find out who (the brokers' logs, other tools) and stop them",
                               entry.times, fmt::gmtime(since),
                               std::chrono::duration_cast<std::chrono::seconds>(entry.delay).count())});
  }
  return all;
}

}  // namespace sluice::agent
