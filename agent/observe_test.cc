// Which part of the desired state a round is about, and what is not concluded from half a look.
#include "agent/observe.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sluice::agent {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

core::Acl GroupAcl(const std::string& group, const std::string& user) {
  core::Acl acl;
  acl.resource_type = core::ResourceType::kGroup;
  acl.resource = group;
  acl.principal = "User:" + user;
  return acl;
}

void Hold(DesiredState& state, core::Slice slice) {
  auto held = std::make_shared<HeldSlice>();
  held->slice = std::move(slice);
  const std::string key = held->slice.key;
  state.slices[key] = held;
}

TEST(PartOf, BringsWhatOthersSayAboutTheSameNamesAndNothingElse) {
  DesiredState state;
  core::Slice one, other, third;
  one.key = "application/one";
  core::Absence absence;
  absence.resource = GroupAcl("shared.", "sa-1");
  one.absences = {absence};
  other.key = "application/other";
  other.acls = {GroupAcl("mine.", "sa-1"), GroupAcl("shared.", "sa-1")};
  third.key = "application/third";
  third.acls = {GroupAcl("theirs.", "sa-3")};
  for (const auto& slice : {one, other, third}) Hold(state, slice);
  const Part part = PartOf(state, {"application/one", "application/gone"});
  EXPECT_THAT(part.keys, ElementsAre("application/one"));
  EXPECT_THAT(*part.scope, ElementsAre("shared."));
  ASSERT_EQ(part.slices.size(), 2u);
  EXPECT_EQ(part.slices[1].key, "application/other");
  EXPECT_THAT(part.slices[1].acls, ElementsAre(GroupAcl("shared.", "sa-1")));
  core::Observed observed;
  observed.topics.emplace();
  observed.subjects.emplace();
  observed.acls = {GroupAcl("shared.", "sa-1")};
  core::DiffOptions options;
  options.scope = part.scope;
  EXPECT_THAT(core::Diff(part.slices, observed, {}, options).steps, IsEmpty())
      << "presence in any slice beats an absence";
}

TEST(PartOf, NamesTopicsSubjectsAndWhatIsAbsent) {
  DesiredState state;
  core::Slice slice;
  slice.key = "product/d.p/acme";
  slice.topics.resize(1);
  slice.topics[0].name = "t";
  slice.subjects.push_back({"t-value", "JSON", "{}", "NONE"});
  core::Absence absence;
  absence.resource = core::AbsentConfig{"old", "retention.ms"};
  slice.absences = {absence};
  Hold(state, slice);
  const Part part = PartOf(state, {"product/d.p/acme"});
  EXPECT_THAT(part.kafka_names, ElementsAre("old", "t"));
  EXPECT_THAT(*part.scope, ElementsAre("old", "t", "t-value"));
}

TEST(DropUnreadable, TakesNoStepAndConcludesNothing) {
  Observation observation;
  observation.unreadable_topics["t"] = absl::PermissionDeniedError("no");
  observation.unreadable_subjects["u-value"] = absl::InternalError("500");
  core::Plan plan;
  core::Step create;
  create.kind = core::StepKind::kCreateTopic;
  create.topic.name = "t";
  core::Step gated;
  gated.kind = core::StepKind::kCreateAcl;
  gated.acl.resource = "u";
  gated.after_subject = "u-value";
  core::Step revoke;
  revoke.kind = core::StepKind::kDeleteAcl;
  revoke.acl.resource = "t";
  plan.steps = {create, gated, revoke};
  core::Absence absence;
  absence.resource = core::AbsentConfig{"t", "retention.ms"};
  plan.gone = {{"s", absence}};
  plan.blocked = {{"s", "topic t", "TopicLost", "gone"}};
  DropUnreadable(observation, plan);
  ASSERT_EQ(plan.steps.size(), 1u) << "a revocation needs no look at the topic";
  EXPECT_EQ(plan.steps[0].kind, core::StepKind::kDeleteAcl);
  EXPECT_THAT(plan.gone, IsEmpty());
  ASSERT_EQ(plan.blocked.size(), 3u);
  for (const core::Block& block : plan.blocked) EXPECT_EQ(block.reason, "Unreadable");
}

}  // namespace
}  // namespace sluice::agent
