// What is the same for every engine: rows and migrations.
#include "common/db/database.h"

#include <fmt/format.h>

namespace sluice::db {
namespace {

// The statements of a migration: each ends with `;` at the end of a line.
std::vector<std::string_view> Statements(std::string_view text) {
  std::vector<std::string_view> statements;
  while (!text.empty()) {
    const size_t end = text.find(";\n");
    const std::string_view statement = text.substr(0, end);
    if (statement.find_first_not_of(" \t\r\n;") != std::string_view::npos) statements.push_back(statement);
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 2);
  }
  return statements;
}

absl::Status RunMigration(Connection& connection, std::string_view text, int64_t number) {
  for (const std::string_view statement : Statements(text)) {
    if (auto changed = connection.Execute(statement); !changed.ok()) {
      return absl::Status(changed.status().code(),
                          fmt::format("migration {}: {}", number, std::string(changed.status().message())));
    }
  }
  return connection
      .Execute(
          "INSERT INTO schema_version (id, number) VALUES (1, $1) ON CONFLICT (id) DO UPDATE SET number = $1",
          {number})
      .status();
}

}  // namespace

int64_t Row::Int(size_t column) const {
  const auto* value = std::get_if<int64_t>(&columns_.at(column));
  return value ? *value : 0;
}

const std::string& Row::Text(size_t column) const {
  static const std::string empty;
  const Value& value = columns_.at(column);
  if (const auto* text = std::get_if<std::string>(&value)) return *text;
  if (const auto* bytes = std::get_if<Bytes>(&value)) return bytes->data;
  return empty;
}

bool Row::IsNull(size_t column) const { return std::holds_alternative<std::monostate>(columns_.at(column)); }

absl::Status Migrate(Connection& connection, const std::vector<std::string_view>& migrations) {
  auto made = connection.Execute(
      "CREATE TABLE IF NOT EXISTS schema_version (id BIGINT PRIMARY KEY, number BIGINT NOT NULL)");
  if (!made.ok()) return made.status();
  auto rows = connection.Query("SELECT number FROM schema_version WHERE id = 1");
  if (!rows.ok()) return rows.status();
  const int64_t held = rows->empty() ? 0 : rows->front().Int(0);
  const int64_t known = static_cast<int64_t>(migrations.size());
  if (held > known) {
    return absl::FailedPreconditionError(
        fmt::format("a program does not use a store of a newer version (schema {}, this program knows {}); "
                    "install the newer program",
                    held, known));
  }
  for (int64_t number = held + 1; number <= known; ++number) {
    if (auto status = connection.Begin(); !status.ok()) return status;
    auto status = RunMigration(connection, migrations[number - 1], number);
    if (status.ok()) status = connection.Commit();
    if (!status.ok()) {
      connection.Rollback().IgnoreError();
      return status;
    }
  }
  return absl::OkStatus();
}

}  // namespace sluice::db
