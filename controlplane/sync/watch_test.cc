// Watch over a real gRPC channel: nothing is lost between commits, ends and cancellations.
#include "controlplane/sync/watch.h"

#include <gtest/gtest.h>

#include <latch>
#include <thread>

#include "controlplane/store/testing.h"
#include "sluice/v1/agent.grpc.pb.h"

namespace sluice::controlplane {
namespace {

// Serves streams to whoever asks.
class OpenService final : public sluice::v1::AgentService::CallbackService {
 public:
  explicit OpenService(Store& store) : store_(store) {}

  grpc::ServerWriteReactor<sluice::v1::WatchDesiredResponse>* WatchDesired(
      grpc::CallbackServerContext* context, const sluice::v1::WatchDesiredRequest* request) override {
    auto watch = std::make_shared<Watch>(
        *context, store_, pumps_, request->cluster(),
        DesiredStream(store_, request->cluster(), "spiffe://sluice/agent/" + request->cluster(), *request), *request, nullptr,
        [this](const std::shared_ptr<Watch>& done, const absl::Status&) { Remove(done); });
    {
      std::lock_guard lock(mutex_);
      watches_.insert(watch);
    }
    watch->Start();
    return watch.get();
  }

  void EndAll() {
    std::set<std::shared_ptr<Watch>> watches;
    {
      std::lock_guard lock(mutex_);
      watches = watches_;
    }
    for (const auto& watch : watches) watch->End(absl::UnavailableError("stopping"));
  }

  void WaitForNone() {
    std::unique_lock lock(mutex_);
    removed_.wait(lock, [&] { return watches_.empty(); });
  }

 private:
  void Remove(const std::shared_ptr<Watch>& watch) {
    std::lock_guard lock(mutex_);
    watches_.erase(watch);
    removed_.notify_all();
  }

  Store& store_;
  std::mutex mutex_;
  std::condition_variable removed_;
  std::set<std::shared_ptr<Watch>> watches_;
  Executor pumps_{2, 1000};
};

class WatchTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(store.Release(World()).ok());
    service = std::make_unique<OpenService>(*store);
    server = grpc::ServerBuilder().RegisterService(service.get()).BuildAndStart();
    stub = sluice::v1::AgentService::NewStub(server->InProcessChannel({}));
  }
  void TearDown() override {
    service->EndAll();
    server->Shutdown();
    service->WaitForNone();
    server.reset();
    service.reset();
  }

  static sluice::v1::WatchDesiredRequest Request() {
    sluice::v1::WatchDesiredRequest request;
    request.set_cluster("eu-prod");
    request.set_incarnation("i1");
    request.set_protocol_version(kProtocolVersion);
    request.set_agent_version("1.2.3");
    return request;
  }

  // Reads to the bookmark of `revision` or a later one; 0: the stream ended.
  static int64_t ReadTo(grpc::ClientReader<sluice::v1::WatchDesiredResponse>& reader, int64_t revision) {
    sluice::v1::WatchDesiredResponse response;
    while (reader.Read(&response)) {
      if (response.has_bookmark() && response.bookmark().revision() >= revision)
        return response.bookmark().revision();
    }
    return 0;
  }

  TestStore store;
  std::unique_ptr<OpenService> service;
  std::unique_ptr<grpc::Server> server;
  std::unique_ptr<sluice::v1::AgentService::Stub> stub;
};

TEST_F(WatchTest, EveryCommitArrives) {
  grpc::ClientContext context;
  auto reader = stub->WatchDesired(&context, Request());
  EXPECT_EQ(ReadTo(*reader, 1), 1);
  EXPECT_EQ((*store->GetAgent("eu-prod"))->version, "1.2.3");
  for (int i = 0; i < 50; ++i) {
    auto released = store.Release({Put(MakeApplication("app-" + std::to_string(i)))});
    ASSERT_TRUE(released.ok());
    EXPECT_GE(ReadTo(*reader, released->revision), released->revision);
  }
  context.TryCancel();
  EXPECT_EQ(reader->Finish().error_code(), grpc::StatusCode::CANCELLED);
}

TEST_F(WatchTest, AnUnknownClusterEndsTheStream) {
  grpc::ClientContext context;
  auto request = Request();
  request.set_cluster("nowhere");
  auto reader = stub->WatchDesired(&context, request);
  EXPECT_EQ(ReadTo(*reader, 1), 0);
  EXPECT_EQ(reader->Finish().error_code(), grpc::StatusCode::NOT_FOUND);
}

TEST_F(WatchTest, EndingSaysWhy) {
  grpc::ClientContext context;
  auto reader = stub->WatchDesired(&context, Request());
  EXPECT_EQ(ReadTo(*reader, 1), 1);
  service->EndAll();
  EXPECT_EQ(ReadTo(*reader, INT64_MAX), 0);
  EXPECT_EQ(reader->Finish().error_code(), grpc::StatusCode::UNAVAILABLE);
}

TEST_F(WatchTest, StreamsComeAndGoWhileEverythingChanges) {
  constexpr int kWatchers = 6, kRounds = 15;
  std::latch start(kWatchers + 1);
  std::vector<std::thread> watchers;
  for (int i = 0; i < kWatchers; ++i) {
    watchers.emplace_back([&, i] {
      start.arrive_and_wait();
      for (int round = 0; round < kRounds; ++round) {
        grpc::ClientContext context;
        auto reader = stub->WatchDesired(&context, Request());
        if ((i + round) % 3 != 0) EXPECT_GE(ReadTo(*reader, 1), 1);
        context.TryCancel();
        reader->Finish();
      }
    });
  }
  start.arrive_and_wait();
  for (int i = 0; i < 60; ++i)
    ASSERT_TRUE(store.Release({Put(MakeApplication("app-" + std::to_string(i)))}).ok());
  for (auto& watcher : watchers) watcher.join();
  service->WaitForNone();
}

}  // namespace
}  // namespace sluice::controlplane
