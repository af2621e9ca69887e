// Release: puts an approved change into force, inside the transaction of whatever gave the last consent.
#pragma once

#include <absl/status/status.h>

#include <string>

#include "controlplane/services/changes/draft.h"
#include "controlplane/store/store.h"

namespace sluice::controlplane {

// Fills class, reasons, requirements and affected of `change` from what the policy says now.
void RecordAssessment(const core::Assessment& assessment, StoredChange& change);

// Releases `draft`, stores `change` as RELEASED, makes other waiting changes of the same resources STALE; one
// audit entry each. `actor`: who caused it.
absl::Status ReleaseChange(Transaction& transaction, const Draft& draft, const Judgement& judgement,
                           const std::string& actor, StoredChange& change);

}  // namespace sluice::controlplane
