// Check: from a request to drafts. Everything wrong with it is found at once; nothing is stored here.
#pragma once

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include <string>
#include <vector>

#include "controlplane/services/changes/draft.h"
#include "sluice/v1/change.pb.h"

namespace sluice::controlplane {

// One edit of a request, converted.
struct ProposedEdit {
  core::Edit edit;
  std::string etag;     // what it is based on; empty: whatever is there
  size_t position = 0;  // in the request
};

// A request, converted: what can be said without knowing what is there.
struct Proposal {
  std::vector<ProposedEdit> edits;
  std::vector<sluice::v1::Recreation> recreations;  // instead of edits; see recreate.h
  std::vector<core::Finding> findings;
  std::string justification;
  bool together = false;
};

// INVALID_ARGUMENT: a bound of the request itself is passed, or a resource occurs twice.
absl::StatusOr<Proposal> ReadProposal(const sluice::v1::ProposeChangeRequest& request);

// A proposal against one state.
struct Review {
  int64_t revision = 0;
  std::vector<core::Finding> findings;  // `edit` counts the request's edits
  std::vector<Draft> drafts;            // one for each change to make, in the order of first edits
  std::vector<std::string> unchanged;   // resources that already are as wanted
};

// ABORTED: an etag is stale.
absl::StatusOr<Review> ReviewProposal(const State& state, const Proposal& proposal);

}  // namespace sluice::controlplane
