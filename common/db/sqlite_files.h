// SqliteFiles: what is done with a store's file beside running on it: reading it from another process,
// copying it while it is in use. Takes no lock; see FileLock.
#pragma once

#include <memory>
#include <string>

#include "common/db/database.h"

namespace sluice::db {

enum class FileUse {
  kLive,  // a server may be running on it; its write-ahead log is read, too
  kCopy,  // nobody writes it, and nothing is written beside it: it may lie on a read-only medium
};

// A reader of the existing file `path`. NOT_FOUND: there is none. DATA_LOSS: it is no SQLite database.
absl::StatusOr<std::unique_ptr<Connection>> OpenSqliteFile(const std::string& path, FileUse use);

// Copies the committed state of one moment of `from` into the new file `to` (mode 0600), which is one file,
// on disk when this returns. Does not hold up who writes `from`. ALREADY_EXISTS: `to` is there;
// RESOURCE_EXHAUSTED: its disk is full. On an error `to` is removed.
absl::Status CopySqlite(const std::string& from, const std::string& to);

}  // namespace sluice::db
