// Database: one SQL text, two engines (SQLite here, PostgreSQL later), one conformance suite
// (tests/conformance).
//
// SQL is written so that both understand it: `$1` placeholders, BIGINT, TEXT, BYTEA, `ON CONFLICT … DO UPDATE
// … RETURNING`. Errors: ALREADY_EXISTS for a violated unique key, FAILED_PRECONDITION for another constraint,
// ABORTED where a repetition may help (busy, serialization), RESOURCE_EXHAUSTED for a full disk, DATA_LOSS
// for a corrupt file, INTERNAL for the rest. Thread safety: a Connection belongs to one thread at a time; a
// Database to all.
#pragma once

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace sluice::db {

struct Bytes {
  std::string data;
  bool operator==(const Bytes&) const = default;
};

// A parameter or a column. monostate is NULL.
using Value = std::variant<std::monostate, int64_t, std::string, Bytes>;

class Row {
 public:
  explicit Row(std::vector<Value> columns) : columns_(std::move(columns)) {}
  int64_t Int(size_t column) const;              // 0 for NULL
  const std::string& Text(size_t column) const;  // text or bytes; empty for NULL
  bool IsNull(size_t column) const;
  size_t size() const { return columns_.size(); }

 private:
  std::vector<Value> columns_;
};

class Connection {
 public:
  virtual ~Connection() = default;
  // Runs one statement; prepared statements are cached by text. Returns all rows: bound them with LIMIT.
  virtual absl::StatusOr<std::vector<Row>> Query(std::string_view sql,
                                                 const std::vector<Value>& parameters = {}) = 0;
  // Runs one statement without rows; returns how many rows it changed.
  virtual absl::StatusOr<int64_t> Execute(std::string_view sql,
                                          const std::vector<Value>& parameters = {}) = 0;
  // A transaction: the writer's writes, a reader's sees one snapshot from its beginning to its Commit or
  // Rollback.
  virtual absl::Status Begin() = 0;
  virtual absl::Status Commit() = 0;  // durable when it returns OK
  virtual absl::Status Rollback() = 0;
  virtual absl::Status Savepoint() = 0;  // one level only
  virtual absl::Status ReleaseSavepoint() = 0;
  virtual absl::Status RollbackToSavepoint() = 0;  // and leaves it
  // From now on UPDATE and DELETE of this table's rows fail with FAILED_PRECONDITION. Repeating it changes
  // nothing.
  virtual absl::Status MakeAppendOnly(std::string_view table) = 0;
};

class Database {
 public:
  virtual ~Database() = default;
  virtual absl::StatusOr<std::unique_ptr<Connection>> OpenWriter() = 0;  // one at a time
  virtual absl::StatusOr<std::unique_ptr<Connection>> OpenReader() = 0;  // sees committed state
};

// SQLite in WAL mode with synchronous=FULL. Locks `{path}.lock` for the life of the object, so that a second
// process is refused (FAILED_PRECONDITION, naming the path).
absl::StatusOr<std::unique_ptr<Database>> OpenSqlite(const std::string& path);

// Numbered schema changes, applied in order, each in a transaction; the number is kept in `schema_version`. A
// migration is any number of statements, each ending with `;` at the end of a line. FAILED_PRECONDITION when
// the database is newer than the program.
absl::Status Migrate(Connection& connection, const std::vector<std::string_view>& migrations);

}  // namespace sluice::db
