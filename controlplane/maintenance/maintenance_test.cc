// Check, backup and restore on the real store: what is whole passes, every kind of damage is named, a backup
// is one moment of a store in use, and nothing is ever written over.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <thread>

#include "common/wire/wire.h"
#include "controlplane/maintenance/backup.h"
#include "controlplane/maintenance/check.h"
#include "controlplane/services/testing.h"

namespace sluice::controlplane {
namespace {

namespace fs = std::filesystem;
using absl::StatusCode;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

std::string Join(const CheckReport& report) { return ToText(report); }

// A data directory whose store was filled through changes, as the product fills it.
class MaintenanceTest : public ::testing::Test {
 protected:
  MaintenanceTest() {
    std::string name = (fs::temp_directory_path() / "sluice-maintenance-XXXXXX").string();
    root_ = mkdtemp(name.data());
    data_ = root_ / "data";
    fs::create_directory(data_);
    Open();
    std::vector<core::Edit> world = World();
    world.pop_back();  // the product
    Propose(everyone, world);
    const auto product = Propose(MakeCaller("pia", {"plan"}), {Put(MakeProduct("f-and-r.forecast"))});
    v1::ApproveChangeRequest approval;
    approval.set_name(product.name());
    approval.set_digest(product.digest());
    const Caller zoe = MakeCaller("zoe", {"ii-sig", "fr-leads"}, {core::Role::kReviewBoard});
    EXPECT_TRUE(ApproveChange({*dependencies_, zoe}, approval).ok());
    EXPECT_EQ(store_->Current()->revision, 2);
  }
  ~MaintenanceTest() override {
    store_.reset();
    fs::remove_all(root_);
  }

  void Open() {
    auto database = db::OpenSqlite(data_ / kStoreFile);
    ASSERT_TRUE(database.ok()) << database.status();
    auto store = Store::Open(*std::move(database), clock_);
    ASSERT_TRUE(store.ok()) << store.status();
    store_ = *std::move(store);
    dependencies_.reset(new Dependencies{*store_,
                                         clock_,
                                         metrics_,
                                         streams_,
                                         {{core::Role::kReviewBoard, {"group:ii-sig"}},
                                          {core::Role::kDataProductsTeam, {"group:data-products"}},
                                          {core::Role::kPlatformOperator, {"group:platform"}}},
                                         [](const std::string&) { return false; },
                                         "1.2.3"});
  }
  void Close() { store_.reset(); }

  v1::Change Propose(const Caller& caller, const std::vector<core::Edit>& edits) {
    v1::ProposeChangeRequest request;
    request.set_together(true);
    for (const core::Edit& edit : edits)
      *request.add_edits()->mutable_resource() = wire::ToProto(edit.definition);
    auto response = ProposeChange({*dependencies_, caller}, request);
    EXPECT_TRUE(response.ok()) << response.status();
    return response.ok() ? response->changes(0) : v1::Change();
  }

  CheckReport Check(const fs::path& directory) {
    auto report = CheckDirectory(directory);
    EXPECT_TRUE(report.ok()) << report.status();
    return report.ok() ? *report : CheckReport();
  }
  // What a check says of the closed store after `sql`, which is undone by the next Damage.
  std::string Damage(const std::string& sql) {
    const fs::path copy = root_ / "damaged";
    fs::remove_all(copy);
    fs::create_directory(copy);
    EXPECT_TRUE(fs::copy_file(data_ / kStoreFile, copy / kStoreFile));
    sqlite3* handle = nullptr;
    EXPECT_EQ(sqlite3_open((copy / kStoreFile).c_str(), &handle), SQLITE_OK);
    const std::string all = "DROP TRIGGER audit_no_UPDATE; DROP TRIGGER audit_no_DELETE; " + sql;
    EXPECT_EQ(sqlite3_exec(handle, all.c_str(), nullptr, nullptr, nullptr), SQLITE_OK)
        << sqlite3_errmsg(handle);
    sqlite3_close(handle);
    const CheckReport report = Check(copy);
    EXPECT_FALSE(report.ok()) << sql;
    return Join(report);
  }
  std::vector<std::string> Names(const fs::path& directory) {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(directory)) names.push_back(entry.path().filename());
    std::sort(names.begin(), names.end());
    return names;
  }

  fs::path root_, data_;
  FakeClock clock_{Time(std::chrono::seconds(1'800'000'000))};
  metrics::Metrics metrics_{metrics::Program::kControlPlane};
  OpenStreams streams_;
  std::unique_ptr<Store> store_;
  std::unique_ptr<Dependencies> dependencies_;
  const Caller everyone = MakeCaller("olga", {"platform", "data-products", "fr-leads", "plan", "mobile"},
                                     {core::Role::kPlatformOperator, core::Role::kDataProductsTeam});
};

TEST_F(MaintenanceTest, AWholeStoreChecksOut) {
  Close();
  const CheckReport report = Check(data_);
  EXPECT_TRUE(report.ok()) << Join(report);
  EXPECT_EQ(report.revision, 2);
  std::map<std::string, int64_t> examined;
  for (const CheckedPart& part : report.parts) examined[part.name] = part.examined;
  EXPECT_GT(examined["audit"], 3);
  EXPECT_EQ(examined["changes"], 2);
  EXPECT_EQ(examined["definitions"], static_cast<int64_t>(World().size()));
  EXPECT_GE(examined["slices"], 3);
  EXPECT_EQ(examined["histories"], 4);  // both clusters at both revisions
  EXPECT_THAT(ToJson(report), HasSubstr("\"ok\": true"));
}

TEST_F(MaintenanceTest, EveryKindOfDamageIsNamed) {
  Close();
  EXPECT_THAT(Damage("DELETE FROM audit WHERE seq = 2"), HasSubstr("entries 2 to 2 are missing"));
  EXPECT_THAT(Damage("UPDATE audit SET actor = 'system' WHERE seq = 1"),
              HasSubstr("entry 1 is found under something else"));
  EXPECT_THAT(Damage("UPDATE audit SET body = 'x' WHERE seq = 1"), HasSubstr("entry 1 cannot be read"));
  EXPECT_THAT(Damage("DELETE FROM audit WHERE seq = (SELECT max(seq) FROM audit)"),
              HasSubstr("C-2 has 0 audit entries of its release (1 wanted)"));
  EXPECT_THAT(
      Damage(
          "INSERT INTO audit SELECT max(seq) + 1, time_us, actor, action, change, cluster, body FROM audit "
          "WHERE seq = (SELECT max(seq) FROM audit)"),
      HasSubstr("C-2 has 2 audit entries of its release"));
  EXPECT_THAT(
      Damage(
          "UPDATE changes SET content = replace(CAST(content AS TEXT), 'forecast', 'torecast') WHERE id = 2"),
      HasSubstr("the content of C-2 does not match its digest"));
  EXPECT_THAT(Damage("DELETE FROM changes WHERE id = 2"),
              HasSubstr("the audit log tells of C-2, which is not there"));
  EXPECT_THAT(
      Damage("UPDATE definitions SET content = (SELECT content FROM definitions WHERE name = 'mobile') "
             "WHERE name = 'plan'"),
      HasSubstr("Application plan is not its own latest version"));
  EXPECT_THAT(Damage("UPDATE definition_history SET change = 'C-9' WHERE name = 'plan'"),
              HasSubstr("Application plan at revision 1 is not what C-1 released"));
  EXPECT_THAT(Damage("UPDATE slices SET digest = 'x' WHERE key = 'application/plan' AND cluster = 'eu-prod'"),
              HasSubstr("application/plan on eu-prod is not what the definitions compile to"));
  EXPECT_THAT(Damage("DELETE FROM slices WHERE key = 'application/plan' AND cluster = 'eu-prod'"),
              HasSubstr("application/plan on eu-prod is not what the definitions compile to"));
  EXPECT_THAT(Damage("UPDATE history SET hash = 'x' WHERE cluster = 'us-prod' AND revision = 2"),
              HasSubstr("the history of us-prod does not end in what its slices are"));
  EXPECT_THAT(Damage("UPDATE schema_version SET number = 999"), HasSubstr("use the newer program"));
  EXPECT_THAT(Damage("DROP TABLE schema_version"), HasSubstr("no store of a control plane"));
}

TEST_F(MaintenanceTest, BrokenFilesAreToldAndNeverCrash) {
  Close();
  std::ofstream(data_ / kStoreFile, std::ios::binary | std::ios::trunc)
      << "not a database, and longer than a header " << std::string(4096, 'x');
  EXPECT_THAT(Join(Check(data_)), HasSubstr("restore the latest backup"));
  EXPECT_EQ(CheckDirectory(root_ / "none").status().code(), StatusCode::kNotFound);
}

TEST_F(MaintenanceTest, AStoreInUseIsNotChecked) {
  const auto report = CheckDirectory(data_);
  EXPECT_EQ(report.status().code(), StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(report.status().message()), HasSubstr("sluice-controlplane backup"));
}

TEST_F(MaintenanceTest, ABackupIsOneMomentOfAStoreInUse) {
  std::atomic<bool> stop = false;
  std::thread writer([&] {
    for (int i = 0; !stop; ++i)
      Propose(everyone, {Put(core::Category{.name = "c" + std::to_string(i), .title = {}})});
  });
  for (int i = 0; i < 5; ++i) {
    const std::string target = root_ / ("backup-" + std::to_string(i));
    const auto facts = TakeBackup(data_, target, clock_);
    ASSERT_TRUE(facts.ok()) << facts.status();
    const CheckReport report = Check(target);
    EXPECT_TRUE(report.ok()) << Join(report);
    EXPECT_EQ(report.revision, facts->revision);
    EXPECT_THAT(Names(target), ElementsAre(kManifestFile, kStoreFile));
  }
  stop = true;
  writer.join();
}

TEST_F(MaintenanceTest, NothingIsWrittenOver) {
  const std::string target = root_ / "backup";
  ASSERT_TRUE(TakeBackup(data_, target, clock_).ok());
  EXPECT_EQ(TakeBackup(data_, target, clock_).status().code(), StatusCode::kAlreadyExists);
  EXPECT_TRUE(Check(target).ok());
  fs::create_directory(root_ / "other.partial");
  EXPECT_EQ(TakeBackup(data_, root_ / "other", clock_).status().code(), StatusCode::kAlreadyExists);
  EXPECT_EQ(TakeBackup(root_ / "none", root_ / "third", clock_).status().code(), StatusCode::kNotFound);
  EXPECT_THAT(Names(root_), ElementsAre("backup", "data", "other.partial"));
  CheckReport report;
  const auto restored = RestoreBackup(target, data_, clock_, report);
  EXPECT_EQ(restored.status().code(), StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(restored.status().message()), HasSubstr("empty directory"));
}

TEST_F(MaintenanceTest, ARestoredStoreIsTheOneOfTheBackupAndSaysSo) {
  const std::string target = root_ / "backup";
  ASSERT_TRUE(TakeBackup(data_, target, clock_).ok());
  Propose(everyone, {Put(core::Category{.name = "later", .title = {}})});
  const int64_t entries = store_->LastAuditSeq();
  Close();
  data_ = root_ / "new";
  CheckReport report;
  const auto restored = RestoreBackup(target, data_, clock_, report);
  ASSERT_TRUE(restored.ok()) << restored.status();
  EXPECT_THAT(Names(data_), ElementsAre(kStoreFile, std::string(kStoreFile) + ".lock"));
  EXPECT_TRUE(Check(data_).ok()) << Join(Check(data_));
  Open();
  EXPECT_EQ(store_->Current()->revision, 2);
  EXPECT_EQ(store_->Current()->catalog.categories.Find("later"), nullptr);
  EXPECT_NE(store_->Current()->catalog.products.Find("f-and-r.forecast"), nullptr);
  EXPECT_EQ(store_->LastAuditSeq(), entries - 2 + 1);
  auto last = store_->ListAudit({}, "", 1);
  ASSERT_TRUE(last.ok());
  EXPECT_EQ(last->entries.at(0).action(), "store.restored");
}

TEST_F(MaintenanceTest, ABackupThatWasChangedIsNotRestored) {
  const fs::path target = root_ / "backup";
  ASSERT_TRUE(TakeBackup(data_, target, clock_).ok());
  {
    std::fstream file(target / kStoreFile, std::ios::binary | std::ios::in | std::ios::out);
    file.seekp(-1, std::ios::end);
    file.put('x');
  }
  CheckReport report;
  const auto restored = RestoreBackup(target, root_ / "new", clock_, report);
  EXPECT_EQ(restored.status().code(), StatusCode::kDataLoss);
  EXPECT_THAT(Join(report), HasSubstr("is not the file that was backed up"));
  EXPECT_FALSE(fs::exists(root_ / "new"));
  std::ofstream(target / kManifestFile, std::ios::trunc) << "{}";
  EXPECT_EQ(RestoreBackup(target, root_ / "new", clock_, report).status().code(), StatusCode::kDataLoss);
}

}  // namespace
}  // namespace sluice::controlplane
