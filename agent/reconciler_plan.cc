// What a reconciler plans, and what of it may not be done now.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "agent/reconciler.h"
#include "agent/step.h"

namespace sluice::agent {
namespace {

constexpr char kClusterId[] = "kafka_cluster_id";

// After a lost journal, whose something is that exists is known only to the control plane.
void DoubtOwners(core::Plan& plan) {
  for (core::Block& block : plan.blocked) {
    if (block.reason != "Exists") continue;
    block.reason = kUnseen;
    block.message = "the journal was lost; whether it is ours is known when the control plane has said so";
  }
}

bool Creates(const core::Step& step) {
  return step.kind == core::StepKind::kCreateTopic || step.kind == core::StepKind::kRegisterSchema;
}

}  // namespace

core::Plan Reconciler::MakePlan(const Part& part, Observation& observation) {
  acknowledged_.Overlay(part, *state_, parts_.journal.ours(), parts_.clock.Steady(), observation);
  core::DiffOptions options;
  options.cluster = options_.cluster;
  options.reserved_principals = state_->reserved_principals;
  options.scope = part.scope;
  core::Plan plan = core::Diff(part.slices, observation.observed, parts_.journal.ours(), options);
  std::map<std::string, core::OwnedTopic> recognised;
  for (const auto& [name, id] : plan.recognised) {
    if (!id.empty()) recognised[name].id = id;
  }
  const absl::Status journalled = parts_.journal.RecordTopics(recognised);
  LogFailure("topics that were created", journalled);
  if (!journalled.ok()) KeepLostTopics(plan);
  KeepToPart(part, plan);
  missing_.Doubt(parts_.clock.Steady(), part, observation, plan);
  if (!ownership_known_) DoubtOwners(plan);
  DropUnreadable(observation, plan);
  const GuardVerdict verdict = ApplyGuard(options_.guard, plan);
  if (!part.scope || verdict.blocked > 0)
    guard_verdict_ = verdict;  // a look at some slices says nothing about the others
  HoldBackStale(plan);
  return plan;
}

void Reconciler::KeepToPart(const Part& part, core::Plan& plan) const {
  if (!part.scope) return;
  auto elsewhere = [&part](const auto& item) { return part.keys.count(item.slice) == 0; };
  plan.steps.erase(std::remove_if(plan.steps.begin(), plan.steps.end(), elsewhere), plan.steps.end());
  plan.blocked.erase(std::remove_if(plan.blocked.begin(), plan.blocked.end(), elsewhere), plan.blocked.end());
  plan.foreign.erase(std::remove_if(plan.foreign.begin(), plan.foreign.end(), elsewhere), plan.foreign.end());
  auto gone_elsewhere = [&part](const auto& gone) { return part.keys.count(gone.first) == 0; };
  plan.gone.erase(std::remove_if(plan.gone.begin(), plan.gone.end(), gone_elsewhere), plan.gone.end());
}

// What made a lost topic's absence gone is not on the disk.
void Reconciler::KeepLostTopics(core::Plan& plan) {
  auto lost = [](const auto& gone) { return std::holds_alternative<core::LostTopic>(gone.second.resource); };
  plan.gone.erase(std::remove_if(plan.gone.begin(), plan.gone.end(), lost), plan.gone.end());
}

void Reconciler::HoldBackStale(core::Plan& plan) {
  stale_ = state_->revision > 0 && Age() > options_.max_offline_age;
  if (!stale_) return;
  const std::string old = AgeText(Age());
  std::vector<core::Step> kept;
  for (core::Step& step : plan.steps) {
    if (step.kind != core::StepKind::kCreateAcl) {
      kept.push_back(std::move(step));
      continue;
    }
    plan.blocked.push_back(
        {step.slice, Identity(step), "Stale",
         fmt::format("the approved state is {} and the control plane is away; nothing is granted again "
                     "until it is back",
                     old)});
  }
  plan.steps = std::move(kept);
}

bool Reconciler::WaitsForWord() const {
  return standing_ == Standing::kUnknown && parts_.clock.Steady() < patience_ends_;
}

absl::Status Reconciler::MayApply() const {
  if (standing_ == Standing::kSecond) return absl::AbortedError("another agent serves this cluster");
  if (WaitsForWord())
    return absl::AbortedError("the control plane has not said yet whether another agent serves this cluster");
  if (!state_->history_known)
    return absl::AbortedError("the control plane does not know the state that is held here");
  if (!foreign_cluster_.empty()) return absl::AbortedError("another Kafka cluster answers at this address");
  if (!state_->may_apply) return absl::AbortedError("the cluster's mode is OBSERVE");
  return absl::OkStatus();
}

std::vector<absl::Status> Reconciler::HeldSteps(const core::Plan& plan) {
  const absl::Status may_apply = MayApply();
  held_for_word_ = WaitsForWord() && !plan.steps.empty();
  const Steady now = parts_.clock.Steady();
  std::vector<absl::Status> held;
  held.reserve(plan.steps.size());
  for (const core::Step& step : plan.steps) {
    const std::string identity = Identity(step);
    const absl::Status* waiting =
        may_apply.ok() ? backoff_.Waiting(identity, GenerationOf(step.slice), now) : nullptr;
    held.push_back(waiting != nullptr ? *waiting : may_apply);
    if (held.back().ok() && !ownership_known_ && Creates(step)) {
      held.back() = absl::AbortedError(
          "the journal was lost; nothing is created until the control plane has said what is ours");
    }
    if (held.back().ok() && contest_.Waits(identity, now))
      held.back() = absl::AbortedError("contested: it is put right again after a while");
  }
  return held;
}

void Reconciler::CheckClusterId(Observation& observation) {
  if (!observation.kafka.ok() || observation.cluster_id.empty()) return;
  const std::string known = parts_.journal.Fact(kClusterId);
  foreign_cluster_ = known.empty() || known == observation.cluster_id ? "" : observation.cluster_id;
  if (known.empty())
    LogFailure("the cluster's ID", parts_.journal.RecordFact(kClusterId, observation.cluster_id));
  if (foreign_cluster_.empty()) return;
  // What is there says nothing about the cluster that this agent serves.
  observation.kafka = absl::FailedPreconditionError(
      fmt::format("the Kafka cluster at this address is {}, it was {}", foreign_cluster_, known));
  observation.acls = observation.kafka;
  observation.observed.topics.reset();
  observation.observed.acls.reset();
}

}  // namespace sluice::agent
