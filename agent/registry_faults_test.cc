// A registry that others change, that goes away or refuses, seen from the whole reconciler.
#include <gmock/gmock.h>

#include "agent/reconciler_fixture.h"

namespace sluice::agent {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class RegistryFaults : public ReconcilerTest {
 protected:
  core::Slice Wanted() { return WithSubject(MakeSlice(kSlice, kTopic)); }
  // Everything is as approved.
  void Arrive() {
    Hold({Wanted()}, 4);
    Settle();
    ASSERT_EQ(Report().state(), sluice::v1::SYNC_STATE_IN_SYNC) << Report().DebugString();
    drift_.clear();
  }
  FakeRegistry::Stored Stored() { return registry_.Look()[kSubject]; }
};

TEST_F(RegistryFaults, ALevelThatIsChangedByHandIsHealedAndToldOnce) {
  Arrive();
  registry_.Change([](FakeRegistry::World& world) { world[kSubject].level = "NONE"; });
  Resync();
  EXPECT_EQ(Stored().level, "FORWARD_TRANSITIVE");
  EXPECT_THAT(Drift(), ElementsAre(HasSubstr("level of subject " + std::string(kSubject) + " → healed")));
  EXPECT_EQ(drift_[0].observed(), "NONE");
  EXPECT_EQ(Report().state(), sluice::v1::SYNC_STATE_IN_SYNC);
  drift_.clear();
  Resync();
  EXPECT_THAT(Drift(), IsEmpty()) << "told once";
}

TEST_F(RegistryFaults, AVersionThatIsRegisteredByHandIsSaidAndNeverDeleted) {
  Arrive();
  const std::string theirs = R"({"title":"by hand","type":"object"})";
  registry_.Change([&](FakeRegistry::World& world) { world[kSubject].versions.push_back(theirs); });
  const int sent = registry_.mutations();
  Resync();
  EXPECT_TRUE(Says("NotLatest", "NotLatest")) << Report().DebugString();
  EXPECT_THAT(Report().conditions(0).message(), HasSubstr("approve what was registered after it"));
  EXPECT_EQ(Report().state(), sluice::v1::SYNC_STATE_IN_SYNC) << "registered is what was approved";
  EXPECT_EQ(Stored().versions.size(), 2u);
  EXPECT_EQ(Stored().versions.back(), theirs);
  EXPECT_EQ(registry_.mutations(), sent);
  registry_.Change([&](FakeRegistry::World& world) { world[kSubject].versions.pop_back(); });
  Resync();
  EXPECT_FALSE(Says("NotLatest", "NotLatest"));
}

TEST_F(RegistryFaults, WhileItIsAwayNothingIsConcludedAndWhatNeedsItWaits) {
  registry_.SetReachable(false);
  Hold({Wanted()}, 4);
  Settle();
  EXPECT_EQ(World().topics.count(kTopic), 1u) << "the topic does not wait";
  EXPECT_THAT(World().acls, ElementsAre(MakeAcl("sa-1", core::Operation::kRead)))
      << "the writer waits for its schema";
  EXPECT_TRUE(Says("Failed", "RegistryUnreachable")) << Report().DebugString();
  ASSERT_NE(ClusterCondition("RegistryReachable"), nullptr);
  EXPECT_EQ(ClusterCondition("RegistryReachable")->status(), sluice::v1::Condition::STATUS_FALSE);
  EXPECT_THAT(metrics_.Text(), HasSubstr("sluice_agent_problems{type=\"RegistryReachable\"} 1"));
  registry_.SetReachable(true);
  Resync();
  EXPECT_EQ(World().acls.size(), 2u);
  EXPECT_EQ(Report().state(), sluice::v1::SYNC_STATE_IN_SYNC);
  EXPECT_THAT(metrics_.Text(), HasSubstr("sluice_agent_problems{type=\"RegistryReachable\"} 0"));
}

TEST_F(RegistryFaults, AnAnswerThatIsLostDuringAnApplyIsLookedForAndNoVersionIsThereTwice) {
  registry_.LoseAnswers(1);
  Hold({Wanted()}, 4);
  Settle();
  Resync();
  EXPECT_EQ(Stored().versions.size(), 1u);
  EXPECT_EQ(Stored().level, "FORWARD_TRANSITIVE");
  EXPECT_EQ(World().acls.size(), 2u);
  EXPECT_EQ(Report().state(), sluice::v1::SYNC_STATE_IN_SYNC) << Report().DebugString();
}

TEST_F(RegistryFaults, OneSubjectThatCannotBeReadStopsNoOther) {
  const std::string other = "acme.f-and-r.forecast.other.events";
  const core::Slice second = WithSubject(MakeSlice("product/f-and-r.other/acme", other));
  registry_.HideSubject(kSubject, absl::UnavailableError("500: oops"));
  Hold({Wanted(), second}, 4);
  Settle();
  EXPECT_EQ(Report(second.key).state(), sluice::v1::SYNC_STATE_IN_SYNC) << Report(second.key).DebugString();
  EXPECT_EQ(Report().state(), sluice::v1::SYNC_STATE_FAILED);
  EXPECT_TRUE(Says("Failed", "Unreadable")) << Report().DebugString();
  EXPECT_EQ(registry_.Look().count(kSubject), 0u);
  registry_.HideSubject(kSubject, absl::OkStatus());
  Resync();
  EXPECT_EQ(Report().state(), sluice::v1::SYNC_STATE_IN_SYNC);
}

}  // namespace
}  // namespace sluice::agent
