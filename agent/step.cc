#include "agent/step.h"

#include <fmt/format.h>

namespace sluice::agent {

using core::StepKind;

std::string_view TopicOf(const core::Step& step) {
  switch (step.kind) {
    case StepKind::kCreateTopic:
    case StepKind::kGrowPartitions:
      return step.topic.name;
    case StepKind::kSetConfig:
    case StepKind::kResetConfig:
      return step.topic.name.empty() ? step.resource : step.topic.name;
    case StepKind::kCreateAcl:
    case StepKind::kDeleteAcl:
      if (step.acl.resource_type == core::ResourceType::kTopic &&
          step.acl.pattern_type == core::PatternType::kLiteral) {
        return step.acl.resource;
      }
      return {};
    case StepKind::kSetLevel:
    case StepKind::kRegisterSchema:
      return {};
  }
  return {};
}

std::string Identity(const core::Step& step) {
  switch (step.kind) {
    case StepKind::kCreateTopic:
      return fmt::format("topic {}", TopicOf(step));
    case StepKind::kGrowPartitions:
      return fmt::format("partitions of topic {}", TopicOf(step));
    case StepKind::kSetConfig:
    case StepKind::kResetConfig:
      return fmt::format("config {} of topic {}", step.key, TopicOf(step));
    case StepKind::kCreateAcl:
    case StepKind::kDeleteAcl:
      return fmt::format("acl {}", core::Describe(step.acl));
    case StepKind::kSetLevel:
      return fmt::format("level of subject {}", step.subject.name);
    case StepKind::kRegisterSchema:
      return fmt::format("schema of subject {}", step.subject.name);
  }
  return {};
}

std::string_view Name(StepKind kind) {
  switch (kind) {
    case StepKind::kSetLevel:
      return "set-level";
    case StepKind::kRegisterSchema:
      return "register-schema";
    case StepKind::kCreateTopic:
      return "create-topic";
    case StepKind::kSetConfig:
      return "set-config";
    case StepKind::kResetConfig:
      return "reset-config";
    case StepKind::kGrowPartitions:
      return "grow-partitions";
    case StepKind::kCreateAcl:
      return "create-acl";
    case StepKind::kDeleteAcl:
      return "delete-acl";
  }
  return "unknown";
}

bool IsRemoval(const core::Step& step) {
  return step.kind == StepKind::kDeleteAcl || step.kind == StepKind::kResetConfig;
}

bool IsForRegistry(const core::Step& step) {
  return step.kind == StepKind::kSetLevel || step.kind == StepKind::kRegisterSchema;
}

}  // namespace sluice::agent
