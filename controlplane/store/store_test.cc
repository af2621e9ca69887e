// What the store promises: durable, one audit entry for each mutation, nothing of what failed.
#include "controlplane/store/store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <latch>
#include <thread>

#include "common/wire/wire.h"
#include "controlplane/store/testing.h"

namespace sluice::controlplane {
namespace {

using absl::StatusCode;
using testing::ElementsAre;
using testing::HasSubstr;

AuditDraft Entry(const std::string& action) { return {.actor = "system", .action = action}; }

// Everything that a State holds, as text.
std::string Dump(const State& state) {
  std::string text = "revision " + std::to_string(state.revision) + "\n";
  const auto table = [&]<typename T>(const core::Table<T>& entries) {
    for (const auto& entry : entries.entries()) {
      text += entry.name + "@" + std::to_string(entry.revision) + " " +
              wire::ToProto(core::Definition(*entry.value)).ShortDebugString() + "\n";
    }
  };
  table(state.catalog.environments);
  table(state.catalog.categories);
  table(state.catalog.domains);
  table(state.catalog.customers);
  table(state.catalog.applications);
  table(state.catalog.clusters);
  table(state.catalog.products);
  table(state.catalog.grants);
  table(state.catalog.releases);
  for (const auto& [cluster, totals] : state.totals) {
    text += cluster + " " + std::to_string(totals.slices) + " " + std::to_string(totals.topics) + " " +
            std::to_string(totals.partitions) + " " + std::to_string(totals.acls) + " " +
            std::to_string(totals.subjects) + "\n";
  }
  for (const auto& entry : state.absences.entries()) {
    text += entry.name;
    for (const auto& absence : *entry.value) text += " " + wire::ToProto(absence).ShortDebugString();
    text += "\n";
  }
  return text;
}

int64_t AuditCount(Store& store) {
  auto entries = store.ReadAudit(1, {}, 1'000'000);
  EXPECT_TRUE(entries.ok()) << entries.status();
  int64_t seq = 0;
  for (const auto& entry : *entries) EXPECT_EQ(entry.seq(), ++seq) << "without gaps";
  return seq;
}

TEST(Store, StartsEmpty) {
  TestStore store;
  EXPECT_EQ(store->Current()->revision, 0);
  EXPECT_EQ(store->LastAuditSeq(), 0);
  EXPECT_EQ(AuditCount(*store), 0);
  EXPECT_EQ(store->GetDefinition(core::Kind::kDomain, "x").status().code(), StatusCode::kNotFound);
  EXPECT_EQ(store->GetChange(1).status().code(), StatusCode::kNotFound);
}

TEST(Store, ReopeningGivesWhatWasCommitted) {
  TestStore store;
  ASSERT_TRUE(store.Release(World()).ok());
  ASSERT_TRUE(store.Release({Put(MakeGrant("f-and-r.forecast", "mobile"))}).ok());
  auto product = MakeProduct("f-and-r.forecast");
  product.versions[0].streams[0].config.clear();
  ASSERT_TRUE(store.Release({Put(product)}).ok());
  ASSERT_TRUE(store.Release({Delete(MakeGrant("f-and-r.forecast", "mobile"))}).ok());
  const std::string before = Dump(*store->Current());
  EXPECT_THAT(before, HasSubstr("revision 4"));
  EXPECT_THAT(before, HasSubstr("eu-prod product/f-and-r.forecast/acme acl"))
      << "the absences are part of it";
  auto audit = store->ListAudit({}, "", 100);
  store.Reopen();
  EXPECT_EQ(Dump(*store->Current()), before);
  auto again = store->ListAudit({}, "", 100);
  ASSERT_TRUE(audit.ok() && again.ok());
  ASSERT_EQ(again->entries.size(), audit->entries.size());
  for (size_t i = 0; i < audit->entries.size(); ++i)
    EXPECT_EQ(again->entries[i].body(), audit->entries[i].body());
  EXPECT_EQ(store->LastAuditSeq(), 4);
}

TEST(Store, DefinitionsCarryTheirMetaAndLeaveTombstones) {
  TestStore store;
  ASSERT_TRUE(store.Release(World(), "C-1").ok());
  store.clock.Advance(std::chrono::seconds(60));
  auto domain = core::Domain{.name = "f-and-r", .title = "New", .owners = {"group:fr-leads"}};
  ASSERT_TRUE(store.Release({Put(domain)}, "C-2").ok());
  auto resource = store->GetDefinition(core::Kind::kDomain, "f-and-r");
  ASSERT_TRUE(resource.ok()) << resource.status();
  EXPECT_EQ(resource->domain().title(), "New");
  EXPECT_EQ(resource->domain().etag(), "2");
  EXPECT_EQ(resource->domain().meta().revision(), 2);
  EXPECT_EQ(resource->domain().meta().change(), "C-2");
  EXPECT_EQ(
      resource->domain().meta().update_time().seconds() - resource->domain().meta().create_time().seconds(),
      60);
  ASSERT_TRUE(store
                  .Release({Delete(MakeGrant("f-and-r.forecast", "mobile")),
                            Delete(core::Category{.name = "forecast", .title = {}})})
                  .ok());
  EXPECT_EQ(store->GetDefinition(core::Kind::kCategory, "forecast").status().code(), StatusCode::kNotFound);
  auto customers = store->ListDefinitions(core::Kind::kCustomer, "", 1);
  ASSERT_TRUE(customers.ok());
  ASSERT_EQ(customers->size(), 1u);
  EXPECT_EQ(wire::NameOf(customers->front()), "acme");
  customers = store->ListDefinitions(core::Kind::kCustomer, "acme", 10);
  ASSERT_TRUE(customers.ok());
  ASSERT_EQ(customers->size(), 1u);
  EXPECT_EQ(wire::NameOf(customers->front()), "bravo");
}

TEST(Store, NoChangeWithoutAnAuditEntry) {
  TestStore store;
  const auto edits = World();
  std::vector<sluice::v1::Resource> resources;
  for (const auto& edit : edits) resources.push_back(wire::ToProto(edit.definition));
  const auto status =
      store->Write([&](Transaction& t) { return t.Release(edits, resources, "C-1").status(); });
  EXPECT_EQ(status.code(), StatusCode::kInternal);
  EXPECT_EQ(store->Current()->revision, 0);
  EXPECT_EQ(store->GetDefinition(core::Kind::kDomain, "f-and-r").status().code(), StatusCode::kNotFound);
}

TEST(Store, AFailedCommandLeavesNothing) {
  TestStore store;
  ASSERT_TRUE(store.Release(World()).ok());
  const std::string before = Dump(*store->Current());
  const auto status = store->Write([&](Transaction& t) -> absl::Status {
    EXPECT_TRUE(t.NextChangeId().ok());
    EXPECT_TRUE(t.ActorId("issuer", "ann", "Ann").ok());
    EXPECT_TRUE(t.Audit(Entry("change.proposed")).ok());
    const std::vector<core::Edit> edits = {Put(MakeGrant("f-and-r.forecast", "mobile"))};
    EXPECT_TRUE(t.Release(edits, {wire::ToProto(edits[0].definition)}, "C-9").ok());
    EXPECT_EQ(t.state().revision, 2);
    return absl::AbortedError("no");
  });
  EXPECT_EQ(status.code(), StatusCode::kAborted);
  EXPECT_EQ(status.message(), "no");
  EXPECT_EQ(Dump(*store->Current()), before);
  EXPECT_EQ(AuditCount(*store), 1);
  EXPECT_EQ(*store->FindActor("issuer", "ann"), "");
  int64_t id = 0;
  ASSERT_TRUE(store
                  ->Write([&](Transaction& t) {
                    id = *t.NextChangeId();
                    return absl::OkStatus();
                  })
                  .ok());
  EXPECT_EQ(id, 1) << "numbers have no gaps";
  ASSERT_TRUE(store.Release({Put(MakeGrant("f-and-r.forecast", "mobile"))}).ok());
  EXPECT_EQ(AuditCount(*store), 2);
}

TEST(Store, AFailedCommitIsNobodysSuccess) {
  TestStore store;
  ASSERT_TRUE(store.Release(World()).ok());
  const std::string before = Dump(*store->Current());
  store.faults.commits_fail = true;
  auto released = store.Release({Put(MakeGrant("f-and-r.forecast", "mobile"))});
  EXPECT_EQ(released.status().code(), StatusCode::kUnavailable);
  EXPECT_FALSE(store->Health().ok());
  EXPECT_EQ(store->Write([](Transaction&) { return absl::AbortedError("own reason"); }).code(),
            StatusCode::kAborted);
  EXPECT_EQ(Dump(*store->Current()), before);
  store.faults.commits_fail = false;
  EXPECT_EQ(AuditCount(*store), 1);
  ASSERT_TRUE(store.Release({Put(MakeGrant("f-and-r.forecast", "mobile"))}).ok());
  EXPECT_TRUE(store->Health().ok());
  EXPECT_EQ(store->Current()->revision, 2);
  EXPECT_EQ(AuditCount(*store), 2);
  const std::string after = Dump(*store->Current());
  store.Reopen();
  EXPECT_EQ(Dump(*store->Current()), after);
}

TEST(Store, AFullDiskIsSaidAndLeavesNothing) {
  TestStore store;
  ASSERT_TRUE(store.Release(World()).ok());
  const std::string before = Dump(*store->Current());
  const auto limit = [&](int64_t pages) {
    return store->Write([&](Transaction& t) {
      return t.connection().Query("PRAGMA max_page_count=" + std::to_string(pages)).status();
    });
  };
  ASSERT_TRUE(limit(1).ok()) << "no less than there are";
  auto large = MakeProduct("f-and-r.large");
  large.description = std::string(1 << 20, 'x');
  EXPECT_EQ(store.Release({Put(large)}).status().code(), StatusCode::kResourceExhausted);
  EXPECT_EQ(Dump(*store->Current()), before);
  EXPECT_EQ(store->GetDefinition(core::Kind::kDataProduct, "f-and-r.large").status().code(),
            StatusCode::kNotFound);
  ASSERT_TRUE(limit(1'000'000).ok());
  ASSERT_TRUE(store.Release({Put(large)}).ok()) << "goes on once there is room";
  EXPECT_TRUE(store->Health().ok());
  EXPECT_EQ(AuditCount(*store), 2);
}

TEST(Store, ARequestIdStandsForOnePayloadForSevenDays) {
  TestStore store;
  const auto recall = [&](const std::string& actor, const std::string& id, const std::string& payload) {
    absl::StatusOr<std::optional<std::string>> result;
    EXPECT_TRUE(store
                    ->Write([&](Transaction& t) {
                      result = t.RecallRequest(actor, "Propose", id, payload);
                      return absl::OkStatus();
                    })
                    .ok());
    return result;
  };
  EXPECT_EQ(recall("ann", "r1", "p1")->has_value(), false);
  ASSERT_TRUE(
      store->Write([](Transaction& t) { return t.RememberRequest("ann", "Propose", "r1", "p1", "answer"); })
          .ok());
  EXPECT_EQ(recall("ann", "r1", "p1")->value(), "answer");
  EXPECT_EQ(recall("ann", "r1", "p2").status().code(), StatusCode::kAlreadyExists);
  EXPECT_EQ(recall("bob", "r1", "p2")->has_value(), false) << "another principal";
  store.Reopen();
  store.clock.Advance(std::chrono::hours(7 * 24) - std::chrono::microseconds(1));
  EXPECT_EQ(recall("ann", "r1", "p1")->value(), "answer");
  store.clock.Advance(std::chrono::microseconds(1));
  EXPECT_EQ(recall("ann", "r1", "p2")->has_value(), false);
  ASSERT_TRUE(
      store->Write([](Transaction& t) { return t.RememberRequest("ann", "Propose", "r1", "p2", "other"); })
          .ok());
  EXPECT_EQ(recall("ann", "r1", "p2")->value(), "other");
}

TEST(Store, ActorsAreOpaqueAndStable) {
  TestStore store;
  std::string first, again, other;
  ASSERT_TRUE(store
                  ->Write([&](Transaction& t) {
                    first = *t.ActorId("issuer", "ann", "Ann");
                    again = *t.ActorId("issuer", "ann", "Ann Smith");
                    other = *t.ActorId("other issuer", "ann", "Ann");
                    return absl::OkStatus();
                  })
                  .ok());
  EXPECT_EQ(first, again);
  EXPECT_NE(first, other);
  EXPECT_EQ(first.find("ann"), std::string::npos);
  EXPECT_EQ(*store->ActorName(first), "Ann Smith");
  EXPECT_EQ(*store->ActorName("agent:eu-prod"), "agent:eu-prod");
  EXPECT_EQ(*store->FindActor("issuer", "ann"), first);
}

StoredChange WaitingChange(int64_t id, const std::string& author, const core::Definition& definition) {
  sluice::internal::v1::ChangeContent content;
  *content.add_edits()->mutable_resource() = wire::ToProto(definition);
  StoredChange change;
  change.id = id;
  change.content = wire::Serialize(content);
  change.digest = "d" + std::to_string(id);
  change.record.mutable_author()->set_id(author);
  change.create_time_us = change.update_time_us = id;
  return change;
}

TEST(Store, ChangesAreListedAndFoundByWhatTheyEdit) {
  TestStore store;
  const auto mobile = MakeApplication("mobile");
  const auto plan = MakeApplication("plan");
  ASSERT_TRUE(store
                  ->Write([&](Transaction& t) -> absl::Status {
                    for (const auto& [author, definition] :
                         std::vector<std::pair<std::string, core::Definition>>{
                             {"ann", mobile}, {"bob", mobile}, {"ann", plan}}) {
                      auto id = t.NextChangeId();
                      if (auto status = t.PutChange(WaitingChange(*id, author, definition)); !status.ok())
                        return status;
                    }
                    return t.Audit(Entry("change.proposed"));
                  })
                  .ok());
  const auto waiting = [&](const std::vector<std::string>& resources, int64_t except) {
    std::vector<int64_t> ids;
    EXPECT_TRUE(store
                    ->Write([&](Transaction& t) {
                      ids = *t.WaitingChangesOf(resources, except);
                      return absl::OkStatus();
                    })
                    .ok());
    return ids;
  };
  EXPECT_THAT(waiting({"application/mobile"}, 0), ElementsAre(1, 2));
  EXPECT_THAT(waiting({"application/mobile", "application/plan"}, 1), ElementsAre(2, 3));
  ASSERT_TRUE(store
                  ->Write([&](Transaction& t) -> absl::Status {
                    auto change = t.GetChange(1);
                    change->state = sluice::v1::Change::STATE_RELEASED;
                    change->release_revision = 7;
                    if (auto status = t.PutChange(*change); !status.ok()) return status;
                    return t.Audit(Entry("change.released"));
                  })
                  .ok());
  EXPECT_THAT(waiting({"application/mobile"}, 0), ElementsAre(2));
  const auto ids = [](const ChangePage& page) {
    std::vector<int64_t> result;
    for (const auto& change : page.changes) result.push_back(change.id);
    return result;
  };
  auto page = store->ListChanges({}, 0, 2);
  ASSERT_TRUE(page.ok()) << page.status();
  EXPECT_THAT(ids(*page), ElementsAre(3, 2));
  EXPECT_EQ(page->next_before_id, 2);
  page = store->ListChanges({}, page->next_before_id, 2);
  EXPECT_THAT(ids(*page), ElementsAre(1));
  EXPECT_EQ(page->next_before_id, 0);
  const ChangeFilter of_ann{.state = sluice::v1::Change::STATE_WAITING, .author = "ann", .resource = ""};
  EXPECT_THAT(ids(*store->ListChanges(of_ann, 0, 10)), ElementsAre(3));
  const auto of = [&](const std::string& resource) {
    return ids(*store->ListChanges({.state = std::nullopt, .author = "", .resource = resource}, 0, 10));
  };
  EXPECT_THAT(of("application/mobile"), ElementsAre(2)) << "a released one waits no more";
  EXPECT_THAT(of("application/plan"), ElementsAre(3));
  EXPECT_THAT(of("application/other"), ElementsAre());
  EXPECT_EQ(store->GetChange(1)->release_revision, 7);
  EXPECT_EQ(store->GetChange(3)->record.author().id(), "ann");
}

TEST(Store, ManyThreadsWriteInOneOrder) {
  TestStore store;
  ASSERT_TRUE(store.Release(World()).ok());
  constexpr int kThreads = 8, kWrites = 25;
  std::vector<std::thread> threads;
  std::latch start(kThreads);
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&, i] {
      start.arrive_and_wait();
      for (int j = 0; j < kWrites; ++j) {
        const std::string name = "app-" + std::to_string(i) + "-" + std::to_string(j);
        auto application = MakeApplication(name);
        EXPECT_TRUE(store.Release({Put(application)}, name).ok());
        EXPECT_NE(store->Current()->catalog.applications.Find(name), nullptr)
            << "an answered write is visible";
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(store->Current()->revision, 1 + kThreads * kWrites);
  EXPECT_EQ(AuditCount(*store), 1 + kThreads * kWrites);
  const std::string before = Dump(*store->Current());
  store.Reopen();
  EXPECT_EQ(Dump(*store->Current()), before);
}

TEST(Store, WakesAfterEachCommitUntilTheHandleIsGone) {
  TestStore store;
  std::atomic<int> wakes = 0;
  auto handle = store->OnCommit([&] { ++wakes; });
  ASSERT_TRUE(store.Release(World()).ok());
  EXPECT_EQ(wakes, 1);
  handle.reset();
  ASSERT_TRUE(store.Release({Put(MakeGrant("f-and-r.forecast", "mobile"))}).ok());
  EXPECT_EQ(wakes, 1);
}

TEST(Store, ASecondStoreOnTheSameFileIsRefused) {
  TestStore store;
  auto second = db::OpenSqlite(store.path());
  EXPECT_EQ(second.status().code(), StatusCode::kFailedPrecondition);
}

}  // namespace
}  // namespace sluice::controlplane
