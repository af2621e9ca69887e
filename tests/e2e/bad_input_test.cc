// Bad input, through the real CLI and control plane: every problem at once, with its place, the rule and the remedy, and
// nothing changed. Needs no Kafka.
#include <signal.h>

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/world.h"

namespace sluice::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr char kProduct[] = R"(kind: DataProduct
name: f-and-r.promo
category: forecast
ownership: BROADCASTING
owners: [app:plan]
customers: {all: true}
versions:
- major: 1
  schema: {format: JSON_SCHEMA, text: '{"type": "object", "properties": {"a": {"type": "string"}}}'}
  streams:
  - {suffix: events, key: {fields: [/data/a]}, partitions: 2}
  - {suffix: state, key: {fields: [/data/a]}}
)";

constexpr char kGrant[] = R"(---
kind: Grant
name: f-and-r.promo/plan
purpose: publishes
access: [{role: PRODUCER, majors: [1], environments: [prod]}]
)";

std::string Replaced(std::string text, const std::string& what, const std::string& with) {
  const size_t at = text.find(what);
  EXPECT_NE(at, std::string::npos) << what;
  return text.replace(at, what.size(), with);
}

class BadInput : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    world_ = new World();
    world_->StartControlPlane();
    world_->RegisterPlatform("x");
    world_->Expect(4, "plan-owner", {"apply", "-f", "-"}, std::string(kProduct) + kGrant);
    world_->ApproveAll("review-board");
    world_->ApproveAll("domain-owner");
    ASSERT_THAT(world_->Expect(0, "operator", {"get", "product", "f-and-r.promo", "-o", "name"}), HasSubstr("f-and-r.promo"));
  }
  static void TearDownTestSuite() {
    world_->StopControlPlane(SIGTERM);
    delete world_;
    world_ = nullptr;
  }

  // What any mutation would have changed: the store's revision, the audit log, the changes.
  static std::string Everything() {
    return world_->Expect(0, "operator", {"version", "-o", "json"}) +
           world_->Expect(0, "auditor", {"audit", "query", "--limit", "1", "-o", "json"}) +
           world_->Expect(0, "operator", {"get", "changes", "-o", "name"});
  }

  // `manifest` is refused with exit code 2; each of `expected` stands in what is printed; nothing changed.
  static void Refused(const std::string& manifest, const std::vector<std::string>& expected,
                      const std::string& person = "plan-owner") {
    const std::string before = Everything();
    const std::string file = world_->dir().Write("bad.yaml", manifest);
    const Finished done = world_->Sluice(person, {"apply", "-f", file});
    EXPECT_EQ(done.exit_code, 2) << done.output << done.errors;
    for (const std::string& text : expected) EXPECT_THAT(done.errors, HasSubstr(text)) << manifest.substr(0, 2000);
    EXPECT_EQ(Everything(), before);
  }

  static World* world_;
};
World* BadInput::world_ = nullptr;

TEST_F(BadInput, EveryProblemOfEveryDocumentAtOnce) {
  Refused(R"(kind: DataProduct
name: f-and-r.other
categry: forecast
ownership: BROADCASTING
owners: [app:plann]
customers: {names: [nobody]}
versions:
- major: one
  streams: [{suffix: v2}]
---
kind: Grant
name: f-and-r.unknown/plan
purpose: x
access: [{role: PRODUCER, majors: [1], environments: [prd]}]
)",
          {"bad.yaml:3", "categry", "category", "bad.yaml:8", "major", "bad.yaml:12", "f-and-r.unknown", "prd"});
}

TEST_F(BadInput, UnknownReferencesNameTheNearest) {
  Refused(Replaced(Replaced(Replaced(kProduct, "f-and-r.promo", "f-and-q.extra"), "category: forecast", "category: forcast"),
                   "{all: true}", "{names: [xeuu]}"),
          {"bad.yaml:2", "f-and-q", "f-and-r", "bad.yaml:3", "forcast", "forecast", "bad.yaml:6", "xeuu", "xeu"});
}

TEST_F(BadInput, UnknownApplicationInGrant) {
  Refused(Replaced(kGrant, "promo/plan", "promo/planner"), {"bad.yaml:3", "planner"});
}

TEST_F(BadInput, WrongType) { Refused("kind: Customer\nname: [a]\npresence: eu\n", {"bad.yaml:2", "bad.yaml:3"}, "operator"); }

TEST_F(BadInput, BadName) { Refused("kind: Category\nname: Fore_Cast\n", {"bad.yaml:2", "Fore_Cast"}, "data-products"); }

TEST_F(BadInput, TopicNameOver249Characters) {
  const std::string segment(62, 'a');
  // customer + domain + category + product + suffix
  const std::string customer = "c" + segment;
  std::string text = "kind: Category\nname: k" + segment + "\n---\nkind: Domain\nname: d" + segment + "\nowners: [group:fr-leads]\n";
  world_->Expect(0, "data-products", {"apply", "-f", "-"}, text);
  Refused(Replaced(Replaced(Replaced(kProduct, "f-and-r.promo", "d" + segment + ".p" + segment), "category: forecast", "category: k" + segment),
                   "suffix: events", "suffix: s" + segment),
          {"249"});
}

TEST_F(BadInput, TwoApplicationsWithOnePrincipal) {
  Refused(R"(kind: Application
name: thief
domain: f-and-r
owners: [group:plan-team]
principals:
- {cluster: eu-prod, user: xplan}
)",
          {"bad.yaml:6", "xplan", "plan"}, "operator");
}

TEST_F(BadInput, ReservedPrincipal) {
  Refused(R"(kind: Application
name: thief
domain: f-and-r
owners: [group:plan-team]
principals: [{cluster: eu-prod, user: sluice-agent-eu-prod}]
)",
          {"bad.yaml:5", "sluice-agent-eu-prod", "reserved"}, "operator");
}

TEST_F(BadInput, StreamDroppedFromManifest) {
  Refused(Replaced(kProduct, "  - {suffix: state, key: {fields: [/data/a]}}\n", ""), {"state", "RETIRED", "bad.yaml"});
}

TEST_F(BadInput, PartitionsShrink) { Refused(Replaced(kProduct, "partitions: 2", "partitions: 1"), {"bad.yaml:11", "2", "1", "partition"}); }

TEST_F(BadInput, SchemaThatIsNotJson) {
  Refused(Replaced(Replaced(kProduct, "f-and-r.promo", "f-and-r.more"), "'{\"type\"", "'{type"), {"bad.yaml:9", "JSON"});
}

TEST_F(BadInput, FileOfTwentyMegabytes) {
  Refused("kind: Category\nname: big\ntitle: \"" + std::string(20u << 20, 'a') + "\"\n", {"bad.yaml", "16"}, "data-products");
}

TEST_F(BadInput, AliasBomb) {
  std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 12; ++i) {
    const std::string before = "*a" + std::to_string(i - 1);
    bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [";
    for (int j = 0; j < 10; ++j) bomb += before + (j < 9 ? ", " : "]\n");
  }
  Refused(bomb + "kind: Category\nname: x\n", {"bad.yaml"}, "data-products");
}

TEST_F(BadInput, DuplicateKeys) {
  Refused("kind: Category\nname: a\ntitle: b\nname: c\n", {"bad.yaml:4", "name"}, "data-products");
}

TEST_F(BadInput, EmptyFile) { Refused("", {"bad.yaml", "empty"}, "data-products"); }

TEST_F(BadInput, WhatLaterVersionsBringIsRefusedWithASentence) {
  Refused(Replaced(kGrant, "environments: [prod]", "environments: [prod], expires: 2027-06-30"), {"bad.yaml:5", "expire"});
  Refused("kind: Migration\nname: x\n", {"bad.yaml:1", "Migration", "not available yet"});
}

TEST_F(BadInput, StaleEtag) {
  const std::string before = world_->Expect(0, "data-products", {"get", "category", "transaction", "-o", "yaml"});
  ASSERT_THAT(before, HasSubstr("etag"));
  const size_t title = before.find("title:");
  ASSERT_NE(title, std::string::npos);
  const std::string rest = before.substr(before.find('\n', title));
  world_->Expect(0, "data-products", {"apply", "-f", "-"}, before.substr(0, title) + "title: first" + rest);
  const std::string now = Everything();
  const Finished late = world_->Sluice("data-products", {"apply", "-f", "-"}, before.substr(0, title) + "title: second" + rest);
  EXPECT_EQ(late.exit_code, 1) << late.output << late.errors;
  EXPECT_THAT(late.errors, HasSubstr("etag"));
  EXPECT_EQ(Everything(), now);
}

TEST_F(BadInput, SelfApprovalAndWrongRole) {
  const std::string product = Replaced(kProduct, "f-and-r.promo", "f-and-r.selfish");
  world_->Expect(4, "review-board", {"apply", "-f", "-"}, product);
  const std::string changes = world_->Expect(0, "review-board", {"get", "changes", "-o", "name"});
  const std::string change = changes.substr(0, changes.find('\n'));
  const std::string json = world_->Expect(0, "review-board", {"get", "change", change, "-o", "json"});
  const std::string digest = json.substr(json.find('"', json.find(':', json.find("\"digest\""))) + 1, 64);
  const std::string before = world_->Expect(0, "review-board", {"get", "change", change, "-o", "json"});
  const Finished own = world_->Sluice("review-board", {"approve", change, "--digest", digest});
  EXPECT_EQ(own.exit_code, 5) << own.output << own.errors;
  EXPECT_THAT(own.errors, HasSubstr("own"));
  EXPECT_EQ(world_->Sluice("stranger", {"approve", change, "--digest", digest}).exit_code, 5);
  EXPECT_NE(world_->Sluice("domain-owner", {"approve", change, "--digest", std::string(64, '0')}).exit_code, 0);
  EXPECT_EQ(world_->Sluice("operator", {"approve", change}).exit_code, 2) << "without a terminal the digest is required";
  EXPECT_EQ(world_->Expect(0, "review-board", {"get", "change", change, "-o", "json"}), before);
  world_->Expect(0, "review-board", {"withdraw", change, "--reason", "test"});
}

TEST_F(BadInput, ApprovalOfAnEditedChange) {
  const std::string product = Replaced(kProduct, "f-and-r.promo", "f-and-r.edited");
  world_->Expect(4, "plan-owner", {"apply", "-f", "-"}, product);
  const std::string changes = world_->Expect(0, "plan-owner", {"get", "changes", "-o", "name"});
  const std::string change = changes.substr(0, changes.find('\n'));
  const std::string json = world_->Expect(0, "domain-owner", {"get", "change", change, "-o", "json"});
  const std::string digest = json.substr(json.find('"', json.find(':', json.find("\"digest\""))) + 1, 64);
  world_->Expect(0, "domain-owner", {"approve", change, "--digest", digest});
  world_->Expect(4, "plan-owner", {"apply", "-f", "-", "--change", change}, Replaced(product, "partitions: 2", "partitions: 3"));
  const Finished stale = world_->Sluice("review-board", {"approve", change, "--digest", digest});
  EXPECT_NE(stale.exit_code, 0);
  EXPECT_THAT(stale.errors, HasSubstr("edited"));
  EXPECT_EQ(world_->Sluice("operator", {"get", "product", "f-and-r.edited"}).exit_code, 1);
  world_->Expect(0, "plan-owner", {"withdraw", change, "--reason", "test"});
}

TEST_F(BadInput, CredentialsAreChecked) {
  const std::string before = Everything();
  world_->SetContext("expired", world_->Token({"--sub", "operator", "--groups", "platform", "--ttl", "-600"}));
  world_->SetContext("elsewhere", world_->Token({"--sub", "operator", "--groups", "platform", "--aud", "kafka"}));
  world_->SetContext("nothing", "");
  for (const char* person : {"expired", "elsewhere", "nothing"}) {
    const Finished done = world_->Sluice(person, {"get", "products"});
    EXPECT_EQ(done.exit_code, 5) << person << done.output << done.errors;
    EXPECT_THAT(done.errors, ::testing::Not(HasSubstr("eyJ"))) << "a token was printed";
  }
  EXPECT_EQ(Everything(), before);
}

TEST_F(BadInput, UnreachableControlPlane) {
  World other;  // nothing was started
  EXPECT_EQ(other.Sluice("operator", {"--timeout", "2s", "get", "products"}).exit_code, 6);
}

}  // namespace
}  // namespace sluice::testing
