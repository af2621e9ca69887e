#include "common/db/sqlite_connection.h"

#include <fmt/format.h>

#include <cerrno>
#include <charconv>
#include <cstring>

namespace sluice::db {
namespace {

constexpr int kBusyTimeoutMs = 5000;
constexpr size_t kMaxStatements = 256;  // texts are constants of the program; far fewer occur

// Quotas and full file systems come as errors of the disk, too.
bool NoSpaceLeft(int extended, int system_error) {
  if ((extended & 0xff) == SQLITE_FULL) return true;
  const bool disk = (extended & 0xff) == SQLITE_IOERR || (extended & 0xff) == SQLITE_CANTOPEN;
  return disk && (system_error == ENOSPC || system_error == EDQUOT || system_error == EFBIG);
}

absl::Status ToStatus(int extended, const char* message, int system_error = 0) {
  if (NoSpaceLeft(extended, system_error)) {
    return absl::ResourceExhaustedError(fmt::format(
        "the disk is full; make room there, and it goes on (database: {}, SQLite {})", message, extended));
  }
  const std::string text = fmt::format("database: {} (SQLite {})", message, extended);
  switch (extended) {
    case SQLITE_CONSTRAINT_UNIQUE:
    case SQLITE_CONSTRAINT_PRIMARYKEY:
    case SQLITE_CONSTRAINT_ROWID:
      return absl::AlreadyExistsError(text);
    default:
      break;
  }
  switch (extended & 0xff) {
    case SQLITE_CONSTRAINT:
      return absl::FailedPreconditionError(text);
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return absl::AbortedError(text);
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return absl::DataLossError(text);
    default:
      return absl::InternalError(text);
  }
}

Value Column(sqlite3_stmt* statement, int column) {
  switch (sqlite3_column_type(statement, column)) {
    case SQLITE_NULL:
      return std::monostate();
    case SQLITE_INTEGER:
      return static_cast<int64_t>(sqlite3_column_int64(statement, column));
    case SQLITE_BLOB: {
      const auto* data = static_cast<const char*>(sqlite3_column_blob(statement, column));
      return Bytes{
          std::string(data ? data : "", static_cast<size_t>(sqlite3_column_bytes(statement, column)))};
    }
    default: {  // text, and numbers with a fraction as text
      const auto* data = reinterpret_cast<const char*>(sqlite3_column_text(statement, column));
      return std::string(data ? data : "", static_cast<size_t>(sqlite3_column_bytes(statement, column)));
    }
  }
}

// Leaves a statement ready for its next use, whatever happened.
class ResetAtEnd {
 public:
  explicit ResetAtEnd(sqlite3_stmt* statement) : statement_(statement) {}
  ~ResetAtEnd() {
    sqlite3_reset(statement_);
    sqlite3_clear_bindings(statement_);
  }

 private:
  sqlite3_stmt* const statement_;
};

}  // namespace

absl::Status SqliteStatus(sqlite3* handle, int extended) {
  if (handle == nullptr) return ToStatus(extended, sqlite3_errstr(extended));
  return ToStatus(extended, sqlite3_errmsg(handle), sqlite3_system_errno(handle));
}

absl::StatusOr<std::unique_ptr<Connection>> SqliteConnection::Open(const std::string& path, SqliteRole role) {
  sqlite3* handle = nullptr;
  const int access = role == SqliteRole::kCopy ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE;
  const int result = sqlite3_open_v2(path.c_str(), &handle, access | SQLITE_OPEN_NOMUTEX, nullptr);
  if (result != SQLITE_OK) {
    absl::Status status = SqliteStatus(handle, result);
    sqlite3_close_v2(handle);
    return status;
  }
  std::unique_ptr<SqliteConnection> connection(new SqliteConnection(handle, role));
  if (auto status = connection->Configure(); !status.ok()) return status;
  return connection;
}

SqliteConnection::~SqliteConnection() {
  DropStatements();
  sqlite3_close_v2(handle_);
}

absl::Status SqliteConnection::Configure() {
  sqlite3_extended_result_codes(handle_, 1);
  sqlite3_busy_timeout(handle_, kBusyTimeoutMs);
  // Only the writer checkpoints, every 40 MiB of log: a reader that did would race it.
  const std::vector<std::string_view> writer = {"PRAGMA journal_mode=WAL",
                                                "PRAGMA synchronous=FULL",
                                                "PRAGMA foreign_keys=ON",
                                                "PRAGMA wal_autocheckpoint=10000",
                                                "PRAGMA journal_size_limit=67108864",
                                                "PRAGMA cache_size=-65536"};
  const std::vector<std::string_view> reader = {"PRAGMA query_only=ON", "PRAGMA wal_autocheckpoint=0",
                                                "PRAGMA cache_size=-8192"};
  for (const std::string_view pragma : role_ == SqliteRole::kWriter ? writer : reader) {
    if (auto rows = Query(pragma, {}); !rows.ok()) return rows.status();
  }
  DropStatements();
  return absl::OkStatus();
}

void SqliteConnection::DropStatements() {
  for (auto& [text, statement] : statements_) sqlite3_finalize(statement.handle);
  statements_.clear();
}

absl::Status SqliteConnection::LastError() const {
  return SqliteStatus(handle_, sqlite3_extended_errcode(handle_));
}

absl::StatusOr<SqliteConnection::Statement*> SqliteConnection::Prepare(std::string_view sql) {
  if (auto found = statements_.find(sql); found != statements_.end()) return &found->second;
  if (statements_.size() >= kMaxStatements) DropStatements();
  Statement statement;
  const char* tail = nullptr;
  if (sqlite3_prepare_v3(handle_, sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT,
                         &statement.handle, &tail) != SQLITE_OK) {
    return LastError();
  }
  const std::string_view rest = sql.substr(static_cast<size_t>(tail - sql.data()));
  if (statement.handle == nullptr || rest.find_first_not_of(" \t\r\n;") != std::string_view::npos) {
    sqlite3_finalize(statement.handle);
    return absl::InternalError(fmt::format("database: one statement at a time is run (got `{}`)", sql));
  }
  for (int i = 1; i <= sqlite3_bind_parameter_count(statement.handle); ++i) {
    const char* name = sqlite3_bind_parameter_name(statement.handle, i);
    size_t number = 0;
    if (name == nullptr || *name != '$' ||
        std::from_chars(name + 1, name + std::strlen(name), number).ec != std::errc() || number == 0) {
      sqlite3_finalize(statement.handle);
      return absl::InternalError(fmt::format("database: parameters are written $1, $2 … (in `{}`)", sql));
    }
    statement.parameter.push_back(number);
  }
  return &statements_.emplace(std::string(sql), std::move(statement)).first->second;
}

absl::Status SqliteConnection::Bind(const Statement& statement, const std::vector<Value>& parameters) {
  for (size_t i = 0; i < statement.parameter.size(); ++i) {
    if (statement.parameter[i] > parameters.size()) {
      return absl::InternalError(fmt::format("database: parameter ${} is missing ({} given) in `{}`",
                                             statement.parameter[i], parameters.size(),
                                             sqlite3_sql(statement.handle)));
    }
    const Value& value = parameters[statement.parameter[i] - 1];
    const int at = static_cast<int>(i) + 1;
    int result = SQLITE_OK;
    // The parameters outlive the run, so nothing is copied.
    if (const auto* number = std::get_if<int64_t>(&value)) {
      result = sqlite3_bind_int64(statement.handle, at, *number);
    } else if (const auto* text = std::get_if<std::string>(&value)) {
      result =
          sqlite3_bind_text64(statement.handle, at, text->data(), text->size(), SQLITE_STATIC, SQLITE_UTF8);
    } else if (const auto* bytes = std::get_if<Bytes>(&value)) {
      result =
          sqlite3_bind_blob64(statement.handle, at, bytes->data.data(), bytes->data.size(), SQLITE_STATIC);
    } else {
      result = sqlite3_bind_null(statement.handle, at);
    }
    if (result != SQLITE_OK) return LastError();
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<Row>> SqliteConnection::Query(std::string_view sql,
                                                         const std::vector<Value>& parameters) {
  auto statement = Prepare(sql);
  if (!statement.ok()) return statement.status();
  sqlite3_stmt* handle = (*statement)->handle;
  const ResetAtEnd reset(handle);
  if (auto status = Bind(**statement, parameters); !status.ok()) return status;
  std::vector<Row> rows;
  const int columns = sqlite3_column_count(handle);
  int result;
  while ((result = sqlite3_step(handle)) == SQLITE_ROW) {
    std::vector<Value> values;
    values.reserve(static_cast<size_t>(columns));
    for (int i = 0; i < columns; ++i) values.push_back(Column(handle, i));
    rows.emplace_back(std::move(values));
  }
  if (result != SQLITE_DONE) return LastError();
  return rows;
}

absl::StatusOr<int64_t> SqliteConnection::Execute(std::string_view sql,
                                                  const std::vector<Value>& parameters) {
  auto statement = Prepare(sql);
  if (!statement.ok()) return statement.status();
  sqlite3_stmt* handle = (*statement)->handle;
  const ResetAtEnd reset(handle);
  if (auto status = Bind(**statement, parameters); !status.ok()) return status;
  int result;
  while ((result = sqlite3_step(handle)) == SQLITE_ROW) {
  }
  if (result != SQLITE_DONE) return LastError();
  return sqlite3_stmt_readonly(handle) ? 0 : static_cast<int64_t>(sqlite3_changes64(handle_));
}

absl::Status SqliteConnection::Run(std::string_view sql) { return Execute(sql, {}).status(); }

// A reader's transaction takes its snapshot now rather than at its first statement.
absl::Status SqliteConnection::Begin() {
  if (role_ == SqliteRole::kWriter) return Run("BEGIN IMMEDIATE");
  if (auto status = Run("BEGIN"); !status.ok()) return status;
  return Query("SELECT 1 FROM sqlite_schema LIMIT 1", {}).status();
}

absl::Status SqliteConnection::Commit() { return Run("COMMIT"); }

// A full disk or a failing read rolls back by itself; then there is nothing left to do.
absl::Status SqliteConnection::Rollback() {
  return sqlite3_get_autocommit(handle_) ? absl::OkStatus() : Run("ROLLBACK");
}

absl::Status SqliteConnection::Savepoint() { return Run("SAVEPOINT part"); }
absl::Status SqliteConnection::ReleaseSavepoint() { return Run("RELEASE part"); }

absl::Status SqliteConnection::RollbackToSavepoint() {
  if (auto status = Run("ROLLBACK TO part"); !status.ok()) return status;
  return Run("RELEASE part");
}

absl::Status SqliteConnection::MakeAppendOnly(std::string_view table) {
  for (const std::string_view action : {"UPDATE", "DELETE"}) {
    auto status =
        Run(fmt::format("CREATE TRIGGER IF NOT EXISTS {0}_no_{1} BEFORE {1} ON {0} BEGIN "
                        "SELECT RAISE(ABORT, '{0} is append-only'); END",
                        table, action));
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

}  // namespace sluice::db
