#include "tests/conformance/targets/registry_target_suite.h"

#include <gmock/gmock.h>

#include "tests/support/dev_cluster.h"

namespace sluice::testing {
namespace {

using agent::Outcome;
using agent::StepResult;
using core::ObservedSubject;
using core::Step;
using core::StepKind;

// A draft-07 schema of an object with these properties (JSON text).
std::string Schema(const std::string& properties) {
  return R"({"$schema":"http://json-schema.org/draft-07/schema#","type":"object","properties":)" +
         properties + R"(,"required":["id"]})";
}

ObservedSubject Seen(const std::string& level, int32_t versions, bool registered, bool latest) {
  ObservedSubject seen;
  seen.level = level;
  seen.versions = versions;
  seen.registered = registered;
  seen.latest = latest;
  return seen;
}

// A subject without a level of its own: Apicurio says NONE of one that has versions.
const auto kNoLevel = ::testing::AnyOf("", "NONE");

const char kFirst[] = R"({"id":{"type":"string"}})";
const char kWithNote[] = R"({"id":{"type":"string"},"note":{"type":"string"}})";
const char kOtherType[] = R"({"id":{"type":"integer"}})";

}  // namespace

RegistryTargetSuite::RegistryTargetSuite() : lab_(GetParam()()), prefix_(UniqueName("t") + ".") {}

RegistryTargetSuite::~RegistryTargetSuite() {
  for (const std::string& subject : subjects_) lab_->DeleteSubject(subject);
}

core::Subject RegistryTargetSuite::Subject(const std::string& rest, const std::string& schema) {
  core::Subject subject;
  subject.name = prefix_ + rest + "-value";
  subject.schema_type = "JSON";
  subject.schema = schema;
  subject.level = "FORWARD_TRANSITIVE";
  subjects_.push_back(subject.name);
  return subject;
}

Step RegistryTargetSuite::SetLevel(core::Subject subject, const std::string& level) {
  Step step;
  step.kind = StepKind::kSetLevel;
  step.resource = subject.name;
  step.subject = std::move(subject);
  step.subject.level = level;
  return step;
}

Step RegistryTargetSuite::Register(const core::Subject& subject) {
  Step step;
  step.kind = StepKind::kRegisterSchema;
  step.resource = subject.name;
  step.subject = subject;
  return step;
}

void RegistryTargetSuite::MustApply(const std::vector<Step>& steps) {
  const std::vector<StepResult> results = Apply(steps);
  ASSERT_EQ(results.size(), steps.size());
  for (const StepResult& result : results) EXPECT_EQ(result.outcome, Outcome::kDone) << result.status;
}

ObservedSubject RegistryTargetSuite::See(const core::Subject& subject) {
  const absl::StatusOr<agent::RegistryState> state = lab_->target().Observe({subject});
  EXPECT_TRUE(state.ok()) << state.status();
  if (!state.ok() || state->subjects.count(subject.name) == 0) {
    ADD_FAILURE() << "no word on " << subject.name;
    return {};
  }
  return state->subjects.at(subject.name);
}

TEST_P(RegistryTargetSuite, WhatIsNotThereIsSeenAsNothing) {
  EXPECT_EQ(See(Subject("a", Schema(kFirst))), ObservedSubject());
}

TEST_P(RegistryTargetSuite, ALevelComesBeforeTheFirstVersion) {
  const core::Subject subject = Subject("a", Schema(kFirst));
  MustApply({SetLevel(subject)});
  ObservedSubject expected;
  expected.level = "FORWARD_TRANSITIVE";
  EXPECT_EQ(See(subject), expected);
  MustApply({SetLevel(subject), SetLevel(subject, "FULL")});
  expected.level = "FULL";
  EXPECT_EQ(See(subject), expected);
}

TEST_P(RegistryTargetSuite, NoLevelIsALevelToo) {
  const core::Subject subject = Subject("a", Schema(kFirst));
  MustApply({SetLevel(subject, "NONE"), Register(subject)});
  EXPECT_EQ(See(subject), Seen("NONE", 1, true, true));
}

TEST_P(RegistryTargetSuite, RegistersOnce) {
  const core::Subject subject = Subject("a", Schema(kFirst));
  MustApply({SetLevel(subject), Register(subject), Register(subject)});
  EXPECT_EQ(See(subject), Seen("FORWARD_TRANSITIVE", 1, true, true));
}

TEST_P(RegistryTargetSuite, TheSameSchemaInAnotherOrderIsTheSame) {
  const core::Subject subject = Subject("a", Schema(kWithNote));
  MustApply({Register(subject)});
  core::Subject reordered = subject;
  reordered.schema = R"({ "required": ["id"], "type": "object",
    "properties": {"note": {"type":"string"}, "id": {"type":"string"}},
    "$schema": "http://json-schema.org/draft-07/schema#" })";
  EXPECT_TRUE(See(reordered).registered);
  EXPECT_TRUE(See(reordered).latest);
}

TEST_P(RegistryTargetSuite, AnOldSchemaIsRegisteredAndNotLatestAndStaysSo) {
  const core::Subject first = Subject("a", Schema(kFirst));
  core::Subject second = first;
  second.schema = Schema(kWithNote);
  MustApply({SetLevel(first, "NONE"), Register(first), Register(second)});
  EXPECT_EQ(See(second), Seen("NONE", 2, true, true));
  EXPECT_EQ(See(first), Seen("NONE", 2, true, false));
  MustApply({Register(first)});  // does not move the latest one
  EXPECT_EQ(See(first), Seen("NONE", 2, true, false));
}

TEST_P(RegistryTargetSuite, AnIncompatibleSchemaIsRefusedAndNoOtherWithIt) {
  const core::Subject first = Subject("a", Schema(kFirst));
  core::Subject second = first;
  second.schema = Schema(kOtherType);
  const core::Subject other = Subject("b", Schema(kFirst));
  MustApply({SetLevel(first), Register(first)});
  const std::vector<StepResult> results = Apply({Register(second), Register(other)});
  EXPECT_EQ(results[0].outcome, Outcome::kRefused);
  EXPECT_TRUE(absl::IsFailedPrecondition(results[0].status)) << results[0].status;
  EXPECT_THAT(std::string(results[0].status.message()), ::testing::HasSubstr("/properties/id"));
  EXPECT_EQ(results[1].outcome, Outcome::kDone) << results[1].status;
  EXPECT_EQ(See(second), Seen("FORWARD_TRANSITIVE", 1, false, false));
  EXPECT_EQ(See(first), Seen("FORWARD_TRANSITIVE", 1, true, true));
}

TEST_P(RegistryTargetSuite, WhatIsNoSchemaIsRefusedAndNoOtherWithIt) {
  const core::Subject broken = Subject("a", "nonsense {");
  const core::Subject good = Subject("b", Schema(kFirst));
  const std::vector<StepResult> results = Apply({Register(broken), Register(good)});
  EXPECT_EQ(results[0].outcome, Outcome::kRefused);
  EXPECT_TRUE(absl::IsInvalidArgument(results[0].status)) << results[0].status;
  EXPECT_EQ(results[1].outcome, Outcome::kDone) << results[1].status;
  EXPECT_EQ(See(broken), ObservedSubject());
  core::Subject beside = good;
  beside.schema = "nonsense {";
  EXPECT_FALSE(See(beside).registered);
}

TEST_P(RegistryTargetSuite, AnUnknownLevelIsNotSetAndStopsNoOther) {
  const core::Subject subject = Subject("a", Schema(kFirst));
  const std::vector<StepResult> results = Apply({SetLevel(subject, "SIDEWAYS"), Register(subject)});
  EXPECT_NE(results[0].outcome, Outcome::kDone);
  EXPECT_FALSE(results[0].status.ok());
  EXPECT_EQ(results[1].outcome, Outcome::kDone) << results[1].status;
  EXPECT_THAT(See(subject).level, kNoLevel);
}

TEST_P(RegistryTargetSuite, TakesAvroToo) {
  core::Subject subject =
      Subject("a", R"({"type":"record","name":"A","fields":[{"name":"id","type":"string"}]})");
  subject.schema_type = "AVRO";
  MustApply({SetLevel(subject), Register(subject)});
  EXPECT_EQ(See(subject), Seen("FORWARD_TRANSITIVE", 1, true, true));
}

TEST_P(RegistryTargetSuite, SeesWhatSomebodyElseDeleted) {
  const core::Subject subject = Subject("a", Schema(kFirst));
  MustApply({Register(subject)});
  lab().DeleteSubject(subject.name);
  EXPECT_EQ(See(subject).versions, 0);
  EXPECT_FALSE(See(subject).registered);
}

TEST_P(RegistryTargetSuite, LooksAtSeveralSubjectsAtOnce) {
  const core::Subject one = Subject("a", Schema(kFirst));
  const core::Subject two = Subject("b", Schema(kFirst));
  MustApply({Register(two)});
  const absl::StatusOr<agent::RegistryState> state = lab().target().Observe({one, two});
  ASSERT_TRUE(state.ok()) << state.status();
  EXPECT_EQ(state->subjects.at(one.name), ObservedSubject());
  const ObservedSubject& seen = state->subjects.at(two.name);
  EXPECT_THAT(seen.level, kNoLevel);
  EXPECT_EQ(seen, Seen(seen.level, 1, true, true));
  EXPECT_TRUE(state->unreadable.empty());
}

TEST_P(RegistryTargetSuite, KafkaStepsAreRefused) {
  Step step;
  step.kind = StepKind::kCreateAcl;
  EXPECT_TRUE(absl::IsInvalidArgument(Apply({step})[0].status));
}

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(RegistryTargetSuite);

}  // namespace sluice::testing
