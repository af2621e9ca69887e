#include <gtest/gtest.h>

#include "common/wire/wire.h"

namespace sluice::wire {
namespace {

core::Slice Example() {
  core::Acl read{.resource_type = core::ResourceType::kTopic,
                 .pattern_type = core::PatternType::kLiteral,
                 .resource = "acme.a.b.c.events",
                 .principal = "User:sa-1",
                 .host = "*",
                 .operation = core::Operation::kRead,
                 .permission = core::Permission::kAllow};
  core::Acl group = read;
  group.resource_type = core::ResourceType::kGroup;
  group.pattern_type = core::PatternType::kPrefixed;
  group.resource = "plan.";
  core::Acl write = read;
  write.operation = core::Operation::kWrite;
  core::Acl transactional = read;
  transactional.resource_type = core::ResourceType::kTransactionalId;
  transactional.operation = core::Operation::kDescribe;
  return {
      .key = "product/a.c/acme",
      .topics = {{.name = "acme.a.b.c.events",
                  .partitions = 3,
                  .replication_factor = 2,
                  .configs = {{"retention.ms", "1"}},
                  .gate_subject = "s"}},
      .acls = {group, read, transactional, write},
      .subjects = {{.name = "s", .schema_type = "JSON", .schema = "{}", .level = "BACKWARD"}},
      .absences = {{.resource = write, .since = 7, .change = "C-1"},
                   {.resource = core::AbsentConfig{.topic = "t", .key = "k"}, .since = 8, .change = "C-2"},
                   {.resource = core::LostTopic{.topic = "t", .id = "a", .accepted_id = "b"},
                    .since = 9,
                    .change = "C-3"}},
      .notes = {{.type = "NoPrincipal", .message = "none"}}};
}

TEST(Slice, SurvivesTheWayOutAndBack) {
  absl::StatusOr<core::Slice> back = FromProto(ToProto(Example()));
  ASSERT_TRUE(back.ok()) << back.status();
  EXPECT_EQ(*back, Example());
}

TEST(Slice, SerializesTheSameWayEachTime) {
  core::Slice slice = Example();
  for (int i = 0; i < 50; ++i) slice.topics[0].configs["key-" + std::to_string(i)] = "v";
  std::string bytes = Serialize(ToProto(slice));
  for (int i = 0; i < 20; ++i) EXPECT_EQ(Serialize(ToProto(slice)), bytes);
}

TEST(Slice, RefusesWhatThisVersionDoesNotKnow) {
  sluice::v1::Slice slice = ToProto(Example());
  slice.mutable_acls(0)->set_operation(static_cast<sluice::v1::AclSpec::Operation>(99));
  EXPECT_EQ(FromProto(slice).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(FromProto(sluice::v1::Absence()).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(PlanStep, SaysWhatItDoesToWhat) {
  core::Step step;
  step.kind = core::StepKind::kSetConfig;
  step.resource = "acme.a.b.c.events";
  step.key = "retention.ms";
  step.before = "1";
  step.after = "2";
  step.reason = "approved";
  sluice::v1::PlanStep got = ToProto(step);
  EXPECT_EQ(got.action(), sluice::v1::STEP_ACTION_UPDATE);
  EXPECT_EQ(got.resource_type(), "config");
  EXPECT_EQ(got.resource(), "acme.a.b.c.events retention.ms");
  EXPECT_EQ(got.after(), "2");
}

TEST(ChangeClass, EveryOneHasItsOwnNumber) {
  std::set<int> seen;
  for (int i = 0; i <= static_cast<int>(core::ChangeClass::kBreaking); ++i) {
    sluice::v1::ChangeClass number = ToProto(static_cast<core::ChangeClass>(i));
    EXPECT_NE(number, sluice::v1::CHANGE_CLASS_UNSPECIFIED);
    EXPECT_TRUE(seen.insert(number).second);
  }
}

}  // namespace
}  // namespace sluice::wire
