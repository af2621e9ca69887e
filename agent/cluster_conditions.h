// ClusterConditions: what the agent says about its cluster as a whole. Pure.
#pragma once

#include <absl/status/status.h>

#include <chrono>
#include <string>
#include <vector>

#include "agent/guard.h"
#include "agent/observe.h"
#include "sluice/v1/common.pb.h"

namespace sluice::agent {

// The cluster after a round.
struct ClusterView {
  const Observation* observation = nullptr;  // never null where it is used
  const absl::Status* registry = nullptr;    // as it was last asked; null: the cluster has none
  bool history_known = true;
  bool observing = false;                      // the cluster's mode is OBSERVE
  bool another_cluster = false;                // `observation->kafka` says which one answers
  std::string cache_problem, journal_problem;  // empty: none
  GuardVerdict guard;
  int destructive_budget = 0;
  bool stale = false;  // the approved state is older than max_offline_age
  std::chrono::microseconds age{};
};

// `KafkaReachable`, `AclsReadable`, `RegistryReachable` and `HistoryKnown` always say whether it is so; the
// others are there while they hold: `CacheCorrupted`, `JournalCorrupted`, `AnotherCluster`, `Observing`,
// `GuardBudget`, `GuardActive`, `Stale`.
std::vector<sluice::v1::Condition> ClusterConditions(const ClusterView& view);

}  // namespace sluice::agent
