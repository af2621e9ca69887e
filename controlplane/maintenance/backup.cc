#include "controlplane/maintenance/backup.h"

#include <fmt/format.h>
#include <google/protobuf/util/time_util.h>

#include <cstdlib>
#include <filesystem>

#include "common/db/file_lock.h"
#include "common/db/sqlite_files.h"
#include "controlplane/maintenance/files.h"
#include "controlplane/rpc/json.h"
#include "controlplane/store/audit_log.h"
#include "controlplane/store/migrations.h"
#include "controlplane/store/progress.h"
#include "controlplane/store/try.h"
#include "controlplane/version.h"

namespace sluice::controlplane {
namespace {

using google::protobuf::util::TimeUtil;
namespace fs = std::filesystem;

constexpr int64_t kFormat = 1;
constexpr char kPartial[] = ".partial";

// What the copy holds.
absl::Status ReadFacts(const std::string& file, BackupFacts& facts) {
  SLUICE_VALUE(connection, db::OpenSqliteFile(file, db::FileUse::kCopy));
  SLUICE_VALUE(schema, connection->Query("SELECT number FROM schema_version WHERE id = 1"));
  SLUICE_VALUE(revision, ReadCounter(*connection, "revision"));
  SLUICE_VALUE(change, ReadCounter(*connection, "change"));
  SLUICE_VALUE(audit, ReadAuditHead(*connection));
  facts.schema = schema.empty() ? 0 : schema.front().Int(0);
  facts.revision = revision;
  facts.changes = change;
  facts.audit_entries = audit.seq;
  return absl::OkStatus();
}

absl::Status FillPartial(const std::string& store, const std::string& partial, BackupFacts& facts) {
  const std::string file = partial + "/" + kStoreFile;
  SLUICE_TRY(db::CopySqlite(store, file));
  SLUICE_TRY(ReadFacts(file, facts));
  SLUICE_VALUE(digest, FileDigest(file));
  facts.sha256 = digest;
  std::error_code ignored;
  facts.bytes = static_cast<int64_t>(fs::file_size(file, ignored));
  SLUICE_TRY(WriteNewFile(partial + "/" + kManifestFile, ToJson(facts)));
  return SyncPath(partial);
}

absl::Status CheckEmpty(const std::string& directory) {
  std::error_code error;
  if (!fs::exists(directory, error)) return absl::OkStatus();
  if (!fs::is_directory(directory, error))
    return absl::FailedPreconditionError(fmt::format("{} is no directory", directory));
  for (const auto& entry : fs::directory_iterator(directory, error)) {
    if (entry.path().filename() == "lost+found") continue;  // of a new file system
    return absl::FailedPreconditionError(
        fmt::format("a backup is restored into an empty directory ({} holds {}); name another one, or move "
                    "what is there away",
                    directory, entry.path().filename().string()));
  }
  if (error)
    return absl::FailedPreconditionError(fmt::format("cannot read {}: {}", directory, error.message()));
  return absl::OkStatus();
}

// Writes down that the store was restored, so that a gap in what people remember has its reason.
absl::Status AuditRestore(const std::string& file, const BackupFacts& facts, const Clock& clock) {
  SLUICE_VALUE(database, db::OpenSqlite(file));
  SLUICE_VALUE(connection, database->OpenWriter());
  SLUICE_VALUE(head, ReadAuditHead(*connection));
  SLUICE_TRY(connection->Begin());
  const AuditDraft draft = {
      .actor = "system",
      .action = "store.restored",
      .message =
          fmt::format("restored from the backup of {} (revision {}, {} audit entries); what came after it is "
                      "not known here",
                      facts.time, facts.revision, facts.audit_entries),
      .details_json = fmt::format(R"({{"backup_sha256":"{}","revision":{}}})", facts.sha256, facts.revision)};
  SLUICE_TRY(AppendAudit(*connection, draft, MicrosNow(clock), head));
  SLUICE_TRY(connection->Commit());
  connection.reset();  // brings the log into the file
  database.reset();
  return SyncPath(file);
}

absl::Status PutStore(const std::string& backup, const std::string& directory, const BackupFacts& facts,
                      const Clock& clock) {
  const std::string file = directory + "/" + kStoreFile;
  const auto lock = db::FileLock::Take(file + ".lock");
  if (!lock.ok()) return lock.status();
  const std::string partial = file + kPartial;
  std::error_code error;
  fs::copy_file(backup + "/" + kStoreFile, partial, error);
  if (error)
    return absl::InternalError(fmt::format("cannot copy the store to {}: {}", partial, error.message()));
  fs::permissions(partial, fs::perms::owner_read | fs::perms::owner_write, error);
  absl::Status status = AuditRestore(partial, facts, clock);
  if (status.ok()) status = MoveIntoPlace(partial, file);
  for (const char* suffix : {"", ".lock", "-wal", "-shm"}) fs::remove(partial + suffix, error);
  if (!status.ok()) fs::remove(file + ".lock", error);
  return status;
}

}  // namespace

std::string ToJson(const BackupFacts& facts) {
  const Json json(json_pack(
      "{s:I, s:s, s:s, s:I, s:I, s:I, s:I, s:I, s:s}", "format", static_cast<json_int_t>(kFormat), "time",
      facts.time.c_str(), "version", facts.version.c_str(), "schema", static_cast<json_int_t>(facts.schema),
      "revision", static_cast<json_int_t>(facts.revision), "changes", static_cast<json_int_t>(facts.changes),
      "audit_entries", static_cast<json_int_t>(facts.audit_entries), "bytes",
      static_cast<json_int_t>(facts.bytes), "sha256", facts.sha256.c_str()));
  const std::unique_ptr<char, decltype(&std::free)> text(json_dumps(json.get(), JSON_INDENT(2)), &std::free);
  return text == nullptr ? "" : std::string(text.get()) + "\n";
}

absl::StatusOr<BackupFacts> TakeBackup(const std::string& data_directory, const std::string& target,
                                       const Clock& clock) {
  std::error_code error;
  if (fs::exists(fs::symlink_status(target, error))) {
    return absl::AlreadyExistsError(
        fmt::format("a backup is a new directory ({} is there already); name another one", target));
  }
  BackupFacts facts{.directory = target,
                    .time = TimeUtil::ToString(TimeUtil::MicrosecondsToTimestamp(MicrosNow(clock))),
                    .version = kVersion,
                    .sha256 = {}};
  const std::string partial = target + kPartial;
  if (auto status = MakeNewDirectory(partial); absl::IsAlreadyExists(status)) {
    return absl::AlreadyExistsError(fmt::format(
        "{} is there: another backup is being taken, or one was interrupted; remove it then", partial));
  } else if (!status.ok()) {
    return status;
  }
  absl::Status status = FillPartial(data_directory + "/" + kStoreFile, partial, facts);
  if (status.ok()) status = MoveIntoPlace(partial, target);
  if (status.ok()) return facts;
  fs::remove_all(partial, error);
  return status;
}

absl::StatusOr<BackupFacts> ReadManifest(const std::string& directory) {
  const std::string path = directory + "/" + kManifestFile;
  json_error_t error;
  const Json json(json_load_file(path.c_str(), JSON_REJECT_DUPLICATES, &error));
  const auto number = [&](const char* key) {
    return static_cast<int64_t>(json_integer_value(json_object_get(json.get(), key)));
  };
  if (number("format") != kFormat) {
    return absl::DataLossError(fmt::format(
        "{} is no manifest of a backup that this program knows; use the program that took it", path));
  }
  return BackupFacts{.directory = directory,
                     .time = JsonText(json.get(), "time"),
                     .version = JsonText(json.get(), "version"),
                     .schema = number("schema"),
                     .revision = number("revision"),
                     .changes = number("changes"),
                     .audit_entries = number("audit_entries"),
                     .bytes = number("bytes"),
                     .sha256 = JsonText(json.get(), "sha256")};
}

absl::Status VerifyManifest(const std::string& directory) {
  SLUICE_VALUE(facts, ReadManifest(directory));
  const std::string file = directory + "/" + kStoreFile;
  SLUICE_VALUE(digest, FileDigest(file));
  if (digest == facts.sha256) return absl::OkStatus();
  return absl::DataLossError(
      fmt::format("{} is not the file that was backed up: its SHA-256 is {}, the manifest says {}", file,
                  digest, facts.sha256));
}

absl::StatusOr<BackupFacts> RestoreBackup(const std::string& backup, const std::string& data_directory,
                                          const Clock& clock, CheckReport& report) {
  SLUICE_TRY(CheckEmpty(data_directory));
  SLUICE_VALUE(facts, ReadManifest(backup));
  SLUICE_VALUE(checked, CheckDirectory(backup));
  report = checked;
  if (!report.ok()) {
    return absl::DataLossError(fmt::format("the backup {} does not check out; nothing was restored", backup));
  }
  if (auto status = MakeNewDirectory(data_directory); !status.ok() && !absl::IsAlreadyExists(status))
    return status;
  SLUICE_TRY(PutStore(backup, data_directory, facts, clock));
  return facts;
}

}  // namespace sluice::controlplane
