#include "agent/journal.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "agent/temporary_directory.h"

namespace sluice::agent {
namespace {

using ::testing::IsEmpty;
using ::testing::Not;

class JournalTest : public ::testing::Test {
 protected:
  JournalTest() { Open(); }
  void Open() {
    journal_.reset();
    auto journal = Journal::Open(path_);
    ASSERT_TRUE(journal.ok()) << journal.status();
    journal_ = *std::move(journal);
  }

  TemporaryDirectory directory_;
  const std::string path_ = directory_.path() + "/journal.db";
  std::unique_ptr<Journal> journal_;
};

TEST_F(JournalTest, KeepsWhatWasRecorded) {
  ASSERT_TRUE(journal_->RecordTopics({{"a", {"id-a"}}, {"b", {}}}).ok());
  ASSERT_TRUE(journal_->RecordSubjects({"a-value", "b-value"}).ok());
  ASSERT_TRUE(journal_->RecordProgress({{"s", {4, 3}}, {"t", {5, 5}}}).ok());
  ASSERT_TRUE(journal_->RecordFact("f", "v").ok());
  ASSERT_TRUE(journal_->RecordDrift({{"s\nx", "flagged"}}).ok());
  Open();
  EXPECT_EQ(journal_->ours().topics, (std::map<std::string, core::OwnedTopic>{{"a", {"id-a"}}, {"b", {}}}));
  EXPECT_EQ(journal_->ours().subjects, (std::set<std::string>{"a-value", "b-value"}));
  EXPECT_EQ(journal_->ProgressOf("s"), (Progress{4, 3}));
  EXPECT_EQ(journal_->ProgressOf("none"), Progress{});
  EXPECT_EQ(journal_->Fact("f"), "v");
  EXPECT_EQ(journal_->drift(), (std::map<std::string, std::string>{{"s\nx", "flagged"}}));
}

TEST_F(JournalTest, AnIntentNeverReplacesAnId) {
  ASSERT_TRUE(journal_->RecordTopics({{"a", {"id-a"}}}).ok());
  ASSERT_TRUE(journal_->RecordTopics({{"a", {}}}).ok());
  ASSERT_TRUE(journal_->ForgetTopicIntents({"a"}).ok());
  Open();
  EXPECT_EQ(journal_->ours().topics.at("a").id, "id-a");
}

TEST_F(JournalTest, GivesUpExactlyTheIdThatItIsTold) {
  ASSERT_TRUE(journal_->RecordTopics({{"a", {"id-a"}}, {"b", {"id-b"}}}).ok());
  ASSERT_TRUE(journal_->GiveUpTopics({{"a", "id-a"}, {"b", "older"}, {"c", "id-c"}}).ok());
  for (int restart = 0; restart < 2; ++restart) {
    EXPECT_EQ(journal_->ours().topics, (std::map<std::string, core::OwnedTopic>{{"a", {}}, {"b", {"id-b"}}}));
    Open();
  }
  ASSERT_TRUE(journal_->RecordTopics({{"a", {"id-2"}}}).ok());
  EXPECT_EQ(journal_->ours().topics.at("a").id, "id-2");
}

TEST_F(JournalTest, TellsWhatIsNewOfSubjects) {
  ASSERT_TRUE(journal_->RecordSubjects({"a", "b"}).ok());
  ASSERT_TRUE(journal_->ForgetSubjects({"b"}).ok());
  EXPECT_EQ(journal_->TakeChangedSubjects(), (std::set<std::string>{"a"}));
  ASSERT_TRUE(journal_->RecordSubjects({"a"}).ok());
  EXPECT_THAT(journal_->TakeChangedSubjects(), IsEmpty());
  Open();
  EXPECT_EQ(journal_->TakeChangedSubjects(), (std::set<std::string>{"a"})) << "after a start all are told";
}

TEST_F(JournalTest, RemembersThePlaceInTheHistory) {
  EXPECT_EQ(ReadHistory(*journal_).revision, 0);
  ASSERT_TRUE(WriteHistory({42, "hash"}, *journal_).ok());
  Open();
  EXPECT_EQ(ReadHistory(*journal_).revision, 42);
  EXPECT_EQ(ReadHistory(*journal_).hash, "hash");
  ASSERT_TRUE(journal_->RecordFact("history", "no number").ok());
  EXPECT_EQ(ReadHistory(*journal_).revision, 0);
}

TEST_F(JournalTest, ForgetsIntentsSubjectsProgressAndDrift) {
  ASSERT_TRUE(journal_->RecordTopics({{"a", {}}}).ok());
  ASSERT_TRUE(journal_->RecordSubjects({"a-value"}).ok());
  ASSERT_TRUE(journal_->RecordProgress({{"s", {4, 3}}}).ok());
  ASSERT_TRUE(journal_->RecordDrift({{"s\nx", "flagged"}}).ok());
  ASSERT_TRUE(journal_->ForgetTopicIntents({"a"}).ok());
  ASSERT_TRUE(journal_->ForgetSubjects({"a-value"}).ok());
  ASSERT_TRUE(journal_->RecordProgress({{"s", {}}}).ok());
  ASSERT_TRUE(journal_->RecordDrift({{"s\nx", ""}}).ok());
  for (int restart = 0; restart < 2; ++restart) {
    EXPECT_THAT(journal_->ours().topics, IsEmpty());
    EXPECT_THAT(journal_->ours().subjects, IsEmpty());
    EXPECT_EQ(journal_->ProgressOf("s"), Progress{});
    EXPECT_THAT(journal_->drift(), IsEmpty());
    Open();
  }
}

TEST_F(JournalTest, AJournalThatCannotBeReadIsSetAside) {
  ASSERT_TRUE(journal_->RecordTopics({{"a", {"id-a"}}}).ok());
  journal_.reset();
  for (const char* suffix : {"-wal", "-shm"}) std::filesystem::remove(path_ + suffix);
  std::ofstream(path_, std::ios::binary | std::ios::trunc) << std::string(8192, 'x');
  Open();
  EXPECT_THAT(journal_->ours().topics, IsEmpty()) << "nothing is ours until the control plane says so";
  EXPECT_THAT(journal_->problem(), Not(IsEmpty()));
  EXPECT_TRUE(std::filesystem::exists(path_ + ".corrupt"));
}

}  // namespace
}  // namespace sluice::agent
