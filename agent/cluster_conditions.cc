#include "agent/cluster_conditions.h"

#include <fmt/format.h>

#include <utility>

#include "agent/outcomes.h"

namespace sluice::agent {
namespace {

using Conditions = std::vector<sluice::v1::Condition>;

void AddReachable(const char* type, const absl::Status& status, Conditions& conditions) {
  conditions.push_back(MakeCondition(type, status.ok(), status.ok() ? "Answers" : ReasonOf(status),
                                     std::string(status.message())));
}

void AddHistory(bool known, Conditions& conditions) {
  conditions.push_back(MakeCondition(
      "HistoryKnown", known, known ? "Known" : "Restored",
      known ? ""
            : "the control plane does not know the state that the agent holds (was it restored from a "
              "backup?); the agent "
              "changes nothing. To accept what the control plane has, stop the agent and remove cache.db"));
}

void AddProblem(const char* type, const char* reason, std::string message, Conditions& conditions) {
  conditions.push_back(MakeCondition(type, true, reason, std::move(message)));
}

void AddGuard(const ClusterView& view, Conditions& conditions) {
  if (view.guard.over_budget) {
    AddProblem("GuardBudget", "OverBudget",
               fmt::format("a plan of {} removals is over the guard's budget of {}; nothing is taken away",
                           view.guard.removals, view.destructive_budget),
               conditions);
  }
  if (view.guard.blocked > 0) {
    AddProblem("GuardActive", "Guard", fmt::format("the guard refuses {} steps", view.guard.blocked),
               conditions);
  }
}

}  // namespace

Conditions ClusterConditions(const ClusterView& view) {
  Conditions conditions;
  AddReachable("KafkaReachable", view.observation->kafka, conditions);
  if (view.observation->kafka.ok()) AddReachable("AclsReadable", view.observation->acls, conditions);
  if (view.registry != nullptr) AddReachable("RegistryReachable", *view.registry, conditions);
  AddHistory(view.history_known, conditions);
  if (!view.cache_problem.empty()) AddProblem("CacheCorrupted", "SetAside", view.cache_problem, conditions);
  if (!view.journal_problem.empty())
    AddProblem("JournalCorrupted", "SetAside", view.journal_problem, conditions);
  if (view.another_cluster) {
    AddProblem("AnotherCluster", "ClusterId",
               fmt::format("{}; nothing is changed. If this is meant, stop the agent and remove journal.db",
                           std::string(view.observation->kafka.message())),
               conditions);
  }
  if (view.observing)
    AddProblem("Observing", "Mode", "the cluster's mode is OBSERVE; nothing is changed", conditions);
  AddGuard(view, conditions);
  if (view.stale) {
    AddProblem("Stale", "MaxOfflineAge",
               fmt::format("the approved state is {} h old; nothing is granted again",
                           std::chrono::duration_cast<std::chrono::hours>(view.age).count()),
               conditions);
  }
  return conditions;
}

}  // namespace sluice::agent
