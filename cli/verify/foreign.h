// Foreign things: what no slice names. They are listed, and compared with an earlier list of the same
// cluster: nobody who works for Sluice may have touched them. Pure but for ReadForeignSubjects.
#pragma once

#include <set>
#include <string>

#include "agent/observe.h"
#include "agent/registry/registry.h"
#include "cli/verify/approved.h"
#include "cli/verify/findings.h"

namespace sluice::cli::verify {

using sluice::internal::v1::VerifiedCluster;

// How much of the foreign subjects is read: several requests for each.
enum class SubjectDetail { kNames, kVersions };

// Subjects of the registry that no slice names, in the order of names.
absl::StatusOr<std::vector<sluice::internal::v1::ForeignSubject>> ReadForeignSubjects(
    const agent::RegistryOptions& registry, const ApprovedCluster& approved, SubjectDetail detail);

// Counts, and what Kafka holds that no slice names. `seen`: null where Kafka was not read.
VerifiedCluster Summarize(const ApprovedCluster& approved, const agent::Observation* seen);

// What of `before`, the cluster in the baseline, is not as it was. What a slice has come to name since is no
// longer foreign.
void CompareForeign(const VerifiedCluster& before, const VerifiedCluster& now,
                    const ApprovedCluster& approved, Findings& findings);

}  // namespace sluice::cli::verify
