// Generations, absences and history hashes: what releases do to slices, and what reports do.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/crypto/sha256.h"
#include "common/wire/wire.h"
#include "controlplane/store/testing.h"

namespace sluice::controlplane {
namespace {

using absl::StatusCode;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class SlicesTest : public testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(store.Release(World()).ok()); }

  void Must(const std::vector<core::Edit>& edits, const std::string& change = "C-2") {
    auto released = store.Release(edits, change);
    ASSERT_TRUE(released.ok()) << released.status();
    CheckDigests();
  }

  std::vector<SliceRow> Rows(const std::string& cluster) {
    auto rows = store->SlicesChangedSince(cluster, 0);
    EXPECT_TRUE(rows.ok()) << rows.status();
    return rows.value_or(std::vector<SliceRow>());
  }

  // Every recorded digest is the digest of what is served, and totals are what the slices hold.
  void CheckDigests() {
    const auto state = store->Current();
    for (const std::string cluster : {"eu-prod", "us-prod"}) {
      ClusterTotals sum;
      for (const SliceRow& row : Rows(cluster)) {
        auto bytes = store->SliceBytes(*state, cluster, row.key);
        ASSERT_EQ(bytes.ok(), !row.gone) << cluster << " " << row.key;
        if (row.gone) continue;
        EXPECT_EQ(Sha256Hex(*bytes), row.digest) << cluster << " " << row.key;
        sluice::v1::Slice slice;
        ASSERT_TRUE(slice.ParseFromString(*bytes));
        ++sum.slices;
        sum.topics += slice.topics_size();
        sum.acls += slice.acls_size();
        sum.subjects += slice.subjects_size();
      }
      const ClusterTotals totals = state->totals.at(cluster);
      EXPECT_EQ(totals.slices, sum.slices) << cluster;
      EXPECT_EQ(totals.topics, sum.topics) << cluster;
      EXPECT_EQ(totals.acls, sum.acls) << cluster;
      EXPECT_EQ(totals.subjects, sum.subjects) << cluster;
    }
  }

  sluice::v1::Slice Get(const std::string& cluster, const std::string& key) {
    sluice::v1::Slice slice;
    auto bytes = store->SliceBytes(*store->Current(), cluster, key);
    EXPECT_TRUE(bytes.ok()) << bytes.status();
    if (bytes.ok()) EXPECT_TRUE(slice.ParseFromString(*bytes));
    return slice;
  }

  std::optional<SliceRow> Row(const std::string& cluster, const std::string& key) {
    for (const SliceRow& row : Rows(cluster)) {
      if (row.key == key) return row;
    }
    return std::nullopt;
  }

  sluice::v1::ReportStatusRequest NewReport(bool full) {
    sluice::v1::ReportStatusRequest report;
    report.set_cluster("eu-prod");
    report.set_incarnation("i1");
    report.set_sequence(++sequence_);
    report.set_full(full);
    return report;
  }

  // The agent reports that it applied `slice`, and that its absences are gone.
  sluice::v1::ReportStatusRequest Applied(const std::string& key, int64_t generation, bool full = false) {
    auto report = NewReport(full);
    auto* slice = report.add_slices();
    slice->set_key(key);
    slice->set_generation(generation);
    slice->set_applied_generation(generation);
    slice->set_state(sluice::v1::SYNC_STATE_IN_SYNC);
    const auto held = Get("eu-prod", key);
    for (const auto& absence : held.absences()) *slice->add_gone() = absence;
    return report;
  }

  std::vector<std::string> Actions() {
    std::vector<std::string> actions;
    const auto entries = store->ReadAudit(1, {}, 1000);
    for (const auto& entry : *entries) actions.push_back(entry.action());
    return actions;
  }

  TestStore store;
  const core::Grant grant = MakeGrant("f-and-r.forecast", "mobile");
  int64_t sequence_ = 0;
};

TEST_F(SlicesTest, AReleaseChangesTheSlicesItTouchesOnly) {
  CheckDigests();
  EXPECT_EQ(Row("eu-prod", kAcmeSlice)->generation, 1);
  EXPECT_EQ(Row("us-prod", kAcmeSlice), std::nullopt) << "acme lives in eu only";
  auto only_acme = grant;
  only_acme.access[0].customers = {.all = false, .names = {"acme"}};
  auto released = store.Release({Put(only_acme)});
  ASSERT_TRUE(released.ok());
  EXPECT_EQ(released->revision, 2);
  ASSERT_THAT(released->slices, SizeIs(1));
  EXPECT_EQ(released->slices[0].key, kAcmeSlice);
  EXPECT_EQ(Row("eu-prod", kAcmeSlice)->generation, 2);
  EXPECT_EQ(Row("eu-prod", kBravoSlice)->generation, 1);
  CheckDigests();
}

TEST_F(SlicesTest, ARevokedGrantBecomesAnAbsenceUntilTheAgentReportsItGone) {
  Must({Put(grant)}, "C-2");
  const auto granted = Get("eu-prod", kAcmeSlice);
  ASSERT_EQ(granted.acls_size(), 1);
  Must({Delete(grant)}, "C-3");
  auto slice = Get("eu-prod", kAcmeSlice);
  EXPECT_EQ(slice.acls_size(), 0);
  ASSERT_EQ(slice.absences_size(), 1);
  EXPECT_EQ(slice.absences(0).acl().SerializeAsString(), granted.acls(0).SerializeAsString());
  EXPECT_EQ(slice.absences(0).since(), 3);
  EXPECT_EQ(slice.absences(0).change(), "C-3");

  auto early = Applied(kAcmeSlice, 2, /*full=*/true);
  ASSERT_TRUE(store.Report("eu-prod", early).ok());
  EXPECT_EQ(Get("eu-prod", kAcmeSlice).absences_size(), 1) << "it was looked at before the revocation";

  ASSERT_TRUE(store.Report("eu-prod", Applied(kAcmeSlice, 3)).ok());
  EXPECT_EQ(Get("eu-prod", kAcmeSlice).absences_size(), 0);
  EXPECT_EQ(Row("eu-prod", kAcmeSlice)->generation, 4) << "forgetting changes the slice";
  EXPECT_EQ(store->Current()->revision, 4);
  CheckDigests();

  // It converges: the report of the cleaned slice changes nothing more.
  ASSERT_TRUE(store.Report("eu-prod", Applied(kAcmeSlice, 4)).ok());
  EXPECT_EQ(store->Current()->revision, 4);
  EXPECT_THAT(Actions(), ElementsAre("change.released", "change.released", "change.released", "slice.applied", "slice.applied",
                                     "absences.confirmed", "slice.applied"));
}

TEST_F(SlicesTest, AnAgentThatSleptThroughFiveReleasesLearnsWhatTheyRevoked) {
  const auto second = MakeGrant("f-and-r.forecast", "plan");
  Must({Put(grant), Put(second)}, "C-2");
  const auto acls = Get("eu-prod", kAcmeSlice);
  ASSERT_EQ(acls.acls_size(), 2);
  Must({Delete(grant)}, "C-3");
  auto product = MakeProduct("f-and-r.forecast");
  product.versions[0].streams[0].config.clear();
  Must({Put(product)}, "C-4");
  Must({Delete(second)}, "C-5");
  Must({Put(MakeApplication("other"))}, "C-6");
  product.title = "Renamed";
  Must({Put(product)}, "C-7");
  const auto slice = Get("eu-prod", kAcmeSlice);
  ASSERT_EQ(slice.absences_size(), 3);
  std::map<std::string, int64_t> since;
  for (const auto& absence : slice.absences()) {
    since[absence.has_config() ? absence.config().key() : absence.acl().principal()] = absence.since();
  }
  EXPECT_EQ(since, (std::map<std::string, int64_t>{{"User:mobile-eu", 3}, {"retention.ms", 4}, {"User:plan-eu", 5}}));
  EXPECT_EQ(Row("eu-prod", kAcmeSlice)->generation, 5);
  store.Reopen();
  EXPECT_EQ(wire::Serialize(Get("eu-prod", kAcmeSlice)), wire::Serialize(slice));
}

TEST_F(SlicesTest, PresenceEndsAnAbsence) {
  Must({Put(grant)});
  Must({Delete(grant)});
  ASSERT_EQ(Get("eu-prod", kAcmeSlice).absences_size(), 1);
  Must({Put(grant)});
  EXPECT_EQ(Get("eu-prod", kAcmeSlice).absences_size(), 0);
  EXPECT_EQ(Get("eu-prod", kAcmeSlice).acls_size(), 1);
  Must({Delete(grant)});
  auto late = Applied(kAcmeSlice, 3, /*full=*/true);
  ASSERT_TRUE(store.Report("eu-prod", late).ok());
  EXPECT_EQ(Get("eu-prod", kAcmeSlice).absences_size(), 1) << "a late report of the first revocation says nothing of the second";
}

TEST_F(SlicesTest, PresenceInAnotherSliceEndsAnAbsenceToo) {
  // Both commit as the same group; the principal moves from plan to mobile.
  auto plan = MakeApplication("plan");
  auto mobile = MakeApplication("mobile");
  plan.groups.also = mobile.groups.also = {"legacy"};
  Must({Put(plan), Put(mobile)});
  mobile.principals = {};
  Must({Put(mobile)});
  ASSERT_FALSE(Get("eu-prod", "application/mobile").absences().empty());
  ASSERT_EQ(Get("eu-prod", "application/mobile").acls_size(), 0);
  plan.principals.push_back({"eu-prod", "mobile-eu"});
  Must({Put(plan)});
  const auto slice = Get("eu-prod", "application/mobile");
  for (const auto& absence : slice.absences()) {
    EXPECT_NE(absence.acl().resource(), "legacy") << "plan's slice names it now";
  }
}

TEST_F(SlicesTest, AnAclThatMovesInOneChangeIsNoAbsence) {
  auto plan = MakeApplication("plan");
  auto mobile = MakeApplication("mobile");
  plan.groups.also = mobile.groups.also = {"legacy"};
  Must({Put(plan), Put(mobile)});
  mobile.principals = {};
  plan.principals.push_back({"eu-prod", "mobile-eu"});
  Must({Put(plan), Put(mobile)});
  const auto slice = Get("eu-prod", "application/mobile");
  for (const auto& absence : slice.absences()) EXPECT_NE(absence.acl().resource(), "legacy");
}

TEST_F(SlicesTest, ASliceWithoutContentLivesUntilItsAbsencesAreGone) {
  auto mobile = MakeApplication("mobile");
  mobile.principals = {};
  Must({Put(mobile)});
  auto row = Row("eu-prod", "application/mobile");
  ASSERT_TRUE(row);
  EXPECT_FALSE(row->gone);
  ASSERT_TRUE(store.Report("eu-prod", Applied("application/mobile", row->generation, true)).ok());
  row = Row("eu-prod", "application/mobile");
  EXPECT_TRUE(row->gone);
  EXPECT_EQ(row->generation, 3);
  CheckDigests();
  EXPECT_EQ(store->SliceBytes(*store->Current(), "eu-prod", "application/mobile").status().code(), StatusCode::kNotFound);
  Must({Put(MakeApplication("mobile"))});
  EXPECT_FALSE(Row("eu-prod", "application/mobile")->gone);
}

TEST_F(SlicesTest, ARemovedProductNeverSaysThatItsTopicsGo) {
  Must({Put(grant)});
  Must({Delete(grant), Delete(MakeProduct("f-and-r.forecast"))});
  const auto slice = Get("eu-prod", kAcmeSlice);
  EXPECT_EQ(slice.topics_size(), 0);
  ASSERT_EQ(slice.absences_size(), 1) << "the grant only: neither topic nor configs";
  EXPECT_TRUE(slice.absences(0).has_acl());
  EXPECT_EQ(store->Current()->catalog.releases.entries().size(), 0u);
}

TEST_F(SlicesTest, GenerationsNeverFall) {
  std::map<std::string, int64_t> last;
  const std::vector<std::vector<core::Edit>> releases = {
      {Put(grant)}, {Delete(grant)}, {Put(grant)}, {Put(MakeCustomer("acme", {"eu", "us"}))}, {Delete(grant)},
      {Put(MakeCustomer("cargo", {"us"}))}, {Delete(MakeProduct("f-and-r.forecast"))}, {Put(MakeProduct("f-and-r.forecast"))}};
  for (const auto& edits : releases) {
    Must(edits);
    for (const std::string cluster : {"eu-prod", "us-prod"}) {
      for (const SliceRow& row : Rows(cluster)) {
        int64_t& generation = last[cluster + row.key];
        EXPECT_GE(row.generation, generation);
        EXPECT_LE(row.generation, store->Current()->revision);
        generation = row.generation;
      }
    }
  }
}

TEST_F(SlicesTest, HistoryHashesFollowTheirOwnCluster) {
  const std::string eu = *store->HistoryHash("eu-prod", 1), us = *store->HistoryHash("us-prod", 1);
  EXPECT_EQ(eu.size(), 64u);
  EXPECT_NE(eu, us);
  EXPECT_EQ(*store->HistoryHash("eu-prod", 0), "");
  auto only_acme = grant;
  only_acme.access[0].customers = {.all = false, .names = {"acme"}};
  Must({Put(only_acme)});
  EXPECT_NE(*store->HistoryHash("eu-prod", 2), eu);
  EXPECT_EQ(*store->HistoryHash("us-prod", 2), us) << "nothing changed there";
  EXPECT_EQ(*store->HistoryHash("eu-prod", 1), eu) << "the past stays";
}

TEST_F(SlicesTest, AVersionThatCompilesDifferentlyGetsARevisionOfItsOwn) {
  const std::string digest = Row("eu-prod", kAcmeSlice)->digest;
  ASSERT_TRUE(store->Write([](Transaction& t) {
    return t.connection().Execute("UPDATE slices SET digest = 'older' WHERE key = $1", {kAcmeSlice}).status();
  }).ok());
  store.Reopen();
  EXPECT_EQ(store->Current()->revision, 2);
  EXPECT_EQ(Row("eu-prod", kAcmeSlice)->generation, 2);
  EXPECT_EQ(Row("eu-prod", kAcmeSlice)->digest, digest);
  EXPECT_EQ(Row("eu-prod", kBravoSlice)->generation, 1);
  EXPECT_EQ(Actions().back(), "slices.recompiled");
  store.Reopen();
  EXPECT_EQ(store->Current()->revision, 2) << "once";
}

TEST_F(SlicesTest, SlicesAreReadInPages) {
  std::vector<std::string> keys;
  int64_t generation = 0;
  std::string key;
  for (;;) {
    auto rows = store->SlicesChangedSince("eu-prod", generation, key, 1);
    ASSERT_TRUE(rows.ok());
    if (rows->empty()) break;
    generation = rows->front().generation;
    key = rows->front().key;
    keys.push_back(key);
  }
  EXPECT_THAT(keys, ElementsAre("application/mobile", "application/plan", kAcmeSlice, kBravoSlice));
  EXPECT_THAT(*store->SlicesChangedSince("eu-prod", 1), IsEmpty());
}

TEST_F(SlicesTest, ReportsAreNumberedWithoutGaps) {
  EXPECT_EQ(store.Report("eu-prod", Applied(kAcmeSlice, 1)).code(), StatusCode::kFailedPrecondition) << "not known yet";
  sequence_ = 0;
  ASSERT_TRUE(store.Report("eu-prod", Applied(kAcmeSlice, 1, true)).ok());
  auto second = Applied(kBravoSlice, 1);
  ASSERT_TRUE(store.Report("eu-prod", second).ok());
  const int64_t entries = store->LastAuditSeq();
  ASSERT_TRUE(store.Report("eu-prod", second).ok()) << "a repetition";
  EXPECT_EQ(store->LastAuditSeq(), entries);
  ++sequence_;
  EXPECT_EQ(store.Report("eu-prod", Applied(kBravoSlice, 1)).code(), StatusCode::kFailedPrecondition) << "one was skipped";
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
  for (const auto& observation : *observations) reported[observation.slice.key] = observation.report.has_value();
  EXPECT_EQ(reported, (std::map<std::string, bool>{{kAcmeSlice, true}, {kBravoSlice, false}}));
  EXPECT_EQ((*store->SyncCounts())["eu-prod"], (std::pair<int64_t, int64_t>(4, 1)));
  EXPECT_THAT(*store->OwnedTopics("eu-prod"), SizeIs(1)) << "what was created stays known: it recovers a lost disk";
  Must({Put(grant)});
  EXPECT_EQ((*store->SyncCounts())["eu-prod"], (std::pair<int64_t, int64_t>(4, 0))) << "approved, not yet applied";
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
  ASSERT_TRUE(store.Report("eu-prod", Applied(kAcmeSlice, 99)).ok()) << "a generation that this store never had";
  EXPECT_THAT(Actions(), ElementsAre("change.released", "slice.applied", "drift.detected"));
  auto page = store->ListAudit([] {
    sluice::v1::AuditFilter filter;
    filter.set_resource("dataproduct/f-and-r.forecast");
    filter.set_cluster("eu-prod");
    return filter;
  }(), "", 10);
  ASSERT_TRUE(page.ok());
  ASSERT_THAT(page->entries, SizeIs(2));
  EXPECT_EQ(page->entries[0].message(), "eu-prod: config retention.ms of topic t was 1, should be 2; healed");
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

}  // namespace
}  // namespace sluice::controlplane
