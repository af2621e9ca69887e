// Waiting for a change: by asking again with growing pauses, with one line of progress on a terminal.
#pragma once

#include <string>

#include "cli/commands.h"
#include "sluice/v1/change.pb.h"

namespace sluice::cli {

// Waits until the change is approved (released), or applied on every cluster that it touches. Prints how it
// ended. kWaiting: approvals were missing when the time was up; kBehind: clusters were; kFailed: it was
// rejected, withdrawn or became stale.
ExitCode WaitForChange(Session& session, Client& client, const std::string& name, WaitFor target);

// Whether each cluster has applied what the change wants of it.
bool IsApplied(const sluice::v1::Change& change);

}  // namespace sluice::cli
