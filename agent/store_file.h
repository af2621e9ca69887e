// StoreFile: an SQLite file of the data directory with its one connection.
//
// Thread safety: Deleted may be called from any thread; all else belongs to one thread.
#pragma once

#include <absl/status/status.h>

#include <atomic>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/db/database.h"

namespace sluice::agent {

class StoreFile {
 public:
  StoreFile(std::string path, std::vector<std::string_view> migrations);

  // FAILED_PRECONDITION: another process holds it. RESOURCE_EXHAUSTED: the disk is full. DATA_LOSS: it is no
  // database, cannot be opened, or was written by a newer version.
  absl::Status Open();
  // Closes it, renames it to `{path}.corrupt` (over an older one) and opens a new one.
  absl::Status SetAside();
  // Whether somebody deleted or replaced the file that is open.
  bool Deleted() const;
  // Closes what is open and opens whatever is at the path now, a new one if there is nothing.
  absl::Status OpenAgain();

  // UNAVAILABLE after a failed OpenAgain or SetAside.
  absl::Status Usable() const;
  db::Connection& connection() { return *connection_; }  // precondition: Usable
  const std::string& path() const { return path_; }

 private:
  void Close();

  const std::string path_;
  const std::vector<std::string_view> migrations_;
  std::unique_ptr<db::Database> database_;
  std::unique_ptr<db::Connection> connection_;
  std::atomic<uint64_t> inode_ = 0;
};

// Calls `take`, which returns a status, for each row of a query that reads in the order of its first column, after $1,
// at most $2 rows; a page of rows is held at a time. Ends with the first error.
template <typename Take>
absl::Status ForEachRow(db::Connection& connection, std::string_view sql, const Take& take) {
  constexpr int64_t kPage = 500;
  std::string after;
  for (bool more = true; more;) {
    auto rows = connection.Query(sql, {after, kPage});
    if (!rows.ok()) return rows.status();
    for (const db::Row& row : *rows) {
      after = row.Text(0);
      if (absl::Status status = take(row); !status.ok()) return status;
    }
    more = static_cast<int64_t>(rows->size()) == kPage;
  }
  return absl::OkStatus();
}

// Makes `directory` if it is missing and keeps it to its owner (0700).
absl::Status PrepareDirectory(const std::string& directory);

}  // namespace sluice::agent
