// Observe: from what one request can see to what a cluster looks like, in few requests of bounded size.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "agent/kafka/acl_reader.h"
#include "agent/kafka/admin.h"
#include "agent/target.h"

namespace sluice::agent::kafka {

absl::StatusOr<KafkaState> ObserveCluster(const KafkaQuery& query, Admin& admin, AclReader& acls);

}  // namespace sluice::agent::kafka
