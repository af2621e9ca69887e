// The model of a cluster that previews and laws use.
#include <string>
#include <vector>

#include "common/core/diff.h"

namespace sluice::core {
namespace {

std::string ModelId(const std::string& topic) { return "id-of-" + topic; }

void ApplyTopicStep(const Step& step, std::map<std::string, ObservedTopic>& topics, Ours& ours) {
  switch (step.kind) {
    case StepKind::kCreateTopic:
      topics[step.topic.name] = {.id = ModelId(step.topic.name),
                                 .partitions = step.topic.partitions,
                                 .replication_factor = step.topic.replication_factor,
                                 .overrides = step.topic.configs};
      ours.topics[step.topic.name] = {.id = ModelId(step.topic.name)};
      break;
    case StepKind::kSetConfig:
      topics[step.topic.name].overrides[step.key] = step.after;
      break;
    case StepKind::kResetConfig:
      topics[step.topic.name].overrides.erase(step.key);
      break;
    case StepKind::kGrowPartitions:
      topics[step.topic.name].partitions = step.topic.partitions;
      break;
    default:
      break;
  }
}

void ApplySubjectStep(const Step& step, std::map<std::string, ObservedSubject>& subjects, Ours& ours) {
  ObservedSubject& subject = subjects[step.subject.name];
  if (step.kind == StepKind::kSetLevel) {
    subject.level = step.subject.level;
    return;
  }
  ++subject.versions;
  subject.registered = subject.latest = true;
  subject.latest_schema = step.subject.schema;
  ours.subjects.insert(step.subject.name);
}

}  // namespace

Observed ObservedFrom(const std::vector<Slice>& slices) {
  Observed observed;
  observed.topics.emplace();
  observed.acls.emplace();
  observed.subjects.emplace();
  for (const Slice& slice : slices) {
    for (const Topic& topic : slice.topics) {
      (*observed.topics)[topic.name] = {.id = ModelId(topic.name),
                                        .partitions = topic.partitions,
                                        .replication_factor = topic.replication_factor,
                                        .overrides = topic.configs};
    }
    observed.acls->insert(slice.acls.begin(), slice.acls.end());
    for (const Subject& subject : slice.subjects) {
      (*observed.subjects)[subject.name] = {.level = subject.level,
                                            .versions = 1,
                                            .registered = true,
                                            .latest = true,
                                            .latest_schema = subject.schema};
    }
  }
  return observed;
}

Ours OursFrom(const std::vector<Slice>& slices) {
  Ours ours;
  for (const Slice& slice : slices) {
    for (const Topic& topic : slice.topics) ours.topics[topic.name] = {.id = ModelId(topic.name)};
    for (const Subject& subject : slice.subjects) ours.subjects.insert(subject.name);
  }
  return ours;
}

void ApplyToModel(const std::vector<Step>& steps, Observed& observed, Ours& ours) {
  for (const Step& step : steps) {
    switch (step.kind) {
      case StepKind::kCreateAcl:
        if (observed.acls) observed.acls->insert(step.acl);
        break;
      case StepKind::kDeleteAcl:
        if (observed.acls) observed.acls->erase(step.acl);
        break;
      case StepKind::kSetLevel:
      case StepKind::kRegisterSchema:
        if (observed.subjects) ApplySubjectStep(step, *observed.subjects, ours);
        break;
      default:
        if (observed.topics) ApplyTopicStep(step, *observed.topics, ours);
    }
  }
}

}  // namespace sluice::core
