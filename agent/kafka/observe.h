// Observe: from what one request can see to what a cluster looks like, in few requests of bounded size.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "agent/kafka/admin.h"
#include "agent/target.h"

namespace sluice::agent::kafka {

absl::StatusOr<KafkaState> ObserveCluster(const KafkaQuery& query, Admin& admin);

// Admin::DescribeTopics for any number of names.
absl::StatusOr<std::vector<TopicDescription>> DescribeInChunks(const std::vector<std::string>& names,
                                                               Admin& admin);

}  // namespace sluice::agent::kafka
