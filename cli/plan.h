// Plans as people read them: a change, what it does to each cluster, what it needs.
#pragma once

#include <string>

#include "cli/output.h"
#include "sluice/v1/change.pb.h"

namespace sluice::cli {

enum class Detail {
  kCounts,  // one line for each cluster
  kSteps,   // every step too
};

struct PlanView {
  Time now;
  bool color = false;
  Detail detail = Detail::kCounts;
  bool caller_is_author = false;
};

std::string ClassWord(sluice::v1::ChangeClass change_class);   // `NEW_PRODUCT`
std::string ChangeStateWord(sluice::v1::Change::State state);  // `waiting`

// Header, clusters, needs and warnings of one change.
std::string RenderChange(const sluice::v1::Change& change, const PlanView& view);

// `2 topics   1 ACL`: what a plan does to its cluster.
std::string PlanCounts(const sluice::v1::ClusterPlan& plan);

// What still has to be agreed: `group:ii-sig and group:fr-leads`; empty: nothing.
std::string OpenNeeds(const sluice::v1::Change& change);

}  // namespace sluice::cli
