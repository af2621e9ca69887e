// Access: how a configuration of an agent says to reach its Kafka cluster and its registry. For the agent, its doctor,
// and `sluice verify`, which only looks.
#pragma once

#include "agent/kafka/kafka.h"
#include "agent/registry/registry.h"
#include "sluice/internal/v1/config.pb.h"

namespace sluice::agent {

KafkaOptions KafkaOptionsOf(const sluice::internal::v1::AgentConfig& config);
// Without a URL: the cluster has none.
RegistryOptions RegistryOptionsOf(const sluice::internal::v1::AgentConfig& config);

}  // namespace sluice::agent
