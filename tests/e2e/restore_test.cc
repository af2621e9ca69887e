// A control plane that goes back to an older copy of its store, and who else may not serve: on a real Kafka
// cluster with a real registry.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <filesystem>
#include <string>

#include "tests/support/cluster_view.h"
#include "tests/support/world.h"

namespace sluice::testing {
namespace {

using ::testing::HasSubstr;

constexpr char kCluster[] = "eu-prod";

std::string Product(const std::string& name) {
  return "kind: DataProduct\nname: f-and-r." + name +
         "\ncategory: forecast\nownership: BROADCASTING\nowners: [app:plan]\ncustomers: {all: true}\n"
         "versions:\n- major: 1\n  schema: {text: '{\"type\": \"object\"}'}\n"
         "  streams:\n  - {suffix: events, key: {fields: [/data/a]}, config: {retention.ms: 7d}}\n"
         "---\nkind: Grant\nname: f-and-r." +
         name + "/mobile\npurpose: reads\naccess: [{role: CONSUMER, majors: [1], environments: [prod]}]\n";
}

class Restore : public ::testing::Test {
 protected:
  Restore() : prefix_(RandomPrefix()), world_(DevEnvironment()["DEV_DIR"]) {
    world_.StartControlPlane();
    world_.RegisterPlatform(prefix_);
    world_.StartAgent(kCluster);
  }

  std::string Topic(const std::string& name) const {
    return prefix_ + "eu.f-and-r.forecast." + name + ".events";
  }
  std::string MobileReads(const std::string& name) const {
    return "User:" + prefix_ + "mobile READ topic LITERAL " + Topic(name);
  }
  ClusterView View() const { return Look(kCluster, prefix_); }
  void Release(const std::string& name) {
    world_.Expect(4, "plan-owner", {"apply", "-f", "-"}, Product(name));
    world_.ApproveAll("review-board");
    world_.ApproveAll("domain-owner");
  }
  bool IsThere(const std::string& name) {
    return Eventually([&] {
      const ClusterView view = View();
      return view.HasAcl(MobileReads(name)) && view.subjects.contains(Topic(name) + "-value");
    });
  }
  std::string Cluster() { return world_.Expect(0, "operator", {"describe", "cluster", kCluster}); }
  bool ClusterSays(const std::string& text) {
    return Eventually([&] { return Cluster().find(text) != std::string::npos; });
  }
  Finished ControlPlane(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), Binary("sluice-controlplane"));
    arguments.insert(arguments.end(), {"--config", world_.dir().File("controlplane.yaml")});
    return sluice::testing::Run(arguments, {});
  }

  const std::string prefix_;
  World world_;
};

TEST_F(Restore, AnOlderCopyDestroysNothingAndIsFollowedOnlyWhenAPersonSaysSo) {
  Release("kept");
  ASSERT_TRUE(IsThere("kept"));
  const std::string backup = world_.dir().File("backup");
  const Finished taken = ControlPlane({"backup", backup});
  ASSERT_EQ(taken.exit_code, 0) << taken.errors;

  // What the copy does not know: another product, and access that was taken away.
  Release("later");
  ASSERT_TRUE(IsThere("later"));
  world_.Expect(0, "plan-owner", {"delete", "grant", "f-and-r.kept/mobile"});
  ASSERT_TRUE(Eventually([&] { return !View().HasAcl(MobileReads("kept")); }));
  const ClusterView before = View();

  world_.StopControlPlane(SIGTERM);
  std::filesystem::rename(world_.dir().File("controlplane"), world_.dir().File("lost"));
  const Finished restored = ControlPlane({"restore", backup});
  ASSERT_EQ(restored.exit_code, 0) << restored.errors;
  EXPECT_THAT(restored.output, HasSubstr("accept-history"));
  const Finished checked = ControlPlane({"check"});
  EXPECT_EQ(checked.exit_code, 0) << checked.output;
  world_.StartControlPlane();

  ASSERT_TRUE(ClusterSays("Restored")) << Cluster();
  world_.StopAgent(kCluster, SIGKILL);
  world_.StartAgent(kCluster);
  ASSERT_TRUE(ClusterSays("Restored")) << Cluster();
  const ClusterView meanwhile = View();
  EXPECT_EQ(meanwhile.acls, before.acls) << "nobody gets access again by an old copy alone";
  EXPECT_EQ(meanwhile.topics.at(Topic("later")).id, before.topics.at(Topic("later")).id);
  EXPECT_THAT(ReadFile(world_.dir().File("agent-eu-prod.log")), HasSubstr("does not know"));

  world_.StopAgent(kCluster, SIGTERM);
  const Finished accepted = sluice::testing::Run(
      {Binary("sluice-agent"), "accept-history", "--config", world_.dir().File("agent-eu-prod.yaml")}, {});
  ASSERT_EQ(accepted.exit_code, 0) << accepted.errors;
  world_.StartAgent(kCluster);
  ASSERT_TRUE(IsThere("kept")) << "what the copy approves is back: " << Cluster();
  EXPECT_TRUE(Eventually([&] { return Cluster().find("Restored") == std::string::npos; })) << Cluster();
  for (const std::string name : {"kept", "later"})
    EXPECT_EQ(View().topics.at(Topic(name)).id, before.topics.at(Topic(name)).id) << "nothing was destroyed";
  EXPECT_TRUE(View().subjects.contains(Topic("later") + "-value"));

  // What was lost is proposed again, and found to be ours.
  Release("later");
  ASSERT_TRUE(IsThere("later"));
  EXPECT_TRUE(Eventually([&] {
    const std::string json =
        world_.Expect(0, "operator", {"describe", "product", "f-and-r.later", "-o", "json"});
    return json.find("Exists") == std::string::npos && json.find("BLOCKED") == std::string::npos;
  }));
  EXPECT_EQ(View().topics.at(Topic("later")).id, before.topics.at(Topic("later")).id);
  EXPECT_THAT(world_.Expect(0, "auditor", {"audit", "query", "--action", "store.restored"}),
              HasSubstr("restored from the backup"));
}

TEST_F(Restore, ASecondOfEachIsRefusedWhileTheFirstLives) {
  const Finished second = ControlPlane({"--listen", "127.0.0.1:0"});
  EXPECT_EQ(second.exit_code, 1);
  EXPECT_THAT(second.output + second.errors, HasSubstr("one process at a time uses a store"));
  const Finished checked = ControlPlane({"check"});
  EXPECT_EQ(checked.exit_code, 1);
  EXPECT_THAT(checked.errors, HasSubstr("sluice-controlplane backup"));

  // A second agent, on another machine as it were.
  Release("one");
  ASSERT_TRUE(IsThere("one"));
  std::string config = ReadFile(world_.dir().File("agent-eu-prod.yaml"));
  const std::string directory = world_.dir().File("agent-eu-prod");
  config.replace(config.find(directory), directory.size(), world_.dir().File("second"));
  const std::string log = world_.dir().File("second.log");
  Process agent({Binary("sluice-agent"), "--config", world_.dir().Write("second.yaml", config)}, {}, log);
  ASSERT_TRUE(Eventually(
      [&] { return ReadFile(log).find("one agent at a time serves a cluster") != std::string::npos; }));
  world_.StopAgent(kCluster, SIGKILL);
  Release("two");
  ASSERT_TRUE(IsThere("two")) << "it takes over when the first is gone";
  EXPECT_TRUE(View().HasAcl(MobileReads("one")));
  agent.Signal(SIGTERM);
  EXPECT_EQ(agent.Wait(), 0);
}

// Needs no restart: not when the certificate ends, nor when the new one comes.
TEST_F(Restore, AnAgentThatOutlivesItsCertificateComesBackWithTheNewOne) {
  world_.StopAgent(kCluster, SIGKILL);  // it has hardly begun
  const auto certificate = [&](const std::vector<std::string>& options) {
    std::vector<std::string> command = {"/bin/bash", std::string(SLUICE_SOURCE_DIR) + "/deploy/dev/pki.sh",
                                        "agent",     world_.dev_dir(),
                                        kCluster,    "--out",
                                        prefix_};
    command.insert(command.end(), options.begin(), options.end());
    const Finished made = sluice::testing::Run(command, {});
    EXPECT_EQ(made.exit_code, 0) << made.errors;
    return made.output.substr(0, made.output.find('\n'));
  };
  const std::string base = certificate({"--seconds", "10"});
  std::string config = ReadFile(world_.dir().File("agent-eu-prod.yaml"));
  for (const std::string ending : {".crt", ".key"}) {
    const std::string usual = world_.dev_dir() + "/pki/agent/eu-prod" + ending;
    config.replace(config.find(usual), usual.size(), base + ending);
  }
  const std::string log = world_.dir().File("short.log");
  Process agent({Binary("sluice-agent"), "--config", world_.dir().Write("short.yaml", config)}, {}, log);
  ASSERT_TRUE(Eventually([&] { return ReadFile(log).find("desired state") != std::string::npos; }));
  ASSERT_TRUE(Eventually([&] { return ReadFile(log).find("certificate has expired") != std::string::npos; }));
  Release("renewed");
  certificate({"--days", "30"});
  EXPECT_TRUE(IsThere("renewed"));
  agent.Signal(SIGTERM);
  EXPECT_EQ(agent.Wait(), 0);
}

}  // namespace
}  // namespace sluice::testing
