// Slices, absences and history hashes as rows.
#pragma once

#include <string>
#include <vector>

#include "controlplane/store/slice_changes.h"

namespace sluice::controlplane {

// Records slices that changed at `revision`: generations, absences, and the history hash of each of their
// clusters: sha256(previous hash, then digest and key of each changed slice). An empty `change` keeps the
// change that is recorded.
absl::Status WriteSlices(db::Connection& connection, const std::vector<SliceChange>& slices, int64_t revision,
                         const std::string& change);

absl::StatusOr<core::Table<std::vector<core::Absence>>> LoadAbsences(db::Connection& connection);

absl::StatusOr<std::vector<SliceRow>> ReadSlices(db::Connection& connection, const std::string& cluster,
                                                 int64_t after_generation, const std::string& after_key,
                                                 int64_t limit);
// With the reports that belong to the agent's last full report.
absl::StatusOr<std::vector<SliceObservation>> ReadObservations(db::Connection& connection,
                                                               const std::string& cluster,
                                                               const std::string& key_prefix);
absl::StatusOr<std::map<std::string, std::pair<int64_t, int64_t>>> ReadSyncCounts(db::Connection& connection);
// The last one at or below `revision`; empty: none.
absl::StatusOr<std::string> ReadHistoryHash(db::Connection& connection, const std::string& cluster,
                                            int64_t revision);

}  // namespace sluice::controlplane
