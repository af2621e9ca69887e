// Settings: what a topic of a stream gets in an environment, after every default. Compile makes topics of it,
// Validate and Assess compare it.
#pragma once

#include <string_view>

#include "common/core/definitions.h"

namespace sluice::core {

inline constexpr int32_t kDefaultPartitions = 1;
inline constexpr int32_t kDefaultReplicationFactor = 3;
inline constexpr std::string_view kCleanupPolicy = "cleanup.policy";

// The later wins: convention (`cleanup.policy` by the stream's purpose, 1 partition, 3 replicas), the
// environment's defaults, the stream, the stream's overrides for the environment. Every field is set.
TopicSettings EffectiveSettings(const Stream& stream, const Environment& environment);

}  // namespace sluice::core
