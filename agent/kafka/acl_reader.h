// AclReader: all ACLs of a cluster, or those that apply to some names, in answers that librdkafka can take.
//
// librdkafka (2.8) takes the process down at more than 100,000 resource patterns in one answer. So the connection that
// ACLs are read on refuses answers over KafkaOptions::most_acl_bytes before it parses them (Admin::DescribeAcls: OUT_OF_RANGE), and what
// was too big is asked for in parts: by type of resource, by type of pattern, by operation. What is too big even so
// (about 50,000 topics that are read by somebody) cannot be looked at, and is said to be so.
// Thread safety: one thread at a time.
#pragma once

#include <chrono>
#include <set>
#include <string>

#include "absl/status/status.h"
#include "agent/kafka/admin.h"
#include "agent/target.h"

namespace sluice::agent::kafka {

// As KafkaState::acls and KafkaState::other_acls.
struct AclsSeen {
  absl::StatusOr<std::set<core::Acl>> acls;
  int32_t others = 0;
};

class AclReader {
 public:
  AclsSeen Read(const Scope& scope, Admin& admin);

 private:
  using Steady = std::chrono::steady_clock::time_point;
  absl::Status ReadParts(const AclFilter& filter, Admin& admin, std::set<core::Acl>& acls, int32_t& others);

  std::set<AclFilter> too_big_;  // found out not long ago: not asked for as a whole
  Steady found_out_{};
};

}  // namespace sluice::agent::kafka
