// What a change of a schema asks for, on two real clusters: the people named by the verdict, the registry only after they agreed, and a
// consumer's CI that fails while the change waits.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include "tests/support/cluster_view.h"
#include "tests/support/world.h"

namespace sluice::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kMobile[] = "f-and-r.schemas/mobile";
constexpr char kDesk[] = "f-and-r.schemas/desk";

constexpr char kFirst[] =
    R"({"type": "object", "required": ["id", "quantity"], "properties": {"id": {"type": "string"}, "quantity": {"type": "number"}, "unit": {"type": "string"}}})";
constexpr char kWithMore[] =
    R"({"type": "object", "required": ["id", "quantity"], "properties": {"id": {"type": "string"}, "quantity": {"type": "number"}, "unit": {"type": "string"}, "note": {"type": "string"}}})";
constexpr char kWithoutUnit[] =
    R"({"type": "object", "required": ["id", "quantity"], "properties": {"id": {"type": "string"}, "quantity": {"type": "number"}, "note": {"type": "string"}}})";
constexpr char kQuantityAsText[] =
    R"({"type": "object", "required": ["id", "quantity"], "properties": {"id": {"type": "string"}, "quantity": {"type": "string"}, "unit": {"type": "string"}, "note": {"type": "string"}}})";
constexpr char kUnitRequired[] =
    R"({"type": "object", "required": ["id", "quantity", "unit"], "properties": {"id": {"type": "string"}, "quantity": {"type": "number"}, "unit": {"type": "string"}, "note": {"type": "string"}}})";

std::string Product(const std::string& schema, int meaning = 0) {
  return "kind: DataProduct\nname: f-and-r.schemas\ncategory: forecast\nownership: BROADCASTING\nowners: [app:plan]\n"
         "customers: {all: true}\nversions:\n- major: 1\n  schema: {meaning: " +
         std::to_string(meaning) + ", text: '" + schema +
         "'}\n  streams:\n  - {suffix: events, key: {fields: [/data/id]}}\n";
}

std::string Grants() {
  return "---\nkind: Grant\nname: f-and-r.schemas/plan\npurpose: publishes\n"
         "access: [{role: PRODUCER, majors: [1], environments: [prod]}]\n"
         "---\nkind: Grant\nname: f-and-r.schemas/mobile\npurpose: reads quantities\n"
         "access: [{role: CONSUMER, majors: [1], environments: [prod], uses: {fields: [/data/quantity]}}]\n"
         "---\nkind: Grant\nname: f-and-r.schemas/desk\npurpose: reads units\n"
         "access: [{role: CONSUMER, majors: [1], environments: [prod], uses: {fields: [/data/unit]}}]\n";
}

class SchemaChanges : public ::testing::Test {
 protected:
  SchemaChanges() : world_(DevEnvironment()["DEV_DIR"]) {
    world_.StartControlPlane();
    world_.RegisterPlatform(prefix_);
    for (const std::string person : {"plan-second", "desk-owner"}) {
      const std::string group = person == "desk-owner" ? "desk-team" : "plan-team";
      world_.SetContext(person, world_.Token({"--sub", person, "--name", "Person " + person, "--groups", group}));
    }
    for (const char* cluster : {"eu-prod", "us-prod"}) world_.StartAgent(cluster);
    world_.Expect(4, "plan-owner", {"apply", "-f", "-"}, Product(kFirst) + Grants());
    for (const char* person : {"review-board", "domain-owner"}) world_.ApproveAll(person);
    Applied();
  }
  ~SchemaChanges() override {
    for (const char* cluster : {"eu-prod", "us-prod"}) world_.StopAgent(cluster, SIGTERM);
  }

  void Applied() {
    world_.Expect(0, "operator", {"wait", Latest(), "--for=applied", "--timeout", "90s"});
  }
  std::string Latest() {
    const std::string changes = world_.Expect(0, "operator", {"get", "changes", "-o", "name"});
    return changes.substr(0, changes.find('\n'));
  }
  std::string DescribeLatest() { return world_.Expect(0, "auditor", {"describe", "change", Latest()}); }
  std::string CheckGrant(int code, const std::string& grant) {
    return world_.Expect(code, "mobile-owner", {"schema", "check", "--grant", grant});
  }
  // Versions of the product's subject: one number where both clusters agree.
  int Versions() {
    const std::string topic = prefix_ + "both.f-and-r.forecast.schemas.events-value";
    const ClusterView eu = Look("eu-prod", prefix_), us = Look("us-prod", prefix_);
    if (!eu.subjects.contains(topic) || !us.subjects.contains(topic)) return 0;
    return eu.subjects.at(topic).versions == us.subjects.at(topic).versions ? eu.subjects.at(topic).versions : -1;
  }

  const std::string prefix_ = RandomPrefix();
  World world_;
};

TEST_F(SchemaChanges, TheVerdictChoosesWhoMustAgreeAndTheRegistryWaitsForThem) {
  EXPECT_EQ(Versions(), 1);

  // An optional field more hurts nobody: no approval, one version more.
  EXPECT_THAT(world_.Expect(0, "plan-owner", {"schema", "check", "-f", "-"}, Product(kWithMore)),
              HasSubstr("COMPATIBLE: 0 of 2 consumers break"));
  world_.Expect(0, "plan-owner", {"apply", "-f", "-"}, Product(kWithMore));
  Applied();
  EXPECT_EQ(Versions(), 2);

  // A field that only desk uses goes away: desk alone is asked, and the plan knows that the registry will refuse.
  const std::string check = world_.Expect(3, "plan-owner", {"schema", "check", "-f", "-"}, Product(kWithoutUnit));
  EXPECT_THAT(check, HasSubstr("COORDINATED"));
  EXPECT_THAT(check, HasSubstr("desk must prepare"));
  EXPECT_THAT(check, HasSubstr("registry apicurio at FORWARD_TRANSITIVE: will refuse it"));
  const std::string proposed = world_.Expect(4, "plan-owner", {"apply", "-f", "-"}, Product(kWithoutUnit));
  EXPECT_THAT(proposed, HasSubstr("group:desk-team"));
  EXPECT_THAT(proposed, Not(HasSubstr("group:mobile-team")));
  const std::string change = Latest();
  CheckGrant(0, kMobile);
  EXPECT_THAT(CheckGrant(0, kDesk), HasSubstr("concerns " + std::string(kDesk)));
  EXPECT_THAT(world_.Expect(0, "mobile-owner", {"inbox"}), HasSubstr("nothing waits for you"));
  EXPECT_THAT(world_.Expect(0, "desk-owner", {"inbox"}), HasSubstr(change));
  EXPECT_EQ(Versions(), 2) << "nobody has agreed yet";
  world_.ApproveAll("desk-owner");
  EXPECT_TRUE(Eventually([&] {
    return world_.Expect(0, "operator", {"describe", "product", "f-and-r.schemas", "-o", "json"})
               .find("Incompatible artifact") != std::string::npos;
  })) << "the registry does what was foretold";
  EXPECT_EQ(Versions(), 2);
}

TEST_F(SchemaChanges, AConsumersCiFailsFromTheProposalOn) {
  CheckGrant(0, kMobile);
  world_.Expect(1, "plan-owner", {"schema", "check", "-f", "-"}, Product(kQuantityAsText));
  world_.Expect(2, "plan-owner", {"apply", "-f", "-"}, Product(kQuantityAsText));  // without a justification
  const std::string proposed = world_.Expect(
      4, "plan-owner", {"apply", "-f", "-", "--justification", "texts everywhere"}, Product(kQuantityAsText));
  EXPECT_THAT(proposed, HasSubstr("BREAKING: 1 of 2 consumers breaks"));
  const std::string change = Latest();
  const std::string failed = CheckGrant(1, kMobile);
  EXPECT_THAT(failed, HasSubstr(change + " by Person plan-owner would break " + kMobile));
  EXPECT_THAT(failed, HasSubstr("\"quantity\":\"")) << "with the message that proves it";
  CheckGrant(0, kDesk);
  EXPECT_THAT(DescribeLatest(), HasSubstr("mobile breaks"));
  world_.Expect(0, "plan-owner", {"withdraw", change});
  CheckGrant(0, kMobile);
  EXPECT_EQ(Versions(), 1);
  world_.Expect(1, "mobile-owner", {"schema", "check", "--grant", "f-and-r.schemas/nobody"});
}

TEST_F(SchemaChanges, TheSubjectsVersionComesAfterTheLastApproval) {
  // A field that becomes required is asked of those who produce it: here of plan, because mobile proposes.
  const std::string required = world_.Expect(4, "mobile-owner", {"apply", "-f", "-"}, Product(kUnitRequired));
  EXPECT_THAT(required, HasSubstr("COORDINATED"));
  EXPECT_THAT(required, Not(HasSubstr("group:desk-team")));
  EXPECT_EQ(Versions(), 1);
  world_.ApproveAll("plan-owner");
  Applied();
  EXPECT_EQ(Versions(), 2);

  // Another meaning breaks consumers though no message shows it: the board and another owner agree, then the registry has it.
  std::string noted = kUnitRequired;
  noted.insert(1, R"("description": "quantity in grams", )");
  world_.Expect(4, "plan-owner", {"apply", "-f", "-", "--justification", "grams from now on"}, Product(noted, 1));
  EXPECT_THAT(DescribeLatest(), HasSubstr("semantic break"));
  CheckGrant(1, kMobile);
  world_.ApproveAll("review-board");
  EXPECT_EQ(Versions(), 2) << "an owner's word is missing";
  EXPECT_THAT(world_.Expect(0, "plan-owner", {"inbox"}), HasSubstr("nothing waits for you")) << "the author";
  world_.ApproveAll("plan-second");
  Applied();
  EXPECT_EQ(Versions(), 3);
  CheckGrant(0, kMobile);
  world_.Expect(2, "plan-owner", {"apply", "-f", "-"}, Product(noted, 0));  // a meaning never falls
}

}  // namespace
}  // namespace sluice::testing
