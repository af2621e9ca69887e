#include <filesystem>
#include <fstream>

#include "common/db/database.h"
#include "tests/conformance/database_suite.h"

namespace sluice::db {
namespace {

class Directory final : public DatabasePlace {
 public:
  Directory() {
    std::string name = (std::filesystem::temp_directory_path() / "sluice-db-XXXXXX").string();
    path_ = mkdtemp(name.data());
  }
  ~Directory() override { std::filesystem::remove_all(path_); }
  absl::StatusOr<std::unique_ptr<Database>> Open() override { return OpenSqlite(File()); }
  std::string File() const { return (path_ / "store.db").string(); }

 private:
  std::filesystem::path path_;
};

INSTANTIATE_TEST_SUITE_P(Sqlite, DatabaseSuite,
                         testing::Values(DatabaseEngine{"sqlite",
                                                        [] { return std::make_unique<Directory>(); }}),
                         [](const auto& info) { return info.param.name; });

TEST(SqliteDatabase, IsDurableByItsSettings) {
  Directory place;
  auto database = place.Open();
  ASSERT_TRUE(database.ok());
  auto writer = (*database)->OpenWriter();
  ASSERT_TRUE(writer.ok());
  EXPECT_EQ((*writer)->Query("PRAGMA journal_mode")->front().Text(0), "wal");
  EXPECT_EQ((*writer)->Query("PRAGMA synchronous")->front().Int(0), 2);
  EXPECT_EQ((*writer)->Query("PRAGMA foreign_keys")->front().Int(0), 1);
}

TEST(SqliteDatabase, TheRefusalOfASecondProcessNamesThePath) {
  Directory place;
  auto first = place.Open();
  ASSERT_TRUE(first.ok());
  auto second = place.Open();
  ASSERT_FALSE(second.ok());
  EXPECT_NE(second.status().message().find(place.File()), std::string::npos);
}

TEST(SqliteDatabase, OthersCannotReadTheFile) {
  Directory place;
  auto database = place.Open();
  ASSERT_TRUE(database.ok());
  const auto permissions = std::filesystem::status(place.File()).permissions();
  EXPECT_EQ(permissions & (std::filesystem::perms::group_all | std::filesystem::perms::others_all),
            std::filesystem::perms::none);
}

TEST(SqliteDatabase, AFileThatIsNoDatabaseIsDataLoss) {
  Directory place;
  std::ofstream(place.File()) << std::string(8192, 'x');
  auto database = place.Open();
  ASSERT_TRUE(database.ok());
  EXPECT_EQ((*database)->OpenWriter().status().code(), absl::StatusCode::kDataLoss);
}

TEST(SqliteDatabase, ADirectoryThatIsMissingIsAnError) {
  EXPECT_FALSE(OpenSqlite("/nonexistent/store.db").ok());
}

}  // namespace
}  // namespace sluice::db
