// The whole agent, in its threads, between a control plane in this process and the fakes of its targets.
#include "agent/agent.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/fake_control_plane.h"
#include "agent/reconciler_fixture.h"

namespace sluice::agent {
namespace {

class AgentTest : public ::testing::Test {
 protected:
  void Start() {
    agent_.reset();
    AgentOptions options;
    options.config.set_cluster("eu-prod");
    options.config.set_data_directory(directory_.path() + "/data");
    options.resync_interval = std::chrono::seconds(60);
    options.max_offline_age = std::chrono::hours(1);
    auto kafka = std::make_unique<FakeKafka>(world_);
    kafka_ = kafka.get();
    auto registry = std::make_unique<FakeRegistry>();
    registry_ = registry.get();
    auto agent = Agent::Open(options, {std::move(kafka), std::move(registry)}, control_plane_.Channel(),
                             clock_, metrics_);
    ASSERT_TRUE(agent.ok()) << agent.status();
    agent_ = *std::move(agent);
    agent_->Start();
  }
  void Stop() {
    world_ = kafka_->broker().Look();
    agent_.reset();
  }
  void Approve(const core::Slice& slice, int64_t revision, bool full) {
    std::vector<sluice::v1::WatchDesiredResponse> messages = {MakeBegin(full)};
    for (auto& chunk : MakeChunks(slice, revision, 1 << 20)) messages.push_back(chunk);
    messages.push_back(MakeBookmark(revision, "hash"));
    control_plane_.Send(messages);
  }
  // Whether the last report of the slice says that it is in sync at `generation`.
  bool WaitForSync(int64_t generation) {
    return control_plane_.WaitFor([&] {
      sluice::v1::SliceReport last;
      for (const auto& report : control_plane_.reports) {
        for (const auto& slice : report.slices()) last = slice;
      }
      return last.state() == sluice::v1::SYNC_STATE_IN_SYNC && last.applied_generation() == generation;
    });
  }

  SystemClock clock_;
  TemporaryDirectory directory_;
  FakeControlPlane control_plane_;
  metrics::Metrics metrics_{metrics::Program::kAgent};
  kafka::World world_;
  FakeKafka* kafka_ = nullptr;
  FakeRegistry* registry_ = nullptr;
  std::unique_ptr<Agent> agent_;
};

TEST_F(AgentTest, MakesWhatIsApprovedReportsItAndGoesOnAfterARestart) {
  const core::Slice slice = WithSubject(MakeSlice(kSlice, kTopic));
  Approve(slice, 5, /*full=*/true);
  Start();
  ASSERT_TRUE(WaitForSync(5));
  EXPECT_TRUE(agent_->Health().ok());
  EXPECT_EQ(kafka_->broker().Look().acls.size(), 2u);
  EXPECT_EQ(registry_->Look().size(), 1u);
  Stop();
  control_plane_.Stop();  // away
  world_.acls.clear();
  Start();
  // From the cache alone; the registry is a new one, so the writer waits for its schema there.
  const bool healed = control_plane_.WaitFor([&] { return kafka_->broker().Look().acls.size() == 2; });
  EXPECT_TRUE(healed);
}

TEST_F(AgentTest, ASecondAgentOnTheSameDirectoryIsRefused) {
  Start();
  AgentOptions options;
  options.config.set_data_directory(directory_.path() + "/data");
  auto second = Agent::Open(options, {std::make_unique<FakeKafka>(), nullptr}, control_plane_.Channel(),
                            clock_, metrics_);
  EXPECT_EQ(second.status().code(), absl::StatusCode::kFailedPrecondition);
}

}  // namespace
}  // namespace sluice::agent
