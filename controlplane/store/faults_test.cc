// What the store does when the machine below it misbehaves: a full disk, a clock that is set, another
// process.
#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/wire/wire.h"
#include "controlplane/store/full_disk.h"
#include "controlplane/store/testing.h"

namespace sluice::controlplane {
namespace {

using absl::StatusCode;
using ::testing::HasSubstr;

class StoreFaults : public ::testing::Test {
 protected:
  // Numbers and times of all entries, oldest first; the numbers have no gaps.
  std::vector<int64_t> EntryTimes() {
    auto entries = store->ReadAudit(1, {}, 1000);
    EXPECT_TRUE(entries.ok()) << entries.status();
    std::vector<int64_t> times;
    for (const auto& entry : *entries) {
      times.push_back(entry.time().seconds());
      EXPECT_EQ(entry.seq(), static_cast<int64_t>(times.size()));
    }
    return times;
  }
  absl::Status ReleaseCategory(const std::string& name) {
    return store.Release({Put(core::Category{.name = name, .title = std::string(20'000, 'x')})}, name)
        .status();
  }

  FullDisk disk;
  TestStore store;
};

TEST_F(StoreFaults, OnAFullDiskWritesAreRefusedReadsGoOnAndRoomHeals) {
  ASSERT_TRUE(store.Release(World()).ok());
  ASSERT_TRUE(store->Health().ok());
  disk.Fill();
  for (int i = 0; i < 3; ++i) {
    const absl::Status refused = ReleaseCategory("full");
    EXPECT_EQ(refused.code(), StatusCode::kResourceExhausted) << refused;
    EXPECT_THAT(std::string(refused.message()), HasSubstr("the disk of the control plane's store is full"));
  }
  EXPECT_EQ(store->Health().code(), StatusCode::kResourceExhausted) << store->Health();
  EXPECT_EQ(store->Current()->revision, 1);
  EXPECT_EQ(store->Current()->catalog.categories.Find("full"), nullptr);
  EXPECT_TRUE(store->GetDefinition(core::Kind::kDomain, "f-and-r").ok());
  EXPECT_EQ(EntryTimes().size(), 1u);

  disk.MakeRoom();
  EXPECT_TRUE(store->Health().ok()) << "found out without anybody's write: " << store->Health();
  ASSERT_TRUE(ReleaseCategory("room").ok());
  EXPECT_EQ(store->Current()->revision, 2);
  store.Reopen();
  EXPECT_EQ(store->Current()->revision, 2);
  EXPECT_EQ(store->Current()->catalog.categories.Find("full"), nullptr);
  EXPECT_EQ(EntryTimes().size(), 2u) << "an entry for each write, and none of those that were refused";
}

TEST_F(StoreFaults, AStoreOpensOnAFullDiskToBeRead) {
  ASSERT_TRUE(store.Release(World()).ok());
  store.Close();
  disk.Fill();
  store.Reopen();
  EXPECT_EQ(store->Current()->revision, 1);
  EXPECT_TRUE(store->GetDefinition(core::Kind::kDomain, "f-and-r").ok());
  EXPECT_EQ(ReleaseCategory("full").code(), StatusCode::kResourceExhausted);
  disk.MakeRoom();
  EXPECT_TRUE(ReleaseCategory("room").ok());
}

TEST_F(StoreFaults, WhenTheClockIsSetTheLogKeepsItsOrder) {
  using std::chrono::hours;
  ASSERT_TRUE(store.Release(World()).ok());
  for (const hours jump : {hours(48), hours(-72), hours(1), hours(24 * 365), hours(-24 * 400)}) {
    store.clock.Advance(jump);
    ASSERT_TRUE(ReleaseCategory("c" + std::to_string(jump.count())).ok());
  }
  const std::vector<int64_t> times = EntryTimes();
  EXPECT_EQ(times.size(), 6u);
  EXPECT_TRUE(std::is_sorted(times.begin(), times.end())) << "an entry is never older than the one before";
  // Pages go by position, whatever the times say.
  std::vector<int64_t> paged;
  std::string token;
  do {
    auto page = store->ListAudit({}, token, 2);
    ASSERT_TRUE(page.ok()) << page.status();
    for (const auto& entry : page->entries) paged.push_back(entry.seq());
    token = page->next_page_token;
  } while (!token.empty());
  EXPECT_EQ(paged, (std::vector<int64_t>{6, 5, 4, 3, 2, 1}));
  store.Reopen();
  ASSERT_TRUE(ReleaseCategory("after").ok());
  EXPECT_EQ(EntryTimes().size(), 7u);
}

TEST_F(StoreFaults, ARepeatedRequestIsRecalledThoughTheClockWasSet) {
  const auto remember = [&](const char* id) {
    return store->Write(
        [&](Transaction& t) { return t.RememberRequest("p-1", "m", id, "digest", "answer"); });
  };
  const auto recalled = [&](const char* id) {
    std::optional<std::string> answer;
    EXPECT_TRUE(store
                    ->Write([&](Transaction& t) -> absl::Status {
                      auto found = t.RecallRequest("p-1", "m", id, "digest");
                      if (found.ok()) answer = *found;
                      return found.status();
                    })
                    .ok());
    return answer;
  };
  ASSERT_TRUE(remember("r-1").ok());
  store.clock.Advance(-std::chrono::hours(24));
  EXPECT_EQ(recalled("r-1"), "answer");
  ASSERT_TRUE(remember("r-2").ok());
  store.clock.Advance(std::chrono::hours(48));
  EXPECT_EQ(recalled("r-1"), "answer");
  EXPECT_EQ(recalled("r-2"), "answer");
}

TEST_F(StoreFaults, ASecondProcessIsRefusedWithAClearSentence) {
  const auto second = db::OpenSqlite(store.path());
  EXPECT_EQ(second.status().code(), StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(second.status().message()), HasSubstr("one process at a time uses a store"));
  EXPECT_THAT(std::string(second.status().message()), HasSubstr(store.path()));
}

}  // namespace
}  // namespace sluice::controlplane
