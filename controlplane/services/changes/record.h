// Record: what the audit log keeps of a step in the life of a change, and the checks that every such step
// begins with.
#pragma once

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include <string>
#include <string_view>

#include "controlplane/rpc/caller.h"
#include "controlplane/store/store.h"

namespace sluice::controlplane {

// Writes one entry about `change` and the resources that it edits, with class, digest and requirements as
// details.
absl::Status AuditChange(Transaction& transaction, const std::string& actor, std::string_view action,
                         const StoredChange& change, const std::string& message);

// The caller as a change remembers them.
absl::StatusOr<sluice::internal::v1::Actor> ActorOf(Transaction& transaction, const Caller& caller);

// FAILED_PRECONDITION unless it waits.
absl::Status CheckWaiting(const StoredChange& change);

// `C-42 does not exist` as NOT_FOUND; other errors as they are.
absl::StatusOr<StoredChange> LoadChange(Transaction& transaction, int64_t id);

}  // namespace sluice::controlplane
