// FileLock: an exclusive lock on a file, held by this open description until destruction or death of the
// process.
#pragma once

#include <absl/status/statusor.h>

#include <memory>
#include <string>

namespace sluice::db {

class FileLock {
 public:
  // Creates `path` (mode 0600) if needed. FAILED_PRECONDITION: another holds it; INTERNAL: the file cannot be
  // opened.
  static absl::StatusOr<std::unique_ptr<FileLock>> Take(const std::string& path);
  ~FileLock();
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;

 private:
  explicit FileLock(int fd) : fd_(fd) {}
  const int fd_;
};

}  // namespace sluice::db
