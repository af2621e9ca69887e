// Checks of one cluster: what Kafka and the registry hold against what was approved. Pure.
#pragma once

#include "agent/observe.h"
#include "cli/verify/approved.h"
#include "cli/verify/findings.h"

namespace sluice::cli::verify {

// Everything of the cluster against `seen`. `troubles`: what its agent reports, by key. Wrong are: what an
// agent would still have to change, what it is kept from changing without saying so, topics with another ID
// than the one that was ours, contents that are not what was recorded, what could not be looked at.
void CheckCluster(const ApprovedCluster& approved, const agent::Observation& seen,
                  const std::map<std::string, sluice::v1::SliceStatus>& troubles, Findings& findings);

// What its agent reports, where Kafka was not read.
void CheckReports(const ApprovedCluster& approved,
                  const std::map<std::string, sluice::v1::SliceStatus>& troubles, Findings& findings);

}  // namespace sluice::cli::verify
