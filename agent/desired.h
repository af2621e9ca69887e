// Desired state as an agent holds it: the approved slices of its cluster at one revision. Immutable once
// published; slices are shared between successive states.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "common/clock/clock.h"
#include "common/core/diff.h"
#include "common/core/slice.h"

namespace sluice::agent {

struct HeldSlice {
  int64_t generation = 0;
  std::string digest;   // hexadecimal SHA-256 of the serialized slice
  core::Slice slice;    // holds only its key where `problem` is set
  std::string problem;  // why this version of the agent cannot read it; empty: it can
};

struct DesiredState {
  int64_t revision = 0;  // 0: nothing is held
  std::string history_hash;
  bool may_apply = false;     // false: observe only
  bool history_known = true;  // false: the control plane does not know our history, so nothing may be changed
  std::set<std::string> reserved_principals;  // Kafka users, without `User:`
  Time received;                              // when the control plane last confirmed it by a bookmark
  std::map<std::string, std::shared_ptr<const HeldSlice>> slices;  // by key
};

// Whether this agent is the one that serves its cluster, as far as the control plane has said.
enum class Standing {
  kUnknown,  // nothing was said yet
  kServing,
  kSecond,  // another one lives
};

// A point in the history of a cluster's desired state, as a bookmark names it.
struct HistoryPoint {
  int64_t revision = 0;  // 0: none
  std::string hash;
};

// What the reconciler is told when an update was committed.
struct DesiredUpdate {
  std::shared_ptr<const DesiredState> state;
  std::set<std::string> changed;  // keys put or removed
  bool full = false;              // everything may have changed
  core::Ours owned;               // what the control plane remembers as ours; with `full` only
};

}  // namespace sluice::agent
