// SliceStatus: what agents said about slices, beside what should be.
#pragma once

#include <string>
#include <vector>

#include "common/core/catalog.h"
#include "controlplane/store/store.h"
#include "sluice/v1/common.pb.h"

namespace sluice::controlplane {

// Pending unless the agent has looked at the present generation.
sluice::v1::SyncState StateOf(const SliceObservation& observation);

// One sentence that says why it is not in sync; empty when it is.
std::string AttentionOf(const SliceObservation& observation);

// With the resources that the slice wants by `catalog`.
sluice::v1::SliceStatus StatusOf(const SliceObservation& observation, const core::Catalog& catalog);

// The worse of two states: failed, blocked, drifted, pending, in sync.
sluice::v1::SyncState Worse(sluice::v1::SyncState a, sluice::v1::SyncState b);

google::protobuf::Timestamp ToTimestamp(int64_t microseconds);

}  // namespace sluice::controlplane
