#include "controlplane/maintenance/check.h"

#include <fmt/format.h>

#include <filesystem>

#include "common/db/file_lock.h"
#include "common/db/sqlite_files.h"
#include "controlplane/maintenance/backup.h"
#include "controlplane/store/migrations.h"
#include "controlplane/store/progress.h"
#include "controlplane/store/try.h"

namespace sluice::controlplane {
namespace {

constexpr char kRestore[] = "restore the latest backup that checks out";

CheckedPart CheckManifest(const std::string& directory) {
  CheckedPart part{.name = "manifest", .problems = {}};
  part.examined = 1;
  if (absl::Status status = VerifyManifest(directory); !status.ok())
    part.Add(std::string(status.message()), "take another backup, or an older one; do not restore this one");
  return part;
}

absl::StatusOr<CheckReport> CheckStore(db::Connection& connection, CheckReport report) {
  SLUICE_TRY(connection.Begin());
  report.parts.push_back(CheckDatabase(connection));
  report.parts.push_back(CheckSchema(connection));
  // Tables of another version may have other columns: nothing more can be said.
  if (!report.ok()) return report;
  SLUICE_VALUE(revision, ReadCounter(connection, "revision"));
  report.revision = revision;
  for (const auto check : {CheckAudit, CheckChanges, CheckDefinitions, CheckSlices, CheckHistories})
    report.parts.push_back(check(connection));
  SLUICE_TRY(connection.Rollback());
  return report;
}

}  // namespace

CheckedPart CheckDatabase(db::Connection& connection) {
  CheckedPart part{.name = "database", .problems = {}};
  auto pages = connection.Query("PRAGMA page_count");
  if (pages.ok() && !pages->empty()) part.examined = pages->front().Int(0);
  auto rows = connection.Query("PRAGMA integrity_check(100)");
  if (!rows.ok()) {
    part.Add(std::string(rows.status().message()), kRestore);
    return part;
  }
  for (const db::Row& row : *rows) {
    if (row.Text(0) != "ok") part.Add("SQLite: " + row.Text(0), kRestore);
  }
  return part;
}

CheckedPart CheckSchema(db::Connection& connection) {
  CheckedPart part{.name = "schema", .problems = {}};
  auto rows = connection.Query("SELECT number FROM schema_version WHERE id = 1");
  if (!rows.ok() || rows->empty()) {
    part.Add("the file is no store of a control plane (it has no schema version)",
             "check the path; else restore the latest backup that checks out");
    return part;
  }
  part.examined = rows->front().Int(0);
  const auto known = static_cast<int64_t>(Migrations().size());
  if (part.examined > known) {
    part.Add(fmt::format("the store is of a newer version (schema {}, this program knows {})", part.examined,
                         known),
             "use the newer program");
  } else if (part.examined < known) {
    part.Add(fmt::format("the store is of an older version (schema {}, this program has {})", part.examined,
                         known),
             "check it with the program that wrote it; starting this one brings it up to date");
  }
  return part;
}

absl::StatusOr<CheckReport> CheckDirectory(const std::string& directory) {
  const std::filesystem::path path(directory);
  const std::string file = path / kStoreFile;
  std::error_code error;
  if (!std::filesystem::exists(file, error)) {
    return absl::NotFoundError(
        fmt::format("there is no store in {} ({} is missing); check the path", directory, kStoreFile));
  }
  CheckReport report{.directory = directory};
  const bool is_backup = std::filesystem::exists(path / kManifestFile, error);
  std::unique_ptr<db::FileLock> lock;
  if (is_backup) {
    report.parts.push_back(CheckManifest(directory));
  } else {
    auto taken = db::FileLock::Take(file + ".lock");
    if (absl::IsFailedPrecondition(taken.status())) {
      return absl::FailedPreconditionError(fmt::format(
          "a control plane runs on {}; stop it, or check a copy: sluice-controlplane backup", directory));
    }
    if (!taken.ok()) return taken.status();
    lock = *std::move(taken);
  }
  auto connection = db::OpenSqliteFile(file, is_backup ? db::FileUse::kCopy : db::FileUse::kLive);
  if (connection.ok()) return CheckStore(**connection, std::move(report));
  report.parts.push_back({.name = "database", .problems = {}});
  report.parts.back().Add(std::string(connection.status().message()), kRestore);
  return report;
}

}  // namespace sluice::controlplane
