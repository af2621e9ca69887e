// A second agent, and a cache that goes while the stream is open, against a control plane in this process.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "agent/desired_client.h"
#include "agent/fake_control_plane.h"
#include "agent/reconciler_fixture.h"

namespace sluice::agent {
namespace {

class StandingTest : public ::testing::Test {
 protected:
  StandingTest() {
    auto cache = Cache::Open(directory_.path() + "/cache.db", clock_);
    EXPECT_TRUE(cache.ok()) << cache.status();
    DesiredListener listener;
    listener.updated = [this](DesiredUpdate update) {
      std::lock_guard lock(control_plane_.mutex());
      updates_.push_back(std::move(update));
      control_plane_.Poke();
    };
    listener.connected = [](bool) {};
    listener.stands = [this](Standing standing) {
      std::lock_guard lock(control_plane_.mutex());
      standing_ = standing;
      control_plane_.Poke();
    };
    client_ = std::make_unique<DesiredClient>(AgentIdentity{"eu-prod", "run", "1"}, control_plane_.Channel(),
                                              *std::move(cache), clock_, std::move(listener));
  }
  void Send(int64_t revision) {
    std::vector<sluice::v1::WatchDesiredResponse> messages = {MakeBegin(true)};
    for (auto& chunk : MakeChunks(MakeSlice(kSlice, kTopic), revision, 1 << 20)) messages.push_back(chunk);
    messages.push_back(MakeBookmark(revision, "hash"));
    control_plane_.Send(messages);
  }
  bool Stands(Standing standing) {
    return control_plane_.WaitFor([&] { return standing_ == standing; });
  }

  SystemClock clock_;
  TemporaryDirectory directory_;
  FakeControlPlane control_plane_;
  std::vector<DesiredUpdate> updates_;
  Standing standing_ = Standing::kUnknown;
  std::unique_ptr<DesiredClient> client_;  // last, so that it ends before what it calls
};

TEST_F(StandingTest, ASecondAgentIsToldSoAndTakesOverWhenItIsServed) {
  client_->Start(DesiredClient::Ask::kChanges, {});
  ASSERT_TRUE(control_plane_.WaitFor([&] { return control_plane_.watches.size() == 1; }));
  control_plane_.EndStream(grpc::Status(grpc::StatusCode::ALREADY_EXISTS, "one agent at a time"));
  ASSERT_TRUE(Stands(Standing::kSecond));
  Send(5);
  EXPECT_TRUE(Stands(Standing::kServing));
}

TEST_F(StandingTest, AControlPlaneThatGoesAwayChangesNothingAboutIt) {
  Send(5);
  client_->Start(DesiredClient::Ask::kChanges, {});
  ASSERT_TRUE(Stands(Standing::kServing));
  control_plane_.EndStream(grpc::Status(grpc::StatusCode::UNAVAILABLE, "gone"));
  ASSERT_TRUE(control_plane_.WaitFor([&] { return control_plane_.watches.size() >= 2; }));
  EXPECT_TRUE(Stands(Standing::kServing));
}

TEST_F(StandingTest, ACacheThatIsDeletedIsFilledAgainAtOnce) {
  Send(5);
  client_->Start(DesiredClient::Ask::kChanges, {});
  ASSERT_TRUE(control_plane_.WaitFor([&] { return updates_.size() == 1; }));
  std::filesystem::remove_all(directory_.path());
  client_->KeepCache();
  ASSERT_TRUE(control_plane_.WaitFor([&] { return control_plane_.watches.size() >= 2; }));
  EXPECT_TRUE(control_plane_.watches.back().everything());
  Send(5);
  ASSERT_TRUE(control_plane_.WaitFor([&] { return updates_.size() >= 2; }));
  client_.reset();
  auto cache = Cache::Open(directory_.path() + "/cache.db", clock_);
  ASSERT_TRUE(cache.ok()) << cache.status();
  EXPECT_EQ((*cache)->state()->revision, 5);
  EXPECT_EQ((*cache)->state()->slices.size(), 1u);
}

}  // namespace
}  // namespace sluice::agent
