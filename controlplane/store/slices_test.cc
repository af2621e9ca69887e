// Generations, absences and history hashes: what releases do to slices, and when absences end.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <set>

#include "common/wire/wire.h"
#include "controlplane/store/slice_source.h"
#include "controlplane/store/slices_fixture.h"

namespace sluice::controlplane {
namespace {

using absl::StatusCode;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

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

TEST_F(SlicesTest, ALostTopicThatIsGivenUpIsStatedUntilTheAgentHasAnother) {
  auto report = Applied(kAcmeSlice, 1, /*full=*/true);
  report.add_owned()->set_name(kAcmeTopic);
  report.mutable_owned(0)->set_topic_id("A");
  report.add_owned_subjects("s-value");
  ASSERT_TRUE(store.Report("eu-prod", report).ok());
  EXPECT_THAT(*store->OwnedSubjects("eu-prod"), ElementsAre("s-value"));
  auto give_up = [&](const std::string& id) {
    return store->Write([&](Transaction& transaction) -> absl::Status {
      auto released = transaction.GiveUp({{"eu-prod", kAcmeSlice, {kAcmeTopic, id, ""}}}, "C-2");
      if (!released.ok()) return released.status();
      return transaction.Audit({.actor = "a", .action = "change.released"});
    });
  };
  EXPECT_EQ(give_up("B").code(), StatusCode::kAborted) << "another topic is ours";
  EXPECT_EQ(store->Current()->revision, 1);
  ASSERT_TRUE(give_up("A").ok());
  store.Reopen();
  EXPECT_EQ(Row("eu-prod", kAcmeSlice)->generation, 2);
  EXPECT_EQ(Row("eu-prod", kBravoSlice)->generation, 1);
  ASSERT_EQ(Get("eu-prod", kAcmeSlice).absences_size(), 1);
  EXPECT_EQ(Get("eu-prod", kAcmeSlice).absences(0).lost_topic().topic_id(), "A");
  EXPECT_EQ(Get("eu-prod", kAcmeSlice).absences(0).change(), "C-2");
  CheckDigests();
  report = Applied(kAcmeSlice, 2);
  report.add_owned()->set_name(kAcmeTopic);
  report.mutable_owned(0)->set_topic_id("B");
  ASSERT_TRUE(store.Report("eu-prod", report).ok());
  EXPECT_EQ(Get("eu-prod", kAcmeSlice).absences_size(), 0);
  EXPECT_EQ(*store->OwnedTopicId("eu-prod", kAcmeTopic), "B");
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
  EXPECT_THAT(Actions(), ElementsAre("change.released", "change.released", "change.released", "slice.applied",
                                     "slice.applied", "absences.confirmed", "slice.applied"));
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
  EXPECT_EQ(since, (std::map<std::string, int64_t>{
                       {"User:mobile-eu", 3}, {"retention.ms", 4}, {"User:plan-eu", 5}}));
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
  EXPECT_EQ(Get("eu-prod", kAcmeSlice).absences_size(), 1)
      << "a late report of the first revocation says nothing of the second";
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
  EXPECT_EQ(store->SliceBytes(*store->Current(), "eu-prod", "application/mobile").status().code(),
            StatusCode::kNotFound);
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
  const std::vector<std::vector<core::Edit>> releases = {{Put(grant)},
                                                         {Delete(grant)},
                                                         {Put(grant)},
                                                         {Put(MakeCustomer("acme", {"eu", "us"}))},
                                                         {Delete(grant)},
                                                         {Put(MakeCustomer("cargo", {"us"}))},
                                                         {Delete(MakeProduct("f-and-r.forecast"))},
                                                         {Put(MakeProduct("f-and-r.forecast"))}};
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
  ASSERT_TRUE(store
                  ->Write([](Transaction& t) {
                    return t.connection()
                        .Execute("UPDATE slices SET digest = 'older' WHERE key = $1", {kAcmeSlice})
                        .status();
                  })
                  .ok());
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

// Whatever is released and confirmed, step by step: what is recorded is what a fresh start compiles, and no
// ACL that was ever approved and is no longer is forgotten before it was confirmed.
TEST_F(SlicesTest, StepByStepIsWhatAFreshStartCompiles) {
  std::mt19937 random(11);
  const auto some = [&](const char* prefix, int count) { return prefix + std::to_string(random() % count); };
  const auto edit = [&]() -> core::Edit {
    auto product = MakeProduct(some("f-and-r.p", 3));
    auto application = MakeApplication(some("app-", 3));
    auto customer = MakeCustomer(some("c", 3), {random() % 2 ? "eu" : "us"});
    auto access = MakeGrant(product.name, application.name);
    switch (random() % 9) {
      case 0:
        return Put(product);
      case 1:
        return Delete(product);
      case 2:
        product.versions[0].streams[0].config.clear();
        product.versions[0].streams[0].partitions = 1 + static_cast<int>(random() % 4);
        return Put(product);
      case 3:
        return Put(access);
      case 4:
        return Delete(access);
      case 5:
        application.groups.also = {"legacy"};
        if (random() % 2) application.principals.clear();
        return Put(application);
      case 6:
        return Put(customer);
      case 7:
        customer.presence[0].state = core::Life::kRetired;
        return Put(customer);
      default:
        return Delete(customer);
    }
  };
  std::set<std::string> revoked;  // ACLs that were approved on eu-prod and not confirmed gone
  sequence_ = 0;
  for (int step = 0; step < 150; ++step) {
    Must({edit()}, "C-" + std::to_string(step));
    if (random() % 10 == 0) {
      const auto rows = Rows("eu-prod");
      const SliceRow& row = rows[random() % rows.size()];
      if (!row.gone) {
        const auto slice = Get("eu-prod", row.key);
        for (const auto& absence : slice.absences()) revoked.erase(absence.acl().ShortDebugString());
        ASSERT_TRUE(store.Report("eu-prod", Applied(row.key, row.generation, sequence_ == 0)).ok());
        CheckDigests();
      }
    }
    std::set<std::string> present, absent;
    for (const SliceRow& row : Rows("eu-prod")) {
      if (row.gone) continue;
      const auto slice = Get("eu-prod", row.key);
      for (const auto& acl : slice.acls()) present.insert(acl.ShortDebugString());
      for (const auto& absence : slice.absences()) {
        if (absence.has_acl()) absent.insert(absence.acl().ShortDebugString());
      }
    }
    for (const std::string& acl : revoked) {
      EXPECT_TRUE(present.contains(acl) || absent.contains(acl)) << acl << " after step " << step;
    }
    for (const std::string& acl : absent)
      EXPECT_FALSE(present.contains(acl)) << acl << " after step " << step;
    revoked.insert(present.begin(), present.end());
  }
  const int64_t revision = store->Current()->revision;
  const auto totals = store->Current()->totals;
  store.Reopen();
  EXPECT_EQ(store->Current()->revision, revision) << "nothing compiled differently";
  for (const auto& [cluster, held] : totals) {
    EXPECT_EQ(store->Current()->totals.at(cluster).acls, held.acls) << cluster;
    EXPECT_EQ(store->Current()->totals.at(cluster).partitions, held.partitions) << cluster;
    EXPECT_EQ(store->Current()->totals.at(cluster).slices, held.slices) << cluster;
  }
}

// What slices of a product share is worked out once; nothing of one product, cluster or revision may show in
// another.
TEST_F(SlicesTest, ASourceGivesTheBytesOfEachSliceInAnyOrder) {
  std::vector<std::shared_ptr<const State>> states;
  core::Grant other = MakeGrant("f-and-r.other", "mobile");
  Must({Put(MakeProduct("f-and-r.other")), Put(other), Put(grant)});
  states.push_back(store->Current());
  Must({Delete(grant)}, "C-3");  // leaves absences
  states.push_back(store->Current());
  Must({Delete(other), Delete(MakeProduct("f-and-r.other"))}, "C-4");
  states.push_back(store->Current());
  std::vector<std::pair<std::string, std::string>> addresses = {{"eu-prod", "product/no/one"},
                                                                {"no", kAcmeSlice}};
  for (const std::string cluster : {"eu-prod", "us-prod"}) {
    for (const SliceRow& row : Rows(cluster)) addresses.emplace_back(cluster, row.key);
  }
  SliceSource source;
  std::mt19937 random(11);
  for (int i = 0; i < 2'000; ++i) {
    const State& state = *states[random() % states.size()];
    size_t at = random() % addresses.size();
    for (int run = static_cast<int>(random() % 4); run >= 0; --run, at = (at + 1) % addresses.size()) {
      const auto& [cluster, key] = addresses[at];
      const auto expected = store->SliceBytes(state, cluster, key);
      const auto got = source.Bytes(state, cluster, key);
      ASSERT_EQ(got.status().code(), expected.status().code()) << cluster << " " << key;
      if (expected.ok()) ASSERT_EQ(*got, *expected) << cluster << " " << key;
    }
  }
}

}  // namespace
}  // namespace sluice::controlplane
