// The whole agent, in its threads, between a control plane in this process and the fakes of its targets.
#include "agent/agent.h"

#include "agent/accept_history.h"

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
  // Starts, and returns what the new stream asks for.
  sluice::v1::WatchDesiredRequest StartAndWatch() {
    const size_t watches = control_plane_.watches.size();
    Start();
    EXPECT_TRUE(control_plane_.WaitFor([&] { return control_plane_.watches.size() > watches; }));
    std::lock_guard lock(control_plane_.mutex());
    return control_plane_.watches.size() > watches ? control_plane_.watches[watches]
                                                   : sluice::v1::WatchDesiredRequest();
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

// Whatever part of its disk an agent lost, it asks for everything, and with what is left of its history, so that a control
// plane that was restored from an older copy is recognised.
TEST_F(AgentTest, ALostDiskIsAskedForWithWhatIsLeftOfItsHistory) {
  struct Case {
    std::vector<std::string> lost;
    bool everything;
    int64_t revision;
  };
  const std::vector<Case> cases = {{{}, false, 5},
                                   {{"journal.db"}, true, 5},
                                   {{"cache.db"}, true, 5},
                                   {{"journal.db", "cache.db"}, true, 0}};
  for (const Case& one : cases) {
    SCOPED_TRACE(::testing::PrintToString(one.lost));
    StartAndWatch();
    Approve(MakeSlice(kSlice, kTopic), 5, /*full=*/true);
    ASSERT_TRUE(WaitForSync(5));
    Stop();
    for (const std::string& file : one.lost) {
      for (const char* suffix : {"", "-wal", "-shm"})
        std::filesystem::remove(directory_.path() + "/data/" + file + suffix);
    }
    const auto request = StartAndWatch();
    EXPECT_EQ(request.everything(), one.everything);
    EXPECT_EQ(request.revision(), one.revision);
    EXPECT_EQ(request.history_hash(), one.revision > 0 ? "hash" : "");
    Stop();
    control_plane_.reports.clear();
    std::filesystem::remove_all(directory_.path() + "/data");
    world_ = {};
  }
}

TEST_F(AgentTest, AHistoryThatIsAcceptedIsForgottenAndWhatIsOursIsNot) {
  Approve(MakeSlice(kSlice, kTopic), 5, /*full=*/true);
  Start();
  ASSERT_TRUE(WaitForSync(5));
  EXPECT_EQ(AcceptHistory(directory_.path() + "/data", clock_).code(), absl::StatusCode::kFailedPrecondition)
      << "not while the agent runs";
  Stop();
  ASSERT_TRUE(AcceptHistory(directory_.path() + "/data", clock_).ok());
  auto journal = Journal::Open(directory_.path() + "/data/journal.db");
  EXPECT_EQ((*journal)->ours().topics.count(kTopic), 1u);
  journal->reset();
  EXPECT_EQ(StartAndWatch().revision(), 0) << "whatever the control plane has is taken";
}

TEST_F(AgentTest, WhenTheControlPlaneSpeaksAnotherProtocolItHealsOnAndSaysWhatToDo) {
  Approve(MakeSlice(kSlice, kTopic), 5, /*full=*/true);
  Start();
  ASSERT_TRUE(WaitForSync(5));
  Stop();
  world_.acls.clear();
  const size_t watches = control_plane_.watches.size();
  Start();
  ASSERT_TRUE(control_plane_.WaitFor([&] { return control_plane_.watches.size() > watches; }));
  EXPECT_EQ(control_plane_.watches[watches].protocol_version(), kProtocolVersion);
  control_plane_.EndStream(grpc::Status(grpc::StatusCode::FAILED_PRECONDITION, "upgrade the agent"));
  const auto told = [&] {
    for (const auto& report : control_plane_.reports) {
      for (const auto& condition : report.conditions()) {
        if (condition.type() == "StreamRefused" && condition.message().ends_with("upgrade the agent")) return true;
      }
    }
    return false;
  };
  EXPECT_TRUE(control_plane_.WaitFor(told)) << "reports need no stream";
  EXPECT_TRUE(control_plane_.WaitFor([&] { return kafka_->broker().Look().acls.size() == 1; }));
  EXPECT_THAT(metrics_.Text(), ::testing::HasSubstr("sluice_agent_problems{type=\"StreamRefused\"} 1"));
  // Upgraded: it is served again.
  control_plane_.Send({MakeBegin(false), MakeBookmark(6, "hash")});
  EXPECT_TRUE(control_plane_.WaitFor([&] {
    return metrics_.Text().find("sluice_agent_problems{type=\"StreamRefused\"} 0") != std::string::npos;
  }));
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
