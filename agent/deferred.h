// Deferred: steps that a quota of the cluster left no room for (Outcome::kLater). Their slices are due again soon, since
// what waited in the target is paced there already. Thread safety: belongs to one thread.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "agent/target.h"
#include "common/core/diff.h"

namespace sluice::agent {

class Deferred {
 public:
  using Steady = std::chrono::steady_clock::time_point;

  // What a round did about `slices`, of which these are the steps and their results.
  void Take(const std::set<std::string>& slices, const std::vector<core::Step>& steps,
            const std::vector<StepResult>& results, Steady now);

  std::optional<Steady> NextDue() const;
  std::set<std::string> DueSlices(Steady now) const;
  // For the cluster's condition: how much waits, and why; empty: nothing does.
  std::string Message() const;

 private:
  std::map<std::string, int> waiting_;  // steps, by slice
  std::string why_;
  Steady due_{};
};

}  // namespace sluice::agent
