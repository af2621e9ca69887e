#include <algorithm>
#include <charconv>

#include "common/core/checks.h"
#include "common/core/limits.h"
#include "common/core/settings.h"
#include "common/core/text.h"
#include "common/core/topic_config.h"

namespace sluice::core {
namespace {

int64_t NumberOr(const Config& config, const std::string& key, int64_t other) {
  const auto at = config.find(key);
  if (at == config.end()) return other;
  int64_t number = other;
  std::from_chars(at->second.data(), at->second.data() + at->second.size(), number);
  return number;
}

void CheckRange(int32_t value, int32_t max, std::string field, std::string_view rule, Report& report) {
  if (value >= 0 && value <= max) return;
  report.Error(std::move(field), rule, Cat("it is ", value, "; 1 to ", max, ", or 0 for the default"),
               Cat("choose a value of 1 to ", max));
}

}  // namespace

void CheckConfig(const Config& config, std::string_view field, ConfigPlace place, Report& report) {
  if (!CheckCount(config.size(), kMaxConfigs, Cat(field, "config"), report)) return;
  for (const auto& [key, value] : config) {
    const std::string at = Cat(field, "config.", key);
    if (value.size() > kMaxConfigValue) {
      report.Error(at, "too-long", Cat("it has ", value.size(), " bytes; at most ", kMaxConfigValue),
                   "shorten it");
    } else if (place == ConfigPlace::kEnvironment && key == kCleanupPolicy) {
      report.Error(at, "config-by-purpose",
                   "cleanup.policy follows from the purpose of each stream, not from the environment",
                   "set it on the streams that differ");
    } else if (const auto problem = CheckTopicConfig(key, value)) {
      report.Error(at, problem->rule, problem->message, problem->remedy);
    }
  }
  const int64_t min_lag = NumberOr(config, "min.compaction.lag.ms", 0);
  const int64_t max_lag = NumberOr(config, "max.compaction.lag.ms", min_lag);
  if (min_lag > max_lag) {
    report.Error(Cat(field, "config.min.compaction.lag.ms"), "config-value",
                 Cat("min.compaction.lag.ms (", min_lag, ") is above max.compaction.lag.ms (", max_lag, ")"),
                 "lower the one or raise the other");
  }
}

void CheckSettings(const TopicSettings& settings, std::string_view field, ConfigPlace place, Report& report) {
  CheckRange(settings.partitions, kMaxPartitions, Cat(field, "partitions"), "partitions-range", report);
  CheckRange(settings.replication_factor, kMaxReplicationFactor, Cat(field, "replication_factor"),
             "replication-factor-range", report);
  CheckConfig(settings.config, field, place, report);
}

}  // namespace sluice::core
