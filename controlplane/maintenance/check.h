// Check: whether what lies in a data directory is whole and agrees with itself: SQLite's own integrity, the
// version of the schema, the audit log (numbers without gaps, bytes that can be read, columns that equal
// them), changes (digests over the stored bytes, exactly one entry for each release), definitions (each
// version is the edit of a released change), slices (compiled anew, digests compared) and the agents'
// histories (order, and the last link of each).
//
// Changes nothing. Errors of CheckDirectory are about the directory, such as NOT_FOUND: there is no store;
// FAILED_PRECONDITION: a control plane runs on it. Whatever is wrong with the store is in the report.
#pragma once

#include <absl/status/statusor.h>

#include <string>

#include "common/db/database.h"
#include "controlplane/maintenance/report.h"

namespace sluice::controlplane {

inline constexpr char kStoreFile[] = "sluice.db";
inline constexpr char kManifestFile[] = "manifest.json";  // lies beside the store in a backup alone

// `directory` is a data directory, or a backup.
absl::StatusOr<CheckReport> CheckDirectory(const std::string& directory);

// The parts; each looks at one snapshot if the connection has one begun.
CheckedPart CheckDatabase(db::Connection& connection);
CheckedPart CheckSchema(db::Connection& connection);
CheckedPart CheckAudit(db::Connection& connection);
CheckedPart CheckChanges(db::Connection& connection);
CheckedPart CheckDefinitions(db::Connection& connection);
CheckedPart CheckSlices(db::Connection& connection);
CheckedPart CheckHistories(db::Connection& connection);

}  // namespace sluice::controlplane
