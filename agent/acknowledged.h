// Acknowledged: our own writes that Kafka has acknowledged and a look has not shown yet. Brokers answer long
// before what they did is visible; a plan made from such a look would send everything again. Pure but for
// what it remembers.
//
// Bounded in time: what is not visible after `kPatience` is forgotten, so that the next plan sends it again.
// Thread safety: belongs to one thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <set>
#include <string>

#include "agent/observe.h"
#include "common/core/diff.h"

namespace sluice::agent {

class Acknowledged {
 public:
  using Steady = std::chrono::steady_clock::time_point;
  // 5,000 topics took a single broker 20 s to show.
  static constexpr std::chrono::seconds kPatience{90};

  // Takes the place of an older write to the same thing.
  void Remember(const core::Step& step, Steady now);
  // Forgets what `observation` shows, what it lost patience with, and writes for slices that are not held any
  // more; lays what is left over the observation. Parts that were not looked at stay as they are.
  void Overlay(const Part& part, const DesiredState& state, const core::Ours& ours, Steady now,
               Observation& observation);

  bool empty() const { return writes_.empty(); }
  // Slices with writes that are not visible yet.
  std::set<std::string> Slices() const;
  // The slices to look at now. Of many only that of the newest write: a broker shows what it did in its order, and
  // looks at everything are a load on one that is busy. Once it is visible all the others are looked at.
  std::set<std::string> Probe();
  // What is not visible yet, by Identity.
  bool Holds(const std::string& identity) const { return writes_.count(identity) > 0; }

 private:
  static constexpr size_t kFew = 20;
  struct Write {
    core::Step step;
    Steady since;
    uint64_t place = 0;  // in the order of all writes
  };
  std::map<std::string, Write> writes_;  // by Identity
  uint64_t written_ = 0;
  std::string probe_;  // the slice that is looked at for all; empty: none
};

}  // namespace sluice::agent
