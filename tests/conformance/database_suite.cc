#include "tests/conformance/database_suite.h"

#include <gmock/gmock.h>

#include <limits>
#include <thread>

namespace sluice::db {

using absl::StatusCode;
using testing::HasSubstr;

void DatabaseSuite::SetUp() {
  place_ = GetParam().make();
  Reopen();
  ASSERT_TRUE(
      writer_->Execute("CREATE TABLE item (name TEXT PRIMARY KEY, size BIGINT NOT NULL, body BYTEA)").ok());
}

void DatabaseSuite::Reopen() {
  reader_.reset();
  writer_.reset();
  database_.reset();
  auto database = place_->Open();
  ASSERT_TRUE(database.ok()) << database.status();
  database_ = std::move(*database);
  auto writer = database_->OpenWriter();
  ASSERT_TRUE(writer.ok()) << writer.status();
  writer_ = std::move(*writer);
  auto reader = database_->OpenReader();
  ASSERT_TRUE(reader.ok()) << reader.status();
  reader_ = std::move(*reader);
}

namespace {

constexpr char kInsert[] = "INSERT INTO item (name, size, body) VALUES ($1, $2, $3)";

int64_t Count(Connection& connection) {
  auto rows = connection.Query("SELECT count(*) FROM item");
  return rows.ok() ? rows->front().Int(0) : -1;
}

TEST_P(DatabaseSuite, KeepsValuesOfEveryTypeExactly) {
  const std::string text = "ünï\ncode";
  const std::string bytes("\x00\xff\x00z", 4);
  ASSERT_TRUE(writer_->Execute(kInsert, {text, std::numeric_limits<int64_t>::max(), Bytes{bytes}}).ok());
  ASSERT_TRUE(writer_->Execute(kInsert, {"", std::numeric_limits<int64_t>::min(), std::monostate()}).ok());
  auto rows = reader_->Query("SELECT name, size, body FROM item ORDER BY size DESC");
  ASSERT_TRUE(rows.ok()) << rows.status();
  ASSERT_EQ(rows->size(), 2u);
  EXPECT_EQ((*rows)[0].Text(0), text);
  EXPECT_EQ((*rows)[0].Int(1), std::numeric_limits<int64_t>::max());
  EXPECT_EQ((*rows)[0].Text(2), bytes);
  EXPECT_EQ((*rows)[1].Int(1), std::numeric_limits<int64_t>::min());
  EXPECT_FALSE((*rows)[1].IsNull(0));
  EXPECT_TRUE((*rows)[1].IsNull(2));
}

TEST_P(DatabaseSuite, ParametersGoByNumberNotByPosition) {
  ASSERT_TRUE(writer_->Execute("INSERT INTO item (size, name) VALUES ($2, $1)", {"a", int64_t{7}}).ok());
  auto rows =
      reader_->Query("SELECT name FROM item WHERE size = $2 AND name = $1 AND size = $2", {"a", int64_t{7}});
  ASSERT_TRUE(rows.ok()) << rows.status();
  EXPECT_EQ(rows->size(), 1u);
  EXPECT_FALSE(reader_->Query("SELECT name FROM item WHERE size = $2", {"a"}).ok());
}

TEST_P(DatabaseSuite, CountsChangedRowsAndReturnsUpserted) {
  ASSERT_TRUE(writer_->Execute(kInsert, {"a", int64_t{1}, std::monostate()}).ok());
  ASSERT_TRUE(writer_->Execute(kInsert, {"b", int64_t{1}, std::monostate()}).ok());
  auto changed = writer_->Execute("UPDATE item SET size = size + 1");
  ASSERT_TRUE(changed.ok());
  EXPECT_EQ(*changed, 2);
  auto rows = writer_->Query(
      "INSERT INTO item (name, size) VALUES ($1, 5) ON CONFLICT (name) DO UPDATE SET size = item.size + 10 "
      "RETURNING size",
      {"a"});
  ASSERT_TRUE(rows.ok()) << rows.status();
  ASSERT_EQ(rows->size(), 1u);
  EXPECT_EQ(rows->front().Int(0), 12);
}

TEST_P(DatabaseSuite, NamesViolatedConstraints) {
  ASSERT_TRUE(writer_->Execute(kInsert, {"a", int64_t{1}, std::monostate()}).ok());
  EXPECT_EQ(writer_->Execute(kInsert, {"a", int64_t{1}, std::monostate()}).status().code(),
            StatusCode::kAlreadyExists);
  EXPECT_EQ(writer_->Execute(kInsert, {"b", std::monostate(), std::monostate()}).status().code(),
            StatusCode::kFailedPrecondition);
  EXPECT_EQ(writer_->Execute("NOT SQL").status().code(), StatusCode::kInternal);
  EXPECT_EQ(writer_->Execute("SELECT 1; SELECT 2").status().code(), StatusCode::kInternal);
  EXPECT_EQ(Count(*reader_), 1);
}

TEST_P(DatabaseSuite, ReadersSeeCommittedStateOnly) {
  ASSERT_TRUE(writer_->Begin().ok());
  ASSERT_TRUE(writer_->Execute(kInsert, {"a", int64_t{1}, std::monostate()}).ok());
  EXPECT_EQ(Count(*writer_), 1);
  EXPECT_EQ(Count(*reader_), 0);
  ASSERT_TRUE(writer_->Commit().ok());
  EXPECT_EQ(Count(*reader_), 1);
  EXPECT_FALSE(reader_->Execute(kInsert, {"b", int64_t{1}, std::monostate()}).ok()) << "readers do not write";
}

TEST_P(DatabaseSuite, AReadersTransactionIsOneSnapshot) {
  ASSERT_TRUE(reader_->Begin().ok());
  ASSERT_TRUE(writer_->Execute(kInsert, {"a", int64_t{1}, std::monostate()}).ok());
  EXPECT_EQ(Count(*reader_), 0);
  ASSERT_TRUE(reader_->Commit().ok());
  EXPECT_EQ(Count(*reader_), 1);
}

TEST_P(DatabaseSuite, RollbackForgetsEverything) {
  ASSERT_TRUE(writer_->Begin().ok());
  ASSERT_TRUE(writer_->Execute(kInsert, {"a", int64_t{1}, std::monostate()}).ok());
  ASSERT_TRUE(writer_->Rollback().ok());
  EXPECT_EQ(Count(*writer_), 0);
  EXPECT_TRUE(writer_->Rollback().ok()) << "nothing to roll back is no error";
}

TEST_P(DatabaseSuite, SavepointsUndoTheirPartOnly) {
  ASSERT_TRUE(writer_->Begin().ok());
  ASSERT_TRUE(writer_->Execute(kInsert, {"kept", int64_t{1}, std::monostate()}).ok());
  ASSERT_TRUE(writer_->Savepoint().ok());
  ASSERT_TRUE(writer_->Execute(kInsert, {"undone", int64_t{1}, std::monostate()}).ok());
  EXPECT_FALSE(writer_->Execute(kInsert, {"undone", int64_t{1}, std::monostate()}).ok());
  ASSERT_TRUE(writer_->RollbackToSavepoint().ok());
  ASSERT_TRUE(writer_->Savepoint().ok());
  ASSERT_TRUE(writer_->Execute(kInsert, {"kept too", int64_t{1}, std::monostate()}).ok());
  ASSERT_TRUE(writer_->ReleaseSavepoint().ok());
  ASSERT_TRUE(writer_->Commit().ok());
  auto rows = reader_->Query("SELECT name FROM item ORDER BY name");
  ASSERT_TRUE(rows.ok());
  ASSERT_EQ(rows->size(), 2u);
  EXPECT_EQ((*rows)[0].Text(0), "kept");
  EXPECT_EQ((*rows)[1].Text(0), "kept too");
}

TEST_P(DatabaseSuite, ForeignKeysHold) {
  ASSERT_TRUE(writer_->Execute("CREATE TABLE part (item TEXT NOT NULL REFERENCES item (name))").ok());
  EXPECT_EQ(writer_->Execute("INSERT INTO part (item) VALUES ('nothing')").status().code(),
            StatusCode::kFailedPrecondition);
}

TEST_P(DatabaseSuite, OneWriterAtATime) {
  EXPECT_EQ(database_->OpenWriter().status().code(), StatusCode::kFailedPrecondition);
  writer_.reset();
  EXPECT_TRUE(database_->OpenWriter().ok());
}

TEST_P(DatabaseSuite, ASecondOwnerIsRefused) {
  EXPECT_EQ(place_->Open().status().code(), StatusCode::kFailedPrecondition);
  Reopen();
}

TEST_P(DatabaseSuite, WhatWasCommittedIsThereWhenOpenedAgain) {
  ASSERT_TRUE(writer_->Execute(kInsert, {"a", int64_t{1}, std::monostate()}).ok());
  ASSERT_TRUE(writer_->Begin().ok());
  ASSERT_TRUE(writer_->Execute(kInsert, {"b", int64_t{1}, std::monostate()}).ok());
  Reopen();
  EXPECT_EQ(Count(*reader_), 1);
}

TEST_P(DatabaseSuite, ReadersReadWhileTheWriterWrites) {
  std::thread reading([&] {
    int64_t last = 0;
    while (last < 200) {
      const int64_t count = Count(*reader_);
      ASSERT_GE(count, last);
      last = count;
    }
  });
  for (int64_t i = 0; i < 200; ++i) {
    EXPECT_TRUE(writer_->Execute(kInsert, {std::to_string(i), i, std::monostate()}).ok());
  }
  reading.join();
}

TEST_P(DatabaseSuite, AppendOnlyTablesRefuseUpdateAndDelete) {
  ASSERT_TRUE(writer_->MakeAppendOnly("item").ok());
  ASSERT_TRUE(writer_->MakeAppendOnly("item").ok());
  ASSERT_TRUE(writer_->Execute(kInsert, {"a", int64_t{1}, std::monostate()}).ok());
  EXPECT_EQ(writer_->Execute("UPDATE item SET size = 2").status().code(), StatusCode::kFailedPrecondition);
  auto deleted = writer_->Execute("DELETE FROM item");
  EXPECT_EQ(deleted.status().code(), StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(deleted.status().message()), HasSubstr("append-only"));
  EXPECT_EQ(Count(*reader_), 1);
}

TEST_P(DatabaseSuite, MigratesInOrderOnceAndRefusesANewerSchema) {
  const std::vector<std::string_view> first = {
      "CREATE TABLE one (a BIGINT);\nINSERT INTO one (a) VALUES (1);\n"};
  const std::vector<std::string_view> second = {
      first[0], "INSERT INTO one (a) VALUES (2);\nALTER TABLE one ADD COLUMN b BIGINT;\n"};
  ASSERT_TRUE(Migrate(*writer_, first).ok());
  ASSERT_TRUE(Migrate(*writer_, second).ok());
  ASSERT_TRUE(Migrate(*writer_, second).ok());
  auto rows = writer_->Query("SELECT a, b FROM one ORDER BY a");
  ASSERT_TRUE(rows.ok()) << rows.status();
  EXPECT_EQ(rows->size(), 2u);
  EXPECT_EQ(Migrate(*writer_, first).code(), StatusCode::kFailedPrecondition);
}

TEST_P(DatabaseSuite, AFailedMigrationLeavesNothing) {
  const std::vector<std::string_view> bad = {
      "CREATE TABLE one (a BIGINT);\nINSERT INTO nowhere (a) VALUES (1);\n"};
  EXPECT_FALSE(Migrate(*writer_, bad).ok());
  EXPECT_FALSE(writer_->Query("SELECT a FROM one").ok());
  ASSERT_TRUE(Migrate(*writer_, {"CREATE TABLE one (a BIGINT);\n"}).ok());
}

}  // namespace
}  // namespace sluice::db
