// The stream of the desired state and the reports, against a control plane in this process.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/desired_client.h"
#include "agent/fake_control_plane.h"
#include "agent/outcomes.h"
#include "agent/reconciler_fixture.h"
#include "agent/reporter.h"

namespace sluice::agent {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;
using Messages = std::vector<sluice::v1::WatchDesiredResponse>;

Messages Update(bool full, const std::vector<core::Slice>& slices, int64_t revision) {
  Messages messages = {MakeBegin(full)};
  for (const core::Slice& slice : slices) {
    for (auto& chunk : MakeChunks(slice, revision, 40)) messages.push_back(chunk);
  }
  messages.push_back(MakeBookmark(revision, "hash-" + std::to_string(revision)));
  return messages;
}

class DesiredClientTest : public ::testing::Test {
 protected:
  void Open(DesiredClient::Ask ask = DesiredClient::Ask::kChanges, HistoryPoint known = {}) {
    client_.reset();
    auto cache = Cache::Open(directory_.path() + "/cache.db", clock_);
    ASSERT_TRUE(cache.ok()) << cache.status();
    DesiredListener listener;
    listener.updated = [this](DesiredUpdate update) {
      std::lock_guard lock(control_plane_.mutex());
      updates_.push_back(std::move(update));
      control_plane_.Poke();
    };
    listener.connected = [](bool) {};
    client_ = std::make_unique<DesiredClient>(AgentIdentity{"eu-prod", "run", "1"}, control_plane_.Channel(),
                                              *std::move(cache), clock_, std::move(listener));
    client_->Start(ask, std::move(known));
  }
  bool WaitForUpdates(size_t count) {
    return control_plane_.WaitFor([&] { return updates_.size() >= count; });
  }
  bool WaitForWatches(size_t count) {
    return control_plane_.WaitFor([&] { return control_plane_.watches.size() >= count; });
  }

  SystemClock clock_;
  TemporaryDirectory directory_;
  FakeControlPlane control_plane_;
  std::vector<DesiredUpdate> updates_;
  std::unique_ptr<DesiredClient> client_;
};

TEST_F(DesiredClientTest, HoldsAFullUpdateThatCameInPieces) {
  Messages messages = Update(true, {MakeSlice(kSlice, kTopic)}, 5);
  sluice::v1::WatchDesiredResponse topics, subjects;
  auto& owned = *topics.mutable_owned()->add_topics();
  owned.set_name(kTopic);
  owned.set_topic_id("id");
  subjects.mutable_owned()->add_subjects("s-value");
  messages.insert(messages.begin() + 1, {topics, subjects});
  messages[0].mutable_begin()->add_reserved_principals("admin");
  control_plane_.Send(messages);
  Open();
  ASSERT_TRUE(WaitForUpdates(1));
  EXPECT_TRUE(updates_[0].full);
  EXPECT_EQ(updates_[0].state->revision, 5);
  EXPECT_EQ(updates_[0].state->slices.at(kSlice)->slice, MakeSlice(kSlice, kTopic));
  EXPECT_THAT(updates_[0].state->reserved_principals, ElementsAre("admin"));
  EXPECT_THAT(updates_[0].owned.topics, ElementsAre(Pair(kTopic, core::OwnedTopic{"id"})));
  EXPECT_THAT(updates_[0].owned.subjects, ElementsAre("s-value"));
  EXPECT_EQ(control_plane_.watches[0].revision(), 0);
  EXPECT_EQ(control_plane_.watches[0].protocol_version(), 1);
}

TEST_F(DesiredClientTest, GoesOnFromWhatItHolds) {
  control_plane_.Send(Update(true, {MakeSlice(kSlice, kTopic)}, 5));
  Open();
  ASSERT_TRUE(WaitForUpdates(1));
  control_plane_.Send({MakeBegin(false), MakeGone(kSlice), MakeBookmark(6, "hash-6")});
  ASSERT_TRUE(WaitForUpdates(2));
  EXPECT_THAT(updates_[1].changed, ElementsAre(kSlice));
  EXPECT_THAT(updates_[1].state->slices, IsEmpty());
  Open();  // another process
  ASSERT_TRUE(WaitForWatches(2));
  EXPECT_EQ(control_plane_.watches[1].revision(), 6);
  EXPECT_EQ(control_plane_.watches[1].history_hash(), "hash-6");
}

TEST_F(DesiredClientTest, AStreamThatBreaksBeforeItsBookmarkChangesNothing) {
  control_plane_.Send(Update(true, {MakeSlice(kSlice, kTopic)}, 5));
  Open();
  ASSERT_TRUE(WaitForUpdates(1));
  Messages half = Update(false, {MakeSlice("product/d.q/acme", "q")}, 6);
  half.pop_back();
  control_plane_.Send(half);
  control_plane_.EndStream(grpc::Status(grpc::StatusCode::UNAVAILABLE, "cut"));
  ASSERT_TRUE(WaitForWatches(2));
  EXPECT_EQ(control_plane_.watches[1].revision(), 5);
  EXPECT_EQ(control_plane_.watches[1].history_hash(), "hash-5");
  control_plane_.Send(Update(false, {MakeSlice("product/d.q/acme", "q")}, 6));
  ASSERT_TRUE(WaitForUpdates(2));
  EXPECT_EQ(updates_[1].state->slices.size(), 2u);
}

TEST_F(DesiredClientTest, ASliceThatDoesNotMatchItsDigestIsAskedForAgain) {
  control_plane_.Send(Update(true, {MakeSlice(kSlice, kTopic)}, 5));
  Open();
  ASSERT_TRUE(WaitForUpdates(1));
  Messages bad = Update(false, {MakeSlice(kSlice, "other")}, 6);
  for (auto& message : bad) {
    if (message.has_chunk()) message.mutable_chunk()->set_digest(std::string(64, '0'));
  }
  bad.resize(bad.size() - 1);
  control_plane_.Send(bad);
  ASSERT_TRUE(WaitForWatches(2));
  EXPECT_TRUE(control_plane_.watches[1].everything());
  EXPECT_EQ(control_plane_.watches[1].history_hash(), "hash-5") << "a restored control plane is recognised also then";
  std::lock_guard lock(control_plane_.mutex());
  EXPECT_EQ(updates_.size(), 1u);
}

TEST_F(DesiredClientTest, AnUnknownHistoryKeepsTheStateAndIsTold) {
  control_plane_.Send(Update(true, {MakeSlice(kSlice, kTopic)}, 5));
  Open();
  ASSERT_TRUE(WaitForUpdates(1));
  control_plane_.EndStream(grpc::Status::OK);
  ASSERT_TRUE(WaitForWatches(2));
  control_plane_.Send({MakeBegin(true, /*history_unknown=*/true), MakeBookmark(2, "hash-2")});
  ASSERT_TRUE(WaitForUpdates(2));
  EXPECT_FALSE(updates_[1].state->history_known);
  EXPECT_EQ(updates_[1].state->revision, 5);
  EXPECT_EQ(updates_[1].state->slices.size(), 1u);
}

TEST_F(DesiredClientTest, AsksForEverythingWhenToldTo) {
  control_plane_.Send(Update(true, {MakeSlice(kSlice, kTopic)}, 5));
  Open();
  ASSERT_TRUE(WaitForUpdates(1));
  Open(DesiredClient::Ask::kEverything);
  ASSERT_TRUE(WaitForWatches(2));
  EXPECT_TRUE(control_plane_.watches[1].everything());
  EXPECT_EQ(control_plane_.watches[1].revision(), 5);
}

TEST_F(DesiredClientTest, ALostCacheIsFilledFromTheHistoryThatIsKnownElsewhere) {
  Open(DesiredClient::Ask::kChanges, {7, "hash-7"});
  ASSERT_TRUE(WaitForWatches(1));
  EXPECT_TRUE(control_plane_.watches[0].everything());
  EXPECT_EQ(control_plane_.watches[0].revision(), 7);
  EXPECT_EQ(control_plane_.watches[0].history_hash(), "hash-7");
}

TEST_F(DesiredClientTest, ComesBackAfterTheControlPlaneWasAway) {
  control_plane_.Send(Update(true, {MakeSlice(kSlice, kTopic)}, 5));
  Open();
  ASSERT_TRUE(WaitForUpdates(1));
  control_plane_.Stop();
  control_plane_.Restart();
  ASSERT_TRUE(WaitForWatches(2));
  EXPECT_EQ(control_plane_.watches[1].revision(), 5);
}

class ReporterTest : public ::testing::Test {
 protected:
  ReporterTest() : reporter_(control_plane_.Channel(), book_, clock_, [] {}) {}

  void Put(const std::string& key, sluice::v1::SyncState state) {
    RoundReport round;
    round.slices.resize(1);
    round.slices[0].set_key(key);
    round.slices[0].set_state(state);
    round.drift.resize(1);
    round.drift[0].set_resource("drift of " + key);
    book_.Put(std::move(round));
  }
  bool WaitForReports(size_t count) {
    return control_plane_.WaitFor([&] { return control_plane_.reports.size() >= count; });
  }

  SystemClock clock_;
  FakeControlPlane control_plane_;
  ReportBook book_{"eu-prod", "run", clock_};
  Reporter reporter_;
};

TEST_F(ReporterTest, TellsEverythingFirstAndThenWhatChanges) {
  Put("a", sluice::v1::SYNC_STATE_PENDING);
  reporter_.Start();
  ASSERT_TRUE(WaitForReports(1));
  EXPECT_TRUE(control_plane_.reports[0].full());
  Put("b", sluice::v1::SYNC_STATE_IN_SYNC);
  ASSERT_TRUE(WaitForReports(2));
  EXPECT_FALSE(control_plane_.reports[1].full());
  EXPECT_EQ(control_plane_.reports[1].sequence(), 2);
  EXPECT_EQ(control_plane_.reports[1].slices(0).key(), "b");
}

TEST_F(ReporterTest, AnswersALostSequenceWithAFullReport) {
  Put("a", sluice::v1::SYNC_STATE_PENDING);
  reporter_.Start();
  ASSERT_TRUE(WaitForReports(1));
  control_plane_.AnswerReports({grpc::Status(grpc::StatusCode::FAILED_PRECONDITION, "a gap")});
  Put("b", sluice::v1::SYNC_STATE_IN_SYNC);
  ASSERT_TRUE(WaitForReports(2));
  EXPECT_TRUE(control_plane_.reports[1].full());
  EXPECT_EQ(control_plane_.reports[1].slices_size(), 2);
  EXPECT_EQ(control_plane_.reports[1].drift(0).resource(), "drift of b");
}

TEST_F(ReporterTest, SendsTheSameReportAgainWhenNobodyAnswered) {
  control_plane_.AnswerReports({grpc::Status(grpc::StatusCode::UNAVAILABLE, "away"),
                                grpc::Status(grpc::StatusCode::UNAVAILABLE, "away")});
  Put("a", sluice::v1::SYNC_STATE_PENDING);
  reporter_.Start();
  ASSERT_TRUE(WaitForReports(1));
  ASSERT_EQ(control_plane_.refused.size(), 2u);
  EXPECT_EQ(control_plane_.refused[1].SerializeAsString(), control_plane_.reports[0].SerializeAsString());
}

TEST_F(ReporterTest, StopsWhileNothingIsToBeTold) {
  reporter_.Start();
  reporter_.Stop();
}

}  // namespace
}  // namespace sluice::agent
