// Slices in both directions; findings, requirements and plan steps on their way out.
#include <fmt/format.h>

#include <unordered_set>

#include "common/wire/wire.h"

namespace sluice::wire {
namespace {

namespace v1 = sluice::v1;

v1::AclSpec ToProto(const core::Acl& acl) {
  v1::AclSpec to;
  switch (acl.resource_type) {
    case core::ResourceType::kTopic:
      to.set_resource_type(v1::AclSpec::RESOURCE_TYPE_TOPIC);
      break;
    case core::ResourceType::kGroup:
      to.set_resource_type(v1::AclSpec::RESOURCE_TYPE_GROUP);
      break;
    case core::ResourceType::kTransactionalId:
      to.set_resource_type(v1::AclSpec::RESOURCE_TYPE_TRANSACTIONAL_ID);
      break;
    case core::ResourceType::kCluster:
      to.set_resource_type(v1::AclSpec::RESOURCE_TYPE_CLUSTER);
      break;
  }
  to.set_pattern_type(acl.pattern_type == core::PatternType::kPrefixed ? v1::AclSpec::PATTERN_TYPE_PREFIXED
                                                                       : v1::AclSpec::PATTERN_TYPE_LITERAL);
  to.set_resource(acl.resource);
  to.set_principal(acl.principal);
  if (acl.operation == core::Operation::kRead) to.set_operation(v1::AclSpec::OPERATION_READ);
  if (acl.operation == core::Operation::kWrite) to.set_operation(v1::AclSpec::OPERATION_WRITE);
  if (acl.operation == core::Operation::kDescribe) to.set_operation(v1::AclSpec::OPERATION_DESCRIBE);
  return to;
}

absl::Status Unknown(const char* field, int number, const std::string& resource) {
  return absl::InvalidArgumentError(fmt::format(
      "{} {} of the ACL on {} is not known to this version; upgrade this program", field, number, resource));
}

absl::StatusOr<core::Acl> FromProto(const v1::AclSpec& from) {
  core::Acl acl;
  switch (from.resource_type()) {
    case v1::AclSpec::RESOURCE_TYPE_TOPIC:
      acl.resource_type = core::ResourceType::kTopic;
      break;
    case v1::AclSpec::RESOURCE_TYPE_GROUP:
      acl.resource_type = core::ResourceType::kGroup;
      break;
    case v1::AclSpec::RESOURCE_TYPE_TRANSACTIONAL_ID:
      acl.resource_type = core::ResourceType::kTransactionalId;
      break;
    case v1::AclSpec::RESOURCE_TYPE_CLUSTER:
      acl.resource_type = core::ResourceType::kCluster;
      break;
    default:
      return Unknown("resource type", from.resource_type(), from.resource());
  }
  switch (from.pattern_type()) {
    case v1::AclSpec::PATTERN_TYPE_LITERAL:
      acl.pattern_type = core::PatternType::kLiteral;
      break;
    case v1::AclSpec::PATTERN_TYPE_PREFIXED:
      acl.pattern_type = core::PatternType::kPrefixed;
      break;
    default:
      return Unknown("pattern type", from.pattern_type(), from.resource());
  }
  switch (from.operation()) {
    case v1::AclSpec::OPERATION_READ:
      acl.operation = core::Operation::kRead;
      break;
    case v1::AclSpec::OPERATION_WRITE:
      acl.operation = core::Operation::kWrite;
      break;
    case v1::AclSpec::OPERATION_DESCRIBE:
      acl.operation = core::Operation::kDescribe;
      break;
    default:
      return Unknown("operation", from.operation(), from.resource());
  }
  acl.resource = from.resource();
  acl.principal = from.principal();
  return acl;
}

struct StepWords {
  v1::StepAction action;
  const char* type;
};

StepWords WordsFor(const core::Step& step) {
  v1::StepAction put = step.before.empty() ? v1::STEP_ACTION_CREATE : v1::STEP_ACTION_UPDATE;
  switch (step.kind) {
    case core::StepKind::kSetLevel:
      return {put, "level"};
    case core::StepKind::kRegisterSchema:
      return {put, "subject"};
    case core::StepKind::kCreateTopic:
      return {v1::STEP_ACTION_CREATE, "topic"};
    case core::StepKind::kSetConfig:
      return {put, "config"};
    case core::StepKind::kResetConfig:
      return {v1::STEP_ACTION_DELETE, "config"};
    case core::StepKind::kGrowPartitions:
      return {v1::STEP_ACTION_UPDATE, "topic"};
    case core::StepKind::kCreateAcl:
      return {v1::STEP_ACTION_CREATE, "acl"};
    case core::StepKind::kDeleteAcl:
      return {v1::STEP_ACTION_DELETE, "acl"};
  }
  return {v1::STEP_ACTION_UNSPECIFIED, ""};
}

// Makes equal texts and configs of one slice share what they hold.
class Sharing {
 public:
  void Share(core::SharedText& text) { text = *texts_.insert(text).first; }
  void Share(core::Topic& topic) {
    Share(topic.name);
    Share(topic.gate_subject);
    if (configs_ == topic.configs) topic.configs = configs_;
    configs_ = topic.configs;
  }
  void Share(core::Acl& acl) {
    Share(acl.resource);
    Share(acl.principal);
    acl.host = acl.host == core::AnyHost() ? core::AnyHost() : acl.host;
  }
  void Share(core::Subject& subject) {
    for (core::SharedText* text : {&subject.name, &subject.schema_type, &subject.schema, &subject.level})
      Share(*text);
  }

 private:
  std::unordered_set<core::SharedText> texts_;
  core::SharedConfig configs_;  // of the last topic
};

}  // namespace

v1::Absence ToProto(const core::Absence& absence) {
  v1::Absence to;
  if (const auto* acl = std::get_if<core::Acl>(&absence.resource)) *to.mutable_acl() = ToProto(*acl);
  if (const auto* config = std::get_if<core::AbsentConfig>(&absence.resource)) {
    to.mutable_config()->set_topic(config->topic);
    to.mutable_config()->set_key(config->key);
  }
  if (const auto* lost = std::get_if<core::LostTopic>(&absence.resource)) {
    to.mutable_lost_topic()->set_topic(lost->topic);
    to.mutable_lost_topic()->set_topic_id(lost->id);
    to.mutable_lost_topic()->set_accepted_id(lost->accepted_id);
  }
  to.set_since(absence.since);
  to.set_change(absence.change);
  return to;
}

absl::StatusOr<core::Absence> FromProto(const v1::Absence& from) {
  core::Absence absence{.resource = {}, .since = from.since(), .change = from.change()};
  switch (from.resource_case()) {
    case v1::Absence::kAcl: {
      absl::StatusOr<core::Acl> acl = FromProto(from.acl());
      if (!acl.ok()) return acl.status();
      absence.resource = *std::move(acl);
      return absence;
    }
    case v1::Absence::kConfig:
      absence.resource = core::AbsentConfig{.topic = from.config().topic(), .key = from.config().key()};
      return absence;
    case v1::Absence::kLostTopic:
      absence.resource = core::LostTopic{.topic = from.lost_topic().topic(),
                                         .id = from.lost_topic().topic_id(),
                                         .accepted_id = from.lost_topic().accepted_id()};
      return absence;
    case v1::Absence::RESOURCE_NOT_SET:
      break;
  }
  return absl::InvalidArgumentError(
      "an absence names a kind of resource that this version does not know; upgrade this program");
}

v1::Slice ToProto(const core::Slice& slice) {
  v1::Slice to;
  to.set_key(slice.key);
  for (const core::Topic& topic : slice.topics) {
    v1::TopicSpec* added = to.add_topics();
    added->set_name(topic.name);
    added->set_partitions(topic.partitions);
    added->set_replication_factor(topic.replication_factor);
    added->mutable_configs()->insert(topic.configs.begin(), topic.configs.end());
    added->set_gate_subject(topic.gate_subject);
  }
  for (const core::Acl& acl : slice.acls) *to.add_acls() = ToProto(acl);
  for (const core::Subject& subject : slice.subjects) {
    v1::SubjectSpec* added = to.add_subjects();
    added->set_name(subject.name);
    added->set_schema_type(subject.schema_type);
    added->set_schema(subject.schema);
    added->set_level(subject.level);
  }
  for (const core::Absence& absence : slice.absences) *to.add_absences() = ToProto(absence);
  for (const core::Note& note : slice.notes) {
    v1::Note* added = to.add_notes();
    added->set_type(note.type);
    added->set_message(note.message);
  }
  return to;
}

absl::StatusOr<core::Slice> FromProto(const v1::Slice& from) {
  core::Slice slice;
  slice.key = from.key();
  Sharing sharing;
  for (const v1::TopicSpec& topic : from.topics()) {
    slice.topics.push_back({.name = topic.name(),
                            .partitions = topic.partitions(),
                            .replication_factor = topic.replication_factor(),
                            .configs = {topic.configs().begin(), topic.configs().end()},
                            .gate_subject = topic.gate_subject()});
    sharing.Share(slice.topics.back());
  }
  for (const v1::AclSpec& acl : from.acls()) {
    absl::StatusOr<core::Acl> converted = FromProto(acl);
    if (!converted.ok()) return converted.status();
    slice.acls.push_back(*std::move(converted));
    sharing.Share(slice.acls.back());
  }
  for (const v1::SubjectSpec& subject : from.subjects()) {
    slice.subjects.push_back({.name = subject.name(),
                              .schema_type = subject.schema_type(),
                              .schema = subject.schema(),
                              .level = subject.level()});
    sharing.Share(slice.subjects.back());
  }
  for (const v1::Absence& absence : from.absences()) {
    absl::StatusOr<core::Absence> converted = FromProto(absence);
    if (!converted.ok()) return converted.status();
    slice.absences.push_back(*std::move(converted));
  }
  for (const v1::Note& note : from.notes())
    slice.notes.push_back({.type = note.type(), .message = note.message()});
  return slice;
}

v1::Finding ToProto(const core::Finding& finding) {
  v1::Finding to;
  to.set_severity(finding.severity == core::Severity::kWarning ? v1::SEVERITY_WARNING : v1::SEVERITY_ERROR);
  to.set_resource(finding.resource);
  to.set_field(finding.field);
  to.set_rule(finding.rule);
  to.set_message(finding.message);
  to.set_remedy(finding.remedy);
  to.set_edit(static_cast<int32_t>(finding.edit));
  return to;
}

v1::ChangeClass ToProto(core::ChangeClass change_class) {
  switch (change_class) {
    case core::ChangeClass::kConfig:
      return v1::CHANGE_CLASS_CONFIG;
    case core::ChangeClass::kOperation:
      return v1::CHANGE_CLASS_OPERATION;
    case core::ChangeClass::kOnboarding:
      return v1::CHANGE_CLASS_ONBOARDING;
    case core::ChangeClass::kAccess:
      return v1::CHANGE_CLASS_ACCESS;
    case core::ChangeClass::kCompatible:
      return v1::CHANGE_CLASS_COMPATIBLE;
    case core::ChangeClass::kNewProduct:
      return v1::CHANGE_CLASS_NEW_PRODUCT;
    case core::ChangeClass::kCoordinated:
      return v1::CHANGE_CLASS_COORDINATED;
    case core::ChangeClass::kDeletion:
      return v1::CHANGE_CLASS_DELETION;
    case core::ChangeClass::kBreaking:
      return v1::CHANGE_CLASS_BREAKING;
  }
  return v1::CHANGE_CLASS_UNSPECIFIED;
}

v1::Requirement ToProto(const core::Requirement& requirement) {
  v1::Requirement to;
  to.set_rule(requirement.rule);
  to.set_role(requirement.role);
  to.mutable_any_of()->Add(requirement.any_of.begin(), requirement.any_of.end());
  to.set_reason(requirement.reason);
  to.set_resource(requirement.resource);
  return to;
}

v1::PlanStep ToProto(const core::Step& step) {
  StepWords words = WordsFor(step);
  v1::PlanStep to;
  to.set_action(words.action);
  to.set_resource_type(words.type);
  to.set_resource(step.key.empty() ? step.resource.str() : fmt::format("{} {}", step.resource, step.key));
  to.set_before(step.before);
  to.set_after(step.after);
  to.set_reason(step.reason);
  return to;
}

}  // namespace sluice::wire
