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

// Somebody else's hands: acts on `cluster` as its administrator, in milliseconds. The test fails when it does not work.
void MakeTopic(const std::string& cluster, const core::Topic& topic);
void SetTopicConfig(const std::string& cluster, const std::string& topic, const std::string& key, const std::string& value);
void AddAcl(const std::string& cluster, const core::Acl& acl);
void RemoveAcl(const std::string& cluster, const core::Acl& acl);
// `method` of `path` (below the registry's URL) with a JSON body; returns the body of the answer.
std::string AskRegistry(const std::string& cluster, const std::string& method, const std::string& path,
                        const std::string& body = "");

// One of Kafka's own tools as the administrator (deploy/dev/cluster.sh tool); the test fails when it fails.
std::string KafkaTool(const std::string& cluster, const std::vector<std::string>& arguments);

}  // namespace sluice::testing
