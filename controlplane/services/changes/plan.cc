#include "controlplane/services/changes/plan.h"

#include <set>

#include <fmt/format.h>

#include "common/core/compile.h"
#include "common/core/diff.h"
#include "common/wire/wire.h"
#include "controlplane/services/limits.h"

namespace sluice::controlplane {
namespace {

using core::Slice;
using sluice::v1::ClusterPlan;

// What `before` holds and `after` does not, as the release will state it to the agent. Topics and subjects are never taken away.
std::vector<core::Absence> AbsencesBetween(const Slice& before, const Slice& after) {
  std::vector<core::Absence> absences;
  const std::set<core::Acl> wanted(after.acls.begin(), after.acls.end());
  for (const core::Acl& acl : before.acls) {
    if (!wanted.contains(acl)) absences.push_back({.resource = acl, .since = 0, .change = ""});
  }
  for (const core::Topic& old_topic : before.topics) {
    auto it = std::find_if(after.topics.begin(), after.topics.end(),
                           [&](const core::Topic& topic) { return topic.name == old_topic.name; });
    if (it == after.topics.end()) continue;
    for (const auto& [key, value] : old_topic.configs) {
      if (it->configs.contains(key)) continue;
      absences.push_back({.resource = core::AbsentConfig{old_topic.name, key}, .since = 0, .change = ""});
    }
  }
  return absences;
}

struct Counts {
  int64_t partitions = 0, acls = 0;
};

Counts CountOf(const std::vector<Slice>& slices) {
  Counts counts;
  for (const Slice& slice : slices) {
    for (const core::Topic& topic : slice.topics) counts.partitions += topic.partitions;
    counts.acls += static_cast<int64_t>(slice.acls.size());
  }
  return counts;
}

void CountStep(const core::Step& step, ClusterPlan& plan, std::set<std::string>& subjects) {
  switch (step.kind) {
    case core::StepKind::kSetLevel:
    case core::StepKind::kRegisterSchema:
      subjects.insert(step.subject.name);
      break;
    case core::StepKind::kCreateTopic:
      plan.set_topics(plan.topics() + 1);
      break;
    case core::StepKind::kSetConfig:
    case core::StepKind::kResetConfig:
    case core::StepKind::kGrowPartitions:
      plan.set_configs(plan.configs() + 1);
      break;
    case core::StepKind::kCreateAcl:
      plan.set_acls_added(plan.acls_added() + 1);
      break;
    case core::StepKind::kDeleteAcl:
      plan.set_acls_removed(plan.acls_removed() + 1);
      break;
  }
}

void AddSteps(const core::Plan& diff, ClusterPlan& plan) {
  std::set<std::string> subjects;
  for (const core::Step& step : diff.steps) {
    CountStep(step, plan, subjects);
    if (plan.steps_size() < kMaxPlanSteps) *plan.add_steps() = wire::ToProto(step);
  }
  plan.set_subjects(static_cast<int32_t>(subjects.size()));
  for (const core::Block& block : diff.blocked) {
    if (plan.steps_size() == kMaxPlanSteps) break;
    sluice::v1::PlanStep& step = *plan.add_steps();
    step.set_action(sluice::v1::STEP_ACTION_BLOCKED);
    step.set_resource_type(block.resource.substr(0, block.resource.find(' ')));
    step.set_resource(block.resource.substr(block.resource.find(' ') + 1));
    step.set_reason(block.message);
  }
  plan.set_step_count(static_cast<int32_t>(diff.steps.size() + diff.blocked.size()));
}

// The touched slices of one cluster, before and after, with what the change takes away stated in the latter.
struct Compiled {
  std::vector<Slice> before, after;
};

Compiled CompileBoth(const core::Catalog& before, const core::Catalog& after, const std::string& cluster,
                     const std::vector<std::string>& keys) {
  const core::Cluster* old_cluster = before.clusters.Find(cluster);
  const core::Cluster* new_cluster = after.clusters.Find(cluster);
  Compiled compiled;
  for (const std::string& key : keys) {
    std::optional<Slice> was = old_cluster == nullptr ? std::nullopt : core::CompileKey(before, key, *old_cluster);
    std::optional<Slice> will = new_cluster == nullptr ? std::nullopt : core::CompileKey(after, key, *new_cluster);
    if (was && new_cluster != nullptr) {
      if (!will) will = Slice{.key = key, .topics = {}, .acls = {}, .subjects = {}, .absences = {}, .notes = {}};
      will->absences = AbsencesBetween(*was, *will);
    }
    if (was) compiled.before.push_back(*std::move(was));
    if (will) compiled.after.push_back(*std::move(will));
  }
  return compiled;
}

void SetBudgets(const State& state, const core::Cluster* cluster, const Counts& before, const Counts& after,
                ClusterPlan& plan) {
  auto it = state.totals.find(plan.cluster());
  const ClusterTotals totals = it == state.totals.end() ? ClusterTotals() : it->second;
  auto set = [](sluice::v1::Budget& budget, int64_t total, int64_t growth, int64_t limit) {
    budget.set_before(total);
    budget.set_after(total + growth);
    budget.set_limit(limit);
  };
  set(*plan.mutable_partitions(), totals.partitions, after.partitions - before.partitions,
      cluster == nullptr ? 0 : cluster->partition_limit);
  set(*plan.mutable_acls(), totals.acls, after.acls - before.acls, cluster == nullptr ? 0 : cluster->acl_limit);
}

std::string Thousands(int64_t number) {
  std::string digits = fmt::format("{}", number);
  for (int at = static_cast<int>(digits.size()) - 3; at > (number < 0 ? 1 : 0); at -= 3) {
    digits.insert(static_cast<size_t>(at), ",");
  }
  return digits;
}

void CheckBudget(const std::string& cluster, std::string_view what, const sluice::v1::Budget& budget,
                 const core::Edit& edit, std::vector<core::Finding>& findings) {
  const int64_t growth = budget.after() - budget.before();
  if (budget.limit() == 0 || budget.after() <= budget.limit() || growth <= 0) return;
  findings.push_back({.severity = core::Severity::kError,
                      .edit = 0,
                      .resource = core::ResourceName(edit.definition),
                      .field = "",
                      .rule = "cluster-limit",
                      .message = fmt::format("{}: {} +{} → {} of {}", cluster, what, Thousands(growth),
                                             Thousands(budget.after()), Thousands(budget.limit())),
                      .remedy = "take something away there, or have a platform operator raise the cluster's limits"});
}

}  // namespace

std::vector<ClusterPlan> MakePlans(const State& state, const core::Catalog& after, const std::vector<core::Edit>& edits) {
  std::map<std::string, std::vector<std::string>> touched;
  for (core::SliceAddress& address : core::Touched(state.catalog, after, edits)) {
    touched[address.cluster].push_back(std::move(address.key));
  }
  std::vector<ClusterPlan> plans;
  for (const auto& [name, keys] : touched) {
    const Compiled compiled = CompileBoth(state.catalog, after, name, keys);
    if (compiled.before == compiled.after) continue;
    const core::Cluster* cluster = after.clusters.Find(name);
    core::DiffOptions options;
    if (cluster != nullptr) {
      options.reserved_principals = {cluster->reserved_principals.begin(), cluster->reserved_principals.end()};
    }
    ClusterPlan plan;
    plan.set_cluster(name);
    AddSteps(core::Diff(compiled.after, core::ObservedFrom(compiled.before), core::OursFrom(compiled.before), options),
             plan);
    SetBudgets(state, cluster, CountOf(compiled.before), CountOf(compiled.after), plan);
    plans.push_back(std::move(plan));
  }
  return plans;
}

std::vector<core::Finding> ExceededLimits(const std::vector<ClusterPlan>& plans, const std::vector<core::Edit>& edits) {
  std::vector<core::Finding> findings;
  for (const ClusterPlan& plan : plans) {
    CheckBudget(plan.cluster(), "partitions", plan.partitions(), edits.front(), findings);
    CheckBudget(plan.cluster(), "ACLs", plan.acls(), edits.front(), findings);
  }
  return findings;
}

}  // namespace sluice::controlplane
