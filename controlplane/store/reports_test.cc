// What agents report: numbers, epochs, what is audited and what is kept.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "controlplane/store/slices_fixture.h"

namespace sluice::controlplane {
namespace {

using absl::StatusCode;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

TEST_F(SlicesTest, ReportsAreNumberedWithoutGaps) {
  EXPECT_EQ(store.Report("eu-prod", Applied(kAcmeSlice, 1)).code(), StatusCode::kFailedPrecondition)
      << "not known yet";
  sequence_ = 0;
  ASSERT_TRUE(store.Report("eu-prod", Applied(kAcmeSlice, 1, true)).ok());
  auto second = Applied(kBravoSlice, 1);
  ASSERT_TRUE(store.Report("eu-prod", second).ok());
  const int64_t entries = store->LastAuditSeq();
  ASSERT_TRUE(store.Report("eu-prod", second).ok()) << "a repetition";
  EXPECT_EQ(store->LastAuditSeq(), entries);
  ++sequence_;
  EXPECT_EQ(store.Report("eu-prod", Applied(kBravoSlice, 1)).code(), StatusCode::kFailedPrecondition)
      << "one was skipped";
  auto other = Applied(kBravoSlice, 1);
  other.set_incarnation("i2");
  other.set_sequence(1);
  EXPECT_EQ(store.Report("eu-prod", other).code(), StatusCode::kFailedPrecondition);
  other.set_full(true);
  EXPECT_TRUE(store.Report("eu-prod", other).ok());
  EXPECT_EQ((*store->GetAgent("eu-prod"))->incarnation, "i2");
  EXPECT_EQ((*store->GetAgent("us-prod")), std::nullopt);
}

TEST_F(SlicesTest, AFullReportReplacesWhatWasKnown) {
  auto first = Applied(kAcmeSlice, 1, true);
  *first.add_slices() = Applied(kBravoSlice, 1).slices(0);
  first.set_sequence(1);
  auto* owned = first.add_owned();
  owned->set_name("t1");
  owned->set_topic_id("id1");
  ASSERT_TRUE(store.Report("eu-prod", first).ok());
  EXPECT_EQ((*store->SyncCounts())["eu-prod"], (std::pair<int64_t, int64_t>(4, 2)));
  sequence_ = 1;
  ASSERT_TRUE(store.Report("eu-prod", Applied(kAcmeSlice, 1, true)).ok());
  std::map<std::string, bool> reported;
  const auto observations = store->ListSlices("eu-prod", "product/");
  for (const auto& observation : *observations)
    reported[observation.slice.key] = observation.report.has_value();
  EXPECT_EQ(reported, (std::map<std::string, bool>{{kAcmeSlice, true}, {kBravoSlice, false}}));
  EXPECT_EQ((*store->SyncCounts())["eu-prod"], (std::pair<int64_t, int64_t>(4, 1)));
  EXPECT_THAT(*store->OwnedTopics("eu-prod"), SizeIs(1))
      << "what was created stays known: it recovers a lost disk";
  Must({Put(grant)});
  EXPECT_EQ((*store->SyncCounts())["eu-prod"], (std::pair<int64_t, int64_t>(4, 0)))
      << "approved, not yet applied";
}

TEST_F(SlicesTest, AnIntentNeverReplacesAKnownTopicId) {
  auto report = NewReport(true);
  auto* owned = report.add_owned();
  owned->set_name("t");
  ASSERT_TRUE(store.Report("eu-prod", report).ok());
  report.set_sequence(2);
  report.set_full(false);
  owned->set_topic_id("id");
  ASSERT_TRUE(store.Report("eu-prod", report).ok());
  report.set_sequence(3);
  owned->set_topic_id("");
  ASSERT_TRUE(store.Report("eu-prod", report).ok());
  ASSERT_THAT(*store->OwnedTopics("eu-prod"), SizeIs(1));
  EXPECT_EQ(store->OwnedTopics("eu-prod")->front().topic_id(), "id");
}

TEST_F(SlicesTest, GenerationsAppliedAndDriftAreAuditedReportsAreNot) {
  ASSERT_TRUE(store.Report("eu-prod", Applied(kAcmeSlice, 1, true)).ok());
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(store.Report("eu-prod", Applied(kAcmeSlice, 1)).ok());
  auto drift = NewReport(false);
  auto* event = drift.add_drift();
  event->set_slice(kAcmeSlice);
  event->set_resource("config retention.ms of topic t");
  event->set_observed("1");
  event->set_desired("2");
  event->set_reaction("healed");
  ASSERT_TRUE(store.Report("eu-prod", drift).ok());
  ASSERT_TRUE(store.Report("eu-prod", Applied(kAcmeSlice, 99)).ok())
      << "a generation that this store never had";
  EXPECT_THAT(Actions(), ElementsAre("change.released", "slice.applied", "drift.detected"));
  auto page = store->ListAudit(
      [] {
        sluice::v1::AuditFilter filter;
        filter.set_resource("dataproduct/f-and-r.forecast");
        filter.set_cluster("eu-prod");
        return filter;
      }(),
      "", 10);
  ASSERT_TRUE(page.ok());
  ASSERT_THAT(page->entries, SizeIs(2));
  EXPECT_EQ(page->entries[0].message(), "config retention.ms of topic t was 1, should be 2; healed");
  EXPECT_EQ(page->entries[1].change(), "C-1");
}

TEST_F(SlicesTest, ForeignResourcesStayUntilObservedAgain) {
  auto report = NewReport(true);
  report.add_foreign("topic x");
  report.set_foreign_observed(true);
  report.add_conditions()->set_type("KafkaReachable");
  report.set_revision(1);
  ASSERT_TRUE(store.Report("eu-prod", report).ok());
  ASSERT_TRUE(store->Write([](Transaction& t) { return t.RecordStream("eu-prod", "1.2"); }).ok());
  ASSERT_TRUE(store.Report("eu-prod", NewReport(false)).ok());
  auto agent = *store->GetAgent("eu-prod");
  ASSERT_TRUE(agent);
  EXPECT_THAT(agent->foreign, ElementsAre("topic x"));
  EXPECT_THAT(agent->conditions, IsEmpty()) << "replaced by each report";
  EXPECT_EQ(agent->version, "1.2");
  EXPECT_EQ(agent->sequence, 2);
}

TEST_F(SlicesTest, OversizedReportsAreRefused) {
  auto report = NewReport(true);
  for (int i = 0; i < 501; ++i) report.add_slices()->set_key("k" + std::to_string(i));
  EXPECT_EQ(store.Report("eu-prod", report).code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(*store->GetAgent("eu-prod"), std::nullopt);
}

TEST_F(SlicesTest, TheAuditLogKeepsOnlySoMuchOfWhatAnAgentSays) {
  auto report = NewReport(true);
  std::string text;
  while (text.size() < 100'000) text += "ä";
  report.add_drift()->set_observed(text);
  ASSERT_TRUE(store.Report("eu-prod", report).ok());
  auto page = store->ListAudit({}, "", 1);
  ASSERT_TRUE(page.ok()) << page.status();
  EXPECT_LT(page->entries[0].body().size(), 4'000u);
  EXPECT_EQ(page->entries[0].body().find("\xef\xbf\xbd"), std::string::npos) << "cut between characters";
  auto owned = NewReport(false);
  owned.add_owned()->set_name(std::string(250, 'x'));
  EXPECT_EQ(store.Report("eu-prod", owned).code(), StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace sluice::controlplane
