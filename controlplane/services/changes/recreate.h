// Recreate: changes that give lost topics up, from the request to what the release states.
#pragma once

#include <string>
#include <vector>

#include "common/core/recreation.h"
#include "controlplane/services/changes/check.h"
#include "controlplane/services/changes/draft.h"
#include "controlplane/store/store.h"

namespace sluice::controlplane {

// Takes the recreations of a request into `proposal`, with the IDs of the topics that were ours. Findings of
// everything that is not as the agents of the clusters reported last.
absl::Status ReadRecreations(Store& store, const sluice::v1::ProposeChangeRequest& request,
                             Proposal& proposal);

// A proposal of recreations against one state: those that are stated already are left out.
Review ReviewRecreations(const State& state, const Proposal& proposal);

// As Judge for a draft of recreations.
Judgement JudgeRecreations(const State& state, const Draft& draft, const std::vector<core::Person>& authors,
                           const core::RoleHolders& roles);

// What the release of such a draft states. Every topic has the name of one that a product may have
// (JudgeRecreations).
std::vector<GivenUpTopic> TopicsToGiveUp(const Draft& draft);

// `dataproduct/{name}` of those whose topics a draft gives up: where people look for it in the audit log.
std::vector<std::string> ProductsOf(const Draft& draft);

}  // namespace sluice::controlplane
