// Outcomes: what a round found and did, as reports, progress and drift. Pure.
#pragma once

#include <absl/status/status.h>

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "agent/contest.h"
#include "agent/desired.h"
#include "agent/guard.h"
#include "agent/journal.h"
#include "agent/observe.h"
#include "agent/target.h"
#include "common/core/diff.h"
#include "sluice/v1/agent.pb.h"

namespace sluice::agent {

// Conditions of one slice that are reported; the last one says how many more there were.
inline constexpr size_t kMaxConditions = 50;
// Names of foreign resources that are reported; one more line says how many more there were.
inline constexpr size_t kMaxForeign = 100;

// A round after it: what was planned and what became of it.
struct Round {
  const DesiredState& state;
  const Part& part;
  const Observation& observation;
  const core::Plan& plan;                  // after the guard; of the slices in `part.keys` only
  const std::vector<StepResult>& results;  // one for each step of the plan
  std::set<std::string> unseen;            // slices with acknowledged writes that are not visible yet
  std::vector<Contested> contested;        // what somebody keeps changing back, of any slice
};

struct SliceOutcome {
  sluice::v1::SliceReport report;  // without transition times
  Progress progress;
};

// Whether a block is one that only tells, so that the slice is in sync all the same (`NotLatest`).
bool OnlyTells(const core::Block& block);
// Whether a block stands for something that could not be looked at.
bool IsUnreachable(const core::Block& block);

// One for each slice in `part.keys`. `before` is the progress so far.
std::vector<SliceOutcome> JudgeSlices(const Round& round,
                                      const std::function<Progress(const std::string&)>& before);

// Something that is not as it was left or approved at this moment, with what the agent does about it. What is contested
// is one appearance for as long as that lasts. Whether it is told is DriftLog's matter. What is ours and no slice names any more is no news.
std::vector<sluice::v1::DriftEvent> FindDrift(const Round& round,
                                              const std::function<Progress(const std::string&)>& before,
                                              const core::Ours& ours);

// What nobody declared, for the cluster's list.
std::vector<std::string> ForeignNames(const core::Plan& plan);

sluice::v1::Condition MakeCondition(std::string type, bool holds, std::string reason, std::string message);

// `PermissionDenied` for PERMISSION_DENIED.
std::string ReasonOf(const absl::Status& status);

}  // namespace sluice::agent
