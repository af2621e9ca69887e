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
  absl::Status cache_writes, journal_writes;   // not OK: it cannot be written now
  absl::Status refused;                        // why the control plane does not serve this agent; OK: it does
  std::vector<std::string> expiring;           // what is to be said about certificates
  bool second = false;                         // another agent serves the cluster
  std::string deferred;                        // what a quota of Kafka makes wait; empty: nothing
  GuardVerdict guard;
  int destructive_budget = 0;
  bool stale = false;  // the approved state is older than max_offline_age
  std::chrono::microseconds age{};
};

// `26 h old`; `of unknown age (…)`.
std::string AgeText(std::chrono::microseconds age);

// Whether a condition asks for somebody.
bool IsProblem(const sluice::v1::Condition& condition);

// `KafkaReachable`, `AclsReadable`, `RegistryReachable` and `HistoryKnown` always say whether it is so; the
// others are there while they hold: `CacheCorrupted`, `JournalCorrupted`, `AnotherCluster`, `Observing`,
// `GuardBudget`, `GuardActive`, `Stale`, `CacheUnwritable`, `JournalUnwritable`, `SecondAgent`, `CertificateExpiring`,
// `Throttled`, `StreamRefused`.
std::vector<sluice::v1::Condition> ClusterConditions(const ClusterView& view);

}  // namespace sluice::agent
