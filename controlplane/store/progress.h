// Progress: what the writer knows beside the rows. Copied before each command, so that a failed one is undone
// by putting the copy back.
#pragma once

#include <memory>

#include "common/clock/clock.h"
#include "controlplane/store/audit_log.h"
#include "controlplane/store/slice_changes.h"

namespace sluice::controlplane {

struct Progress {
  std::shared_ptr<const State> state;
  AuditHead audit;
  int64_t last_change = 0;  // the number of the latest change
};

inline int64_t MicrosNow(const Clock& clock) { return clock.Now().time_since_epoch().count(); }

absl::Status WriteCounter(db::Connection& connection, const std::string& name, int64_t value);
absl::StatusOr<int64_t> ReadCounter(db::Connection& connection, const std::string& name);

// What is stored, without totals.
absl::StatusOr<State> LoadState(db::Connection& connection);
// Compiles every slice of `state`, fills its totals, and returns the slices that are recorded differently, in
// the order of addresses.
absl::StatusOr<std::vector<SliceChange>> CompileAll(db::Connection& connection, State& state);

// Loads everything and compiles every slice once: for the totals, and to find those that an older version of
// the program compiled differently. These get the next revision, with an audit entry.
absl::StatusOr<Progress> LoadProgress(db::Connection& connection, const Clock& clock);

}  // namespace sluice::controlplane
