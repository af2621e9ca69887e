#include "controlplane/services/changes/plan.h"

#include <fmt/format.h>

#include <map>
#include <set>

#include "common/core/compile.h"
#include "common/core/diff.h"
#include "common/wire/wire.h"
#include "controlplane/services/limits.h"
#include "controlplane/store/slice_changes.h"

namespace sluice::controlplane {
namespace {

using sluice::v1::ClusterPlan;

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

// The changed slices of one cluster, before and after; the latter state what was taken away.
struct ChangedSlices {
  std::vector<core::Slice> before, after;
};

std::map<std::string, ChangedSlices> ByCluster(const State& state, const SliceChanges& changes) {
  std::map<std::string, ChangedSlices> by_cluster;
  for (const SliceChange& change : changes.slices) {
    ChangedSlices& slices = by_cluster[change.address.cluster];
    if (auto before = SliceOf(state, change.address)) slices.before.push_back(*std::move(before));
    if (auto after = SliceOf(changes.after, change.address)) slices.after.push_back(*std::move(after));
  }
  return by_cluster;
}

ClusterTotals TotalsOf(const State& state, const std::string& cluster) {
  auto it = state.totals.find(cluster);
  return it == state.totals.end() ? ClusterTotals() : it->second;
}

void SetBudgets(const State& before, const State& after, const core::Cluster* cluster, ClusterPlan& plan) {
  const ClusterTotals old_totals = TotalsOf(before, plan.cluster());
  const ClusterTotals new_totals = TotalsOf(after, plan.cluster());
  plan.mutable_partitions()->set_before(old_totals.partitions);
  plan.mutable_partitions()->set_after(new_totals.partitions);
  plan.mutable_acls()->set_before(old_totals.acls);
  plan.mutable_acls()->set_after(new_totals.acls);
  if (cluster == nullptr) return;
  plan.mutable_partitions()->set_limit(cluster->partition_limit);
  plan.mutable_acls()->set_limit(cluster->acl_limit);
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
  findings.push_back(
      {.severity = core::Severity::kError,
       .edit = 0,
       .resource = core::ResourceName(edit.definition),
       .field = "",
       .rule = "cluster-limit",
       .message = fmt::format("{}: {} +{} → {} of {}", cluster, what, Thousands(growth),
                              Thousands(budget.after()), Thousands(budget.limit())),
       .remedy = "take something away there, or have a platform operator raise the cluster's limits"});
}

// What `cluster` looks like to an agent that reports the given-up topics as lost.
void Lose(const std::vector<GivenUpTopic>& topics, const std::string& cluster, core::Observed& observed,
          core::Ours& ours) {
  for (const GivenUpTopic& lost : topics) {
    if (lost.cluster != cluster) continue;
    ours.topics[lost.topic.topic].id = lost.topic.id;
    if (lost.topic.accepted_id.empty()) {
      observed.topics->erase(lost.topic.topic);
    } else {
      (*observed.topics)[lost.topic.topic].id = lost.topic.accepted_id;
    }
  }
}

void AddAccepted(const std::vector<GivenUpTopic>& topics, ClusterPlan& plan) {
  for (const GivenUpTopic& lost : topics) {
    if (lost.cluster != plan.cluster() || lost.topic.accepted_id.empty()) continue;
    plan.set_step_count(plan.step_count() + 1);
    if (plan.steps_size() >= kMaxPlanSteps) continue;
    sluice::v1::PlanStep& step = *plan.add_steps();
    step.set_action(sluice::v1::STEP_ACTION_UPDATE);
    step.set_resource_type("topic");
    step.set_resource(lost.topic.topic);
    step.set_before(fmt::format("ID {}, somebody else's", lost.topic.accepted_id));
    step.set_after("ours");
    step.set_reason("it is taken in place of the lost one; then it is brought to what is approved");
  }
}

core::DiffOptions OptionsOf(const core::Cluster* cluster) {
  core::DiffOptions options;
  if (cluster == nullptr) return options;
  options.cluster = cluster->name;
  options.reserved_principals = {cluster->reserved_principals.begin(), cluster->reserved_principals.end()};
  return options;
}

}  // namespace

std::vector<ClusterPlan> MakePlans(const State& state, const std::vector<GivenUpTopic>& topics) {
  const SliceChanges changes = StateGivenUp(state, topics, state.revision + 1, "");
  std::vector<ClusterPlan> plans;
  for (const auto& [name, slices] : ByCluster(state, changes)) {
    core::Observed observed = core::ObservedFrom(slices.before);
    core::Ours ours = core::OursFrom(slices.before);
    Lose(topics, name, observed, ours);
    const core::Cluster* cluster = state.catalog.clusters.Find(name);
    ClusterPlan plan;
    plan.set_cluster(name);
    AddSteps(core::Diff(slices.after, observed, ours, OptionsOf(cluster)), plan);
    AddAccepted(topics, plan);
    SetBudgets(state, changes.after, cluster, plan);
    plans.push_back(std::move(plan));
  }
  return plans;
}

std::vector<ClusterPlan> MakePlans(const State& state, const core::Catalog& after,
                                   const std::vector<core::Edit>& edits) {
  // As the release will do it.
  const SliceChanges changes =
      ChangeSlices(state, after, core::Touched(state.catalog, after, edits), state.revision + 1, "");
  std::vector<ClusterPlan> plans;
  for (const auto& [name, slices] : ByCluster(state, changes)) {
    const core::Cluster* cluster = after.clusters.Find(name);
    ClusterPlan plan;
    plan.set_cluster(name);
    AddSteps(core::Diff(slices.after, core::ObservedFrom(slices.before), core::OursFrom(slices.before),
                        OptionsOf(cluster)),
             plan);
    SetBudgets(state, changes.after, cluster, plan);
    plans.push_back(std::move(plan));
  }
  return plans;
}

std::vector<core::Finding> ExceededLimits(const std::vector<ClusterPlan>& plans,
                                          const std::vector<core::Edit>& edits) {
  std::vector<core::Finding> findings;
  for (const ClusterPlan& plan : plans) {
    CheckBudget(plan.cluster(), "partitions", plan.partitions(), edits.front(), findings);
    CheckBudget(plan.cluster(), "ACLs", plan.acls(), edits.front(), findings);
  }
  return findings;
}

}  // namespace sluice::controlplane
