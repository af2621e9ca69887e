// The audit log: exact bytes, append-only, pages along every filter.
#include "controlplane/store/audit_log.h"

#include <gmock/gmock.h>
#include <google/protobuf/util/time_util.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <sstream>

#include "controlplane/store/audit_body.h"
#include "controlplane/store/audit_query.h"
#include "controlplane/store/testing.h"

namespace sluice::controlplane {
namespace {

using absl::StatusCode;
using sluice::v1::AuditFilter;
using testing::ElementsAre;

class AuditLogTest : public testing::Test {
 protected:
  void Append(const std::vector<AuditDraft>& drafts) {
    const auto status = store->Write([&](Transaction& t) -> absl::Status {
      for (const AuditDraft& draft : drafts) {
        if (auto appended = t.Audit(draft); !appended.ok()) return appended;
      }
      return absl::OkStatus();
    });
    ASSERT_TRUE(status.ok()) << status;
  }

  // Entries of every kind: 60 of them, a minute apart.
  void AppendSixty() {
    ASSERT_TRUE(store
                    ->Write([&](Transaction& t) {
                      ann_ = *t.ActorId("issuer", "ann", "Ann");
                      return absl::OkStatus();
                    })
                    .ok());
    for (int i = 1; i <= 60; ++i) {
      AuditDraft draft = {.actor = i % 2 ? ann_ : "agent:eu-prod",
                          .action = i % 3 == 0   ? "change.released"
                                    : i % 3 == 1 ? "change.proposed"
                                                 : "slice.applied",
                          .resources = {"dataproduct/p" + std::to_string(i % 4)}};
      if (i % 5 == 0) draft.change = "C-1";
      if (i % 6 == 0) draft.cluster = "eu-prod";
      draft.message = "entry " + std::to_string(i);
      Append({draft});
      store.clock.Advance(std::chrono::minutes(1));
    }
  }

  // All positions in pages of `size`.
  std::vector<int64_t> Pages(const AuditFilter& filter, int size) {
    std::vector<int64_t> seqs;
    std::string token;
    do {
      auto page = store->ListAudit(filter, token, size);
      EXPECT_TRUE(page.ok()) << page.status();
      if (!page.ok()) break;
      EXPECT_LE(page->entries.size(), static_cast<size_t>(size));
      for (const auto& entry : page->entries) seqs.push_back(entry.seq());
      token = page->next_page_token;
    } while (!token.empty());
    return seqs;
  }

  TestStore store;
  std::string ann_;
};

TEST_F(AuditLogTest, TheBytesOfAnEntryAreTheseBytes) {
  const AuditDraft draft = {.actor = "p-1",
                            .action = "change.released",
                            .resources = {"dataproduct/p", "grant/p/a"},
                            .change = "C-42",
                            .cluster = "eu-prod",
                            .message = "released \"it\"\n",
                            .details_json = R"({"z": 1, "a": [true, null]})"};
  auto body = MakeAuditBody(draft, 1'800'000'000'123'456);
  ASSERT_TRUE(body.ok()) << body.status();
  std::ifstream file(std::string(SLUICE_SOURCE_DIR) + "/controlplane/store/testdata/audit_body.golden");
  std::stringstream golden;
  golden << file.rdbuf();
  EXPECT_EQ(*body + "\n", golden.str());
  auto entry = ParseAuditBody(*body);
  ASSERT_TRUE(entry.ok()) << entry.status();
  EXPECT_EQ(entry->message(), draft.message);
  EXPECT_EQ(entry->time().nanos(), 123'456'000);
  EXPECT_THAT(entry->resources(), ElementsAre("dataproduct/p", "grant/p/a"));
  EXPECT_EQ(entry->body(), *body);
}

TEST_F(AuditLogTest, BrokenTextNeverBreaksTheLog) {
  Append({{.actor = "a", .action = "b", .message = "\xff\xfe"}});
  auto page = store->ListAudit({}, "", 10);
  ASSERT_TRUE(page.ok()) << page.status();
  EXPECT_EQ(page->entries.size(), 1u);
  EXPECT_EQ(MakeAuditBody({.actor = "a", .action = "b", .details_json = "[1]"}, 0).status().code(),
            StatusCode::kInvalidArgument);
  EXPECT_EQ(ParseAuditBody("{}").status().code(), StatusCode::kDataLoss);
  EXPECT_EQ(ParseAuditBody("").status().code(), StatusCode::kDataLoss);
}

TEST_F(AuditLogTest, EntriesAreNeverChangedOrDeleted) {
  Append({{.actor = "a", .action = "b"}});
  for (const std::string sql : {"UPDATE audit SET actor = 'x'", "DELETE FROM audit"}) {
    const auto status = store->Write([&](Transaction& t) { return t.connection().Execute(sql).status(); });
    EXPECT_EQ(status.code(), StatusCode::kFailedPrecondition) << sql;
  }
  EXPECT_EQ(store->ListAudit({}, "", 10)->entries[0].actor(), "a");
}

TEST_F(AuditLogTest, EveryFilterGivesTheSamePagesAsReadingEverything) {
  AppendSixty();
  const auto time = [&](int minute) {
    return google::protobuf::util::TimeUtil::SecondsToTimestamp(1'800'000'000 + 60 * minute);
  };
  std::vector<AuditFilter> filters(1);
  const auto add = [&](auto fill) { fill(filters.emplace_back()); };
  add([](AuditFilter& f) { f.set_change("C-1"); });
  add([](AuditFilter& f) { f.set_resource("dataproduct/p1"); });
  add([](AuditFilter& f) { f.set_actor("Ann"); });
  add([&](AuditFilter& f) { f.set_actor(ann_); });
  add([](AuditFilter& f) { f.set_actor("agent:eu-prod"); });
  add([](AuditFilter& f) { f.set_action("slice.applied"); });
  add([](AuditFilter& f) { f.set_action("change."); });
  add([](AuditFilter& f) { f.set_cluster("eu-prod"); });
  add([&](AuditFilter& f) {
    *f.mutable_start_time() = time(10);
    *f.mutable_end_time() = time(20);
  });
  add([&](AuditFilter& f) { *f.mutable_start_time() = time(1000); });
  add([&](AuditFilter& f) { *f.mutable_end_time() = time(0); });
  add([&](AuditFilter& f) {
    f.set_change("C-1");
    f.set_resource("dataproduct/p1");
    f.set_actor("Ann");
    f.set_action("change.");
    *f.mutable_start_time() = time(3);
  });
  add([](AuditFilter& f) { f.set_change("C-2"); });
  auto everything = store->ReadAudit(1, {}, 1000);
  ASSERT_TRUE(everything.ok());
  ASSERT_EQ(everything->size(), 60u);
  for (const AuditFilter& filter : filters) {
    std::vector<int64_t> expected;
    for (const auto& entry : *everything) {
      const int64_t at = entry.time().seconds();
      const bool action = filter.action().empty() || entry.action() == filter.action() ||
                          (filter.action().back() == '.' && entry.action().rfind(filter.action(), 0) == 0);
      if ((filter.change().empty() || entry.change() == filter.change()) &&
          (filter.resource().empty() || entry.resources(0) == filter.resource()) &&
          (filter.actor().empty() || entry.actor() == filter.actor() ||
           entry.actor_name() == filter.actor()) &&
          action && (filter.cluster().empty() || entry.cluster() == filter.cluster()) &&
          (!filter.has_start_time() || at >= filter.start_time().seconds()) &&
          (!filter.has_end_time() || at < filter.end_time().seconds())) {
        expected.push_back(entry.seq());
      }
    }
    std::vector<int64_t> forward;
    auto read = store->ReadAudit(1, filter, 1000);
    ASSERT_TRUE(read.ok()) << read.status();
    for (const auto& entry : *read) forward.push_back(entry.seq());
    EXPECT_EQ(forward, expected) << filter.ShortDebugString();
    std::reverse(expected.begin(), expected.end());
    for (int size : {1, 7, 60, 1000})
      EXPECT_EQ(Pages(filter, size), expected) << filter.ShortDebugString() << " by " << size;
  }
}

TEST_F(AuditLogTest, PagesAreStableWhileEntriesAreWritten) {
  AppendSixty();
  auto first = store->ListAudit({}, "", 10);
  ASSERT_TRUE(first.ok());
  Append({{.actor = "a", .action = "late"}});
  auto second = store->ListAudit({}, first->next_page_token, 10);
  ASSERT_TRUE(second.ok());
  EXPECT_EQ(second->entries.front().seq(), 50);
}

TEST_F(AuditLogTest, RareMatchesAreFoundAcrossWindows) {
  std::vector<AuditDraft> many(9'000, {.actor = "a", .action = "common", .cluster = "eu-prod"});
  many[5].action = "rare.thing";
  Append(many);
  AuditFilter filter;
  filter.set_action("rare.");
  filter.set_cluster("eu-prod");
  EXPECT_THAT(Pages(filter, 10), ElementsAre(6));
  filter.clear_cluster();
  EXPECT_THAT(Pages(filter, 10), ElementsAre(6));
}

// Nothing but indexes is walked, whatever is asked for: reading entries on the way is what makes pages slow.
TEST_F(AuditLogTest, EveryFilterWalksAnIndexThatHoldsAllItAsksFor) {
  AppendSixty();
  for (int parts = 0; parts < 64; ++parts) {
    AuditFilter filter;
    if (parts & 1) filter.set_change("C-1");
    if (parts & 2) filter.set_resource("dataproduct/p1");
    if (parts & 4) filter.set_actor("Ann");
    if (parts & 8) filter.set_cluster("eu-prod");
    if (parts & 16) filter.set_action(parts & 32 ? "change." : "change.released");
    const auto looked = store->Write([&](Transaction& t) -> absl::Status {
      auto query = AuditQuery::Make(t.connection(), filter);
      if (!query.ok()) return query.status();
      auto plan = t.connection().Query("EXPLAIN QUERY PLAN " + query->WalkSql(),
                                       std::vector<db::Value>(20, int64_t{1}));
      if (!plan.ok()) return plan.status();
      for (const db::Row& step : *plan) {
        const std::string& text = step.Text(3);
        if (text.find("SUBQUERY") != std::string::npos) continue;
        EXPECT_THAT(text, testing::HasSubstr("SEARCH")) << filter.ShortDebugString();
        EXPECT_THAT(text, testing::HasSubstr("COVERING INDEX")) << filter.ShortDebugString();
      }
      return absl::OkStatus();
    });
    EXPECT_TRUE(looked.ok()) << looked;
  }
}

TEST_F(AuditLogTest, PeopleOfOneNameAreAllMeantInOneOrder) {
  std::vector<std::string> ids;
  ASSERT_TRUE(store
                  ->Write([&](Transaction& t) {
                    for (const char* subject : {"a", "b", "c"})
                      ids.push_back(*t.ActorId("issuer", subject, "Kim"));
                    return absl::OkStatus();
                  })
                  .ok());
  for (int i = 0; i < 30; ++i)
    Append({{.actor = ids[static_cast<size_t>(i * i % 3)], .action = i % 5 ? "x.y" : "x.z"}});
  Append({{.actor = "other", .action = "x.y"}});
  AuditFilter filter;
  filter.set_actor("Kim");
  for (int size : {1, 7, 100}) {
    const std::vector<int64_t> pages = Pages(filter, size);
    EXPECT_EQ(pages.size(), 30u);
    EXPECT_TRUE(std::is_sorted(pages.rbegin(), pages.rend()));
  }
  filter.set_action("x.z");
  EXPECT_THAT(Pages(filter, 4), ElementsAre(26, 21, 16, 11, 6, 1));
  filter.set_action("x.");
  EXPECT_EQ(Pages(filter, 11).size(), 30u);
}

TEST_F(AuditLogTest, TokensBelongToTheirFilter) {
  AppendSixty();
  AuditFilter filter;
  filter.set_actor("Ann");
  const std::string token = store->ListAudit(filter, "", 5)->next_page_token;
  ASSERT_FALSE(token.empty());
  EXPECT_TRUE(store->ListAudit(filter, token, 50).ok()) << "the size of pages may differ";
  EXPECT_EQ(store->ListAudit({}, token, 5).status().code(), StatusCode::kInvalidArgument);
  for (const std::string& bad :
       std::vector<std::string>{"x", "-", "1", "-1-" + token, token + "0", "ffffffffffffffffffff-0"}) {
    EXPECT_EQ(store->ListAudit(filter, bad, 5).status().code(), StatusCode::kInvalidArgument) << bad;
  }
}

TEST_F(AuditLogTest, TimeNeverGoesBack) {
  Append({{.actor = "a", .action = "first"}});
  store.clock.Advance(-std::chrono::hours(1));
  Append({{.actor = "a", .action = "second"}});
  store.Reopen();
  Append({{.actor = "a", .action = "third"}});
  auto entries = store->ReadAudit(1, {}, 10);
  ASSERT_TRUE(entries.ok());
  ASSERT_EQ(entries->size(), 3u);
  EXPECT_EQ((*entries)[1].time().seconds(), (*entries)[0].time().seconds());
  EXPECT_EQ((*entries)[2].time().seconds(), (*entries)[0].time().seconds());
}

}  // namespace
}  // namespace sluice::controlplane
