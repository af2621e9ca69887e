#include "common/db/sqlite_files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sqlite3.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "common/db/sqlite_connection.h"

namespace sluice::db {
namespace {

struct Closer {
  void operator()(sqlite3* handle) const { sqlite3_close_v2(handle); }
};
using Handle = std::unique_ptr<sqlite3, Closer>;

absl::StatusOr<Handle> Open(const std::string& path) {
  sqlite3* handle = nullptr;
  const int result =
      sqlite3_open_v2(path.c_str(), &handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr);
  Handle owned(handle);
  if (result != SQLITE_OK) return SqliteStatus(handle, result);
  sqlite3_extended_result_codes(handle, 1);
  sqlite3_busy_timeout(handle, 30'000);
  return owned;
}

absl::Status Exec(sqlite3* handle, const char* sql) {
  const int result = sqlite3_exec(handle, sql, nullptr, nullptr, nullptr);
  return result == SQLITE_OK ? absl::OkStatus() : SqliteStatus(handle, result);
}

// All pages in one step: from one snapshot, which a writer's commits do not disturb.
absl::Status CopyPages(sqlite3* from, sqlite3* to) {
  sqlite3_backup* backup = sqlite3_backup_init(to, "main", from, "main");
  if (backup == nullptr) return SqliteStatus(to, sqlite3_extended_errcode(to));
  const int result = sqlite3_backup_step(backup, -1);
  const int end = sqlite3_backup_finish(backup);
  if (result == SQLITE_DONE && end == SQLITE_OK) return absl::OkStatus();
  return SqliteStatus(to, end != SQLITE_OK ? end : result);
}

absl::Status MakeEmpty(const std::string& path) {
  const int fd = open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd >= 0) {
    close(fd);
    return absl::OkStatus();
  }
  if (errno == EEXIST) return absl::AlreadyExistsError(fmt::format("{} is there already", path));
  return absl::InternalError(fmt::format("{} cannot be made: {}", path, std::strerror(errno)));
}

absl::Status Sync(const std::string& path) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  const bool synced = fd >= 0 && fsync(fd) == 0;
  const int error = errno;
  if (fd >= 0) close(fd);
  if (synced) return absl::OkStatus();
  return absl::InternalError(fmt::format("{} cannot be brought to disk: {}", path, std::strerror(error)));
}

absl::Status CopyInto(const std::string& from, const std::string& to) {
  auto source = Open(from);
  if (!source.ok()) return source.status();
  auto target = Open(to);
  if (!target.ok()) return target.status();
  if (auto status = CopyPages(source->get(), target->get()); !status.ok()) return status;
  // The copy is a store in WAL mode, as its source: with this it is one file.
  if (auto status = Exec(target->get(), "PRAGMA journal_mode=DELETE"); !status.ok()) return status;
  target->reset();
  return Sync(to);
}

}  // namespace

absl::StatusOr<std::unique_ptr<Connection>> OpenSqliteFile(const std::string& path, FileUse use) {
  if (access(path.c_str(), F_OK) != 0) {
    return absl::NotFoundError(fmt::format("there is no store at {}", path));
  }
  return SqliteConnection::Open(path, use == FileUse::kCopy ? SqliteRole::kCopy : SqliteRole::kReader);
}

absl::Status CopySqlite(const std::string& from, const std::string& to) {
  if (access(from.c_str(), F_OK) != 0) {
    return absl::NotFoundError(fmt::format("there is no store at {}", from));
  }
  if (auto status = MakeEmpty(to); !status.ok()) return status;
  absl::Status status = CopyInto(from, to);
  if (!status.ok()) {
    for (const char* suffix : {"", "-journal", "-wal", "-shm"}) unlink((to + suffix).c_str());
  }
  return status;
}

}  // namespace sluice::db
