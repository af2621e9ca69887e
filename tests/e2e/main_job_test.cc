// The main job on two real Kafka clusters with real registries: from a YAML file to topics, ACLs and subjects, and what happens
// when somebody changes them by hand.
#include <signal.h>

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/cluster_view.h"
#include "tests/support/world.h"

namespace sluice::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// A product of plan's that mobile reads, for every customer.
std::string Product(const std::string& name, const std::string& retention = "7d", const std::string& extra_stream = "") {
  return "kind: DataProduct\nname: f-and-r." + name +
         "\ncategory: forecast\nownership: BROADCASTING\nowners: [app:plan]\ncustomers: {all: true}\n"
         "versions:\n- major: 1\n  schema: {text: '{\"type\": \"object\", \"properties\": {\"a\": {\"type\": \"string\"}}}'}\n"
         "  streams:\n  - {suffix: events, key: {fields: [/data/a]}, config: {retention.ms: " + retention + "}}\n" + extra_stream +
         "---\nkind: Grant\nname: f-and-r." + name +
         "/plan\npurpose: publishes\naccess: [{role: PRODUCER, majors: [1], environments: [prod]}]\n"
         "---\nkind: Grant\nname: f-and-r." + name +
         "/mobile\npurpose: reads\naccess: [{role: CONSUMER, majors: [1], environments: [prod]}]\n";
}

class MainJob : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    std::map<std::string, std::string> dev = DevEnvironment();
    ASSERT_FALSE(dev.empty()) << "no dev clusters: ./run test starts them";
    prefix_ = new std::string(RandomPrefix());
    world_ = new World(dev["DEV_DIR"]);
    world_->StartControlPlane();
    world_->RegisterPlatform(*prefix_);
    world_->StartAgent("eu-prod");
    world_->StartAgent("us-prod");
  }
  static void TearDownTestSuite() {
    for (const char* cluster : {"eu-prod", "us-prod"}) world_->StopAgent(cluster, SIGTERM);
    world_->StopControlPlane(SIGTERM);
    delete world_;
    delete prefix_;
  }

  static void Release(const std::string& manifest) {
    const int code = world_->Sluice("plan-owner", {"apply", "-f", "-"}, manifest).exit_code;
    ASSERT_TRUE(code == 0 || code == 4) << code;
    world_->ApproveAll("review-board");
    world_->ApproveAll("domain-owner");
  }
  static std::string LatestChange() {
    const std::string changes = world_->Expect(0, "operator", {"get", "changes", "-o", "name"});
    return changes.substr(0, changes.find('\n'));
  }
  static void Applied() { world_->Expect(0, "operator", {"wait", LatestChange(), "--for=applied", "--timeout", "60s"}); }
  static std::string Topic(const std::string& customer, const std::string& product) {
    return *prefix_ + customer + ".f-and-r.forecast." + product + ".events";
  }
  static std::string User(const std::string& application) { return "User:" + *prefix_ + application; }
  static std::string ProductJson(const std::string& product) {
    return world_->Expect(0, "operator", {"describe", "product", "f-and-r." + product, "-o", "json"});
  }

  static World* world_;
  static std::string* prefix_;
};
World* MainJob::world_ = nullptr;
std::string* MainJob::prefix_ = nullptr;

TEST_F(MainJob, AProductReachesBothRegions) {
  Release(Product("main"));
  Applied();
  const ClusterView eu = Look("eu-prod", *prefix_);
  const ClusterView us = Look("us-prod", *prefix_);
  for (const std::string customer : {"eu", "both"}) {
    const std::string topic = Topic(customer, "main");
    ASSERT_TRUE(eu.topics.contains(topic)) << topic;
    EXPECT_EQ(eu.topics.at(topic).partitions, 1);
    EXPECT_EQ(eu.topics.at(topic).overrides.at("cleanup.policy"), "compact");
    EXPECT_EQ(eu.topics.at(topic).overrides.at("retention.ms"), "604800000");
    EXPECT_TRUE(eu.HasAcl(User("plan") + " WRITE topic LITERAL " + topic));
    EXPECT_TRUE(eu.HasAcl(User("mobile") + " READ topic LITERAL " + topic));
    ASSERT_TRUE(eu.subjects.contains(topic + "-value"));
    EXPECT_EQ(eu.subjects.at(topic + "-value").level, "FORWARD_TRANSITIVE");
    EXPECT_EQ(eu.subjects.at(topic + "-value").versions, 1);
    EXPECT_THAT(eu.subjects.at(topic + "-value").latest, HasSubstr("specversion"));
  }
  EXPECT_FALSE(eu.topics.contains(Topic("us", "main"))) << "a US customer's data must not live in the EU";
  EXPECT_TRUE(us.topics.contains(Topic("us", "main")));
  EXPECT_TRUE(us.topics.contains(Topic("both", "main")));
  EXPECT_TRUE(eu.HasAcl(User("mobile") + " READ group PREFIXED " + *prefix_ + "mobile."));
  for (const std::string& acl : eu.acls) EXPECT_THAT(acl, Not(HasSubstr(User("desk") + " READ topic")));

  const std::string audit = world_->Expect(0, "auditor", {"audit", "query", "--change", LatestChange(), "-o", "json"});
  for (const char* action : {"change.proposed", "change.approved", "change.released"}) EXPECT_THAT(audit, HasSubstr(action));
}

TEST_F(MainJob, ApplyingTheSameAgainChangesNothing) {
  Release(Product("again"));
  Applied();
  const std::string before = LatestChange();
  EXPECT_THAT(world_->Expect(0, "plan-owner", {"apply", "-f", "-"}, Product("again")), HasSubstr("unchanged"));
  world_->Expect(0, "plan-owner", {"diff", "-f", "-"}, Product("again"));
  EXPECT_EQ(LatestChange(), before);
  const std::string printed = world_->Expect(0, "plan-owner", {"get", "product", "f-and-r.again", "-o", "yaml"});
  world_->Expect(0, "plan-owner", {"diff", "-f", "-"}, printed);
}

TEST_F(MainJob, DriftIsHealedAndForeignThingsAreLeftAlone) {
  Release(Product("drift"));
  Applied();
  const std::string topic = Topic("eu", "drift");
  const std::string foreign = *prefix_ + "-legacy-orders";
  KafkaTool("eu-prod", {"ConfigCommand", "--alter", "--topic", topic, "--add-config", "retention.ms=60000"});
  KafkaTool("eu-prod", {"AclCommand", "--remove", "--force", "--allow-principal", User("mobile"), "--operation", "READ", "--topic", topic});
  KafkaTool("eu-prod", {"AclCommand", "--add", "--allow-principal", "User:" + *prefix_ + "stranger", "--operation", "READ", "--topic", topic});
  KafkaTool("eu-prod", {"TopicCommand", "--create", "--topic", foreign, "--partitions", "1", "--replication-factor", "1"});
  EXPECT_TRUE(Eventually([&] {
    const ClusterView view = Look("eu-prod", *prefix_);
    return view.topics.at(topic).overrides.at("retention.ms") == "604800000" &&
           view.HasAcl(User("mobile") + " READ topic LITERAL " + topic);
  }));
  EXPECT_TRUE(Eventually([&] { return ProductJson("drift").find("ExcessAccess") != std::string::npos; }));
  const ClusterView view = Look("eu-prod", *prefix_);
  EXPECT_TRUE(view.HasAcl("User:" + *prefix_ + "stranger READ topic LITERAL " + topic)) << "foreign access is flagged, never removed";
  EXPECT_TRUE(view.topics.contains(foreign));
  EXPECT_TRUE(Eventually([&] {
    const std::string audit = world_->Expect(0, "auditor", {"audit", "query", "--action", "drift.", "-o", "json"});
    return audit.find("retention.ms") != std::string::npos && audit.find("stranger") != std::string::npos;
  }));
  KafkaTool("eu-prod", {"AclCommand", "--remove", "--force", "--allow-principal", "User:" + *prefix_ + "stranger", "--operation", "READ", "--topic", topic});
  EXPECT_TRUE(Eventually([&] { return ProductJson("drift").find("ExcessAccess") == std::string::npos; }));
}

TEST_F(MainJob, ATopicThatExistedBeforeIsBlockedAndUntouched) {
  const std::string topic = Topic("eu", "taken");
  KafkaTool("eu-prod", {"TopicCommand", "--create", "--topic", topic, "--partitions", "3", "--replication-factor", "1", "--config", "retention.ms=1234567"});
  Release(Product("taken"));
  EXPECT_EQ(world_->Sluice("operator", {"wait", LatestChange(), "--for=applied", "--timeout", "15s"}).exit_code, 7);
  EXPECT_TRUE(Eventually([&] { return ProductJson("taken").find("Exists") != std::string::npos; }));
  const ClusterView view = Look("eu-prod", *prefix_);
  EXPECT_EQ(view.topics.at(topic).partitions, 3);
  EXPECT_EQ(view.topics.at(topic).overrides.at("retention.ms"), "1234567");
  EXPECT_FALSE(view.HasAcl(User("mobile") + " READ topic LITERAL " + topic));
  EXPECT_TRUE(view.topics.contains(Topic("both", "taken"))) << "one blocked topic never stops the others";
  EXPECT_TRUE(Look("us-prod", *prefix_).topics.contains(Topic("us", "taken")));
}

TEST_F(MainJob, MoreReplicasThanBrokersIsAConditionAndTheOthersGoOn) {
  Release(Product("wide", "7d", "  - {suffix: state, key: {fields: [/data/a]}, overrides: {prod: {replication_factor: 3}}}\n"));
  EXPECT_TRUE(Eventually([&] { return ProductJson("wide").find("ReplicationFactor") != std::string::npos; }));
  EXPECT_TRUE(Eventually([&] { return Look("eu-prod", *prefix_).topics.contains(Topic("eu", "wide")); }));
  EXPECT_FALSE(Look("eu-prod", *prefix_).topics.contains(*prefix_ + "eu.f-and-r.forecast.wide.state"));
}

TEST_F(MainJob, ASchemaThatTheRegistryRefusesIsACondition) {
  Release(Product("refused"));
  Applied();
  std::string changed = Product("refused");
  const std::string type = "{\"type\": \"string\"}";
  changed.replace(changed.find(type), type.size(), "{\"type\": \"integer\"}");
  world_->SetContext("plan-second", world_->Token({"--sub", "plan-second", "--name", "Second", "--groups", "plan-team"}));
  EXPECT_THAT(world_->Expect(4, "plan-owner", {"apply", "-f", "-", "--justification", "it was a number all along"}, changed),
              HasSubstr("registry apicurio at FORWARD_TRANSITIVE: will refuse it"));
  for (const char* person : {"review-board", "plan-second"}) world_->ApproveAll(person);  // people agree; the registry does not
  EXPECT_TRUE(Eventually([&] { return ProductJson("refused").find("SUBSCHEMA_TYPE_CHANGED") != std::string::npos; })) << ProductJson("refused");
  const ClusterView view = Look("eu-prod", *prefix_);
  EXPECT_EQ(view.subjects.at(Topic("eu", "refused") + "-value").versions, 1);
  EXPECT_TRUE(view.HasAcl(User("mobile") + " READ topic LITERAL " + Topic("eu", "refused"))) << "what was agreed before stays";
}

TEST_F(MainJob, AnAgentThatSleptThroughARevocationRevokes) {
  Release(Product("sleep"));
  Applied();
  const std::string read = User("mobile") + " READ topic LITERAL " + Topic("eu", "sleep");
  ASSERT_TRUE(Look("eu-prod", *prefix_).HasAcl(read));
  world_->StopAgent("eu-prod", SIGKILL);
  world_->Expect(0, "plan-owner", {"delete", "grant", "f-and-r.sleep/mobile"});
  for (const char* retention : {"8d", "9d"}) {
    std::string manifest = Product("sleep", retention);
    manifest.resize(manifest.find("---\nkind: Grant\nname: f-and-r.sleep/mobile"));
    world_->Expect(0, "plan-owner", {"apply", "-f", "-"}, manifest);
  }
  EXPECT_TRUE(Look("eu-prod", *prefix_).HasAcl(read));
  world_->StartAgent("eu-prod");
  Applied();
  const ClusterView view = Look("eu-prod", *prefix_);
  EXPECT_FALSE(view.HasAcl(read));
  EXPECT_EQ(view.topics.at(Topic("eu", "sleep")).overrides.at("retention.ms"), "777600000");
}

TEST_F(MainJob, AnAgentHealsWhileTheControlPlaneIsAway) {
  Release(Product("away"));
  Applied();
  world_->StopControlPlane(SIGTERM);
  world_->StopAgent("us-prod", SIGKILL);
  const std::string topic = Topic("us", "away");
  KafkaTool("us-prod", {"ConfigCommand", "--alter", "--topic", topic, "--add-config", "retention.ms=60000"});
  world_->StartAgent("us-prod");
  EXPECT_TRUE(Eventually([&] { return Look("us-prod", *prefix_).topics.at(topic).overrides.at("retention.ms") == "604800000"; }));
  world_->StartControlPlane();
  Release(Product("back"));
  Applied();
  EXPECT_TRUE(Look("us-prod", *prefix_).topics.contains(Topic("us", "back")));
}

TEST_F(MainJob, AnObservedClusterIsNotTouched) {
  world_->Expect(0, "operator", {"apply", "-f", "-"},
                 "kind: Cluster\nname: us-prod\nregion: us\nenvironment: prod\nmode: OBSERVE\nagents: [\"spiffe://sluice/agent/us-prod\"]\n"
                 "reserved_principals: [sluice-agent-us-prod, admin, broker]\nlimits: {partitions: 4000, acls: 10000}\n");
  Release(Product("watch"));
  EXPECT_TRUE(Eventually([&] { return Look("eu-prod", *prefix_).topics.contains(Topic("eu", "watch")); }));
  EXPECT_TRUE(Eventually([&] { return ProductJson("watch").find("OBSERVE") != std::string::npos; })) << ProductJson("watch");
  EXPECT_FALSE(Look("us-prod", *prefix_).topics.contains(Topic("us", "watch")));
  world_->Expect(0, "operator", {"apply", "-f", "-"},
                 "kind: Cluster\nname: us-prod\nregion: us\nenvironment: prod\nagents: [\"spiffe://sluice/agent/us-prod\"]\n"
                 "reserved_principals: [sluice-agent-us-prod, admin, broker]\nlimits: {partitions: 4000, acls: 10000}\n");
  EXPECT_TRUE(Eventually([&] { return Look("us-prod", *prefix_).topics.contains(Topic("us", "watch")); }));
}

}  // namespace
}  // namespace sluice::testing
