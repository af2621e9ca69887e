// The loop on the fakes: what the world looks like afterwards, and what is said about it.
#include <gmock/gmock.h>

#include "agent/reconciler_fixture.h"

namespace sluice::agent {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;
namespace v1 = sluice::v1;

TEST_F(ReconcilerTest, MakesWhatIsApprovedAndSaysSo) {
  Hold({WithSubject(MakeSlice(kSlice, kTopic))}, 4);
  Settle();
  ASSERT_EQ(World().topics.count(kTopic), 1u);
  EXPECT_EQ(World().topics.at(kTopic).overrides.at("retention.ms"), "604800000");
  EXPECT_EQ(World().acls, (std::set<core::Acl>{MakeAcl("sa-1", core::Operation::kRead),
                                               MakeAcl("sa-2", core::Operation::kWrite)}));
  EXPECT_EQ(registry_.Look().at(kSubject).level, "FORWARD_TRANSITIVE");
  EXPECT_EQ(registry_.Look().at(kSubject).versions.size(), 1u);
  EXPECT_EQ(Report().state(), v1::SYNC_STATE_IN_SYNC);
  EXPECT_EQ(Report().generation(), 4);
  EXPECT_EQ(Report().applied_generation(), 4);
  EXPECT_THAT(Drift(), IsEmpty());
  EXPECT_EQ(journal_->ours().topics.at(kTopic).id, World().topics.at(kTopic).id);
}

TEST_F(ReconcilerTest, SendsNothingWhenAllIsAsApproved) {
  Hold({WithSubject(MakeSlice(kSlice, kTopic))}, 4);
  Settle();
  const int sent = kafka_.broker().mutation_requests(), registered = registry_.mutations();
  for (int i = 0; i < 3; ++i) Resync();
  EXPECT_EQ(kafka_.broker().mutation_requests(), sent);
  EXPECT_EQ(registry_.mutations(), registered);
  EXPECT_FALSE(book_->Next().has_value()) << "nothing changed, so nothing is told";
}

TEST_F(ReconcilerTest, HealsDriftAndTellsItOnce) {
  Hold({MakeSlice(kSlice, kTopic)}, 4);
  Settle();
  kafka_.broker().Change([](kafka::World& world) {
    world.topics.at(kTopic).overrides["retention.ms"] = "1000";
    world.acls.clear();
  });
  Resync();
  Resync();
  EXPECT_EQ(World().topics.at(kTopic).overrides.at("retention.ms"), "604800000");
  EXPECT_EQ(World().acls.size(), 1u);
  EXPECT_THAT(Drift(), UnorderedElementsAre(
                           std::string("config retention.ms of topic ") + kTopic + " → healed",
                           "acl " + core::Describe(MakeAcl("sa-1", core::Operation::kRead)) + " → healed"));
  EXPECT_EQ(Report().state(), v1::SYNC_STATE_IN_SYNC);
}

TEST_F(ReconcilerTest, AChangeIsNoDrift) {
  core::Slice slice = MakeSlice(kSlice, kTopic);
  Hold({slice}, 4);
  Settle();
  slice.topics[0].configs["retention.ms"] = "86400000";
  Hold({slice}, 5);
  Settle();
  EXPECT_EQ(World().topics.at(kTopic).overrides.at("retention.ms"), "86400000");
  EXPECT_EQ(Report().applied_generation(), 5);
  EXPECT_THAT(Drift(), IsEmpty());
}

TEST_F(ReconcilerTest, LeavesForeignAloneAndFlagsExcessAccess) {
  Hold({MakeSlice(kSlice, kTopic)}, 4);
  Settle();
  kafka_.broker().Change([](kafka::World& world) {
    world.topics["somebody.elses"] = {"id", 1, 1, {}};
    world.acls.insert(MakeAcl("stranger", core::Operation::kRead));
    world.acls.insert(MakeAcl("admin", core::Operation::kRead));  // reserved
  });
  const kafka::World before = World();
  Resync();
  Resync();
  EXPECT_EQ(World(), before);
  EXPECT_EQ(Report().state(), v1::SYNC_STATE_DRIFTED);
  EXPECT_TRUE(Says("ExcessAccess", "ForeignAcl"));
  EXPECT_THAT(foreign_, ::testing::Contains("topic somebody.elses"));
  ASSERT_EQ(drift_.size(), 2u) << "each once, and the reserved principal's not at all";
  for (const auto& event : drift_) {
    EXPECT_EQ(event.reaction(), event.slice().empty() ? "left alone" : "flagged") << event.DebugString();
  }
  Start();  // a restart does not tell it again
  Settle();
  EXPECT_EQ(drift_.size(), 2u);
  kafka_.broker().Change(
      [](kafka::World& world) { world.acls.erase(MakeAcl("stranger", core::Operation::kRead)); });
  Resync();
  EXPECT_EQ(Report().state(), v1::SYNC_STATE_IN_SYNC);
}

TEST_F(ReconcilerTest, WhatWasThereBeforeUsIsListedAndNotTold) {
  kafka_.broker().Change([](kafka::World& world) { world.topics["somebody.elses"] = {"id", 1, 1, {}}; });
  Hold({MakeSlice(kSlice, kTopic)}, 4);
  Settle();
  Resync();
  EXPECT_THAT(foreign_, ElementsAre("topic somebody.elses"));
  EXPECT_THAT(Drift(), IsEmpty());
}

TEST_F(ReconcilerTest, ATopicThatExistedBeforeIsBlockedAndTheOthersGoOn) {
  kafka_.broker().Change([](kafka::World& world) { world.topics[kTopic] = {"theirs", 3, 1, {}}; });
  const std::string other = "acme.f-and-r.forecast.other.events";
  Hold({MakeSlice(kSlice, kTopic), MakeSlice("product/f-and-r.other/acme", other)}, 4);
  Settle();
  EXPECT_EQ(World().topics.at(kTopic), (core::ObservedTopic{"theirs", 3, 1, {}}));
  EXPECT_EQ(Report().state(), v1::SYNC_STATE_BLOCKED);
  EXPECT_TRUE(Says("Blocked", "Exists"));
  EXPECT_EQ(Report("product/f-and-r.other/acme").state(), v1::SYNC_STATE_IN_SYNC);
  EXPECT_EQ(World().acls, std::set<core::Acl>{MakeAcl("sa-1", core::Operation::kRead, other)});
}

TEST_F(ReconcilerTest, ATopicThatSomebodyMadeAMomentBeforeUsIsNotOurs) {
  // Diff sees none, Kafka says ALREADY_EXISTS.
  kafka_.broker().Refuse(kTopic, absl::AlreadyExistsError("TOPIC_ALREADY_EXISTS"));
  Hold({MakeSlice(kSlice, kTopic)}, 4);
  Settle();
  EXPECT_EQ(journal_->ours().topics.count(kTopic), 0u);
  EXPECT_THAT(World().acls, IsEmpty()) << "a grant would open a topic that is not ours";
  EXPECT_EQ(Report().state(), v1::SYNC_STATE_FAILED);
  kafka_.broker().Change([](kafka::World& world) { world.topics[kTopic] = {"theirs", 3, 1, {}}; });
  Resync();
  EXPECT_TRUE(Says("Blocked", "Exists"));
  EXPECT_THAT(World().acls, IsEmpty());
}

TEST_F(ReconcilerTest, ALostTopicIsNotMadeAgain) {
  Hold({MakeSlice(kSlice, kTopic)}, 4);
  Settle();
  kafka_.broker().Change([](kafka::World& world) { world.topics.clear(); });
  Resync();
  Resync();
  EXPECT_THAT(World().topics, IsEmpty());
  EXPECT_EQ(Report().state(), v1::SYNC_STATE_BLOCKED);
  EXPECT_TRUE(Says("Blocked", "TopicLost"));
  EXPECT_THAT(Drift(), ElementsAre(std::string("topic ") + kTopic + " → flagged"));
  kafka_.broker().Change([](kafka::World& world) { world.topics[kTopic] = {"another", 1, 1, {}}; });
  Resync();
  EXPECT_TRUE(World().topics.at(kTopic).overrides.empty()) << "one of that name is not ours";
}

TEST_F(ReconcilerTest, RecognisesItsTopicAfterACrashBetweenCallAndAnswer) {
  // The intent is on disk, the topic is there, its ID was never learned.
  ASSERT_TRUE(journal_->RecordTopics({{kTopic, {}}}).ok());
  kafka_.broker().Change([](kafka::World& world) { world.topics[kTopic] = {"made-by-us", 1, 1, {}}; });
  Start();
  Hold({MakeSlice(kSlice, kTopic)}, 4);
  Settle();
  EXPECT_EQ(journal_->ours().topics.at(kTopic).id, "made-by-us");
  EXPECT_EQ(World().topics.at(kTopic).overrides.at("retention.ms"), "604800000");
  EXPECT_EQ(Report().state(), v1::SYNC_STATE_IN_SYNC);
}

TEST_F(ReconcilerTest, RecoversALostDiskFromWhatTheControlPlaneRemembers) {
  Hold({WithSubject(MakeSlice(kSlice, kTopic))}, 4);
  Settle();
  const std::string id = World().topics.at(kTopic).id;
  reconciler_.reset();
  journal_.reset();
  std::filesystem::remove(directory_.path() + "/journal.db");
  Start();
  DesiredUpdate update{held_, {}, true, {{{kTopic, {id}}}, {kSubject}}};
  reconciler_->Post(update);
  Settle();
  EXPECT_EQ(Report().state(), v1::SYNC_STATE_IN_SYNC);
  EXPECT_EQ(journal_->ours().topics.at(kTopic).id, id);
}

TEST_F(ReconcilerTest, StaleLooksDoNotSendAgain) {
  kafka_.broker().HideWrites(4);
  Hold({MakeSlice(kSlice, kTopic)}, 4);
  reconciler_->RunOnce();
  const int sent = kafka_.broker().mutation_requests();
  Collect();
  EXPECT_EQ(Report().state(), v1::SYNC_STATE_PENDING) << "acknowledged is not visible";
  Settle();
  EXPECT_EQ(kafka_.broker().mutation_requests(), sent);
  EXPECT_EQ(Report().state(), v1::SYNC_STATE_IN_SYNC);
}

TEST_F(ReconcilerTest, AnUnknownOutcomeIsLookedAtAgain) {
  kafka_.broker().LoseAnswers(1);  // the topic is made, the answer is lost
  Hold({MakeSlice(kSlice, kTopic)}, 4);
  reconciler_->RunOnce();
  Collect();
  EXPECT_TRUE(Says("Failed", "OutcomeUnknown"));
  Settle();
  EXPECT_EQ(Report().state(), v1::SYNC_STATE_IN_SYNC);
  EXPECT_EQ(journal_->ours().topics.at(kTopic).id, World().topics.at(kTopic).id);
  EXPECT_EQ(World().acls.size(), 1u);
}

TEST_F(ReconcilerTest, AnUnknownOutcomeOfAHiddenTopicStaysOurs) {
  // The answer is lost and looks do not show the topic yet: a second try says ALREADY_EXISTS, and it is ours
  // all the same.
  kafka_.broker().LoseAnswers(1);
  kafka_.broker().HideWrites(3);
  Hold({MakeSlice(kSlice, kTopic)}, 4);
  reconciler_->RunOnce();
  kafka_.broker().HideWrites(0);
  Settle();
  Resync();
  EXPECT_EQ(Report().state(), v1::SYNC_STATE_IN_SYNC);
  EXPECT_EQ(journal_->ours().topics.at(kTopic).id, World().topics.at(kTopic).id);
}

TEST_F(ReconcilerTest, ARegistryThatIsDownStopsOnlyWhatNeedsIt) {
  registry_.SetReachable(false);
  const std::string other = "acme.f-and-r.forecast.other.events";
  Hold({WithSubject(MakeSlice(kSlice, kTopic)), MakeSlice("product/f-and-r.other/acme", other)}, 4);
  Settle();
  EXPECT_EQ(World().topics.size(), 2u);
  EXPECT_EQ(World().acls.count(MakeAcl("sa-1", core::Operation::kRead)), 1u);
  EXPECT_EQ(World().acls.count(MakeAcl("sa-2", core::Operation::kWrite)), 0u)
      << "not writable without its schema";
  EXPECT_EQ(Report().state(), v1::SYNC_STATE_FAILED);
  EXPECT_EQ(Report("product/f-and-r.other/acme").state(), v1::SYNC_STATE_IN_SYNC);
  ASSERT_NE(ClusterCondition("RegistryReachable"), nullptr);
  EXPECT_EQ(ClusterCondition("RegistryReachable")->status(), v1::Condition::STATUS_FALSE);
  registry_.SetReachable(true);
  Resync();
  EXPECT_EQ(World().acls.count(MakeAcl("sa-2", core::Operation::kWrite)), 1u);
  EXPECT_EQ(Report().state(), v1::SYNC_STATE_IN_SYNC);
}

TEST_F(ReconcilerTest, ARefusedSchemaHoldsItsWriteGrantBack) {
  registry_.Refuse(kSubject, absl::FailedPreconditionError("409: incompatible"));
  Hold({WithSubject(MakeSlice(kSlice, kTopic))}, 4);
  Settle();
  EXPECT_EQ(World().acls.count(MakeAcl("sa-2", core::Operation::kWrite)), 0u);
  EXPECT_EQ(World().acls.count(MakeAcl("sa-1", core::Operation::kRead)), 1u);
  EXPECT_EQ(Report().state(), v1::SYNC_STATE_FAILED);
  EXPECT_TRUE(Says("Failed", "FailedPrecondition"));
  registry_.Refuse(kSubject, absl::OkStatus());
  Resync();
  EXPECT_EQ(Report().state(), v1::SYNC_STATE_IN_SYNC);
}

TEST_F(ReconcilerTest, ObserveModeSendsNothing) {
  may_apply_ = false;
  Hold({WithSubject(MakeSlice(kSlice, kTopic))}, 4);
  Settle();
  Resync();
  EXPECT_EQ(kafka_.broker().mutation_requests(), 0);
  EXPECT_EQ(registry_.mutations(), 0);
  EXPECT_EQ(Report().state(), v1::SYNC_STATE_PENDING);
  EXPECT_NE(ClusterCondition("Observing"), nullptr);
}

TEST_F(ReconcilerTest, AnUnknownHistorySendsNothing) {
  Hold({MakeSlice(kSlice, kTopic)}, 4);
  Settle();
  const int sent = kafka_.broker().mutation_requests();
  history_known_ = false;
  Hold({MakeSlice(kSlice, kTopic)}, 4);
  kafka_.broker().Change([](kafka::World& world) { world.acls.clear(); });
  Resync();
  EXPECT_EQ(kafka_.broker().mutation_requests(), sent);
  EXPECT_EQ(ClusterCondition("HistoryKnown")->status(), v1::Condition::STATUS_FALSE);
}

TEST_F(ReconcilerTest, AnAbsenceRevokesAfterSleepingThroughReleases) {
  core::Slice slice = MakeSlice(kSlice, kTopic);
  slice.acls.push_back(MakeAcl("sa-2", core::Operation::kRead));
  Hold({slice}, 4);
  Settle();
  EXPECT_EQ(World().acls.size(), 2u);
  Start();  // down while releases 5 to 9 went by
  core::Absence absence;
  absence.resource = MakeAcl("sa-2", core::Operation::kRead);
  absence.since = 6;
  absence.change = "C-6";
  slice.acls.pop_back();
  slice.absences.push_back(absence);
  Hold({slice}, 9);
  Settle();
  EXPECT_EQ(World().acls, std::set<core::Acl>{MakeAcl("sa-1", core::Operation::kRead)});
  EXPECT_EQ(Report().generation(), 9);
  ASSERT_EQ(Report().gone_size(), 1);
  EXPECT_EQ(Report().gone(0).since(), 6);
  EXPECT_THAT(Drift(), IsEmpty());
}

TEST_F(ReconcilerTest, AnEmptyStateDeletesNothing) {
  Hold({WithSubject(MakeSlice(kSlice, kTopic))}, 4);
  Settle();
  const kafka::World before = World();
  Hold({}, 5);
  Settle();
  Resync();
  EXPECT_EQ(World(), before);
}

TEST_F(ReconcilerTest, HealsFromTheCacheWhileTheControlPlaneIsAway) {
  Hold({MakeSlice(kSlice, kTopic)}, 4);
  Settle();
  Start();  // nobody posts anything
  kafka_.broker().Change([](kafka::World& world) { world.acls.clear(); });
  Settle();
  EXPECT_EQ(World().acls.size(), 1u);
}

TEST_F(ReconcilerTest, GrantsNothingAgainFromAStateThatIsTooOld) {
  Hold({MakeSlice(kSlice, kTopic)}, 4);
  Settle();
  Advance(options_.max_offline_age + std::chrono::hours(1));
  kafka_.broker().Change([](kafka::World& world) {
    world.acls.clear();
    world.topics.at(kTopic).overrides["retention.ms"] = "1000";
  });
  Settle();
  EXPECT_THAT(World().acls, IsEmpty());
  EXPECT_EQ(World().topics.at(kTopic).overrides.at("retention.ms"), "604800000")
      << "configs are healed all the same";
  EXPECT_EQ(Report().state(), v1::SYNC_STATE_BLOCKED);
  EXPECT_TRUE(Says("Blocked", "Stale"));
  EXPECT_NE(ClusterCondition("Stale"), nullptr);
  Start();  // the age survives a restart
  Settle();
  EXPECT_THAT(World().acls, IsEmpty());
  Hold({MakeSlice(kSlice, kTopic)}, 4);  // it is back
  Settle();
  EXPECT_EQ(World().acls.size(), 1u);
}

TEST_F(ReconcilerTest, ContactKeepsTheStateFresh) {
  Hold({MakeSlice(kSlice, kTopic)}, 4);
  Settle();
  Advance(options_.max_offline_age);
  reconciler_->Contacted();
  Advance(std::chrono::hours(1));
  kafka_.broker().Change([](kafka::World& world) { world.acls.clear(); });
  Settle();
  EXPECT_EQ(World().acls.size(), 1u);
}

TEST_F(ReconcilerTest, ABadResourceIsTriedAgainWithGrowingDelaysAndBlocksNobody) {
  kafka_.broker().Refuse(kTopic, absl::InvalidArgumentError("POLICY_VIOLATION: no"));
  const std::string other = "acme.f-and-r.forecast.other.events";
  Hold({MakeSlice(kSlice, kTopic), MakeSlice("product/f-and-r.other/acme", other)}, 4);
  Settle();
  EXPECT_EQ(Report().state(), v1::SYNC_STATE_FAILED);
  EXPECT_TRUE(Says("Failed", "InvalidArgument"));
  EXPECT_EQ(Report("product/f-and-r.other/acme").state(), v1::SYNC_STATE_IN_SYNC);
  const int sent = kafka_.broker().mutation_requests();
  EXPECT_LT(sent, 8) << "5 s of growing delays are a few tries";
  kafka_.broker().Refuse(kTopic, absl::OkStatus());
  Resync();
  EXPECT_EQ(Report().state(), v1::SYNC_STATE_IN_SYNC);
}

TEST_F(ReconcilerTest, ARoundWithoutSubjectsSaysNothingAboutTheRegistry) {
  registry_.SetReachable(false);
  const core::Slice needs = WithSubject(MakeSlice(kSlice, kTopic));
  Hold({needs}, 4);
  Settle();
  Hold({needs, MakeSlice("product/f-and-r.other/acme", "acme.f-and-r.forecast.other.events")}, 5);
  reconciler_->RunOnce();
  Collect();
  EXPECT_EQ(ClusterCondition("RegistryReachable")->status(), v1::Condition::STATUS_FALSE);
}

TEST_F(ReconcilerTest, WhatNoSliceNamesAnyMoreIsKeptAndNoNews) {
  Hold({MakeSlice(kSlice, kTopic)}, 4);
  Settle();
  Hold({}, 5);
  Settle();
  Resync();
  EXPECT_EQ(World().topics.size(), 1u);
  for (const std::string& line : Drift())
    EXPECT_THAT(line, ::testing::Not(HasSubstr("topic acme.f-and-r.forecast.demand.events →")));
}

TEST_F(ReconcilerTest, UpdatesThatComeDuringARoundBecomeOne) {
  Hold({MakeSlice(kSlice, kTopic)}, 4);
  const std::string other = "acme.f-and-r.forecast.other.events";
  Hold({MakeSlice(kSlice, kTopic), MakeSlice("product/f-and-r.other/acme", other)}, 5);
  Settle();
  EXPECT_EQ(World().topics.size(), 2u);
  EXPECT_EQ(Report().state(), v1::SYNC_STATE_IN_SYNC);
}

TEST_F(ReconcilerTest, HealsDriftInTheRegistry) {
  Hold({WithSubject(MakeSlice(kSlice, kTopic))}, 4);
  Settle();
  registry_.Change([](FakeRegistry::World& world) { world.at(kSubject).level = "NONE"; });
  Resync();
  EXPECT_EQ(registry_.Look().at(kSubject).level, "FORWARD_TRANSITIVE");
  EXPECT_THAT(Drift(), ElementsAre(std::string("level of subject ") + kSubject + " → healed"));
  EXPECT_EQ(Report().state(), v1::SYNC_STATE_IN_SYNC);
}

TEST_F(ReconcilerTest, KafkaAwayIsSaidAndThenMadeGood) {
  Hold({MakeSlice(kSlice, kTopic)}, 4);
  kafka_.broker().SetReachable(false);
  Settle();
  EXPECT_EQ(Report().state(), v1::SYNC_STATE_FAILED);
  EXPECT_EQ(ClusterCondition("KafkaReachable")->status(), v1::Condition::STATUS_FALSE);
  kafka_.broker().SetReachable(true);
  Resync();
  EXPECT_EQ(Report().state(), v1::SYNC_STATE_IN_SYNC);
  EXPECT_EQ(ClusterCondition("KafkaReachable")->status(), v1::Condition::STATUS_TRUE);
}

TEST_F(ReconcilerTest, AnotherClusterAtTheAddressIsNotTouched) {
  Hold({MakeSlice(kSlice, kTopic)}, 4);
  Settle();
  kafka_.broker().Change([](kafka::World& world) {
    world = kafka::World{};
    world.cluster_id = "another";
  });
  Resync();
  EXPECT_THAT(World().topics, IsEmpty());
  EXPECT_THAT(World().acls, IsEmpty());
  EXPECT_NE(ClusterCondition("AnotherCluster"), nullptr);
  EXPECT_THAT(Drift(), IsEmpty());
}

TEST_F(ReconcilerTest, AnUnreadableTopicIsLeftAlone) {
  Hold({MakeSlice(kSlice, kTopic)}, 4);
  Settle();
  kafka_.broker().HideTopicConfigs(kTopic);
  const kafka::World before = World();
  Resync();
  EXPECT_EQ(World(), before);
  EXPECT_EQ(Report().state(), v1::SYNC_STATE_FAILED);
  EXPECT_TRUE(Says("Failed", "Unreadable")) << Report().DebugString();
}

TEST_F(ReconcilerTest, AReplicationFactorAboveTheBrokersIsACondition) {
  core::Slice slice = MakeSlice(kSlice, kTopic);
  slice.topics[0].replication_factor = 3;
  Hold({slice}, 4);
  Settle();
  EXPECT_EQ(Report().state(), v1::SYNC_STATE_BLOCKED);
  EXPECT_TRUE(Says("Blocked", "ReplicationFactor"));
}

TEST_F(ReconcilerTest, NotesAreConditionsAndNoErrors) {
  core::Slice slice = MakeSlice(kSlice, kTopic);
  slice.notes.push_back({"NoPrincipal", "mobile has no principal here"});
  Hold({slice}, 4);
  Settle();
  EXPECT_EQ(Report().state(), v1::SYNC_STATE_IN_SYNC);
  EXPECT_TRUE(Says("NoPrincipal", "NoPrincipal"));
}

}  // namespace
}  // namespace sluice::agent
