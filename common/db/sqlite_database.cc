#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>

#include "common/db/database.h"
#include "common/db/file_lock.h"
#include "common/db/sqlite_connection.h"

namespace sluice::db {
namespace {

// The writer of a database; gives its place back when it is closed.
class SoleWriter final : public Connection {
 public:
  SoleWriter(std::unique_ptr<Connection> connection, std::shared_ptr<std::atomic<bool>> taken)
      : connection_(std::move(connection)), taken_(std::move(taken)) {}
  ~SoleWriter() override {
    connection_.reset();
    taken_->store(false);
  }
  absl::StatusOr<std::vector<Row>> Query(std::string_view sql,
                                         const std::vector<Value>& parameters) override {
    return connection_->Query(sql, parameters);
  }
  absl::StatusOr<int64_t> Execute(std::string_view sql, const std::vector<Value>& parameters) override {
    return connection_->Execute(sql, parameters);
  }
  absl::Status Begin() override { return connection_->Begin(); }
  absl::Status Commit() override { return connection_->Commit(); }
  absl::Status Rollback() override { return connection_->Rollback(); }
  absl::Status Savepoint() override { return connection_->Savepoint(); }
  absl::Status ReleaseSavepoint() override { return connection_->ReleaseSavepoint(); }
  absl::Status RollbackToSavepoint() override { return connection_->RollbackToSavepoint(); }
  absl::Status MakeAppendOnly(std::string_view table) override { return connection_->MakeAppendOnly(table); }

 private:
  std::unique_ptr<Connection> connection_;
  const std::shared_ptr<std::atomic<bool>> taken_;
};

class SqliteDatabase final : public Database {
 public:
  SqliteDatabase(std::string path, std::unique_ptr<FileLock> lock)
      : path_(std::move(path)), lock_(std::move(lock)) {}

  absl::StatusOr<std::unique_ptr<Connection>> OpenWriter() override {
    if (taken_->exchange(true)) {
      return absl::FailedPreconditionError(
          "a database has one writer at a time (it is open); close it first");
    }
    auto connection = SqliteConnection::Open(path_, SqliteRole::kWriter);
    if (!connection.ok()) {
      taken_->store(false);
      return connection.status();
    }
    return std::make_unique<SoleWriter>(std::move(*connection), taken_);
  }

  absl::StatusOr<std::unique_ptr<Connection>> OpenReader() override {
    return SqliteConnection::Open(path_, SqliteRole::kReader);
  }

 private:
  const std::string path_;
  const std::unique_ptr<FileLock> lock_;
  const std::shared_ptr<std::atomic<bool>> taken_ = std::make_shared<std::atomic<bool>>(false);
};

}  // namespace

absl::StatusOr<std::unique_ptr<Database>> OpenSqlite(const std::string& path) {
  auto lock = FileLock::Take(path + ".lock");
  if (!lock.ok()) return lock.status();
  // Made here rather than by SQLite, so that nobody else can read it.
  const int fd = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) {
    return absl::InternalError(fmt::format("a store must be writable ({}: {}); check directory and owner",
                                           path, std::strerror(errno)));
  }
  close(fd);
  return std::make_unique<SqliteDatabase>(path, std::move(*lock));
}

}  // namespace sluice::db
