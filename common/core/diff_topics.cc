// The part of Diff that decides about topics and their configs.
#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "common/core/diff_work.h"
#include "common/core/lost_topic.h"
#include "common/core/text.h"

namespace sluice::core::diff {
namespace {

using Topics = std::map<std::string, ObservedTopic>;

std::string TopicResource(std::string_view name) { return Cat("topic ", name); }

std::string Count(int64_t count, std::string_view noun) {
  return Cat(count, " ", noun, count == 1 ? "" : "s");
}

// Belongs to a reassignment, which sets and removes it by itself.
bool IsIgnored(std::string_view key) { return key.ends_with(".replication.throttled.replicas"); }

std::string Summary(const Topic& topic) {
  std::string text = Cat(Count(topic.partitions, "partition"), ", RF ", topic.replication_factor);
  for (const auto& [key, value] : topic.configs) text += Cat(", ", key, "=", value);
  return text;
}

// Kafka's metrics write `.` as `_`: two topics that then look the same are refused by the broker.
class Collisions {
 public:
  explicit Collisions(const Topics& topics) {
    for (const auto& [name, topic] : topics) {
      if (name.find('_') != std::string::npos) by_metric_name_.emplace(MetricName(name), name);
    }
  }

  // The topic that `name` collides with; empty: none.
  std::string_view Find(const std::string& name) const {
    if (by_metric_name_.empty()) return {};
    const auto found = by_metric_name_.find(MetricName(name));
    return found == by_metric_name_.end() || found->second == name ? std::string_view() : found->second;
  }

 private:
  static std::string MetricName(std::string name) {
    std::replace(name.begin(), name.end(), '.', '_');
    return name;
  }

  std::unordered_map<std::string, std::string_view> by_metric_name_;
};

void Hold(Work& work, WantedTopic& wanted, TopicState state, std::string reason, std::string message) {
  wanted.state = state;
  wanted.block =
      work.AddBlock(wanted.slice, TopicResource(wanted.topic->name), std::move(reason), std::move(message));
}

bool HasId(const OwnedTopic* owned) { return owned != nullptr && !owned->id.empty(); }

// The absence that gives up the topic called `name`; nullptr: none.
const Absent<LostTopic>* FindGivenUp(const Work& work, std::string_view name) {
  const auto at =
      std::lower_bound(work.lost_topics.begin(), work.lost_topics.end(), name,
                       [](const auto& absent, std::string_view value) { return absent.resource->topic < value; });
  return at != work.lost_topics.end() && at->resource->topic == name ? &*at : nullptr;
}

SharedText ReasonToCreate(const OwnedTopic* owned, const Absent<LostTopic>* given_up) {
  static const SharedText kMissing = "the topic is missing";
  static const SharedText kTried = "the topic is missing; an earlier try to create it left nothing";
  if (HasId(owned)) {
    return Cat("the topic that was created (ID ", owned->id, ") is gone; change ", given_up->absence->change,
               " gives it up");
  }
  return owned != nullptr ? kTried : kMissing;
}

// `owned`: its entry in the journal; nullptr: none.
void DiffMissing(Work& work, const Collisions& collisions, WantedTopic& wanted, const OwnedTopic* owned) {
  const Topic& topic = *wanted.topic;
  const Absent<LostTopic>* given_up = HasId(owned) ? FindGivenUp(work, topic.name) : nullptr;
  if (HasId(owned) && (given_up == nullptr || given_up->resource->id != owned->id ||
                       !given_up->resource->accepted_id.empty())) {
    return Hold(work, wanted, TopicState::kAlien, "TopicLost",
                GoneMessage(topic.name, owned->id, work.options.cluster));
  }
  if (const std::string_view other = collisions.Find(topic.name); !other.empty()) {
    return Hold(work, wanted, TopicState::kHeld, "NameCollision",
                Cat("the name collides with the foreign topic ", other,
                    " (Kafka takes '.' and '_' for the same); remove one of them"));
  }
  if (work.observed.brokers > 0 && topic.replication_factor > work.observed.brokers) {
    return Hold(work, wanted, TopicState::kHeld, "ReplicationFactor",
                Cat("RF ", topic.replication_factor, " > ", Count(work.observed.brokers, "broker"),
                    "; lower replication_factor for this environment or add brokers"));
  }
  wanted.state = TopicState::kCreating;
  if (HasId(owned)) work.plan.given_up.emplace(topic.name, owned->id);
  Step& step = work.AddStep(Phase::kCreateTopic, StepKind::kCreateTopic, wanted.slice, topic.name,
                            ReasonToCreate(owned, given_up));
  step.topic = topic;
  step.after = Summary(topic);
}

void DiffConfigs(Work& work, const WantedTopic& wanted, const ObservedTopic& seen) {
  for (const auto& [key, value] : wanted.topic->configs) {
    const auto found = seen.overrides.find(key);
    if (found != seen.overrides.end() && found->second == value) continue;
    const bool set = found != seen.overrides.end();
    Step& step = work.AddStep(Phase::kAlterTopic, StepKind::kSetConfig, wanted.slice, wanted.topic->name,
                              set ? Cat(key, " is ", found->second, ", approved is ", value)
                                  : Cat(key, " is not set, approved is ", value));
    step.topic.name = wanted.topic->name;
    step.key = key;
    step.before = set ? found->second : "";
    step.after = value;
  }
}

// Overrides that no slice names. Those that an absence names are returned to their defaults, see
// DiffAbsentConfigs.
void ReportForeignConfigs(Work& work, const WantedTopic& wanted, const ObservedTopic& seen) {
  for (const auto& [key, value] : seen.overrides) {
    if (wanted.topic->configs.contains(key) || IsIgnored(key)) continue;
    const AbsentConfig wanted_absent = {wanted.topic->name, key};
    const auto at = std::lower_bound(
        work.absent_configs.begin(), work.absent_configs.end(), wanted_absent,
        [](const auto& absent, const AbsentConfig& value) { return *absent.resource < value; });
    if (at != work.absent_configs.end() && *at->resource == wanted_absent) continue;
    work.AddForeign(wanted.slice, Cat("config ", key, " of topic ", wanted.topic->name), /*excess=*/false,
                    Cat(key, "=", value, " was set by someone else and is left alone"));
  }
}

void DiffShape(Work& work, const WantedTopic& wanted, const ObservedTopic& seen) {
  const Topic& topic = *wanted.topic;
  const std::string resource = TopicResource(topic.name);
  if (seen.replication_factor > 0 && seen.replication_factor != topic.replication_factor) {
    work.AddBlock(
        wanted.slice, resource, "ReplicationFactor",
        Cat("RF is ", seen.replication_factor, ", approved is ", topic.replication_factor,
            "; that needs a partition reassignment: run Kafka's tools, or change what is approved"));
  }
  if (seen.partitions > topic.partitions) {
    work.AddBlock(wanted.slice, resource, "PartitionsShrink",
                  Cat("partitions cannot shrink (", seen.partitions, " → ", topic.partitions, "); approve ",
                      seen.partitions, " or declare a new major version"));
  } else if (seen.partitions < topic.partitions) {
    Step& step =
        work.AddStep(Phase::kAlterTopic, StepKind::kGrowPartitions, wanted.slice, topic.name,
                     Cat("has ", Count(seen.partitions, "partition"), ", approved: ", topic.partitions));
    step.topic.name = topic.name;
    step.topic.partitions = topic.partitions;
    step.before = TextOf(seen.partitions);
    step.after = TextOf(topic.partitions);
  }
}

// Whether a person took the topic that stands there as ours, in place of the one that is in the journal. A journal
// that was lost knows none.
bool IsAccepted(const Work& work, const std::string& name, const ObservedTopic& seen, const OwnedTopic* owned) {
  const Absent<LostTopic>* given_up = FindGivenUp(work, name);
  return given_up != nullptr && !seen.id.empty() && given_up->resource->accepted_id == seen.id &&
         (owned == nullptr || given_up->resource->id == owned->id);
}

void DiffExisting(Work& work, WantedTopic& wanted, const ObservedTopic& seen, const OwnedTopic* owned) {
  const Topic& topic = *wanted.topic;
  const bool accepted = IsAccepted(work, topic.name, seen, owned);
  if (owned == nullptr && !accepted) {
    return Hold(work, wanted, TopicState::kAlien, "Exists",
                "a topic of this name existed before and is not ours; nothing of it is touched");
  }
  if (accepted || owned->id.empty()) {
    work.plan.recognised.emplace(topic.name, seen.id);
  } else if (!seen.id.empty() && seen.id != owned->id) {
    return Hold(work, wanted, TopicState::kAlien, "TopicLost",
                ReplacedMessage(topic.name, owned->id, seen.id, work.options.cluster));
  }
  wanted.state = TopicState::kOurs;
  DiffShape(work, wanted, seen);
  DiffConfigs(work, wanted, seen);
  ReportForeignConfigs(work, wanted, seen);
}

// Whether an absent key may be reset on a topic that exists.
bool MayReset(Work& work, const std::string& name, const ObservedTopic& seen) {
  if (const WantedTopic* wanted = work.FindTopic(name)) return wanted->state == TopicState::kOurs;
  const auto owned = work.ours.topics.find(name);
  return owned != work.ours.topics.end() && (owned->second.id.empty() || owned->second.id == seen.id);
}

void DiffAbsentConfigs(Work& work) {
  const AbsentConfig* reset = nullptr;  // the last one that got a step
  for (const Absent<AbsentConfig>& absent : work.absent_configs) {
    const AbsentConfig& config = *absent.resource;
    const WantedTopic* wanted = work.FindTopic(config.topic);
    if (wanted != nullptr && wanted->topic->configs.contains(config.key)) continue;  // presence beats absence
    const auto topic = work.observed.topics->find(config.topic);
    if (topic == work.observed.topics->end() || !topic->second.overrides.contains(config.key)) {
      work.AddGone(absent.slice, *absent.absence);
      continue;
    }
    if (!MayReset(work, config.topic, topic->second)) continue;
    if (reset != nullptr && *reset == config) continue;
    reset = &config;
    Step& step = work.AddStep(Phase::kAlterTopic, StepKind::kResetConfig, absent.slice, config.topic,
                              Cat("change ", absent.absence->change, " took ", config.key, " away"));
    step.topic.name = config.topic;
    step.key = config.key;
    step.before = topic->second.overrides.at(config.key);
  }
}

// Kafka's ID of the topic that is ours by that name once the plan's findings are journalled; empty: none.
std::string IdOfOurs(const Work& work, const std::string& name) {
  const auto recognised = work.plan.recognised.find(name);
  if (recognised != work.plan.recognised.end()) return recognised->second;
  const auto owned = work.ours.topics.find(name);
  return owned == work.ours.topics.end() ? std::string() : owned->second.id;
}

void EndGivenUp(Work& work) {
  for (const Absent<LostTopic>& absent : work.lost_topics) {
    const LostTopic& lost = *absent.resource;
    const std::string id = IdOfOurs(work, lost.topic);
    const auto seen = work.observed.topics->find(lost.topic);
    const bool replaced = !id.empty() && id != lost.id;
    const bool is_back = id == lost.id && seen != work.observed.topics->end() && seen->second.id == id;
    if (replaced || is_back || work.FindTopic(lost.topic) == nullptr)
      work.AddGone(absent.slice, *absent.absence);
  }
}

}  // namespace

void DiffTopics(Work& work) {
  if (!work.observed.topics) {
    for (const WantedTopic& wanted : work.topics) work.BlockUnreachableKafka(wanted.slice);
    for (const Absent<AbsentConfig>& absent : work.absent_configs) work.BlockUnreachableKafka(absent.slice);
    return;
  }
  const Topics& seen = *work.observed.topics;
  const Collisions collisions(seen);
  auto at = seen.begin();
  const auto report_foreign_before = [&](const SharedText* name) {
    for (; at != seen.end() && (name == nullptr || at->first < *name); ++at) {
      if (at->first.starts_with("__") || !work.InScope(at->first)) continue;
      work.AddForeign(kNone, TopicResource(at->first), /*excess=*/false,
                      "no slice names this topic; it is left alone");
    }
  };
  Beside journal(work.ours.topics);
  for (WantedTopic& wanted : work.topics) {
    const auto* entry = journal.Find(wanted.topic->name);
    const OwnedTopic* owned = entry == nullptr ? nullptr : &entry->second;
    report_foreign_before(&wanted.topic->name);
    if (at != seen.end() && at->first == wanted.topic->name) {
      DiffExisting(work, wanted, (at++)->second, owned);
    } else {
      DiffMissing(work, collisions, wanted, owned);
    }
  }
  report_foreign_before(nullptr);
  DiffAbsentConfigs(work);
  EndGivenUp(work);
}

}  // namespace sluice::core::diff
