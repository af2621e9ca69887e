#include "common/core/settings.h"

#include <string>

namespace sluice::core {
namespace {

void Override(TopicSettings& settings, int32_t partitions, int32_t replication_factor, const Config& config) {
  if (partitions != 0) settings.partitions = partitions;
  if (replication_factor != 0) settings.replication_factor = replication_factor;
  for (const auto& [key, value] : config) settings.config[key] = value;
}

}  // namespace

TopicSettings EffectiveSettings(const Stream& stream, const Environment& environment) {
  TopicSettings settings;
  settings.partitions = kDefaultPartitions;
  settings.replication_factor = kDefaultReplicationFactor;
  settings.config[std::string(kCleanupPolicy)] = stream.purpose == Purpose::kRecords ? "compact" : "delete";
  const TopicSettings& defaults = environment.defaults;
  Override(settings, defaults.partitions, defaults.replication_factor, defaults.config);
  Override(settings, stream.partitions, 0, stream.config);
  const auto own = stream.overrides.find(environment.name);
  if (own != stream.overrides.end()) {
    Override(settings, own->second.partitions, own->second.replication_factor, own->second.config);
  }
  return settings;
}

}  // namespace sluice::core
