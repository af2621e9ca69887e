// The rules of StandardAuthorizer, one test each. tests/integration holds the real broker against the same
// model.
#include "common/core/authorizer.h"

#include <gtest/gtest.h>

namespace sluice::core {
namespace {

Acl Allow(std::string principal, Operation operation, std::string topic) {
  return {.resource = std::move(topic), .principal = std::move(principal), .operation = operation};
}

Acl Deny(std::string principal, Operation operation, std::string topic) {
  Acl acl = Allow(std::move(principal), operation, std::move(topic));
  acl.permission = Permission::kDeny;
  return acl;
}

Acl Prefixed(Acl acl) {
  acl.pattern_type = PatternType::kPrefixed;
  return acl;
}

AccessRequest Ask(std::string principal, Operation operation, std::string topic) {
  return {.principal = std::move(principal),
          .host = "10.0.0.1",
          .operation = operation,
          .resource = std::move(topic)};
}

bool Allowed(const std::set<Acl>& acls, const AccessRequest& request,
             const AuthorizerSettings& settings = {}) {
  return Authorize(acls, settings, request);
}

TEST(Authorizer, AllowsOnlyWhatAnAclAllows) {
  const std::set<Acl> acls = {Allow("User:a", Operation::kRead, "t")};
  EXPECT_TRUE(Allowed(acls, Ask("User:a", Operation::kRead, "t")));
  EXPECT_FALSE(Allowed(acls, Ask("User:a", Operation::kWrite, "t")));
  EXPECT_FALSE(Allowed(acls, Ask("User:b", Operation::kRead, "t")));
  EXPECT_FALSE(Allowed(acls, Ask("User:a", Operation::kRead, "tt")));
  EXPECT_FALSE(Allowed({}, Ask("User:a", Operation::kRead, "t")));
}

TEST(Authorizer, ResourceTypesAreApart) {
  AccessRequest group = Ask("User:a", Operation::kRead, "t");
  group.resource_type = ResourceType::kGroup;
  EXPECT_FALSE(Allowed({Allow("User:a", Operation::kRead, "t")}, group));
}

TEST(Authorizer, DenyBeatsAllow) {
  const std::set<Acl> acls = {Allow("User:a", Operation::kRead, "t"), Deny("User:a", Operation::kRead, "t")};
  EXPECT_FALSE(Allowed(acls, Ask("User:a", Operation::kRead, "t")));
}

TEST(Authorizer, DenyOnAWildcardBeatsALiteralAllow) {
  const std::set<Acl> acls = {Allow("User:a", Operation::kRead, "t"), Deny("User:*", Operation::kAll, "*")};
  EXPECT_FALSE(Allowed(acls, Ask("User:a", Operation::kRead, "t")));
}

TEST(Authorizer, DenyOfAnotherPrincipalDoesNothing) {
  const std::set<Acl> acls = {Allow("User:a", Operation::kRead, "t"), Deny("User:b", Operation::kRead, "t")};
  EXPECT_TRUE(Allowed(acls, Ask("User:a", Operation::kRead, "t")));
}

TEST(Authorizer, ReadWriteDeleteAndAlterImplyDescribe) {
  for (const Operation operation :
       {Operation::kRead, Operation::kWrite, Operation::kDelete, Operation::kAlter}) {
    EXPECT_TRUE(Allowed({Allow("User:a", operation, "t")}, Ask("User:a", Operation::kDescribe, "t")))
        << Name(operation);
  }
  for (const Operation operation :
       {Operation::kCreate, Operation::kAlterConfigs, Operation::kDescribeConfigs}) {
    EXPECT_FALSE(Allowed({Allow("User:a", operation, "t")}, Ask("User:a", Operation::kDescribe, "t")))
        << Name(operation);
  }
}

TEST(Authorizer, AlterConfigsImpliesDescribeConfigs) {
  EXPECT_TRUE(Allowed({Allow("User:a", Operation::kAlterConfigs, "t")},
                      Ask("User:a", Operation::kDescribeConfigs, "t")));
  EXPECT_FALSE(
      Allowed({Allow("User:a", Operation::kAlter, "t")}, Ask("User:a", Operation::kDescribeConfigs, "t")));
}

TEST(Authorizer, DenyImpliesNothing) {
  const std::set<Acl> acls = {Allow("User:a", Operation::kDescribe, "t"),
                              Deny("User:a", Operation::kRead, "t")};
  EXPECT_TRUE(Allowed(acls, Ask("User:a", Operation::kDescribe, "t")));
}

TEST(Authorizer, AllCoversEveryOperation) {
  EXPECT_TRUE(
      Allowed({Allow("User:a", Operation::kAll, "t")}, Ask("User:a", Operation::kTwoPhaseCommit, "t")));
  EXPECT_FALSE(Allowed({Allow("User:a", Operation::kAll, "t"), Deny("User:a", Operation::kAll, "t")},
                       Ask("User:a", Operation::kDescribe, "t")));
}

TEST(Authorizer, PrefixesCoverWhatBeginsWithThem) {
  const std::set<Acl> acls = {Prefixed(Allow("User:a", Operation::kRead, "plan."))};
  EXPECT_TRUE(Allowed(acls, Ask("User:a", Operation::kRead, "plan.x")));
  EXPECT_TRUE(Allowed(acls, Ask("User:a", Operation::kRead, "plan.")));
  EXPECT_FALSE(Allowed(acls, Ask("User:a", Operation::kRead, "plan")));
  EXPECT_FALSE(Allowed(acls, Ask("User:a", Operation::kRead, "planner.x")));
  // Why a prefix must end in a dot: team-a would open team-ab.
  EXPECT_TRUE(Allowed({Prefixed(Allow("User:a", Operation::kRead, "team-a"))},
                      Ask("User:a", Operation::kRead, "team-ab")));
}

TEST(Authorizer, AStarIsAWildcardOnlyWhenLiteral) {
  EXPECT_TRUE(Allowed({Allow("User:a", Operation::kRead, "*")}, Ask("User:a", Operation::kRead, "t")));
  EXPECT_FALSE(
      Allowed({Prefixed(Allow("User:a", Operation::kRead, "*"))}, Ask("User:a", Operation::kRead, "t")));
}

TEST(Authorizer, EveryUser) {
  EXPECT_TRUE(Allowed({Allow("User:*", Operation::kRead, "t")}, Ask("User:a", Operation::kRead, "t")));
  EXPECT_FALSE(Allowed({Allow("User:a*", Operation::kRead, "t")}, Ask("User:ab", Operation::kRead, "t")));
}

TEST(Authorizer, HostsAreExactOrAll) {
  Acl acl = Allow("User:a", Operation::kRead, "t");
  acl.host = "10.0.0.1";
  EXPECT_TRUE(Allowed({acl}, Ask("User:a", Operation::kRead, "t")));
  acl.host = "10.0.0.0";
  EXPECT_FALSE(Allowed({acl}, Ask("User:a", Operation::kRead, "t")));
}

TEST(Authorizer, SuperUsersPassEvenDenials) {
  AuthorizerSettings settings;
  settings.super_users = {"User:root"};
  EXPECT_TRUE(
      Allowed({Deny("User:root", Operation::kAll, "*")}, Ask("User:root", Operation::kWrite, "t"), settings));
  EXPECT_FALSE(Allowed({}, Ask("User:rooty", Operation::kWrite, "t"), settings));
}

TEST(Authorizer, TheFirstAclClosesAnOpenResourceForAllOthers) {
  AuthorizerSettings open;
  open.allow_everyone_if_no_acl = true;
  EXPECT_TRUE(Allowed({}, Ask("User:b", Operation::kRead, "t"), open));
  EXPECT_TRUE(Allowed({Allow("User:a", Operation::kRead, "u")}, Ask("User:b", Operation::kRead, "t"), open));
  EXPECT_FALSE(Allowed({Allow("User:a", Operation::kRead, "t")}, Ask("User:b", Operation::kRead, "t"), open));
  EXPECT_FALSE(Allowed({Allow("User:a", Operation::kRead, "*")}, Ask("User:b", Operation::kRead, "t"), open));
}

}  // namespace
}  // namespace sluice::core
