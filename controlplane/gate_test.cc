// What the gate does with callers that ask too much: a full queue, refusals without end, streams without end,
// connections that never speak.
#include <arpa/inet.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <latch>

#include "controlplane/rpc/refusals.h"
#include "controlplane/services/mount.h"
#include "controlplane/services/open_streams.h"
#include "controlplane/store/full_disk.h"
#include "controlplane/store/testing.h"
#include "controlplane/testing.h"
#include "sluice/v1/agent.grpc.pb.h"
#include "sluice/v1/audit.grpc.pb.h"
#include "sluice/v1/change.grpc.pb.h"
#include "sluice/v1/lookup.grpc.pb.h"

namespace sluice::controlplane {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class EverybodyIs final : public TokenVerifier {
 public:
  absl::StatusOr<TokenClaims> Verify(std::string_view token) override {
    return TokenClaims{.issuer = "i",
                       .subject = std::string(token),
                       .display_name = std::string(token),
                       .groups = {"audit"},
                       .good_until = Time::max()};
  }
  std::optional<Time> KeysReadAt() override { return std::nullopt; }
};

// The public services in process, with an executor of one thread and one waiting call.
class GateTest : public ::testing::Test {
 protected:
  GateTest() {
    EXPECT_TRUE(store.Release(World()).ok());
    services = PublicServices(dependencies, gate, deadlines);
    grpc::ServerBuilder builder;
    for (const auto& service : services) builder.RegisterService(service.get());
    server = builder.BuildAndStart();
    channel = server->InProcessChannel({});
  }
  ~GateTest() override {
    streams.EndAll();
    server->Shutdown();
    server->Wait();
  }

  grpc::Status Info(const std::string& token = "alice") {
    v1::ServerInfo info;
    return v1::LookupService::NewStub(channel)->GetServerInfo(Bearing(token).get(), {}, &info);
  }
  size_t EntriesOf(const std::string& action) {
    v1::AuditFilter filter;
    filter.set_action(action);
    auto entries = store->ReadAudit(1, filter, 10'000);
    EXPECT_TRUE(entries.ok());
    return entries->size();
  }

  TestStore store;
  metrics::Metrics metrics{metrics::Program::kControlPlane};
  OpenStreams streams;
  SystemClock clock;
  Deadlines deadlines{clock};
  Authenticator authenticator{std::make_unique<EverybodyIs>(),
                              {{core::Role::kAuditor, {"group:audit"}}},
                              [this] { return store->Current()->catalog; }};
  Executor executor{1, 1};
  Gate gate{authenticator, executor, clock, metrics, AuditRefusalsIn(*store)};
  Dependencies dependencies{*store, clock, metrics, streams, {}, [](const std::string&) { return false; },
                            "1.2.3"};
  std::vector<std::unique_ptr<grpc::Service>> services;
  std::unique_ptr<grpc::Server> server;
  std::shared_ptr<grpc::Channel> channel;
};

TEST_F(GateTest, WhenTheQueueIsFullCallersAreToldSo) {
  std::latch busy(1), go(1);
  ASSERT_TRUE(executor.Run([&] {
    busy.count_down();
    go.wait();
  }));
  busy.wait();
  ASSERT_TRUE(executor.Run([] {}));
  const grpc::Status refused = Info();
  EXPECT_EQ(refused.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_THAT(refused.error_message(), HasSubstr("too much to do"));
  go.count_down();
  while (!Info().ok()) {
  }
}

TEST_F(GateTest, ACallThatWaitedBeyondItsDeadlineIsNotRun) {
  std::latch busy(1), go(1);
  ASSERT_TRUE(executor.Run([&] {
    busy.count_down();
    go.wait();
  }));
  busy.wait();
  v1::ProposeChangeRequest request;
  request.add_edits()->mutable_resource()->mutable_category()->set_name("late");
  v1::ProposeChangeResponse response;
  const auto context = Bearing("alice");
  context->set_deadline(std::chrono::system_clock::now() + std::chrono::milliseconds(100));
  const int64_t before = store->LastAuditSeq();
  EXPECT_EQ(
      v1::ChangeService::NewStub(channel)->ProposeChange(context.get(), request, &response).error_code(),
      grpc::StatusCode::DEADLINE_EXCEEDED);
  go.count_down();
  while (!Info().ok()) {
  }
  EXPECT_EQ(store->LastAuditSeq(), before) << "nobody waits for it any more";
}

TEST_F(GateTest, RefusalsOfOneCallerFillNoLog) {
  // People have no method of agents; that is refused and audited, the rest is counted.
  const auto ask = [&](const std::string& token) {
    Gate::Call call{.method = "/m", .caller = {}, .start = clock.Steady()};
    call.caller.issuer = "i";
    call.caller.subject = token;
    gate.Finished(call, absl::PermissionDeniedError("no"));
  };
  for (int i = 0; i < 500; ++i) ask("eve");
  const size_t written = EntriesOf("access.refused");
  EXPECT_GE(written, static_cast<size_t>(Refusals::kBurst));
  EXPECT_LE(written, static_cast<size_t>(Refusals::kBurst) + 5);
  EXPECT_THAT(metrics.Text(), HasSubstr("sluice_rpc_refused_total 500"));
  EXPECT_THAT(metrics.Text(), HasSubstr(fmt::format("sluice_rpc_refused_unaudited_total {}", 500 - written)));
  ask("mallory");
  EXPECT_EQ(EntriesOf("access.refused"), written + 1) << "one caller's noise hides nobody else's refusal";
}

// Streams that follow the log, each a call of its own.
class Followers {
 public:
  Followers(const std::shared_ptr<grpc::Channel>& channel, int64_t start_seq)
      : stub_(v1::AuditService::NewStub(channel)) {
    request_.set_start_seq(start_seq);
  }
  ~Followers() {
    for (auto& context : contexts_) context->TryCancel();
    for (auto& reader : readers_) {
      v1::TailAuditEntriesResponse message;
      while (reader->Read(&message)) {
      }
      reader->Finish();
    }
  }
  void Add(const std::string& token) {
    contexts_.push_back(Bearing(token));
    readers_.push_back(stub_->TailAuditEntries(contexts_.back().get(), request_));
  }
  bool Read(size_t i) {
    v1::TailAuditEntriesResponse message;
    return readers_[i]->Read(&message);
  }
  grpc::Status EndOf(size_t i) {
    while (Read(i)) {
    }
    grpc::Status status = readers_[i]->Finish();
    readers_.erase(readers_.begin() + static_cast<ptrdiff_t>(i));
    contexts_.erase(contexts_.begin() + static_cast<ptrdiff_t>(i));
    return status;
  }

 private:
  std::unique_ptr<v1::AuditService::Stub> stub_;
  v1::TailAuditEntriesRequest request_;
  std::vector<std::unique_ptr<grpc::ClientContext>> contexts_;
  std::vector<std::unique_ptr<grpc::ClientReader<v1::TailAuditEntriesResponse>>> readers_;
};

TEST_F(GateTest, StreamsOfACallerAreBoundedAndLivesAreNoAnswersTime) {
  {
    Followers followers(channel, 1);
    for (size_t i = 0; i < OpenStreams::kMaxOfCaller; ++i) followers.Add("arno");
    for (size_t i = 0; i < OpenStreams::kMaxOfCaller; ++i) ASSERT_TRUE(followers.Read(i));
    EXPECT_EQ(streams.size(), OpenStreams::kMaxOfCaller);
    followers.Add("arno");
    const grpc::Status refused = followers.EndOf(OpenStreams::kMaxOfCaller);
    EXPECT_EQ(refused.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED) << refused.error_message();
    EXPECT_THAT(refused.error_message(), HasSubstr("one caller has at most 200 streams open"));
    followers.Add("olga");
    EXPECT_TRUE(followers.Read(OpenStreams::kMaxOfCaller)) << "others still get theirs";
  }
  while (streams.size() > 0) {
  }
  EXPECT_THAT(metrics.Text(),
              HasSubstr("sluice_rpc_seconds_count{method=\"/sluice.v1.AuditService/TailAuditEntries\"} 0"));
}

TEST(GateOverTls, AgentsThatAreBoundToNothingAreCountedApart) {
  TestControlPlane world;
  world.settings.metrics_listen = "";
  ASSERT_TRUE(world.Start().ok());
  v1::ReportStatusRequest request;
  v1::ReportStatusResponse response;
  const auto stub = v1::AgentService::NewStub(world.AgentChannel("nobody"));
  EXPECT_EQ(stub->ReportStatus(Bearing("").get(), request, &response).error_code(),
            grpc::StatusCode::PERMISSION_DENIED);
  EXPECT_THAT(world->metrics().Text(), HasSubstr("sluice_rpc_unbound_agents_total 1"));
  EXPECT_THAT(world->metrics().Text(), HasSubstr("sluice_rpc_unauthenticated_total 0"));
}

TEST(GateOverTls, OnAFullDiskPeopleReadAndAreToldWhyTheyCannotWrite) {
  FullDisk disk;
  TestControlPlane world;
  ASSERT_TRUE(world.Start().ok());
  const auto stub = v1::ChangeService::NewStub(world.Channel());
  const std::string token = world.Token("olga", R"("groups":["data-products"])");
  const auto propose = [&](const std::string& name) {
    v1::ProposeChangeRequest request;
    request.add_edits()->mutable_resource()->mutable_category()->set_name(name);
    v1::ProposeChangeResponse response;
    return stub->ProposeChange(Bearing(token).get(), request, &response);
  };
  ASSERT_TRUE(propose("before").ok());
  disk.Fill();
  grpc::Status refused;
  for (int i = 0; i < 20 && refused.ok(); ++i) refused = propose("full" + std::to_string(i));
  EXPECT_EQ(refused.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_THAT(refused.error_message(), HasSubstr("its operator makes room"));
  v1::ServerInfo info;
  EXPECT_TRUE(
      v1::LookupService::NewStub(world.Channel())->GetServerInfo(Bearing(token).get(), {}, &info).ok());
  disk.MakeRoom();
  EXPECT_TRUE(propose("after").ok());
}

// A TCP connection to the server that never says who it is.
class Silent {
 public:
  explicit Silent(const std::string& address) : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    to.sin_port = htons(static_cast<uint16_t>(std::stoi(address.substr(address.rfind(':') + 1))));
    EXPECT_EQ(connect(fd_, reinterpret_cast<sockaddr*>(&to), sizeof(to)), 0);
  }
  ~Silent() { close(fd_); }
  void Say(const std::string& text) {
    EXPECT_EQ(send(fd_, text.data(), text.size(), MSG_NOSIGNAL), static_cast<ssize_t>(text.size()));
  }
  // Waits until the server hangs up.
  bool IsCutOff() {
    char byte = 0;
    ssize_t count = 1;
    while (count > 0) count = recv(fd_, &byte, 1, 0);
    return count == 0 || errno == ECONNRESET;
  }

 private:
  const int fd_;
};

TEST(GateOverTls, ConnectionsThatNeverSpeakAreCutOffAndHoldUpNobody) {
  TestControlPlane world;
  world.settings.server.handshake_timeout = std::chrono::milliseconds(1500);
  ASSERT_TRUE(world.Start().ok());
  std::vector<std::unique_ptr<Silent>> silent;
  for (int i = 0; i < 200; ++i) {
    silent.push_back(std::make_unique<Silent>(world->address()));
    if (i % 2 == 1) silent.back()->Say("\x16\x03\x01\x02");  // the beginning of a handshake
  }
  v1::ServerInfo info;
  EXPECT_TRUE(v1::LookupService::NewStub(world.Channel())
                  ->GetServerInfo(Bearing(world.Token("alice")).get(), {}, &info)
                  .ok());
  for (auto& one : silent) EXPECT_TRUE(one->IsCutOff());
}

}  // namespace
}  // namespace sluice::controlplane
