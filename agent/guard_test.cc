#include "agent/guard.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sluice::agent {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr char kTopic[] = "acme.f-and-r.forecast.demand.events";

core::Step Grant(const std::string& user, core::Acl acl = {}) {
  core::Step step;
  step.phase = core::Phase::kGrant;
  step.kind = core::StepKind::kCreateAcl;
  step.slice = "product/f-and-r.demand/acme";
  if (acl.resource.empty()) acl.resource = kTopic;
  if (acl.principal.empty()) acl.principal = "User:" + user;
  step.acl = acl;
  step.resource = core::Describe(acl);
  return step;
}

core::Step Revoke(const std::string& user) {
  core::Step step = Grant(user);
  step.phase = core::Phase::kRevoke;
  step.kind = core::StepKind::kDeleteAcl;
  return step;
}

core::Step Create(const std::string& topic) {
  core::Step step;
  step.kind = core::StepKind::kCreateTopic;
  step.slice = "product/f-and-r.demand/acme";
  step.topic.name = step.resource = topic;
  return step;
}

core::Step Register(const std::string& subject) {
  core::Step step;
  step.phase = core::Phase::kRegister;
  step.kind = core::StepKind::kRegisterSchema;
  step.slice = "product/f-and-r.demand/acme";
  step.subject.name = step.resource = step.after_subject = subject;
  return step;
}

// Why the guard refuses `step`; empty: it does not.
std::string Refusal(const GuardRules& rules, const core::Step& step) {
  core::Plan plan;
  plan.steps = {step};
  const GuardVerdict verdict = ApplyGuard(rules, plan);
  EXPECT_EQ(plan.steps.size() + plan.blocked.size(), 1u);
  EXPECT_EQ(verdict.blocked, static_cast<int>(plan.blocked.size()));
  return plan.blocked.empty() ? "" : plan.blocked[0].reason + ": " + plan.blocked[0].message;
}

TEST(Guard, AllowsParsedDomainsAndCustomersOnly) {
  GuardRules rules;
  rules.allowed_domains = {"f-and-r"};
  rules.allowed_customers = {"acme"};
  EXPECT_THAT(Refusal(rules, Create(kTopic)), IsEmpty());
  EXPECT_THAT(Refusal(rules, Create("acme.s-and-a.sales.x.events")), HasSubstr("domain 's-and-a'"));
  EXPECT_THAT(Refusal(rules, Create("acme2.f-and-r.forecast.demand.events")), HasSubstr("customer 'acme2'"));
  EXPECT_THAT(Refusal(rules, Create("f-and-r")), HasSubstr("parsed names only"));
  EXPECT_THAT(Refusal(rules, Register("acme.s-and-a.sales.x.events-value")), HasSubstr("domain"));
  EXPECT_THAT(Refusal(rules, Register(std::string(kTopic) + "-value")), IsEmpty());
  core::Acl group;
  group.resource_type = core::ResourceType::kGroup;
  group.pattern_type = core::PatternType::kPrefixed;
  group.resource = "plan.";
  EXPECT_THAT(Refusal(rules, Grant("sa-1", group)), IsEmpty()) << "a group has no domain";
}

TEST(Guard, DeniesPrefixes) {
  GuardRules rules;
  rules.denied_prefixes = {"acme.f-and-r."};
  EXPECT_THAT(Refusal(rules, Create(kTopic)), HasSubstr("'acme.f-and-r.'"));
  EXPECT_THAT(Refusal(rules, Grant("sa-1")), HasSubstr("denies"));
  EXPECT_THAT(Refusal(rules, Revoke("sa-1")), HasSubstr("denies")) << "never touched";
  EXPECT_THAT(Refusal(rules, Register(std::string(kTopic) + "-value")), HasSubstr("denies"));
  EXPECT_THAT(Refusal(rules, Create("acme.p-and-p.promotions.x.events")), IsEmpty());
}

TEST(Guard, NeverGrantsToForbiddenPrincipalsButTakesAwayFromThem) {
  GuardRules rules;
  rules.forbidden_principals = {"admin"};
  EXPECT_THAT(Refusal(rules, Grant("admin")), HasSubstr("forbids grants to User:admin"));
  EXPECT_THAT(Refusal(rules, Grant("admin2")), IsEmpty());
  EXPECT_THAT(Refusal(rules, Revoke("admin")), IsEmpty());
}

TEST(Guard, GrantsNothingToEverybodyOrOnEverythingWithoutAnyRule) {
  const GuardRules rules;
  auto acl = [](auto change) {
    core::Acl one;
    change(one);
    return one;
  };
  for (const core::Acl& bad : {
           acl([](core::Acl& a) { a.resource = "*"; }),
           acl([](core::Acl& a) { a.principal = "User:*"; }),
           acl([](core::Acl& a) { a.principal = "Group:x"; }),
           acl([](core::Acl& a) { a.host = "10.0.0.1"; }),
           acl([](core::Acl& a) { a.permission = core::Permission::kDeny; }),
           acl([](core::Acl& a) { a.operation = core::Operation::kAll; }),
           acl([](core::Acl& a) { a.operation = core::Operation::kAlter; }),
           acl([](core::Acl& a) { a.resource_type = core::ResourceType::kCluster; }),
           acl([](core::Acl& a) { a.pattern_type = core::PatternType::kPrefixed; }),
           acl([](core::Acl& a) {
             a.resource_type = core::ResourceType::kGroup;
             a.pattern_type = core::PatternType::kPrefixed;
             a.resource = "team-a";
           }),
       }) {
    EXPECT_THAT(Refusal(rules, Grant("sa-1", bad)), HasSubstr("Guard: ")) << core::Describe(bad);
  }
  EXPECT_THAT(Refusal(rules, Grant("sa-1")), IsEmpty());
}

TEST(Guard, TakesNothingAwayWhenThePlanIsOverBudget) {
  GuardRules rules;
  rules.destructive_budget = 2;
  core::Plan plan;
  plan.steps = {Create(kTopic), Revoke("a"), Revoke("b"), Revoke("c")};
  const GuardVerdict verdict = ApplyGuard(rules, plan);
  EXPECT_TRUE(verdict.over_budget);
  ASSERT_EQ(plan.steps.size(), 1u);
  EXPECT_EQ(plan.steps[0].kind, core::StepKind::kCreateTopic);
  ASSERT_EQ(plan.blocked.size(), 3u);
  EXPECT_EQ(plan.blocked[0].reason, kOverBudget);
  plan.steps = {Revoke("a"), Revoke("b")};
  EXPECT_FALSE(ApplyGuard(rules, plan).over_budget);
  EXPECT_EQ(plan.steps.size(), 2u);
}

TEST(Guard, WhatWaitsForARefusedSubjectIsRefusedToo) {
  GuardRules rules;
  rules.denied_prefixes = {"acme.f-and-r.forecast.demand.events-value"};
  core::Plan plan;
  core::Step grant = Grant("sa-1");
  grant.after_subject = std::string(kTopic) + "-value";
  plan.steps = {Register(grant.after_subject), grant};
  ApplyGuard(rules, plan);
  EXPECT_THAT(plan.steps, IsEmpty());
}

TEST(Guard, ReadsItsFile) {
  sluice::internal::v1::Guard file;
  EXPECT_EQ(FromProto(file).destructive_budget, 1000);
  file.set_destructive_budget(5);
  file.add_allowed_domains("a");
  file.add_forbidden_principals("b");
  const GuardRules rules = FromProto(file);
  EXPECT_EQ(rules.destructive_budget, 5);
  EXPECT_EQ(rules.allowed_domains.count("a"), 1u);
  EXPECT_EQ(rules.forbidden_principals.count("b"), 1u);
}

}  // namespace
}  // namespace sluice::agent
