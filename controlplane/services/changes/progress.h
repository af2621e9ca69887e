// Progress: how far the clusters are with a released change.
#pragma once

#include <absl/status/status.h>

#include "controlplane/services/context.h"
#include "controlplane/store/store.h"
#include "sluice/v1/change.pb.h"

namespace sluice::controlplane {

// Adds one entry for each cluster whose slices the change touched, in the order of names.
absl::Status AddProgress(const Context& context, const StoredChange& stored, sluice::v1::Change& change);

}  // namespace sluice::controlplane
