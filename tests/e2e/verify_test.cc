// `sluice verify` on real clusters: it finds nothing where nothing is wrong, and each fault that is planted.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include "common/db/database.h"
#include "tests/support/cluster_view.h"
#include "tests/support/foreign.h"
#include "tests/support/world.h"

namespace sluice::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kCluster[] = "eu-prod";

class Verify : public ::testing::Test {
 protected:
  Verify() : world_(DevEnvironment()["DEV_DIR"]) {}

  // Three products on two clusters with agents, and foreign things.
  void Start() {
    world_.StartControlPlane();
    world_.RegisterPlatform(prefix_);
    world_.Expect(0, "data-products", {"apply", "-f", "-"},
                  "kind: Environment\nname: prod\norder: 4\nself_service: true\n"
                  "defaults: {replication_factor: 1, config: {min.insync.replicas: 1, retention.ms: 7d}}\n");
    for (const char* cluster : {"eu-prod", "us-prod"}) {
      world_.StartAgent(cluster);
      PlantForeign(cluster, prefix_);
    }
    std::string text;
    for (const char* name : {"one", "two", "three"}) {
      text += std::string("---\nkind: DataProduct\nname: f-and-r.") + name +
              "\ncategory: forecast\nownership: BROADCASTING\nowners: [app:plan]\ncustomers: {names: [" +
              prefix_ +
              "both]}\nversions:\n- major: 1\n  schema: {text: '{\"type\": \"object\"}'}\n  streams:\n"
              "  - {suffix: events, key: {fields: [/id]}}\n---\nkind: Grant\nname: f-and-r." +
              name + "/mobile\npurpose: c\naccess: [{role: CONSUMER, majors: [1], environments: [prod]}]\n";
    }
    world_.Expect(0, "plan-owner", {"apply", "-f", "-", "--wait=applied"}, text);
    world_.Expect(0, "plan-owner", {"delete", "grant", "f-and-r.three/mobile", "--wait=applied"});
  }

  Finished Run(std::vector<std::string> options, bool kafka = true) {
    options.insert(options.begin(), {"verify", "-o", "json"});
    for (const char* cluster : {"eu-prod", "us-prod"}) {
      if (!kafka) break;
      options.push_back("--agent-config");
      options.push_back(world_.dir().File(std::string("agent-") + cluster + ".yaml"));
    }
    return world_.Sluice("auditor", options);
  }
  // Findings where something must be wrong.
  std::string Wrong(const std::vector<std::string>& options, bool kafka = true) {
    const Finished done = Run(options, kafka);
    EXPECT_EQ(done.exit_code, 1) << done.errors << FindingsOf(done.output);
    return FindingsOf(done.output);
  }
  std::string TopicOf(const std::string& product) const {
    return prefix_ + "both.f-and-r.forecast." + product + ".events";
  }

  // Runs statements on the store while nobody else has it open.
  void ChangeStore(const std::vector<std::string>& statements) {
    world_.StopControlPlane(SIGTERM);
    {
      auto database = db::OpenSqlite(world_.dir().File("controlplane/sluice.db"));
      ASSERT_TRUE(database.ok()) << database.status();
      auto connection = (*database)->OpenWriter();
      ASSERT_TRUE(connection.ok()) << connection.status();
      for (const std::string& statement : statements) {
        auto done = (*connection)->Execute(statement);
        ASSERT_TRUE(done.ok()) << statement << ": " << done.status();
      }
    }
    world_.StartControlPlane();
  }

  const std::string prefix_ = RandomPrefix();
  World world_;
};

TEST_F(Verify, FindsNothingWhereNothingIsWrongAndEachFaultThatIsPlanted) {
  ASSERT_FALSE(DevEnvironment().empty()) << "no dev clusters: ./run test starts them";
  ASSERT_NO_FATAL_FAILURE(Start());
  const Finished clean = Run({});
  EXPECT_EQ(clean.exit_code, 0) << FindingsOf(clean.output) << clean.errors;
  EXPECT_THAT(FindingsOf(clean.output), Not(HasSubstr("wrong")));
  const std::string baseline = world_.dir().Write("baseline.json", BaselineOf(clean.output, prefix_));
  EXPECT_EQ(Run({"--baseline", baseline}).exit_code, 0);
  const Finished blind = Run({}, /*kafka=*/false);
  EXPECT_EQ(blind.exit_code, 0) << FindingsOf(blind.output);
  EXPECT_THAT(FindingsOf(blind.output), HasSubstr("note kafka-not-read eu-prod Kafka"));
  const Finished refused = world_.Sluice("plan-owner", {"verify"});
  EXPECT_EQ(refused.exit_code, 5) << refused.errors;

  for (const char* cluster : {"eu-prod", "us-prod"}) world_.StopAgent(cluster, SIGTERM);
  SetTopicConfig(kCluster, TopicOf("one"), "retention.ms", "60000");
  RemoveAcl(kCluster, {.resource_type = core::ResourceType::kTopic,
                       .pattern_type = core::PatternType::kLiteral,
                       .resource = TopicOf("one"),
                       .principal = "User:" + prefix_ + "mobile",
                       .operation = core::Operation::kRead});
  AddAcl(kCluster, {.resource_type = core::ResourceType::kTopic,
                    .pattern_type = core::PatternType::kLiteral,
                    .resource = TopicOf("one"),
                    .principal = "User:" + prefix_ + "stranger",
                    .operation = core::Operation::kRead});
  AskRegistry(kCluster, "PUT", "/config/" + TopicOf("one") + "-value", R"({"compatibility": "NONE"})");
  KafkaTool(kCluster, {"TopicCommand", "--delete", "--topic", TopicOf("two")});
  EXPECT_TRUE(Eventually([&] { return !Look(kCluster, prefix_).topics.contains(TopicOf("two")); }));
  MakeTopic(
      kCluster,
      {.name = TopicOf("two"), .partitions = 1, .replication_factor = 1, .configs = {}, .gate_subject = ""});
  SetTopicConfig("us-prod", prefix_ + "-foreign", "retention.ms", "7654321");
  RemoveAcl("us-prod", {.resource_type = core::ResourceType::kTopic,
                        .pattern_type = core::PatternType::kLiteral,
                        .resource = prefix_ + "-foreign",
                        .principal = "User:" + prefix_ + "-foreign",
                        .operation = core::Operation::kWrite});
  AskRegistry("us-prod", "POST", "/subjects/" + prefix_ + "-foreign-value/versions",
              ForeignSchema("boolean"));
  const std::string lost = world_.dir().Write("names", "C-999999\n");
  const std::string found = Wrong({"--baseline", baseline, "--changes", lost, "--settle", "1s"});
  for (const std::string& line :
       {"wrong kafka-differs eu-prod config retention.ms of topic " + TopicOf("one"),
        "wrong kafka-differs eu-prod acl User:" + prefix_ + "mobile READ topic LITERAL " + TopicOf("one"),
        "note excess-access eu-prod acl User:" + prefix_ + "stranger READ topic LITERAL " + TopicOf("one"),
        "wrong registry-differs eu-prod level of subject " + TopicOf("one") + "-value",
        "wrong topic-made-twice eu-prod topic " + TopicOf("two"),
        "wrong foreign-touched us-prod topic " + prefix_ + "-foreign",
        "wrong foreign-touched us-prod acl User:" + prefix_ + "-foreign",
        "wrong foreign-touched us-prod subject " + prefix_ + "-foreign-value",
        std::string("wrong change-lost  change C-999999"), std::string("note agent-away eu-prod agent")}) {
    EXPECT_THAT(found, HasSubstr(line));
  }
  EXPECT_THAT(found, Not(HasSubstr("wrong kafka-differs us-prod")));
  EXPECT_THAT(found, Not(HasSubstr("wrong blocked-unreported"))) << "the topic with another ID is told once";

  ChangeStore({"DROP TRIGGER audit_no_DELETE", "DROP TRIGGER audit_no_UPDATE",
               "DELETE FROM audit WHERE seq = (SELECT max(seq) FROM audit WHERE action = 'change.released')",
               "UPDATE audit SET action = 'slice.applied' WHERE seq = 1",
               "UPDATE definitions SET change = 'C-1' WHERE name = 'f-and-r.one/mobile'",
               "DELETE FROM definitions WHERE name = 'f-and-r.two/mobile'"});
  const std::string broken = Wrong({"--settle", "1s"}, /*kafka=*/false);
  for (const char* line : {"wrong audit-gap  audit entry", "wrong change-audit  change C-",
                           "wrong definition-differs  grant/f-and-r.one/mobile",
                           "wrong definition-differs  grant/f-and-r.two/mobile"}) {
    EXPECT_THAT(broken, HasSubstr(line));
  }
}

}  // namespace
}  // namespace sluice::testing
