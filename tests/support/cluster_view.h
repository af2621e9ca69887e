// ClusterView: what a dev cluster really holds, read as its administrator from Kafka and the registry themselves.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "common/core/diff.h"

namespace sluice::testing {

struct SubjectView {
  std::string level;
  int versions = 0;
  std::string latest;  // schema text
};

struct ClusterView {
  std::map<std::string, core::ObservedTopic> topics;  // names that begin with the prefix
  std::set<std::string> acls;                         // core::Describe, of resources or principals that hold the prefix
  std::map<std::string, SubjectView> subjects;        // names that begin with the prefix

  bool HasAcl(const std::string& line) const { return acls.contains(line); }
};

// Looks at everything on `cluster` (eu-prod, us-prod) whose names hold `prefix`.
ClusterView Look(const std::string& cluster, const std::string& prefix);

// One of Kafka's own tools as the administrator (deploy/dev/cluster.sh tool); the test fails when it fails.
std::string KafkaTool(const std::string& cluster, const std::vector<std::string>& arguments);

}  // namespace sluice::testing
