#include "agent/report_book.h"

#include <gtest/gtest.h>

#include "agent/outcomes.h"

namespace sluice::agent {
namespace {

namespace v1 = sluice::v1;

v1::SliceReport Slice(const std::string& key, v1::SyncState state = v1::SYNC_STATE_IN_SYNC) {
  v1::SliceReport report;
  report.set_key(key);
  report.set_state(state);
  return report;
}

class ReportBookTest : public ::testing::Test {
 protected:
  void Put(std::vector<v1::SliceReport> slices, std::vector<v1::Condition> conditions = {}) {
    RoundReport round;
    round.slices = std::move(slices);
    round.conditions = std::move(conditions);
    round.owned = owned_;
    round.owned_subjects = owned_subjects_;
    round.revision = 5;
    book_.Put(std::move(round));
  }
  // Sends everything that is to be sent.
  std::vector<v1::ReportStatusRequest> Drain() {
    std::vector<v1::ReportStatusRequest> requests;
    while (auto request = book_.Next()) {
      requests.push_back(*request);
      book_.Acknowledge();
    }
    return requests;
  }

  FakeClock clock_{Time(std::chrono::hours(1))};
  ReportBook book_{"eu-prod", "run", clock_};
  std::map<std::string, core::OwnedTopic> owned_;
  std::set<std::string> owned_subjects_;
};

TEST_F(ReportBookTest, TellsNothingBeforeTheFirstRound) {
  EXPECT_FALSE(book_.Next().has_value());
  EXPECT_FALSE(book_.Heartbeat().has_value());
}

TEST_F(ReportBookTest, BeginsWithAFullReportAndGoesOnWithDeltas) {
  Put({Slice("a"), Slice("b")});
  auto first = Drain();
  ASSERT_EQ(first.size(), 1u);
  EXPECT_TRUE(first[0].full());
  EXPECT_FALSE(first[0].more());
  EXPECT_EQ(first[0].sequence(), 1);
  EXPECT_EQ(first[0].slices_size(), 2);
  EXPECT_EQ(first[0].revision(), 5);
  Put({Slice("a"), Slice("b")});
  EXPECT_TRUE(Drain().empty()) << "nothing changed";
  Put({Slice("a"), Slice("b", v1::SYNC_STATE_FAILED)});
  auto delta = Drain();
  ASSERT_EQ(delta.size(), 1u);
  EXPECT_FALSE(delta[0].full());
  EXPECT_EQ(delta[0].sequence(), 2);
  ASSERT_EQ(delta[0].slices_size(), 1);
  EXPECT_EQ(delta[0].slices(0).key(), "b");
}

TEST_F(ReportBookTest, SendsTheSameAgainUntilItIsAcknowledged) {
  Put({Slice("a")});
  const auto first = book_.Next();
  Put({Slice("a", v1::SYNC_STATE_FAILED)});
  EXPECT_EQ(book_.Next()->SerializeAsString(), first->SerializeAsString());
  book_.Acknowledge();
  auto next = book_.Next();
  EXPECT_EQ(next->sequence(), 2);
  EXPECT_EQ(next->slices(0).state(), v1::SYNC_STATE_FAILED);
}

TEST_F(ReportBookTest, AFullReportComesInPiecesAndHoldsEverything) {
  std::vector<v1::SliceReport> many;
  for (int i = 0; i < 1200; ++i) many.push_back(Slice("slice-" + std::to_string(i)));
  for (int i = 0; i < 12'000; ++i) owned_["topic-" + std::to_string(i)].id = "id";
  for (int i = 0; i < 6'000; ++i) owned_subjects_.insert("subject-" + std::to_string(i));
  Put(many);
  Drain();
  book_.StartFull();
  std::set<std::string> slices, owned, subjects;
  const auto pieces = Drain();
  EXPECT_EQ(pieces.size(), 5u) << "3 of what is ours, the last of them with slices, and 2 of slices";
  for (size_t i = 0; i < pieces.size(); ++i) {
    EXPECT_EQ(pieces[i].full(), i == 0);
    EXPECT_EQ(pieces[i].more(), i + 1 < pieces.size());
    EXPECT_LE(pieces[i].slices_size(), 500);
    EXPECT_LE(pieces[i].owned_size(), 5000);
    EXPECT_LE(pieces[i].owned_subjects_size(), 5000);
    EXPECT_TRUE(slices.empty() || pieces[i].owned_size() == 0) << "what is ours comes before the slices";
    subjects.insert(pieces[i].owned_subjects().begin(), pieces[i].owned_subjects().end());
    for (const auto& slice : pieces[i].slices()) slices.insert(slice.key());
    for (const auto& topic : pieces[i].owned()) owned.insert(topic.name());
  }
  EXPECT_EQ(slices.size(), 1200u);
  EXPECT_EQ(owned.size(), 12'000u);
  EXPECT_EQ(subjects.size(), 6'000u);
}

TEST_F(ReportBookTest, EventsOfARefusedReportAreNotLost) {
  RoundReport round;
  round.drift.resize(3);
  round.drift[0].set_resource("x");
  book_.Put(round);
  EXPECT_EQ(book_.Next()->drift_size(), 3);
  book_.StartFull();  // FAILED_PRECONDITION
  const auto again = book_.Next();
  EXPECT_TRUE(again->full());
  ASSERT_EQ(again->drift_size(), 3);
  EXPECT_EQ(again->drift(0).resource(), "x");
}

TEST_F(ReportBookTest, DriftIsBoundedByTheLatest) {
  RoundReport round;
  round.drift.resize(ReportBook::kMaxWaitingDrift + 7);
  round.drift.back().set_resource("last");
  book_.Put(std::move(round));
  size_t told = 0;
  std::string last;
  for (const auto& request : Drain()) {
    EXPECT_LE(request.drift_size(), 500);
    told += static_cast<size_t>(request.drift_size());
    if (request.drift_size() > 0) last = request.drift(request.drift_size() - 1).resource();
  }
  EXPECT_EQ(told, ReportBook::kMaxWaitingDrift);
  EXPECT_EQ(last, "last");
}

TEST_F(ReportBookTest, PiecesStayBelowTheLimitOfAMessage) {
  std::vector<v1::SliceReport> many;
  for (int i = 0; i < 500; ++i) {
    many.push_back(Slice("slice-" + std::to_string(i)));
    for (int c = 0; c < 50; ++c)
      *many.back().add_conditions() = MakeCondition("Failed", true, "Why", std::string(400, 'x'));
  }
  Put(many);
  size_t slices = 0;
  for (const auto& request : Drain()) {
    EXPECT_LT(request.ByteSizeLong(), 4u << 20);
    slices += static_cast<size_t>(request.slices_size());
  }
  EXPECT_EQ(slices, 500u);
}

TEST_F(ReportBookTest, ConditionsKeepTheirTimeWhileTheirStatusLasts) {
  auto with = [](const std::string& message) {
    v1::SliceReport report = Slice("a", v1::SYNC_STATE_FAILED);
    *report.add_conditions() = MakeCondition("Failed", true, "Why", message);
    return report;
  };
  Put({with("one")}, {MakeCondition("KafkaReachable", true, "Answers", "")});
  const int64_t began = Drain()[0].slices(0).conditions(0).transition_time().seconds();
  clock_.Advance(std::chrono::minutes(5));
  Put({with("two")}, {MakeCondition("KafkaReachable", false, "Unavailable", "away")});
  const auto later = Drain();
  ASSERT_EQ(later.size(), 1u);
  EXPECT_EQ(later[0].slices(0).conditions(0).transition_time().seconds(), began);
  EXPECT_EQ(later[0].conditions(0).transition_time().seconds(), began + 300);
}

TEST_F(ReportBookTest, AHeartbeatTellsThatWeLive) {
  Put({Slice("a")}, {MakeCondition("KafkaReachable", true, "Answers", "")});
  Drain();
  const auto beat = book_.Heartbeat();
  ASSERT_TRUE(beat.has_value());
  EXPECT_EQ(beat->sequence(), 2);
  EXPECT_EQ(beat->slices_size(), 0);
  EXPECT_EQ(beat->conditions_size(), 1) << "conditions replace the former ones";
}

TEST_F(ReportBookTest, SaysHowOldTheLastLookAtEverythingIs) {
  Put({Slice("a")});
  EXPECT_FALSE(Drain().at(0).has_observation_age());
  RoundReport whole;
  whole.looked_at_everything = true;
  book_.Put(std::move(whole));
  clock_.Advance(std::chrono::seconds(30));
  Put({Slice("a", v1::SYNC_STATE_FAILED)});  // a look at one slice
  EXPECT_EQ(Drain().at(0).observation_age().seconds(), 30);
}

TEST_F(ReportBookTest, ARemovedSliceIsNotToldAgain) {
  Put({Slice("a"), Slice("b")});
  Drain();
  RoundReport round;
  round.removed = {"b"};
  book_.Put(std::move(round));
  book_.StartFull();
  const auto full = Drain();
  ASSERT_EQ(full.size(), 1u);
  EXPECT_EQ(full[0].slices_size(), 1);
}

}  // namespace
}  // namespace sluice::agent
