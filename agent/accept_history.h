// AcceptHistory: what an operator says after the control plane was restored from an older copy than the agent
// knows, and that copy is to be followed.
#pragma once

#include <absl/status/status.h>

#include <string>

#include "common/clock/clock.h"

namespace sluice::agent {

// Forgets which state was held, so that the next start takes what the control plane has, whatever that is.
// What is ours stays in the journal. FAILED_PRECONDITION: an agent works in `data_directory`.
absl::Status AcceptHistory(const std::string& data_directory, Clock& clock);

}  // namespace sluice::agent
