#include "common/core/settings.h"

#include <string>

namespace sluice::core {
namespace {

const Config& ConventionOf(Purpose purpose) {
  static const auto& compacted = *new Config{{std::string(kCleanupPolicy), "compact"}};
  static const auto& deleted = *new Config{{std::string(kCleanupPolicy), "delete"}};
  return purpose == Purpose::kRecords ? compacted : deleted;
}

}  // namespace

std::array<SettingsLayer, 4> SettingsLayers(const Stream& stream, const Environment& environment) {
  static const auto& nothing = *new TopicSettings();
  const TopicSettings& defaults = environment.defaults;
  const auto own = stream.overrides.find(environment.name);
  const TopicSettings& overrides = own == stream.overrides.end() ? nothing : own->second;
  return {{{Origin::kConvention, kDefaultPartitions, kDefaultReplicationFactor, ConventionOf(stream.purpose)},
           {Origin::kEnvironment, defaults.partitions, defaults.replication_factor, defaults.config},
           {Origin::kManifest, stream.partitions, 0, stream.config},
           {Origin::kOverride, overrides.partitions, overrides.replication_factor, overrides.config}}};
}

TopicSettings EffectiveSettings(const Stream& stream, const Environment& environment) {
  TopicSettings settings;
  for (const SettingsLayer& layer : SettingsLayers(stream, environment)) {
    if (layer.partitions != 0) settings.partitions = layer.partitions;
    if (layer.replication_factor != 0) settings.replication_factor = layer.replication_factor;
    for (const auto& [key, value] : layer.config) settings.config[key] = value;
  }
  return settings;
}

}  // namespace sluice::core
