// Missing: topics of ours that a look did not show. A broker that has just started, or that lags behind the others, shows
// less than there is: such a topic is believed to be lost only when a second look, a while later, does not show it
// either. Until then nothing is concluded. Thread safety: belongs to one thread.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "agent/observe.h"
#include "common/core/diff.h"

namespace sluice::agent {

// The reason of a block from which nothing is concluded yet: a topic that is looked at a second time, for one.
inline constexpr char kUnseen[] = "Unseen";

class Missing {
 public:
  using Steady = std::chrono::steady_clock::time_point;
  static constexpr std::chrono::seconds kSecondLook{2};

  // Turns what `plan` says to be lost because this look did not show it into kUnseen, unless it was missing long enough.
  // Forgets what this look showed.
  void Doubt(Steady now, const Part& part, const Observation& observation, core::Plan& plan);

  std::optional<Steady> NextDue() const;
  std::set<std::string> DueSlices(Steady now) const;

 private:
  struct Entry {
    std::string slice;
    Steady since;
    bool believed = false;
  };
  std::map<std::string, Entry> entries_;  // by topic
};

}  // namespace sluice::agent
