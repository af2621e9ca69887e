// What a reconciler makes of a cluster and a registry that are away, slow, limited, behind, or changed all the time.
#include <gmock/gmock.h>

#include "agent/reconciler_fixture.h"

namespace sluice::agent {
namespace {

namespace v1 = sluice::v1;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr char kOther[] = "product/f-and-r.other/acme";
constexpr char kOtherTopic[] = "acme.f-and-r.forecast.other.events";

class BrokerFaultsTest : public ReconcilerTest {
 protected:
  // Lets `time` pass in steps of a tenth of a second.
  void Pass(std::chrono::microseconds time) {
    for (std::chrono::microseconds passed{0}; passed < time; passed += milliseconds(100)) {
      reconciler_->RunOnce();
      Collect();
      seen_.insert(Report().state());
      Advance(milliseconds(100));
    }
  }

  std::vector<core::Slice> ManySlices(int count) {
    std::vector<core::Slice> slices;
    for (int i = 0; i < count; ++i) {
      const std::string name = "p" + std::to_string(i);
      slices.push_back(MakeSlice("product/f-and-r." + name + "/acme", "acme.f-and-r.forecast." + name + ".events"));
    }
    return slices;
  }

  void ExpectInSync(const std::vector<core::Slice>& slices) {
    for (const core::Slice& slice : slices) {
      EXPECT_EQ(Report(slice.key).state(), v1::SYNC_STATE_IN_SYNC) << Report(slice.key).DebugString();
    }
  }

  std::set<v1::SyncState> seen_;  // of kSlice, in Pass
};

TEST_F(BrokerFaultsTest, AKafkaThatIsBackAfterHoursIsMetWithinSeconds) {
  Hold({MakeSlice(kSlice, kTopic)}, 4);
  Settle();
  kafka_.broker().SetReachable(false);
  Advance(options_.resync_interval * 2);
  for (int i = 0; i < 200; ++i) {
    reconciler_->RunOnce();
    Advance(minutes(1));
  }
  Collect();
  EXPECT_EQ(ClusterCondition("KafkaReachable")->status(), v1::Condition::STATUS_FALSE);
  kafka_.broker().Change([](kafka::World& world) { world.acls.clear(); });
  kafka_.broker().SetReachable(true);
  Pass(seconds(6));
  EXPECT_EQ(World().acls.size(), 1u);
  EXPECT_EQ(Report().state(), v1::SYNC_STATE_IN_SYNC);
  EXPECT_EQ(ClusterCondition("KafkaReachable")->status(), v1::Condition::STATUS_TRUE);
}

TEST_F(BrokerFaultsTest, ARegistryThatIsBackAfterHoursIsMetWithinSecondsAndKafkaWasLeftInPeace) {
  const core::Slice slice = WithSubject(MakeSlice(kSlice, kTopic));
  Hold({slice}, 4);
  registry_.SetReachable(false);
  Settle();
  EXPECT_EQ(World().topics.size(), 1u) << "Kafka's part is done";
  const int looks = kafka_.broker().looks();
  Pass(minutes(10));
  EXPECT_EQ(ClusterCondition("RegistryReachable")->status(), v1::Condition::STATUS_FALSE);
  EXPECT_EQ(Report().state(), v1::SYNC_STATE_FAILED);
  EXPECT_TRUE(Says("Failed", "RegistryUnreachable"));
  EXPECT_LT(kafka_.broker().looks() - looks, 15) << "one an interval, not one for each question to the registry";
  registry_.SetReachable(true);
  Pass(seconds(6));
  EXPECT_EQ(Report().state(), v1::SYNC_STATE_IN_SYNC) << Report().DebugString();
  EXPECT_EQ(ClusterCondition("RegistryReachable")->status(), v1::Condition::STATUS_TRUE);
  EXPECT_EQ(World().acls.size(), 2u);
}

TEST_F(BrokerFaultsTest, WhileTheRegistryIsDownAChangeOfKafkaDoesNotWaitForIt) {
  registry_.SetReachable(false);
  Hold({WithSubject(MakeSlice(kSlice, kTopic))}, 4);
  reconciler_->RunOnce();
  const int asked = registry_.looks();
  Hold({WithSubject(MakeSlice(kSlice, kTopic)), WithSubject(MakeSlice(kOther, kOtherTopic))}, 5);
  reconciler_->RunOnce();
  Collect();
  EXPECT_EQ(World().topics.count(kOtherTopic), 1u);
  EXPECT_EQ(registry_.looks(), asked) << "it was just found to be away";
  EXPECT_TRUE(Says("Failed", "RegistryUnreachable", kOther));
}

TEST_F(BrokerFaultsTest, BothAreAwayAndComeBackInEitherOrder) {
  for (const bool kafka_first : {true, false}) {
    const std::vector<core::Slice> slices = {WithSubject(MakeSlice(kSlice, kTopic)),
                                             WithSubject(MakeSlice(kOther, kOtherTopic))};
    kafka_.broker().SetReachable(false);
    registry_.SetReachable(false);
    Hold(slices, kafka_first ? 4 : 5);
    Pass(seconds(30));
    EXPECT_EQ(Report().state(), v1::SYNC_STATE_FAILED);
    kafka_.broker().SetReachable(kafka_first);
    registry_.SetReachable(!kafka_first);
    Pass(seconds(30));
    EXPECT_EQ(World().acls.count(MakeAcl("sa-2", core::Operation::kWrite)), 0u) << "not writable without its schema";
    kafka_.broker().SetReachable(true);
    registry_.SetReachable(true);
    Pass(seconds(12));
    ExpectInSync(slices);
    EXPECT_THAT(Drift(), IsEmpty());
    kafka_.broker().Change([](kafka::World& world) { world = {}; });
    registry_.Change([](FakeRegistry::World& world) { world.clear(); });
    std::filesystem::remove(directory_.path() + "/journal.db");
    held_ = std::make_shared<DesiredState>();
    Start();
  }
}

TEST_F(BrokerFaultsTest, CreationsThatAQuotaHoldsBackAreSaidFinishAndHoldNobodyUp) {
  std::vector<core::Slice> slices = ManySlices(160);
  kafka_.broker().SetMutationRate(1);  // a burst of eleven; the rest is a debt of minutes
  Hold({slices.begin(), slices.begin() + 150}, 3);
  Settle();
  Hold(slices, 4);
  reconciler_->RunOnce();
  Collect();
  ASSERT_NE(ClusterCondition("Throttled"), nullptr);
  EXPECT_THAT(ClusterCondition("Throttled")->message(), HasSubstr("controller_mutation_rate"));
  std::set<v1::SyncState> states;
  for (const core::Slice& slice : slices) states.insert(Report(slice.key).state());
  EXPECT_EQ(states.count(v1::SYNC_STATE_FAILED), 0u) << "waiting is no failure";

  // A revocation does not wait for creations.
  core::Absence absence;
  absence.resource = slices[0].acls[0];
  absence.since = 5;
  slices[0].acls.clear();
  slices[0].absences = {absence};
  Hold(slices, 5);
  reconciler_->RunOnce();
  EXPECT_EQ(World().acls.count(std::get<core::Acl>(absence.resource)), 0u);

  for (int i = 0; i < 200; ++i) {
    reconciler_->RunOnce();
    kafka_.broker().Pause(seconds(1));
    Advance(seconds(1));
  }
  Collect();
  ExpectInSync(slices);
  EXPECT_EQ(World().topics.size(), slices.size());
  EXPECT_EQ(ClusterCondition("Throttled"), nullptr);
}

TEST_F(BrokerFaultsTest, WhatSomebodyChangesBackAllTheTimeIsSaidAndPutRightEverMoreSeldom) {
  Hold({MakeSlice(kSlice, kTopic)}, 4);
  Settle();
  int healed = 0;
  const auto day = hours(8);
  for (std::chrono::microseconds passed{0}; passed < day; passed += seconds(1)) {
    kafka_.broker().Change([&](kafka::World& world) {
      std::string& value = world.topics.at(kTopic).overrides["retention.ms"];
      healed += value != "1000" ? 1 : 0;
      value = "1000";
    });
    Advance(seconds(1));
    reconciler_->RunOnce();
  }
  Collect();
  EXPECT_GT(healed, 20) << "it is put right all the same";
  EXPECT_LT(healed, 80) << "every ten minutes at most";
  EXPECT_TRUE(Says("Contested", "ChangedBack"));
  EXPECT_EQ(Report().state(), v1::SYNC_STATE_DRIFTED);
  const std::string config = std::string("config retention.ms of topic ") + kTopic;
  EXPECT_THAT(Drift(), ElementsAre(config + " → healed", config + " → healed", config + " → contested"))
      << "the audit log does not fill with it";

  for (std::chrono::microseconds passed{0}; passed < minutes(30); passed += seconds(1)) {
    Advance(seconds(1));
    reconciler_->RunOnce();
  }
  Collect();
  EXPECT_EQ(World().topics.at(kTopic).overrides.at("retention.ms"), "604800000");
  EXPECT_EQ(Report().state(), v1::SYNC_STATE_IN_SYNC);
  EXPECT_FALSE(Says("Contested", "ChangedBack")) << Report().DebugString();
  EXPECT_THAT(Drift(), SizeIs(3));
}

TEST_F(BrokerFaultsTest, DriftNowAndThenIsNoContest) {
  Hold({MakeSlice(kSlice, kTopic)}, 4);
  Settle();
  for (int i = 0; i < 10; ++i) {
    Advance(minutes(10));
    kafka_.broker().Change(
        [&](kafka::World& world) { world.topics.at(kTopic).overrides["retention.ms"] = "1000"; });
    Resync();
    EXPECT_EQ(Report().state(), v1::SYNC_STATE_IN_SYNC);
    EXPECT_FALSE(Says("Contested", "ChangedBack"));
  }
  EXPECT_THAT(Drift(), SizeIs(10));
}

// A broker that has just started, or lags behind the others.
TEST_F(BrokerFaultsTest, ATopicThatOneLookDoesNotShowIsNotLost) {
  Hold({MakeSlice(kSlice, kTopic)}, 4);
  Settle();
  const int sent = kafka_.broker().mutation_requests();
  Start();  // nothing is remembered of our own writes
  kafka_.broker().ShowWithout(kTopic, 1);
  seen_.clear();
  Pass(seconds(10));
  EXPECT_EQ(seen_.count(v1::SYNC_STATE_BLOCKED), 0u);
  EXPECT_EQ(Report().state(), v1::SYNC_STATE_IN_SYNC);
  EXPECT_EQ(kafka_.broker().mutation_requests(), sent);
  EXPECT_THAT(Drift(), IsEmpty());
}

TEST_F(BrokerFaultsTest, ATopicThatTwoLooksDoNotShowIsLostAndSaidWithinSeconds) {
  Hold({MakeSlice(kSlice, kTopic)}, 4);
  Settle();
  kafka_.broker().Change([](kafka::World& world) { world.topics.clear(); });
  const int sent = kafka_.broker().mutation_requests();
  Advance(options_.resync_interval * 2);
  Pass(seconds(3));
  EXPECT_EQ(Report().state(), v1::SYNC_STATE_BLOCKED);
  EXPECT_TRUE(Says("Blocked", "TopicLost"));
  Resync();
  EXPECT_TRUE(Says("Blocked", "TopicLost"));
  EXPECT_EQ(kafka_.broker().mutation_requests(), sent) << "never made again";
  EXPECT_THAT(Drift(), ElementsAre(std::string("topic ") + kTopic + " → flagged"));
}

TEST_F(BrokerFaultsTest, ARecreatedTopicIsLostAtOnceAndNotTouched) {
  Hold({MakeSlice(kSlice, kTopic)}, 4);
  Settle();
  kafka_.broker().Change([](kafka::World& world) { world.topics[kTopic] = {"another", 1, 1, {}}; });
  Advance(options_.resync_interval * 2);
  reconciler_->RunOnce();
  Collect();
  EXPECT_TRUE(Says("Blocked", "TopicLost"));
  Resync();
  EXPECT_EQ(World().topics.at(kTopic), (core::ObservedTopic{"another", 1, 1, {}}));
}

TEST_F(BrokerFaultsTest, ManyWritesThatAreNotVisibleYetAreNeverSentAgainNorDriftNorLost) {
  const std::vector<core::Slice> slices = ManySlices(300);
  kafka_.broker().HideWrites(12);
  Hold(slices, 4);
  reconciler_->RunOnce();
  const int sent = kafka_.broker().mutation_requests();
  for (int i = 0; i < 300; ++i) {
    Advance(milliseconds(100));
    reconciler_->RunOnce();
    Collect();
    for (const auto& [key, report] : reports_) ASSERT_NE(report.state(), v1::SYNC_STATE_BLOCKED) << key;
    for (const auto& [key, report] : reports_) ASSERT_NE(report.state(), v1::SYNC_STATE_DRIFTED) << key;
  }
  EXPECT_EQ(kafka_.broker().mutation_requests(), sent);
  EXPECT_THAT(Drift(), IsEmpty());
  ExpectInSync(slices);
}

}  // namespace
}  // namespace sluice::agent
