#include "agent/observe.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "agent/step.h"

namespace sluice::agent {
namespace {

using core::Slice;

// Names of what Kafka holds in a slice, those of its absences included.
void AddKafkaNames(const Slice& slice, std::set<std::string>& names) {
  for (const core::Topic& topic : slice.topics) names.insert(topic.name);
  for (const core::Acl& acl : slice.acls) names.insert(acl.resource);
  for (const core::Absence& absence : slice.absences) {
    if (const auto* acl = std::get_if<core::Acl>(&absence.resource)) names.insert(acl->resource);
    if (const auto* config = std::get_if<core::AbsentConfig>(&absence.resource)) names.insert(config->topic);
    if (const auto* lost = std::get_if<core::LostTopic>(&absence.resource)) names.insert(lost->topic);
  }
}

void AddConfigKeys(const Slice& slice, std::set<std::string>& keys) {
  for (const core::Topic& topic : slice.topics) {
    for (const auto& [key, value] : topic.configs) keys.insert(key);
  }
  for (const core::Absence& absence : slice.absences) {
    if (const auto* config = std::get_if<core::AbsentConfig>(&absence.resource)) keys.insert(config->key);
  }
}

// What another slice says about the names of this round, and nothing else of it.
std::optional<Slice> Shared(const Slice& slice, const std::set<std::string>& names) {
  Slice shared;
  for (const core::Topic& topic : slice.topics) {
    if (names.count(topic.name) > 0) shared.topics.push_back(topic);
  }
  for (const core::Acl& acl : slice.acls) {
    if (names.count(acl.resource) > 0) shared.acls.push_back(acl);
  }
  if (shared.topics.empty() && shared.acls.empty()) return std::nullopt;
  shared.key = slice.key;
  return shared;
}

absl::Status ObserveRegistry(const Part& part, const SubjectLook& look, Observation& into) {
  std::vector<core::Subject> subjects;
  for (const Slice& slice : part.slices)
    subjects.insert(subjects.end(), slice.subjects.begin(), slice.subjects.end());
  if (!part.scope) look.memory.Keep(subjects);
  if (subjects.empty()) {
    into.observed.subjects.emplace();
    return absl::OkStatus();
  }
  if (look.registry == nullptr) {
    return absl::FailedPreconditionError("the agent has no registry; set registry.url in its configuration");
  }
  const std::vector<core::Subject> ask = look.memory.ToAsk(subjects, look.old);
  absl::StatusOr<RegistryState> state = RegistryState();
  if (!ask.empty()) {
    if (!look.down.ok()) return look.down;
    into.registry_asked = true;
    state = look.registry->Observe(ask);
    if (!state.ok()) return state.status();
    look.memory.Remember(ask, *state, look.now);
  }
  look.memory.Fill(subjects, *state);
  into.observed.subjects = std::move(state->subjects);
  into.unreadable_subjects = std::move(state->unreadable);
  return absl::OkStatus();
}

// Whether a step or block is about a topic or subject that could not be looked at. A revocation is taken
// anyway: it needs no look at the topic.
const absl::Status* Unreadable(const Observation& observation, const core::Step& step) {
  auto find = [](const std::map<std::string, absl::Status>& in,
                 const std::string& name) -> const absl::Status* {
    auto found = in.find(name);
    return found == in.end() ? nullptr : &found->second;
  };
  if (IsForRegistry(step)) return find(observation.unreadable_subjects, step.subject.name);
  if (step.kind == core::StepKind::kDeleteAcl) return nullptr;
  if (!step.after_subject.empty()) {
    if (const absl::Status* status = find(observation.unreadable_subjects, step.after_subject)) return status;
  }
  return find(observation.unreadable_topics, std::string(TopicOf(step)));
}

bool IsAbout(const core::Block& block, const std::string& word,
             const std::map<std::string, absl::Status>& names) {
  return block.resource.compare(0, word.size(), word) == 0 &&
         names.count(block.resource.substr(word.size())) > 0;
}

}  // namespace

Part WholePart(const DesiredState& state) {
  Part part;
  part.slices.reserve(state.slices.size());
  for (const auto& [key, held] : state.slices) {
    part.slices.push_back(held->slice);
    part.keys.insert(part.keys.end(), key);
    AddConfigKeys(held->slice, part.config_keys);
  }
  return part;
}

Part PartOf(const DesiredState& state, const std::set<std::string>& keys) {
  Part part;
  for (const std::string& key : keys) {
    auto found = state.slices.find(key);
    if (found == state.slices.end()) continue;
    part.keys.insert(key);
    AddKafkaNames(found->second->slice, part.kafka_names);
  }
  part.scope = part.kafka_names;
  for (const auto& [key, held] : state.slices) {
    if (part.keys.count(key) > 0) {
      part.slices.push_back(held->slice);
      for (const core::Subject& subject : held->slice.subjects) part.scope->insert(subject.name);
    } else if (auto shared = Shared(held->slice, part.kafka_names)) {
      part.slices.push_back(*std::move(shared));
    }
  }
  for (const Slice& slice : part.slices) AddConfigKeys(slice, part.config_keys);
  return part;
}

Observation Observe(const Part& part, KafkaTarget& kafka, const ConfigLook& configs, const SubjectLook& subjects) {
  Observation observation;
  KafkaQuery query;
  if (part.scope) query.scope = part.kafka_names;
  // Without any declared key there is nothing to save: no key at all means all of them.
  const bool all_keys = configs.all_keys || part.config_keys.empty();
  if (!all_keys) query.config_keys = part.config_keys;
  auto state = kafka.Observe(query);
  observation.kafka = state.status();
  observation.acls = state.ok() ? state->acls.status() : state.status();
  if (state.ok()) {
    if (!all_keys) configs.memory.Fill(query.config_keys, state->topics);
    if (all_keys && !part.scope) configs.memory.Remember(state->topics, part.config_keys);
    observation.observed.topics = std::move(state->topics);
    if (state->acls.ok()) observation.observed.acls = *std::move(state->acls);
    observation.observed.brokers = state->brokers;
    observation.unreadable_topics = std::move(state->unreadable);
    observation.cluster_id = state->cluster_id;
  }
  observation.registry = ObserveRegistry(part, subjects, observation);
  return observation;
}

void DropUnreadable(const Observation& observation, core::Plan& plan) {
  if (observation.unreadable_topics.empty() && observation.unreadable_subjects.empty()) return;
  std::vector<core::Step> kept;
  std::vector<core::Block> added;
  for (core::Step& step : plan.steps) {
    if (const absl::Status* status = Unreadable(observation, step)) {
      added.push_back({step.slice, Identity(step), "Unreadable",
                       fmt::format("could not be looked at: {}", std::string(status->message()))});
    } else {
      kept.push_back(std::move(step));
    }
  }
  plan.steps = std::move(kept);
  auto unfounded = [&observation](const core::Block& block) {
    return IsAbout(block, "topic ", observation.unreadable_topics) ||
           IsAbout(block, "subject ", observation.unreadable_subjects);
  };
  for (core::Block& block : plan.blocked) {
    if (!unfounded(block)) continue;
    block.reason = "Unreadable";
    block.message = "could not be looked at";
  }
  auto unseen = [&observation](const std::pair<std::string, core::Absence>& gone) {
    const auto* config = std::get_if<core::AbsentConfig>(&gone.second.resource);
    const auto* lost = std::get_if<core::LostTopic>(&gone.second.resource);
    return (config != nullptr && observation.unreadable_topics.count(config->topic) > 0) ||
           (lost != nullptr && observation.unreadable_topics.count(lost->topic) > 0);
  };
  plan.gone.erase(std::remove_if(plan.gone.begin(), plan.gone.end(), unseen), plan.gone.end());
  plan.blocked.insert(plan.blocked.end(), added.begin(), added.end());
}

}  // namespace sluice::agent
