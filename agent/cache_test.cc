// The cache: updates as one, and nothing corrupted is ever acted on.
#include "agent/cache.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>

#include "agent/full_disk.h"
#include "agent/temporary_directory.h"
#include "common/crypto/sha256.h"
#include "sluice/v1/slice.pb.h"

namespace sluice::agent {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::string Body(const std::string& key, const std::string& topic) {
  sluice::v1::Slice slice;
  slice.set_key(key);
  slice.add_topics()->set_name(topic);
  return slice.SerializeAsString();
}

class CacheTest : public ::testing::Test {
 protected:
  CacheTest() { Open(); }

  void Open() {
    cache_.reset();
    auto cache = Cache::Open(path_, clock_);
    ASSERT_TRUE(cache.ok()) << cache.status();
    cache_ = *std::move(cache);
  }
  absl::Status Put(const std::string& key, int64_t generation, const std::string& topic) {
    const std::string body = Body(key, topic);
    return cache_->Put(key, generation, Sha256Hex(body), body);
  }
  // A first update: slices a and b at revision 5.
  void Fill() {
    ASSERT_TRUE(cache_->Begin({true, true, {"admin"}}).ok());
    ASSERT_TRUE(Put("product/d.a/acme", 4, "topic-a").ok());
    ASSERT_TRUE(Put("product/d.b/acme", 5, "topic-b").ok());
    ASSERT_TRUE(cache_->Commit(5, "h5").ok());
  }
  void Sql(const std::string& sql) {
    cache_.reset();
    auto database = db::OpenSqlite(path_);
    ASSERT_TRUE(database.ok());
    auto connection = (*database)->OpenWriter();
    ASSERT_TRUE(connection.ok());
    ASSERT_TRUE((*connection)->Execute(sql).ok());
  }
  void ExpectSetAside(const std::string& why) {
    Open();
    EXPECT_EQ(cache_->state()->revision, 0);
    EXPECT_THAT(cache_->state()->slices, IsEmpty());
    EXPECT_FALSE(cache_->state()->may_apply);
    EXPECT_THAT(cache_->problem(), HasSubstr(why));
    EXPECT_TRUE(std::filesystem::exists(path_ + ".corrupt"));
    Fill();  // a full download makes it good
    EXPECT_THAT(cache_->problem(), IsEmpty());
    Open();
    EXPECT_EQ(cache_->state()->revision, 5);
  }

  FakeClock clock_{Time(std::chrono::hours(1))};
  TemporaryDirectory directory_;
  const std::string path_ = directory_.path() + "/cache.db";
  std::unique_ptr<Cache> cache_;
};

TEST_F(CacheTest, HoldsWhatWasCommittedAfterARestart) {
  Fill();
  Open();
  const DesiredState& state = *cache_->state();
  EXPECT_EQ(state.revision, 5);
  EXPECT_EQ(state.history_hash, "h5");
  EXPECT_TRUE(state.may_apply);
  EXPECT_TRUE(state.history_known);
  EXPECT_THAT(state.reserved_principals, ElementsAre("admin"));
  EXPECT_EQ(state.received, clock_.Now());
  ASSERT_EQ(state.slices.size(), 2u);
  EXPECT_EQ(state.slices.at("product/d.a/acme")->generation, 4);
  EXPECT_EQ(state.slices.at("product/d.a/acme")->slice.topics.at(0).name, "topic-a");
}

TEST_F(CacheTest, WhatIsNotCommittedLeavesNoTrace) {
  Fill();
  ASSERT_TRUE(cache_->Begin({false, false, {}}).ok());
  ASSERT_TRUE(Put("product/d.a/acme", 6, "other").ok());
  ASSERT_TRUE(cache_->Remove("product/d.b/acme").ok());
  EXPECT_EQ(cache_->state()->revision, 5) << "staged is not published";
  Open();  // a crash before the bookmark
  EXPECT_EQ(cache_->state()->revision, 5);
  EXPECT_TRUE(cache_->state()->may_apply);
  EXPECT_EQ(cache_->state()->slices.at("product/d.a/acme")->generation, 4);
  EXPECT_EQ(cache_->state()->slices.count("product/d.b/acme"), 1u);
}

TEST_F(CacheTest, ADeltaChangesOnlyWhatItNames) {
  Fill();
  ASSERT_TRUE(cache_->Begin({false, true, {"admin"}}).ok());
  ASSERT_TRUE(Put("product/d.a/acme", 7, "other").ok());
  ASSERT_TRUE(Put("product/d.b/acme", 5, "topic-b").ok());  // the same again
  auto update = cache_->Commit(7, "h7");
  ASSERT_TRUE(update.ok());
  EXPECT_THAT(update->changed, ElementsAre("product/d.a/acme"));
  Open();
  EXPECT_EQ(cache_->state()->revision, 7);
  EXPECT_EQ(cache_->state()->slices.size(), 2u);
}

TEST_F(CacheTest, AFullUpdateForgetsWhatItDoesNotName) {
  Fill();
  ASSERT_TRUE(cache_->Begin({true, true, {}}).ok());
  ASSERT_TRUE(Put("product/d.b/acme", 5, "topic-b").ok());
  auto update = cache_->Commit(8, "h8");
  ASSERT_TRUE(update.ok());
  EXPECT_THAT(update->changed, ElementsAre("product/d.a/acme"));
  Open();
  EXPECT_EQ(cache_->state()->slices.size(), 1u);
}

TEST_F(CacheTest, RefusesBytesThatDoNotMatchTheirDigest) {
  ASSERT_TRUE(cache_->Begin({true, true, {}}).ok());
  const absl::Status status =
      cache_->Put("product/d.a/acme", 4, Sha256Hex("something else"), Body("product/d.a/acme", "t"));
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
}

TEST_F(CacheTest, ASliceThatIsNotUnderstoodIsHeldWithItsProblem) {
  const std::string body = "\xff\xff not a message";
  ASSERT_TRUE(cache_->Begin({true, true, {}}).ok());
  ASSERT_TRUE(cache_->Put("product/d.a/acme", 4, Sha256Hex(body), body).ok());
  ASSERT_TRUE(Put("product/d.b/acme", 5, "topic-b").ok());
  ASSERT_TRUE(cache_->Commit(5, "h5").ok());
  Open();
  EXPECT_THAT(cache_->state()->slices.at("product/d.a/acme")->problem, HasSubstr("upgrade"));
  EXPECT_THAT(cache_->state()->slices.at("product/d.a/acme")->slice.topics, IsEmpty());
  EXPECT_THAT(cache_->state()->slices.at("product/d.b/acme")->problem, IsEmpty());
}

TEST_F(CacheTest, AFlippedByteInASliceIsDetected) {
  Fill();
  Sql("UPDATE slices SET body = x'0a00' WHERE key = 'product/d.a/acme'");
  ExpectSetAside("product/d.a/acme does not match its digest");
}

TEST_F(CacheTest, ALostSliceIsDetected) {
  Fill();
  Sql("DELETE FROM slices WHERE key = 'product/d.a/acme'");
  ExpectSetAside("checksum");
}

TEST_F(CacheTest, AnAlteredGenerationIsDetected) {
  Fill();
  Sql("UPDATE slices SET generation = 99 WHERE key = 'product/d.a/acme'");
  ExpectSetAside("checksum");
}

TEST_F(CacheTest, AnAlteredBookmarkIsDetected) {
  Fill();
  Sql("UPDATE bookmark SET reserved = ''");
  ExpectSetAside("checksum");
}

TEST_F(CacheTest, AFileThatIsNoDatabaseIsDetected) {
  Fill();
  cache_.reset();
  for (const char* suffix : {"-wal", "-shm"}) std::filesystem::remove(path_ + suffix);
  std::ofstream(path_, std::ios::binary | std::ios::trunc) << std::string(8192, 'x');
  ExpectSetAside("");
}

// The state is the one that was committed, or nothing at all and the file is set aside. Never anything else.
void ExpectAllOrNothing(const std::string& path, Clock& clock, const std::string& what) {
  auto cache = Cache::Open(path, clock);
  ASSERT_TRUE(cache.ok()) << what << ": " << cache.status();
  const DesiredState& state = *(*cache)->state();
  if (state.revision == 0) {
    EXPECT_THAT(state.slices, IsEmpty()) << what;
    return;
  }
  EXPECT_EQ(state.revision, 5) << what;
  EXPECT_EQ(state.history_hash, "h5") << what;
  EXPECT_TRUE(state.may_apply) << what;
  ASSERT_EQ(state.slices.size(), 2u) << what;
  EXPECT_EQ(state.slices.at("product/d.a/acme")->slice.topics.at(0).name, "topic-a") << what;
  EXPECT_EQ(state.slices.at("product/d.b/acme")->slice.topics.at(0).name, "topic-b") << what;
}

TEST_F(CacheTest, ABitThatFlipsAnywhereIsNeverActedOn) {
  Fill();
  cache_.reset();
  std::ifstream file(path_, std::ios::binary);
  const std::string good((std::istreambuf_iterator<char>(file)), {});
  std::mt19937 random(1);
  int set_aside = 0;
  for (int i = 0; i < 300; ++i) {
    std::string bad = good;
    // A third of them where every database keeps what matters most.
    const size_t place = i % 3 == 0 ? random() % 100 : random() % bad.size();
    bad[place] = static_cast<char>(bad[place] ^ (1 << random() % 8));
    for (const char* part : {"-wal", "-shm", ".corrupt"}) std::filesystem::remove(path_ + part);
    std::ofstream(path_, std::ios::binary | std::ios::trunc) << bad;
    ExpectAllOrNothing(path_, clock_, "byte " + std::to_string(place));
    set_aside += std::filesystem::exists(path_ + ".corrupt") ? 1 : 0;
  }
  EXPECT_GT(set_aside, 20);
}

TEST_F(CacheTest, AFileThatIsCutIsSetAside) {
  Fill();
  cache_.reset();
  const auto size = std::filesystem::file_size(path_);
  for (const char* part : {"-wal", "-shm"}) std::filesystem::remove(path_ + part);
  std::filesystem::resize_file(path_, size - size / 3);
  ExpectSetAside("");
}

TEST_F(CacheTest, OneThatANewerVersionWroteIsSetAside) {
  Fill();
  Sql("UPDATE schema_version SET number = number + 100");
  ExpectSetAside("newer");
}

TEST_F(CacheTest, OneThatCannotBeOpenedIsSetAside) {
  cache_.reset();
  for (const char* part : {"", "-wal", "-shm"}) std::filesystem::remove(path_ + part);
  std::filesystem::create_directory(path_);
  ExpectSetAside("");
}

TEST_F(CacheTest, OnAFullDiskTheLastStateIsKept) {
  Fill();
  {
    const FullDisk full(1);
    ASSERT_TRUE(cache_->Begin({false, true, {}}).ok());
    const absl::Status put = Put("product/d.a/acme", 6, std::string(1 << 20, 'x'));
    EXPECT_FALSE(put.ok() && cache_->Commit(6, "h6").ok());
    EXPECT_FALSE(cache_->writes().ok());
    cache_->Abandon();
    EXPECT_EQ(cache_->state()->revision, 5);
  }
  ASSERT_TRUE(cache_->Begin({false, true, {}}).ok());
  ASSERT_TRUE(Put("product/d.a/acme", 6, "other").ok());
  ASSERT_TRUE(cache_->Commit(6, "h6").ok()) << "there is space again";
  EXPECT_TRUE(cache_->writes().ok());
  Open();
  EXPECT_EQ(cache_->state()->revision, 6);
  EXPECT_THAT(cache_->problem(), IsEmpty());
}

TEST_F(CacheTest, OneThatWasDeletedIsNoticedAndFilledAgain) {
  Fill();
  EXPECT_FALSE(cache_->Deleted());
  std::filesystem::remove_all(directory_.path());
  EXPECT_TRUE(cache_->Deleted());
  ASSERT_TRUE(cache_->OpenAgain().ok());
  EXPECT_FALSE(cache_->Deleted());
  EXPECT_EQ(cache_->state()->revision, 0) << "everything is asked for";
  Fill();
  Open();
  EXPECT_EQ(cache_->state()->slices.size(), 2u);
}

TEST_F(CacheTest, AnUnknownHistoryIsRememberedUntilTheNextUpdate) {
  Fill();
  auto update = cache_->MarkHistoryUnknown();
  ASSERT_TRUE(update.ok());
  EXPECT_FALSE(update->state->history_known);
  Open();
  EXPECT_FALSE(cache_->state()->history_known);
  EXPECT_EQ(cache_->state()->slices.size(), 2u) << "the state is kept";
  Fill();
  EXPECT_TRUE(cache_->state()->history_known);
}

TEST_F(CacheTest, ASecondProcessIsRefused) {
  auto second = Cache::Open(path_, clock_);
  EXPECT_EQ(second.status().code(), absl::StatusCode::kFailedPrecondition);
}

TEST(PrepareDirectory, IsForItsOwnerOnly) {
  TemporaryDirectory directory;
  const std::string path = directory.path() + "/a/b";
  ASSERT_TRUE(PrepareDirectory(path).ok());
  EXPECT_EQ(std::filesystem::status(path).permissions(), std::filesystem::perms::owner_all);
}

}  // namespace
}  // namespace sluice::agent
