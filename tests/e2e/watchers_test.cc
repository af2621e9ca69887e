// A thousand people who follow the audit log, and most of them do not read: a real control plane's memory
// stays bounded, and everybody else is served.
#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <stdlib.h>

#include <fstream>
#include <string>

#include "sluice/v1/audit.grpc.pb.h"
#include "tests/support/world.h"

namespace sluice::testing {
namespace {

constexpr int kChannels = 5, kStreamsEach = 200;
// A stream that waits, what it has read of the log, and a sanitizer's share. Everything of each would be over
// 1 GB.
constexpr int64_t kMostPerStream = 250 * 1024;

int64_t MemoryOf(pid_t pid) {
  std::ifstream status("/proc/" + std::to_string(pid) + "/status");
  for (std::string line; std::getline(status, line);) {
    if (line.rfind("VmRSS:", 0) == 0) return std::stoll(line.substr(6)) * 1024;
  }
  return 0;
}

class Follower {
 public:
  Follower(v1::AuditService::Stub& stub, const std::string& token) {
    context_.AddMetadata("authorization", "Bearer " + token);
    v1::TailAuditEntriesRequest request;
    request.set_start_seq(1);
    reader_ = stub.TailAuditEntries(&context_, request);
  }
  ~Follower() {
    context_.TryCancel();
    while (Read()) {
    }
    reader_->Finish();
  }
  bool Read() { return reader_->Read(&message_); }
  int64_t seq() const { return message_.entry().seq(); }

 private:
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReader<v1::TailAuditEntriesResponse>> reader_;
  v1::TailAuditEntriesResponse message_;
};

std::string Trimmed(std::string text) {
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text;
}

TEST(Watchers, AThousandThatDoNotReadCostBoundedMemoryAndHoldUpNobody) {
  // Memory that was given back counts, too, while a sanitizer keeps it.
  const char* options_before = getenv("ASAN_OPTIONS");
  setenv(
      "ASAN_OPTIONS",
      ((options_before == nullptr ? "" : std::string(options_before) + ":") + "quarantine_size_mb=8").c_str(),
      1);
  World world;
  world.StartControlPlane();
  world.Expect(0, "data-products",
               {"apply", "-f", std::string(SLUICE_SOURCE_DIR) + "/examples/platform/conventions.yaml"});
  grpc::SslCredentialsOptions options;
  options.pem_root_certs = ReadFile(world.dev_dir() + "/pki/dev-ca.crt");
  const int64_t before = MemoryOf(world.control_plane_pid());

  std::vector<std::unique_ptr<v1::AuditService::Stub>> stubs;
  std::vector<std::unique_ptr<Follower>> followers;
  for (int i = 0; i < kChannels; ++i) {
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    stubs.push_back(v1::AuditService::NewStub(
        grpc::CreateCustomChannel(world.endpoint(), grpc::SslCredentials(options), arguments)));
    const std::string token =
        Trimmed(world.Token({"--sub", "follower-" + std::to_string(i), "--name", "F", "--groups", "audit"}));
    for (int k = 0; k < kStreamsEach; ++k)
      followers.push_back(std::make_unique<Follower>(*stubs.back(), token));
  }
  for (auto& follower : followers) ASSERT_TRUE(follower->Read());
  const int64_t idle = MemoryOf(world.control_plane_pid());
  EXPECT_LT(idle - before, kMostPerStream * kChannels * kStreamsEach) << (idle - before) / 1024 << " KiB";

  // What is written meanwhile is 1,000 times on its way to people who do not take it.
  std::string manifest;
  for (int i = 0; i < 400; ++i)
    manifest +=
        "---\nkind: Category\nname: c" + std::to_string(i) + "\ntitle: " + std::string(200, 'x') + "\n";
  world.Expect(0, "data-products", {"apply", "-f", "-"}, manifest);
  int64_t last = 0;
  while (last < 400 && followers.front()->Read()) last = followers.front()->seq();
  EXPECT_GE(last, 400) << "whoever reads gets everything";
  const int64_t busy = MemoryOf(world.control_plane_pid());
  EXPECT_LT(busy - before, kMostPerStream * kChannels * kStreamsEach) << (busy - before) / 1024 << " KiB";
  std::printf("memory: %lld KiB, %lld KiB with 1,000 idle, %lld KiB with 1,000 behind\n",
              static_cast<long long>(before / 1024), static_cast<long long>(idle / 1024),
              static_cast<long long>(busy / 1024));
  world.Expect(0, "operator", {"get", "categories"});
  followers.clear();
  world.StopControlPlane(SIGTERM);
}

}  // namespace
}  // namespace sluice::testing
