// The stored bytes of an audit entry: canonical JSON (keys sorted, no spaces) of the entry without its
// position and names of people, and of the action's details. What is shown is read from these bytes, so that
// nothing else has to be trusted.
#pragma once

#include <absl/status/statusor.h>

#include <string>

#include "controlplane/store/store.h"

namespace sluice::controlplane {

// INVALID_ARGUMENT: details_json is not a JSON object.
absl::StatusOr<std::string> MakeAuditBody(const AuditDraft& draft, int64_t time_us);
// DATA_LOSS: not such bytes. Leaves seq and actor_name unset.
absl::StatusOr<sluice::v1::AuditEntry> ParseAuditBody(const std::string& body);

}  // namespace sluice::controlplane
