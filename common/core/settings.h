// Settings: what a topic of a stream gets in an environment, after every default, and where each value comes
// from. Compile makes topics of it, Validate and Assess compare it, ExplainProduct tells it.
#pragma once

#include <array>
#include <string_view>

#include "common/core/definitions.h"

namespace sluice::core {

inline constexpr int32_t kDefaultPartitions = 1;
inline constexpr int32_t kDefaultReplicationFactor = 3;
inline constexpr std::string_view kCleanupPolicy = "cleanup.policy";

// Where a setting comes from.
enum class Origin {
  kConvention,   // `cleanup.policy` by the stream's purpose, 1 partition, 3 replicas
  kEnvironment,  // the environment's defaults
  kManifest,     // the stream
  kOverride,     // the stream's overrides for the environment
};

// What one origin sets. 0 and keys that are not there: not set by it. Refers to what it was made from.
struct SettingsLayer {
  Origin origin;
  int32_t partitions;
  int32_t replication_factor;
  const Config& config;
};

// What acts on a stream in an environment, in the order of Origin: the later wins.
std::array<SettingsLayer, 4> SettingsLayers(const Stream& stream, const Environment& environment);

// All layers, one over the other. Every field is set.
TopicSettings EffectiveSettings(const Stream& stream, const Environment& environment);

}  // namespace sluice::core
