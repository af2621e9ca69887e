// Files: small pieces of writing durably, for backups.
#pragma once

#include <absl/status/statusor.h>

#include <string>

namespace sluice::controlplane {

// Makes the directory (0700). ALREADY_EXISTS.
absl::Status MakeNewDirectory(const std::string& path);
// Brings the file or directory to disk.
absl::Status SyncPath(const std::string& path);
// Writes a new file (0600) and brings it to disk.
absl::Status WriteNewFile(const std::string& path, const std::string& text);
// Renames, where `to` must not be there, and brings its directory to disk. ALREADY_EXISTS.
absl::Status MoveIntoPlace(const std::string& from, const std::string& to);
// Hexadecimal SHA-256 of a file of any size.
absl::StatusOr<std::string> FileDigest(const std::string& path);

}  // namespace sluice::controlplane
