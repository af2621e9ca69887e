// Avro products, and what others do to their subjects, on a real registry.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include "agent/registry/http.h"
#include "tests/support/cluster_view.h"
#include "tests/support/dev_cluster.h"
#include "tests/support/world.h"

namespace sluice::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kCluster[] = "eu-prod";
constexpr char kFirst[] =
    R"({"type": "record", "name": "Stock", "namespace": "acme.f", "fields": [{"name": "id", "type": "string"}, {"name": "count", "type": ["null", "long"], "default": null}]})";
// The same in another order and without the white space.
constexpr char kReordered[] =
    R"({"name":"Stock","namespace":"acme.f","fields":[{"type":"string","name":"id"},{"default":null,"name":"count","type":["null","long"]}],"type":"record"})";
// Nobody who reads strings can read this.
constexpr char kIncompatible[] =
    R"({"type": "record", "name": "Stock", "namespace": "acme.f", "fields": [{"name": "id", "type": "int"}]})";

std::string Product(const std::string& name, const std::string& schema) {
  return "kind: DataProduct\nname: f-and-r." + name +
         "\ncategory: forecast\nownership: BROADCASTING\nowners: [app:plan]\ncustomers: {all: "
         "true}\nversions:\n- major: 1\n"
         "  schema: {format: AVRO, text: '" +
         schema +
         "'}\n  streams:\n  - {suffix: events, key: {fields: [/id]}}\n"
         "---\nkind: Grant\nname: f-and-r." +
         name + "/plan\npurpose: publishes\naccess: [{role: PRODUCER, majors: [1], environments: [prod]}]\n";
}

class Avro : public ::testing::Test {
 protected:
  Avro() : cluster_(UseDevCluster(kCluster)), world_(cluster_.directory), registry_(OptionsOf(cluster_)) {
    world_.StartControlPlane();
    world_.RegisterPlatform(prefix_);
    world_.SetContext("plan-second",
                      world_.Token({"--sub", "plan-second", "--name", "Second", "--groups", "plan-team"}));
    world_.StartAgent(kCluster);
  }
  ~Avro() override { world_.StopAgent(kCluster, SIGTERM); }

  static agent::RegistryOptions OptionsOf(const DevCluster& cluster) {
    agent::RegistryOptions options;
    options.url = cluster.registry_url;
    options.ca_file = cluster.ca_file;
    return options;
  }
  void Release(const std::string& schema) {
    const Finished done = world_.Sluice("plan-owner", {"apply", "-f", "-", "--justification", "a test"}, Product("stock", schema));
    ASSERT_TRUE(done.exit_code == 0 || done.exit_code == 4) << done.output << done.errors;
    for (const char* person : {"review-board", "domain-owner", "plan-second"}) world_.ApproveAll(person);
  }
  std::string Topic() const { return prefix_ + "eu.f-and-r.forecast.stock.events"; }
  std::string Subject() const { return Topic() + "-value"; }
  SubjectView Stored() const {
    const ClusterView view = Look(kCluster, prefix_);
    const auto found = view.subjects.find(Subject());
    return found == view.subjects.end() ? SubjectView() : found->second;
  }
  std::string Json() {
    return world_.Expect(0, "operator", {"describe", "product", "f-and-r.stock", "-o", "json"});
  }
  bool EventuallySays(const std::string& word) {
    return Eventually([&] { return Json().find(word) != std::string::npos; });
  }
  agent::registry::Response Ask(const std::string& method, const std::string& path, const std::string& body) {
    const auto answer = registry_.Do({method, path, body});
    EXPECT_TRUE(answer.ok()) << answer.status();
    return answer.ok() ? *answer : agent::registry::Response();
  }

  const DevCluster cluster_;
  const std::string prefix_ = RandomPrefix();
  World world_;
  agent::registry::Http registry_;
};

TEST_F(Avro, IsRegisteredGatesItsWritersAndSurvivesWhatOthersDo) {
  // From the manifest to the registry.
  Release(kFirst);
  const std::string writer = "User:" + prefix_ + "plan WRITE topic LITERAL " + Topic();
  ASSERT_TRUE(Eventually([&] { return Look(kCluster, prefix_).HasAcl(writer); })) << Json();
  EXPECT_EQ(Stored().level, "FORWARD_TRANSITIVE");
  EXPECT_EQ(Stored().versions, 1);
  EXPECT_THAT(Stored().latest, HasSubstr("\"Stock\""));
  EXPECT_THAT(Stored().latest, Not(HasSubstr("specversion"))) << "the schema is the whole value";
  EXPECT_THAT(Ask("GET", "/subjects/" + Subject() + "/versions/latest", "").body, HasSubstr("AVRO"));

  // The same written otherwise is the same.
  Release(kReordered);
  ASSERT_TRUE(EventuallySays("IN_SYNC")) << Json();
  EXPECT_EQ(Stored().versions, 1);

  // A level that somebody else sets is set back, and told.
  Ask("PUT", "/config/" + Subject(), R"({"compatibility":"NONE"})");
  EXPECT_TRUE(Eventually([&] { return Stored().level == "FORWARD_TRANSITIVE"; }));
  EXPECT_TRUE(Eventually([&] {
    return world_.Expect(0, "auditor", {"audit", "query", "--action", "drift.", "-o", "json"})
               .find("level of subject " + Subject()) != std::string::npos;
  }));

  // What the registry refuses is a condition, and what was agreed before stays.
  Release(kIncompatible);
  EXPECT_TRUE(EventuallySays("Incompatible artifact")) << Json();
  EXPECT_EQ(Stored().versions, 1);
  EXPECT_TRUE(Look(kCluster, prefix_).HasAcl(writer));
  Release(kFirst);
  EXPECT_TRUE(Eventually([&] { return Json().find("Incompatible artifact") == std::string::npos; }));

  // A version that somebody else registers is said, and stays.
  Ask("POST", "/subjects/" + Subject() + "/versions",
      R"({"schemaType":"AVRO","schema":"{\"type\":\"record\",\"name\":\"Stock\",\"namespace\":\"acme.f\",\"fields\":[{\"name\":\"id\",\"type\":\"string\"},{\"name\":\"count\",\"type\":[\"null\",\"long\"],\"default\":null},{\"name\":\"more\",\"type\":\"string\"}]}"})");
  ASSERT_EQ(Stored().versions, 2);
  EXPECT_TRUE(EventuallySays("NotLatest")) << Json();
  EXPECT_EQ(Stored().versions, 2);
}

TEST_F(Avro, WhatIsNoAvroSchemaIsRefusedBeforeAnybodyApprovesIt) {
  const Finished done = world_.Sluice("plan-owner", {"apply", "-f", "-"},
                                      Product("broken", R"({"type": "recrd", "name": "A"})"));
  EXPECT_EQ(done.exit_code, 2) << done.output << done.errors;
  EXPECT_THAT(done.output + done.errors, HasSubstr("'recrd' is no type"));
}

}  // namespace
}  // namespace sluice::testing
