// Topics of ours that were lost, given up by a person, made anew or taken over; and a journal that was lost.
#include <gmock/gmock.h>

#include "agent/reconciler_fixture.h"

namespace sluice::agent {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

class LostTopicTest : public ReconcilerTest {
 protected:
  LostTopicTest() { options_.cluster = "eu-prod"; }

  void SetUp() override {
    Start();
    Hold({slice_}, 4);
    Settle();
    lost_id_ = World().topics.at(kTopic).id;
  }
  void DeleteByHand() {
    kafka_.broker().Change([](kafka::World& world) { world.topics.erase(kTopic); });
    Resync();
  }
  void MakeByHand(const std::string& id) {
    kafka_.broker().Change([&](kafka::World& world) { world.topics[kTopic] = {id, 1, 1, {}}; });
    Resync();
  }
  // A change is released that gives the lost topic up.
  void GiveUp(const std::string& accepted = "") {
    core::Slice slice = slice_;
    slice.absences.push_back({core::LostTopic{kTopic, lost_id_, accepted}, 5, "C-9"});
    Hold({slice}, 5);
  }
  std::string Message() {
    for (const auto& condition : Report().conditions()) {
      if (condition.reason() == "TopicLost") return condition.message();
    }
    return "";
  }
  std::string Journalled() { return journal_->ours().topics.at(kTopic).id; }
  bool ToldGone() {
    return Report().gone_size() == 1 && Report().gone(0).lost_topic().topic_id() == lost_id_;
  }

  const core::Slice slice_ = MakeSlice(kSlice, kTopic);
  std::string lost_id_;
};

TEST_F(LostTopicTest, NamesTheCommandThatMendsIt) {
  DeleteByHand();
  EXPECT_THAT(Message(), HasSubstr("`sluice recreate " + std::string(kTopic) + " --cluster eu-prod`"));
  MakeByHand("other");
  EXPECT_THAT(Message(), HasSubstr("--cluster eu-prod --accept other`"));
}

TEST_F(LostTopicTest, OneThatIsGivenUpIsMadeAnewOnce) {
  DeleteByHand();
  GiveUp();
  Settle();
  const core::ObservedTopic made = World().topics.at(kTopic);
  EXPECT_EQ(made.overrides, slice_.topics[0].configs);
  EXPECT_NE(made.id, lost_id_);
  EXPECT_EQ(Journalled(), made.id);
  EXPECT_EQ(Report().state(), sluice::v1::SYNC_STATE_IN_SYNC) << Report().DebugString();
  EXPECT_EQ(Report().applied_generation(), 5);
  EXPECT_TRUE(ToldGone()) << Report().DebugString();
  // Lost once more, it is lost: what was given up was the first one.
  DeleteByHand();
  EXPECT_THAT(World().topics, IsEmpty());
  EXPECT_THAT(Message(), HasSubstr(made.id));
}

TEST_F(LostTopicTest, OneThatCannotBeMadeStaysLost) {
  DeleteByHand();
  kafka_.broker().Refuse(kTopic, absl::InvalidArgumentError("no"));
  GiveUp();
  Settle();
  EXPECT_EQ(Journalled(), lost_id_) << "what somebody makes there now must not be taken for ours";
  MakeByHand("other");
  EXPECT_THAT(Message(), HasSubstr("--accept other"));
  EXPECT_TRUE(World().topics.at(kTopic).overrides.empty()) << "nothing of it is touched";
}

TEST_F(LostTopicTest, AnObserverGivesNothingUp) {
  may_apply_ = false;
  DeleteByHand();
  GiveUp();
  Settle();
  Resync();
  EXPECT_THAT(World().topics, IsEmpty());
  EXPECT_EQ(Journalled(), lost_id_);
}

TEST_F(LostTopicTest, ALostAnswerIsRecognised) {
  DeleteByHand();
  kafka_.broker().LoseAnswers(1);
  GiveUp();
  reconciler_->RunOnce();
  const std::string made = World().topics.at(kTopic).id;
  EXPECT_EQ(Journalled(), "") << "an intent";
  Start();  // killed before it looked again
  // The control plane still remembers the lost one.
  reconciler_->Post({held_, {}, true, {{{kTopic, {lost_id_}}}, {}}});
  Settle();
  EXPECT_EQ(World().topics.at(kTopic).id, made);
  EXPECT_EQ(Journalled(), made);
  EXPECT_TRUE(ToldGone());
  EXPECT_EQ(Report().state(), sluice::v1::SYNC_STATE_IN_SYNC) << Report().DebugString();
}

TEST_F(LostTopicTest, OneThatWasMadeByHandIsOursOnceAccepted) {
  DeleteByHand();
  MakeByHand("other");
  GiveUp();  // gives up the old one only
  Settle();
  EXPECT_TRUE(World().topics.at(kTopic).overrides.empty());
  EXPECT_EQ(Report().state(), sluice::v1::SYNC_STATE_BLOCKED);
  GiveUp("other");
  Settle();
  EXPECT_EQ(World().topics.at(kTopic), (core::ObservedTopic{"other", 1, 1, slice_.topics[0].configs}));
  EXPECT_EQ(Journalled(), "other");
  EXPECT_TRUE(ToldGone());
  EXPECT_EQ(Report().state(), sluice::v1::SYNC_STATE_IN_SYNC) << Report().DebugString();
}

TEST_F(LostTopicTest, ALostJournalTakesNothingForForeignBeforeItIsToldWhatIsOurs) {
  reconciler_.reset();
  journal_.reset();
  std::filesystem::remove(directory_.path() + "/journal.db");
  options_.ask_what_is_ours = true;
  Start();
  Settle();
  EXPECT_EQ(Report().state(), sluice::v1::SYNC_STATE_PENDING) << Report().DebugString();
  EXPECT_FALSE(Says("Blocked", "Exists"));
  reconciler_->Post({held_, {}, true, {}});  // the control plane knows nothing of it either
  Settle();
  EXPECT_TRUE(Says("Blocked", "Exists"));
  reconciler_->Post({held_, {}, true, {{{kTopic, {lost_id_}}}, {}}});
  Settle();
  EXPECT_EQ(Report().state(), sluice::v1::SYNC_STATE_IN_SYNC) << Report().DebugString();
}

TEST_F(LostTopicTest, ALostJournalCreatesNothingBeforeItIsToldWhatIsOurs) {
  kafka_.broker().Change([](kafka::World& world) { world.topics.erase(kTopic); });
  reconciler_.reset();
  journal_.reset();
  std::filesystem::remove(directory_.path() + "/journal.db");
  options_.ask_what_is_ours = true;
  Start();
  Settle();
  Resync();
  EXPECT_THAT(World().topics, IsEmpty()) << "it may have been ours, with data in it";
  reconciler_->Post({held_, {}, true, {{{kTopic, {lost_id_}}}, {"s-value"}}});
  Settle();
  EXPECT_THAT(World().topics, IsEmpty());
  EXPECT_THAT(Message(), HasSubstr("sluice recreate"));
  EXPECT_EQ(journal_->ours().subjects.count("s-value"), 1u);
}

}  // namespace
}  // namespace sluice::agent
