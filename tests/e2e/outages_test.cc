// Kafka, the registry and the control plane are away and come back in every order, also in the middle of an apply: what is
// away is said, and when all are back everything is as approved.
#include <signal.h>

#include <algorithm>
#include <array>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/cluster_view.h"
#include "tests/support/dev_cluster.h"
#include "tests/support/tcp_proxy.h"
#include "tests/support/world.h"

namespace sluice::testing {
namespace {

using ::testing::HasSubstr;

constexpr char kCluster[] = "eu-prod";
constexpr int kProductsPerRound = 3;

std::string Manifest(const std::string& product) {
  return "kind: DataProduct\nname: f-and-r." + product +
         "\ncategory: forecast\nownership: BROADCASTING\nowners: [app:plan]\ncustomers: {all: true}\nversions:\n- major: 1\n"
         "  schema: {text: '{\"type\": \"object\"}'}\n  streams:\n  - {suffix: events, key: {fields: [/id]}, config: "
         "{retention.ms: 7d}}\n---\nkind: Grant\nname: f-and-r." +
         product + "/plan\npurpose: p\naccess: [{role: PRODUCER, majors: [1], environments: [prod]}]\n";
}

std::string HostOf(const std::string& url) { return url.substr(8, url.find('/', 8) - 8); }

class Outages : public ::testing::Test {
 protected:
  Outages()
      : cluster_(UseDevCluster(kCluster)),
        world_(cluster_.directory),
        kafka_(cluster_.bootstrap_proxied, cluster_.proxy_port),
        registry_(HostOf(cluster_.registry_url)) {
    world_.StartControlPlane();
    control_plane_ = std::make_unique<TcpProxy>(world_.endpoint());
    world_.RegisterPlatform(prefix_);
    world_.Expect(0, "data-products", {"apply", "-f", "-"},
                  "kind: Environment\nname: prod\norder: 4\nself_service: true\n"
                  "defaults: {replication_factor: 1, config: {min.insync.replicas: 1, retention.ms: 7d}}\n");
    world_.Lead(kCluster, {kafka_.address(), registry_.address(), control_plane_->address()});
    world_.StartAgent(kCluster);
  }
  ~Outages() override { world_.StopAgent(kCluster, SIGTERM); }

  void Apply(const std::string& product) {
    world_.Expect(0, "plan-owner", {"apply", "-f", "-"}, Manifest(product));
    products_.push_back(product);
  }

  bool AllIsThere() const {
    const ClusterView view = Look(kCluster, prefix_);
    for (const std::string& product : products_) {
      for (const char* customer : {"eu", "both"}) {
        const std::string topic = prefix_ + customer + ".f-and-r.forecast." + product + ".events";
        const auto subject = view.subjects.find(topic + "-value");
        if (!view.topics.contains(topic) || !view.HasAcl("User:" + prefix_ + "plan WRITE topic LITERAL " + topic) ||
            subject == view.subjects.end() || subject->second.versions != 1)
          return false;
      }
    }
    return view.topics.size() == 2 * products_.size() && view.subjects.size() == 2 * products_.size();
  }

  std::string Described() {
    return world_.Expect(0, "operator", {"describe", "cluster", kCluster, "-o", "json"});
  }

  const DevCluster cluster_;
  const std::string prefix_ = RandomPrefix();
  World world_;
  TcpProxy kafka_;
  TcpProxy registry_;
  std::unique_ptr<TcpProxy> control_plane_;
  std::vector<std::string> products_;
};

TEST_F(Outages, WhatIsAwayIsSaidAndWhatIsBackIsMetWithinSeconds) {
  Apply("first");
  ASSERT_TRUE(Eventually([&] { return AllIsThere(); }));
  kafka_.Down();
  Apply("second");
  const std::string product = "f-and-r.second";
  EXPECT_TRUE(Eventually([&] {
    return world_.Expect(0, "operator", {"describe", "product", product}).find("KafkaUnreachable") != std::string::npos;
  })) << world_.Expect(0, "operator", {"describe", "product", product});
  EXPECT_THAT(Described(), HasSubstr("Kafka does not answer at " + kafka_.address()));
  kafka_.Open();
  EXPECT_TRUE(Eventually([&] { return AllIsThere(); }, 40));

  registry_.Down();
  Apply("third");
  EXPECT_TRUE(Eventually([&] {
    return world_.Expect(0, "operator", {"describe", "product", "f-and-r.third"}).find("RegistryUnreachable") !=
           std::string::npos;
  }));
  const ClusterView view = Look(kCluster, prefix_);
  EXPECT_TRUE(view.topics.contains(prefix_ + "eu.f-and-r.forecast.third.events")) << "Kafka's part does not wait";
  registry_.Open();
  EXPECT_TRUE(Eventually([&] { return AllIsThere(); }, 40));

  // Heals while the control plane is away.
  control_plane_->Down();
  const std::string topic = prefix_ + "eu.f-and-r.forecast.first.events";
  KafkaTool(kCluster, {"AclCommand", "--remove", "--force", "--allow-principal", "User:" + prefix_ + "plan", "--topic", topic});
  EXPECT_TRUE(Eventually([&] { return AllIsThere(); }, 40));
  Apply("fourth");
  control_plane_->Open();
  EXPECT_TRUE(Eventually([&] { return AllIsThere(); }, 40));
}

TEST_F(Outages, InEveryOrderAndInTheMiddleOfAnApplyNothingIsLost) {
  std::array<TcpProxy*, 3> servers = {&kafka_, &registry_, control_plane_.get()};
  std::sort(servers.begin(), servers.end());
  int round = 0;
  do {
    const size_t answered = kafka_.answered();
    for (int i = 0; i < kProductsPerRound; ++i) Apply("r" + std::to_string(round) + "-" + std::to_string(i));
    EXPECT_TRUE(Eventually([&] { return kafka_.answered() > answered; }, 10)) << "the agent has not begun";
    for (TcpProxy* server : servers) server->Down();
    Apply("r" + std::to_string(round) + "-away");
    for (TcpProxy* server : servers) {
      const int before = server->connections();
      server->Open();
      (void)Eventually([&] { return server->connections() > before; }, 1);  // met before the next one is back
    }
    EXPECT_TRUE(Eventually([&] { return AllIsThere(); }, 30)) << "round " << round;
    ++round;
  } while (std::next_permutation(servers.begin(), servers.end()) && !HasFailure());
  const std::string drift = world_.Expect(0, "auditor", {"audit", "query", "--action", "drift", "-o", "json"});
  EXPECT_EQ(drift.find(prefix_), std::string::npos) << "nobody but us changed anything: " << drift;
}

}  // namespace
}  // namespace sluice::testing
