#include "agent/cluster_conditions.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <utility>

#include "agent/outcomes.h"
#include "agent/state_age.h"

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
              "changes nothing. To follow the restored control plane, stop the agent and run sluice-agent accept-history"));
}

void AddProblem(const char* type, const char* reason, std::string message, Conditions& conditions) {
  conditions.push_back(MakeCondition(type, true, reason, std::move(message)));
}

void AddUnwritable(const char* type, const absl::Status& status, const char* meaning, Conditions& conditions) {
  if (status.ok()) return;
  AddProblem(type, ReasonOf(status).c_str(),
             fmt::format("{}: {}; free space in data_directory or mend its file system",
                         std::string(status.message()), meaning),
             conditions);
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

std::string AgeText(std::chrono::microseconds age) {
  if (age == StateAge::kUnknown) {
    return "of unknown age (the machine's clock stands before the last contact with the control plane; set it right)";
  }
  return fmt::format("{} h old", std::chrono::duration_cast<std::chrono::hours>(age).count());
}

bool IsProblem(const sluice::v1::Condition& condition) {
  if (condition.type() == "Observing") return false;
  const bool should_hold = condition.type() == "KafkaReachable" || condition.type() == "AclsReadable" ||
                           condition.type() == "RegistryReachable" || condition.type() == "HistoryKnown";
  return should_hold != (condition.status() == sluice::v1::Condition::STATUS_TRUE);
}

Conditions ClusterConditions(const ClusterView& view) {
  Conditions conditions;
  AddReachable("KafkaReachable", view.observation->kafka, conditions);
  if (view.observation->kafka.ok()) AddReachable("AclsReadable", view.observation->acls, conditions);
  if (view.registry != nullptr) AddReachable("RegistryReachable", *view.registry, conditions);
  AddHistory(view.history_known, conditions);
  if (!view.cache_problem.empty()) AddProblem("CacheCorrupted", "SetAside", view.cache_problem, conditions);
  if (!view.journal_problem.empty())
    AddProblem("JournalCorrupted", "SetAside", view.journal_problem, conditions);
  AddUnwritable("CacheUnwritable", view.cache_writes,
                "the agent works on with the last state that it could keep, and takes no newer one", conditions);
  AddUnwritable("JournalUnwritable", view.journal_writes,
                "nothing is created until it can be written, because it could not be told from somebody else's",
                conditions);
  if (!view.refused.ok()) {
    AddProblem("StreamRefused", ReasonOf(view.refused).c_str(),
               fmt::format("the control plane does not serve this agent, which goes on with what it has: {}",
                           std::string(view.refused.message())),
               conditions);
  }
  if (!view.expiring.empty()) {
    AddProblem("CertificateExpiring", "Expiry",
               fmt::format("{}; renew it in its place, it is read again", fmt::join(view.expiring, "; ")), conditions);
  }
  if (view.second) {
    AddProblem("SecondAgent", "Refused",
               "another agent serves this cluster; this one changes nothing and takes over when that one ends",
               conditions);
  }
  if (view.another_cluster) {
    AddProblem("AnotherCluster", "ClusterId",
               fmt::format("{}; nothing is changed. If this is meant, stop the agent and remove journal.db",
                           std::string(view.observation->kafka.message())),
               conditions);
  }
  if (view.observing)
    AddProblem("Observing", "Mode", "the cluster's mode is OBSERVE; nothing is changed", conditions);
  AddGuard(view, conditions);
  if (!view.deferred.empty()) AddProblem("Throttled", "CreationQuota", view.deferred, conditions);
  if (view.stale) {
    AddProblem("Stale", "MaxOfflineAge",
               fmt::format("the approved state is {}; nothing is granted again until the control plane is heard",
                           AgeText(view.age)),
               conditions);
  }
  return conditions;
}

}  // namespace sluice::agent
