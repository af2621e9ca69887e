#include "controlplane/rpc/authenticate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sluice::controlplane {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// Knows one token.
class OneToken final : public TokenVerifier {
 public:
  absl::StatusOr<TokenClaims> Verify(std::string_view token) override {
    if (token != "good") return absl::UnauthenticatedError("bad token");
    return TokenClaims{.issuer = "i",
                       .subject = "olga",
                       .display_name = "Olga",
                       .groups = {"audit", "platform"},
                       .good_until = Time::max()};
  }
  std::optional<Time> KeysReadAt() override { return std::nullopt; }
};

class Authentication : public ::testing::Test {
 protected:
  Authentication() {
    core::Cluster cluster;
    cluster.name = "eu-prod";
    cluster.agents = {"spiffe://sluice/agent/eu-prod"};
    catalog_.clusters.Put(
        {.name = cluster.name, .revision = 1, .value = std::make_shared<core::Cluster>(cluster)});
  }

  absl::StatusOr<Caller> Authenticate(const Credentials& credentials) {
    return authenticator_.Authenticate(credentials, now_);
  }

  const Time now_{std::chrono::seconds(1'800'000'000)};
  Authenticator authenticator_{std::make_unique<OneToken>(),
                               {{core::Role::kPlatformOperator, {"group:platform"}},
                                {core::Role::kAuditor, {"user:olga"}},
                                {core::Role::kReviewBoard, {"group:ii-sig"}}},
                               [this] { return catalog_; }};
  core::Catalog catalog_;
};

TEST_F(Authentication, PersonsHaveTheirRoles) {
  for (const char* header : {"Bearer good", "bearer good", "BEARER good"}) {
    const auto caller = Authenticate({.has_certificate = false, .uris = {}, .authorization = {header}});
    ASSERT_TRUE(caller.ok()) << caller.status();
    EXPECT_EQ(caller->type, Caller::Type::kPerson);
    EXPECT_EQ(caller->Label(), "user:olga");
    EXPECT_THAT(caller->roles, ElementsAre(core::Role::kPlatformOperator, core::Role::kAuditor));
  }
}

TEST_F(Authentication, HeadersOfOtherShapesAreRefused) {
  for (const std::vector<std::string>& headers : std::vector<std::vector<std::string>>{
           {}, {""}, {"good"}, {"Basic good"}, {"Bearer"}, {"Bearer bad"}, {"Bearer good", "Bearer good"}}) {
    EXPECT_EQ(Authenticate({.has_certificate = false, .uris = {}, .authorization = headers}).status().code(),
              absl::StatusCode::kUnauthenticated);
  }
}

TEST_F(Authentication, AgentsAreBoundByTheirUri) {
  const auto agent =
      Authenticate({.has_certificate = true, .uris = {"spiffe://sluice/agent/eu-prod"}, .authorization = {}});
  ASSERT_TRUE(agent.ok()) << agent.status();
  EXPECT_EQ(agent->type, Caller::Type::kAgent);
  EXPECT_EQ(agent->cluster, "eu-prod");
  EXPECT_TRUE(agent->roles.empty());
}

TEST_F(Authentication, UnboundAgentsAreDenied) {
  const auto agent = Authenticate(
      {.has_certificate = true, .uris = {"spiffe://sluice/agent/eu-prod2"}, .authorization = {}});
  EXPECT_EQ(agent.status().code(), absl::StatusCode::kPermissionDenied);
  EXPECT_THAT(std::string(agent.status().message()), HasSubstr("bound to no cluster"));
}

TEST_F(Authentication, ACertificateHasExactlyOneUri) {
  for (const std::vector<std::string>& uris : std::vector<std::vector<std::string>>{
           {}, {"spiffe://sluice/agent/eu-prod", "spiffe://sluice/agent/us-prod"}}) {
    EXPECT_EQ(Authenticate({.has_certificate = true, .uris = uris, .authorization = {}}).status().code(),
              absl::StatusCode::kUnauthenticated);
  }
}

TEST_F(Authentication, BothCredentialsAreRefused) {
  const auto both = Authenticate(
      {.has_certificate = true, .uris = {"spiffe://sluice/agent/eu-prod"}, .authorization = {"Bearer good"}});
  EXPECT_EQ(both.status().code(), absl::StatusCode::kUnauthenticated);
  EXPECT_THAT(std::string(both.status().message()), HasSubstr("not both"));
}

TEST_F(Authentication, ABindingThatIsTakenAwayEndsAccess) {
  catalog_.clusters.Remove("eu-prod");
  EXPECT_EQ(
      Authenticate({.has_certificate = true, .uris = {"spiffe://sluice/agent/eu-prod"}, .authorization = {}})
          .status()
          .code(),
      absl::StatusCode::kPermissionDenied);
}

TEST_F(Authentication, ACertificateThatEndedSinceItConnectedOpensNothing) {
  Credentials agent = {.has_certificate = true,
                       .uris = {"spiffe://sluice/agent/eu-prod"},
                       .certificate_end = now_,
                       .authorization = {}};
  const auto caller = Authenticate(agent);
  ASSERT_TRUE(caller.ok()) << caller.status();
  EXPECT_EQ(caller->good_until, now_) << "its streams end then";
  agent.certificate_end = now_ - std::chrono::seconds(1);
  EXPECT_EQ(Authenticate(agent).status().code(), absl::StatusCode::kUnauthenticated);
}

}  // namespace
}  // namespace sluice::controlplane
