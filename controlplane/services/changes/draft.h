// Draft: one connected group of edits on its way to becoming a change, and what a state of the store says
// about it.
#pragma once

#include <absl/status/statusor.h>

#include <string>
#include <string_view>
#include <vector>

#include "common/core/assess.h"
#include "common/core/catalog.h"
#include "common/core/finding.h"
#include "controlplane/store/store.h"
#include "sluice/internal/v1/stored.pb.h"
#include "sluice/v1/change.pb.h"

namespace sluice::controlplane {

struct Draft {
  std::vector<core::Edit> edits;
  std::vector<sluice::v1::Resource> resources;  // canonical protos of the edits, in their order
  std::vector<int64_t> base_revisions;          // of the definitions they replace; 0: none was there
  std::vector<sluice::v1::Recreation> recreations;  // instead of edits
  std::string justification;
};

// What Validate, Assess, Compile and Diff say about a draft at one revision. Without errors only: assessment
// and plans.
struct Judgement {
  int64_t revision = 0;
  std::vector<core::Finding> findings;  // `edit` counts the draft's edits
  core::Assessment assessment;
  std::vector<sluice::v1::ClusterPlan> plans;
};

Judgement Judge(const State& state, const Draft& draft, const std::vector<core::Person>& authors,
                const core::Policy& policy);
// Validate and Assess alone: who must agree, at a fraction of the cost. No plans, and no limits of clusters.
Judgement JudgePeople(const State& state, const Draft& draft, const std::vector<core::Person>& authors,
                      const core::Policy& policy);

bool HasErrors(const std::vector<core::Finding>& findings);

// The revision of the definition that an edit would replace; 0: there is none.
int64_t BaseRevision(const core::Catalog& catalog, const core::Definition& definition);

// The stored form of a draft and back. The bytes of `content` are what the digest covers.
std::string SerializeContent(const Draft& draft, const std::string& change);
absl::StatusOr<sluice::internal::v1::ChangeContent> ParseContent(const StoredChange& change);
Draft DraftFrom(const sluice::internal::v1::ChangeContent& content);

// `C-42` and 42. INVALID_ARGUMENT: no such name.
std::string ChangeName(int64_t id);
absl::StatusOr<int64_t> ParseChangeName(std::string_view name);

// `dataproduct/p-and-p.promotions` for each edit.
std::vector<std::string> ResourceNames(const Draft& draft);
// One line for lists: `f-and-r.demand-forecast new, and 3 more`.
std::string Summarize(const Draft& draft);

core::Person PersonOf(const sluice::internal::v1::Actor& actor);

}  // namespace sluice::controlplane
