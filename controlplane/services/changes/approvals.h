// Approvals: which requirements are satisfied, and by whom. Pure.
#pragma once

#include <google/protobuf/repeated_field.h>

#include <string>
#include <vector>

#include "common/core/assess.h"
#include "sluice/internal/v1/stored.pb.h"
#include "sluice/v1/change.pb.h"

namespace sluice::controlplane {

using StoredApprovals = google::protobuf::RepeatedPtrField<sluice::internal::v1::StoredApproval>;
using Requirements = google::protobuf::RepeatedPtrField<sluice::v1::Requirement>;

bool MaySatisfy(const core::Person& person, const sluice::v1::Requirement& requirement,
                const core::Catalog& catalog);

// Index of the first approval that satisfies `requirement`; -1: open.
int SatisfiedBy(const sluice::v1::Requirement& requirement, const StoredApprovals& approvals,
                const core::Catalog& catalog);

// Indexes of the requirements that no approval satisfies.
std::vector<int> OpenRequirements(const Requirements& requirements, const StoredApprovals& approvals,
                                  const core::Catalog& catalog);

// What `person` may approve as, of the open requirements: `review board, owner of mobile`; empty: nothing.
std::string MayApproveAs(const core::Person& person, const Requirements& requirements,
                         const StoredApprovals& approvals, const core::Catalog& catalog);

}  // namespace sluice::controlplane
