// Recreations: a person's word that a lost topic of ours is given up. An empty one is made in its place, or
// the one that somebody else made there is taken as ours.
#pragma once

#include <string>
#include <vector>

#include "common/core/assess.h"
#include "common/core/finding.h"
#include "common/core/slice.h"

namespace sluice::core {

struct Recreation {
  std::string cluster;
  std::string product;  // that wants the topic
  LostTopic topic;
};

// `topic/{cluster}/{topic}`: what audit entries and findings call it.
std::string RecreationResource(std::string_view cluster, std::string_view topic);

// Class OPERATION. Each needs an owner of its product or the platform operator; nobody else where an author
// is one.
Assessment AssessRecreations(const Catalog& catalog, const std::vector<Recreation>& recreations,
                             const std::vector<Person>& authors, const RoleHolders& roles);

// Warnings: what an approver must know.
std::vector<Finding> WarnOfRecreations(const std::vector<Recreation>& recreations);

}  // namespace sluice::core
