// Execute: carries out the steps of a plan, phase by phase, and journals creations before they are sent.
// Never reorders; leaves out only what depends on a step that failed.
#pragma once

#include <absl/status/status.h>

#include <functional>
#include <vector>

#include "agent/journal.h"
#include "agent/target.h"
#include "common/core/diff.h"

namespace sluice::agent {

// Where steps go.
struct Targets {
  KafkaTarget& kafka;
  RegistryTarget* registry = nullptr;  // null: the cluster has none
};

// One result for each step of `plan`, in the same order. A step is not sent (kNotTried) when its entry in `held` says
// why, or, with ABORTED, when a step that it depends on was not done in this run: one for its
// `after_subject`, or the creation of the topic that it is about (granting on a topic that somebody else made
// a moment ago would open it). `stopping` is asked between phases. A creation whose intent cannot be
// journalled is not sent. A lost topic that is given up is ours again, as lost, if its creation is refused.
std::vector<StepResult> Execute(const core::Plan& plan, const std::vector<absl::Status>& held,
                                const Targets& targets, Journal& journal,
                                const std::function<bool()>& stopping);

}  // namespace sluice::agent
