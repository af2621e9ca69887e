#include "controlplane/sync/live_agents.h"

#include <gtest/gtest.h>

#include "controlplane/store/testing.h"
#include "controlplane/sync/agent_service.h"

namespace sluice::controlplane {
namespace {

using absl::StatusCode;

TEST(LiveAgents, ASecondIncarnationIsRefusedWhileTheFirstLives) {
  LiveAgents live;
  auto first = live.Claim("eu-prod", "i1");
  ASSERT_TRUE(first.ok());
  EXPECT_TRUE(live.IsConnected("eu-prod"));
  EXPECT_EQ(live.Claim("eu-prod", "i2").status().code(), StatusCode::kAlreadyExists);
  EXPECT_TRUE(live.Claim("us-prod", "i2").ok());
  auto again = live.Claim("eu-prod", "i1");
  ASSERT_TRUE(again.ok()) << "its former stream may not have ended yet";
  first->reset();
  EXPECT_EQ(live.Check("eu-prod", "i2").code(), StatusCode::kAlreadyExists);
  again->reset();
  EXPECT_FALSE(live.IsConnected("eu-prod"));
  EXPECT_TRUE(live.Claim("eu-prod", "i2").ok());
}

TEST(LiveAgents, StreamsOfOneIncarnationAreBounded) {
  LiveAgents live;
  std::vector<std::shared_ptr<void>> claims;
  absl::Status status;
  while (status.ok()) {
    auto claim = live.Claim("eu-prod", "i1");
    status = claim.status();
    if (claim.ok()) claims.push_back(*claim);
    ASSERT_LT(claims.size(), 100u);
  }
  EXPECT_EQ(status.code(), StatusCode::kResourceExhausted);
}

TEST(Report, AnAgentReportsItsOwnClusterOnly) {
  TestStore store;
  ASSERT_TRUE(store.Release(World()).ok());
  LiveAgents live;
  sluice::v1::ReportStatusRequest report;
  report.set_cluster("us-prod");
  report.set_incarnation("i1");
  report.set_sequence(1);
  report.set_full(true);
  EXPECT_EQ(Report(*store, live, "eu-prod", report).code(), StatusCode::kPermissionDenied);
  report.clear_cluster();
  EXPECT_EQ(Report(*store, live, "eu-prod", report).code(), StatusCode::kPermissionDenied);
  EXPECT_EQ(*store->GetAgent("us-prod"), std::nullopt);
  report.set_cluster("eu-prod");
  EXPECT_TRUE(Report(*store, live, "eu-prod", report).ok());
}

TEST(Report, OneThatDoesNotHoldTheStreamIsRefused) {
  TestStore store;
  ASSERT_TRUE(store.Release(World()).ok());
  LiveAgents live;
  auto claim = live.Claim("eu-prod", "i1");
  sluice::v1::ReportStatusRequest report;
  report.set_cluster("eu-prod");
  report.set_incarnation("i2");
  report.set_sequence(1);
  report.set_full(true);
  EXPECT_EQ(Report(*store, live, "eu-prod", report).code(), StatusCode::kAlreadyExists);
  EXPECT_EQ(*store->GetAgent("eu-prod"), std::nullopt);
}

}  // namespace
}  // namespace sluice::controlplane
