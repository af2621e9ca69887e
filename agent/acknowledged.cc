#include "agent/acknowledged.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "agent/step.h"
#include "common/log/log.h"

namespace sluice::agent {
namespace {

using core::Step;
using core::StepKind;

// Whether the observation holds what a look needs to tell.
bool LookedAt(const Step& step, const Part& part, const Observation& observation) {
  const core::Observed& seen = observation.observed;
  if (IsForRegistry(step)) {
    return seen.subjects && seen.subjects->count(step.subject.name) > 0;
  }
  const bool acl = step.kind == StepKind::kCreateAcl || step.kind == StepKind::kDeleteAcl;
  const std::string name = acl ? step.acl.resource.str() : std::string(TopicOf(step));
  if (part.scope && part.scope->count(name) == 0) return false;
  if (acl) return seen.acls.has_value();
  return seen.topics && observation.unreadable_topics.count(name) == 0;
}

bool IsVisible(const Step& step, const core::Observed& seen) {
  if (IsForRegistry(step)) {
    const core::ObservedSubject& subject = seen.subjects->at(step.subject.name);
    return step.kind == StepKind::kSetLevel ? subject.level == step.subject.level : subject.registered;
  }
  if (step.kind == StepKind::kCreateAcl) return seen.acls->count(step.acl) > 0;
  if (step.kind == StepKind::kDeleteAcl) return seen.acls->count(step.acl) == 0;
  auto topic = seen.topics->find(std::string(TopicOf(step)));
  if (topic == seen.topics->end()) return false;
  auto config = topic->second.overrides.find(step.key);
  switch (step.kind) {
    case StepKind::kSetConfig:
      return config != topic->second.overrides.end() && config->second == step.after;
    case StepKind::kResetConfig:
      return config == topic->second.overrides.end();
    case StepKind::kGrowPartitions:
      return topic->second.partitions >= step.topic.partitions;
    default:
      return true;
  }
}

// A topic that is gone again has no configs to lay over it.
bool CanOverlay(const Step& step, const core::Observed& seen) {
  if (step.kind != StepKind::kSetConfig && step.kind != StepKind::kResetConfig &&
      step.kind != StepKind::kGrowPartitions)
    return true;
  return seen.topics->count(std::string(TopicOf(step))) > 0;
}

}  // namespace

void Acknowledged::Remember(const core::Step& step, Steady now) {
  writes_[Identity(step)] = {step, now, ++written_};
}

void Acknowledged::Overlay(const Part& part, const DesiredState& state, const core::Ours& ours, Steady now,
                           Observation& observation) {
  std::vector<Step> hidden;
  for (auto it = writes_.begin(); it != writes_.end();) {
    const Step& step = it->second.step;
    const bool late = now - it->second.since > kPatience;
    const bool looked = LookedAt(step, part, observation);
    if (late && looked && !IsVisible(step, observation.observed)) {
      log::Warn("an acknowledged write never became visible",
                {{"resource", it->first}, {"slice", step.slice}});
    }
    if (late || state.slices.count(step.slice) == 0 || (looked && IsVisible(step, observation.observed))) {
      it = writes_.erase(it);
      continue;
    }
    if (looked) hidden.push_back(step);
    ++it;
  }
  if (hidden.empty()) return;
  std::stable_sort(hidden.begin(), hidden.end(),
                   [](const Step& a, const Step& b) { return a.phase < b.phase; });
  core::Ours scratch = ours;
  for (const Step& step : hidden) {
    if (CanOverlay(step, observation.observed)) core::ApplyToModel({step}, observation.observed, scratch);
    if (step.kind != StepKind::kCreateTopic) continue;
    auto owned = ours.topics.find(step.topic.name);
    auto topic = observation.observed.topics->find(step.topic.name);
    if (owned != ours.topics.end() && topic != observation.observed.topics->end())
      topic->second.id = owned->second.id;
  }
}

std::set<std::string> Acknowledged::Probe() {
  std::set<std::string> slices = Slices();
  const bool visible = !probe_.empty() && slices.count(probe_) == 0;
  if (slices.size() <= kFew || visible) {
    probe_.clear();
    return slices;
  }
  const auto newest = std::max_element(writes_.begin(), writes_.end(), [](const auto& a, const auto& b) {
    return a.second.place < b.second.place;
  });
  probe_ = newest->second.step.slice;
  return {probe_};
}

std::set<std::string> Acknowledged::Slices() const {
  std::set<std::string> slices;
  for (const auto& [identity, write] : writes_) slices.insert(write.step.slice);
  return slices;
}

}  // namespace sluice::agent
