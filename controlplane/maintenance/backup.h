// Backup: a consistent copy of a store, taken while it is served, and its way back into a data directory.
//
// A backup is a directory of its own (0700): `sluice.db`, one file, and `manifest.json`, which says what it
// is and holds its SHA-256. It appears by a rename when all of it is on disk. Whoever reads a backup reads
// everything that the control plane knows; it holds no credentials.
#pragma once

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include <string>

#include "common/clock/clock.h"
#include "controlplane/maintenance/check.h"

namespace sluice::controlplane {

struct BackupFacts {
  std::string directory;
  std::string time;     // RFC 3339 in UTC, when it was taken
  std::string version;  // of the program that took it
  int64_t schema = 0, revision = 0, changes = 0, audit_entries = 0, bytes = 0;
  std::string sha256;  // of sluice.db
};

// Copies the store of `data_directory` into the new directory `target`. NOT_FOUND: there is no store;
// ALREADY_EXISTS: `target` is there; RESOURCE_EXHAUSTED: its disk is full. On an error nothing is left.
absl::StatusOr<BackupFacts> TakeBackup(const std::string& data_directory, const std::string& target,
                                       const Clock& clock);

// Reads the manifest of a backup. DATA_LOSS: it is broken, or does not belong to the store beside it.
absl::StatusOr<BackupFacts> ReadManifest(const std::string& directory);
absl::Status VerifyManifest(const std::string& directory);

// Checks the backup (check.h) and puts its store into `data_directory`, which must be missing or empty, with
// an audit entry `store.restored`. FAILED_PRECONDITION: the directory is not empty; DATA_LOSS: the backup
// does not check out, `report` says why.
absl::StatusOr<BackupFacts> RestoreBackup(const std::string& backup, const std::string& data_directory,
                                          const Clock& clock, CheckReport& report);

// One sentence, and JSON for `-o json`.
std::string ToJson(const BackupFacts& facts);

}  // namespace sluice::controlplane
