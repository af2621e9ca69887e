// Plan: what a draft does to each cluster, by compiling it before and after and comparing the two.
#pragma once

#include <vector>

#include "common/core/catalog.h"
#include "common/core/finding.h"
#include "controlplane/store/store.h"
#include "sluice/v1/change.pb.h"

namespace sluice::controlplane {

// One plan for each cluster that `edits` change anything on, in the order of names. `state` is what they
// start from, `after` the catalog with them. `last_seen` is left to the caller.
std::vector<sluice::v1::ClusterPlan> MakePlans(const State& state, const core::Catalog& after,
                                               const std::vector<core::Edit>& edits);

// One plan for each cluster on which lost topics are given up: what its agent does if it is as reported.
std::vector<sluice::v1::ClusterPlan> MakePlans(const State& state, const std::vector<GivenUpTopic>& topics);

// Errors (rule `cluster-limit`) for plans that grow beyond a ceiling of their cluster.
std::vector<core::Finding> ExceededLimits(const std::vector<sluice::v1::ClusterPlan>& plans,
                                          const std::vector<core::Edit>& edits);

}  // namespace sluice::controlplane
