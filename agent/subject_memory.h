// SubjectMemory: what the registry said about each subject, because it is asked one by one and slowly. A
// round asks about what is new, was written or is wanted otherwise, and about some of the oldest; for the
// rest it goes by what was seen last. Thread safety: belongs to one thread.
#pragma once

#include <chrono>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "agent/target.h"
#include "common/core/slice.h"

namespace sluice::agent {

class SubjectMemory {
 public:
  using Steady = std::chrono::steady_clock::time_point;
  // Of the subjects that are merely old, one round asks about so many, the oldest first: a few seconds of a
  // registry's time.
  static constexpr size_t kMaxOld = 500;

  // Which of `wanted` to ask about: those of which nothing is known, and those last seen before `old`.
  std::vector<core::Subject> ToAsk(const std::vector<core::Subject>& wanted, Steady old) const;
  // Takes the answer about `asked`; what could not be read is forgotten.
  void Remember(const std::vector<core::Subject>& asked, const RegistryState& state, Steady now);
  // Adds what is known about those of `wanted` that `state` does not speak of.
  void Fill(const std::vector<core::Subject>& wanted, RegistryState& state) const;
  // A step was sent for it: it is asked about next time.
  void Forget(const std::string& subject) { seen_.erase(subject); }
  // Forgets all but `wanted`.
  void Keep(const std::vector<core::Subject>& wanted);

 private:
  struct Seen {
    core::Subject wanted;  // `registered` and `latest` are about this one
    core::ObservedSubject observed;
    Steady when;
  };
  const Seen* Find(const core::Subject& wanted) const;

  std::map<std::string, Seen> seen_;  // by name
};

}  // namespace sluice::agent
