// SqliteConnection: one SQLite handle with its prepared statements. Internal to common/db.
#pragma once

#include <sqlite3.h>

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "common/db/database.h"

namespace sluice::db {

enum class SqliteRole {
  kWriter,
  kReader,
  kCopy,  // reads a file that nobody writes, and writes nothing beside it
};

// What SQLite says, as Database documents it. `handle` may be null.
absl::Status SqliteStatus(sqlite3* handle, int extended);

class SqliteConnection final : public Connection {
 public:
  static absl::StatusOr<std::unique_ptr<Connection>> Open(const std::string& path, SqliteRole role);
  ~SqliteConnection() override;

  absl::StatusOr<std::vector<Row>> Query(std::string_view sql, const std::vector<Value>& parameters) override;
  absl::StatusOr<int64_t> Execute(std::string_view sql, const std::vector<Value>& parameters) override;
  absl::Status Begin() override;
  absl::Status Commit() override;
  absl::Status Rollback() override;
  absl::Status Savepoint() override;
  absl::Status ReleaseSavepoint() override;
  absl::Status RollbackToSavepoint() override;
  absl::Status MakeAppendOnly(std::string_view table) override;

 private:
  // A prepared statement; `parameter[i]` is the number after `$` of SQLite's parameter i + 1.
  struct Statement {
    sqlite3_stmt* handle = nullptr;
    std::vector<size_t> parameter;
  };
  struct TextHash {
    using is_transparent = void;
    size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
  };

  SqliteConnection(sqlite3* handle, SqliteRole role) : handle_(handle), role_(role) {}
  absl::Status Configure();
  absl::StatusOr<Statement*> Prepare(std::string_view sql);
  absl::Status Bind(const Statement& statement, const std::vector<Value>& parameters);
  absl::Status Run(std::string_view sql);
  absl::Status LastError() const;
  void DropStatements();

  sqlite3* const handle_;
  const SqliteRole role_;
  std::unordered_map<std::string, Statement, TextHash, std::equal_to<>> statements_;
};

}  // namespace sluice::db
