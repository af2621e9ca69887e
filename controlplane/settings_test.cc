#include "controlplane/settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "controlplane/rpc/testing.h"

namespace sluice::controlplane {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr char kMinimal[] = R"(
data_directory: /var/lib/sluice
listen: 127.0.0.1:7443
tls: {certificate: server.crt, key: server.key}
agents_ca: agents.crt
tokens: {issuer: "https://issuer.example", audience: sluice, jwks_file: jwks.json}
)";

class SettingsTest : public ::testing::Test {
 protected:
  absl::StatusOr<Settings> Load(const std::string& text, const Flags& flags = {}) {
    WriteFile(directory_ / "config.yaml", text);
    Flags named = flags;
    named.config = directory_ / "config.yaml";
    return LoadSettings(named);
  }

  TestDirectory directory_;
};

TEST_F(SettingsTest, DefaultsAreFilledIn) {
  const auto settings = Load(kMinimal);
  ASSERT_TRUE(settings.ok()) << settings.status();
  EXPECT_EQ(settings->data_directory, "/var/lib/sluice");
  EXPECT_EQ(settings->server.listen, "127.0.0.1:7443");
  EXPECT_THAT(settings->tokens.algorithms, ElementsAre("RS256", "ES256"));
  EXPECT_EQ(settings->tokens.groups_claim, "groups");
  EXPECT_EQ(settings->log_level, "info");
  EXPECT_EQ(settings->drain_timeout, std::chrono::seconds(10));
  EXPECT_EQ(settings->metrics_listen, "");
  EXPECT_TRUE(settings->roles.empty());
}

TEST_F(SettingsTest, FlagsWin) {
  const auto settings = Load(kMinimal, {.config = "", .listen = "127.0.0.1:0", .data_directory = "/tmp/d"});
  ASSERT_TRUE(settings.ok()) << settings.status();
  EXPECT_EQ(settings->server.listen, "127.0.0.1:0");
  EXPECT_EQ(settings->data_directory, "/tmp/d");
}

TEST_F(SettingsTest, RolesAreRead) {
  const auto settings =
      Load(std::string(kMinimal) +
           "roles: {auditor: [\"group:audit\", \"user:arno\"], review_board: [\"group:ii-sig\"]}\n"
           "drain_timeout: 1m\n");
  ASSERT_TRUE(settings.ok()) << settings.status();
  EXPECT_THAT(settings->roles.at(core::Role::kAuditor), ElementsAre("group:audit", "user:arno"));
  EXPECT_THAT(settings->roles.at(core::Role::kReviewBoard), ElementsAre("group:ii-sig"));
  EXPECT_EQ(settings->drain_timeout, std::chrono::seconds(60));
}

TEST_F(SettingsTest, RolesAreHeldByGroupsAndUsersOnly) {
  for (const char* holder : {"audit", "app:plan", "group:", "user:"}) {
    const auto settings = Load(std::string(kMinimal) + "roles: {auditor: [\"" + holder + "\"]}\n");
    EXPECT_THAT(std::string(settings.status().message()), HasSubstr("group:NAME or user:SUBJECT")) << holder;
  }
}

TEST_F(SettingsTest, MistakesAreToldWithTheirPlace) {
  const auto settings = Load(std::string(kMinimal) + "metric_listen: 127.0.0.1:1\n");
  EXPECT_EQ(settings.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(settings.status().message()), HasSubstr("config.yaml:7"));
  EXPECT_THAT(std::string(settings.status().message()), HasSubstr("metrics_listen"));
}

TEST_F(SettingsTest, WhatIsRequiredIsAskedForAllAtOnce) {
  const auto settings = Load("listen: 127.0.0.1:7443\n");
  for (const char* field : {"data_directory", "tls", "agents_ca", "tokens"}) {
    EXPECT_THAT(std::string(settings.status().message()), HasSubstr(field));
  }
}

TEST_F(SettingsTest, DrainTimeoutsAreBounded) {
  EXPECT_FALSE(Load(std::string(kMinimal) + "drain_timeout: 7d\n").ok());
}

TEST_F(SettingsTest, AMissingFileIsNamed) {
  Flags flags;
  flags.config = directory_ / "none.yaml";
  EXPECT_THAT(std::string(LoadSettings(flags).status().message()), HasSubstr("none.yaml"));
}

}  // namespace
}  // namespace sluice::controlplane
