#include "common/core/topic_config.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <limits>

#include "common/core/text.h"

namespace sluice::core {
namespace {

enum class Type { kNumber, kRatio, kBool, kChoice, kChoices };

struct TopicConfig {
  std::string_view key;
  Type type = Type::kNumber;
  int64_t min = 0, max = 0;  // kNumber
  std::string_view choices;  // kChoice, kChoices: separated by spaces
};

constexpr int64_t kInt = std::numeric_limits<int32_t>::max();
constexpr int64_t kLong = std::numeric_limits<int64_t>::max();
constexpr int64_t kMiB = 1 << 20;

// In the order of keys.
constexpr auto kConfigs = std::to_array<TopicConfig>({
    {"cleanup.policy", Type::kChoices, 0, 0, "compact delete"},
    {"compression.gzip.level", Type::kNumber, -1, 9, {}},
    {"compression.lz4.level", Type::kNumber, 1, 17, {}},
    {"compression.type", Type::kChoice, 0, 0, "uncompressed zstd lz4 snappy gzip producer"},
    {"compression.zstd.level", Type::kNumber, -131072, 22, {}},
    {"delete.retention.ms", Type::kNumber, 0, kLong, {}},
    {"file.delete.delay.ms", Type::kNumber, 0, kLong, {}},
    {"flush.messages", Type::kNumber, 1, kLong, {}},
    {"flush.ms", Type::kNumber, 0, kLong, {}},
    {"index.interval.bytes", Type::kNumber, 0, kInt, {}},
    {"local.retention.bytes", Type::kNumber, -2, kLong, {}},
    {"local.retention.ms", Type::kNumber, -2, kLong, {}},
    {"max.compaction.lag.ms", Type::kNumber, 1, kLong, {}},
    {"max.message.bytes", Type::kNumber, 0, kInt, {}},
    {"message.timestamp.after.max.ms", Type::kNumber, 0, kLong, {}},
    {"message.timestamp.before.max.ms", Type::kNumber, 0, kLong, {}},
    {"message.timestamp.type", Type::kChoice, 0, 0, "CreateTime LogAppendTime"},
    {"min.cleanable.dirty.ratio", Type::kRatio, 0, 1, {}},
    {"min.compaction.lag.ms", Type::kNumber, 0, kLong, {}},
    {"min.insync.replicas", Type::kNumber, 1, kInt, {}},
    {"preallocate", Type::kBool, 0, 0, {}},
    {"remote.log.copy.disable", Type::kBool, 0, 0, {}},
    {"remote.log.delete.on.disable", Type::kBool, 0, 0, {}},
    {"remote.storage.enable", Type::kBool, 0, 0, {}},
    {"retention.bytes", Type::kNumber, -1, kLong, {}},
    {"retention.ms", Type::kNumber, -1, kLong, {}},
    {"segment.bytes", Type::kNumber, kMiB, kInt, {}},
    {"segment.index.bytes", Type::kNumber, 4, kInt, {}},
    {"segment.jitter.ms", Type::kNumber, 0, kLong, {}},
    {"segment.ms", Type::kNumber, 1, kLong, {}},
    {"unclean.leader.election.enable", Type::kBool, 0, 0, {}},
});

bool EndsWith(std::string_view text, std::string_view end) {
  return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

std::vector<std::string> Split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  for (size_t at = 0; (at = text.find(separator)) != std::string_view::npos; text.remove_prefix(at + 1)) {
    parts.emplace_back(text.substr(0, at));
  }
  parts.emplace_back(text);
  return parts;
}

ConfigProblem Refused(const TopicConfig& config, std::string_view value, std::string_view rule,
                      std::string remedy) {
  return {"config-value", Cat(config.key, " is ", Quote(value), "; ", rule), std::move(remedy)};
}

std::optional<ConfigProblem> CheckNumber(const TopicConfig& config, std::string_view value) {
  int64_t number = 0;
  const char* end = value.data() + value.size();
  const auto [at, error] = std::from_chars(value.data(), end, number);
  if (error != std::errc() || at != end) {
    if (EndsWith(config.key, ".ms")) {
      return Refused(config, value, "it takes a duration",
                     "write 7d, 12h, 30m, 15s, 500ms or plain milliseconds");
    }
    if (EndsWith(config.key, ".bytes")) {
      return Refused(config, value, "it takes a size", "write 1MiB, 64KiB or plain bytes");
    }
    return Refused(config, value, "it takes a whole number", "write digits only");
  }
  if (number >= config.min && number <= config.max) return std::nullopt;
  const std::string range =
      config.max == kLong ? Cat("at least ", config.min) : Cat(config.min, " to ", config.max);
  return Refused(config, value, Cat("Kafka takes ", range), Cat("choose a value of ", range));
}

std::optional<ConfigProblem> CheckRatio(const TopicConfig& config, std::string_view value) {
  double number = 0;
  const char* end = value.data() + value.size();
  const auto [at, error] = std::from_chars(value.data(), end, number);
  if (error == std::errc() && at == end && number >= 0 && number <= 1) return std::nullopt;
  return Refused(config, value, "it takes a number from 0 to 1", "write for example 0.5");
}

std::optional<ConfigProblem> CheckChoice(const TopicConfig& config, std::string_view value) {
  const std::vector<std::string> choices = Split(config.choices, ' ');
  std::vector<std::string> chosen = config.type == Type::kChoices ? Split(value, ',') : Split(value, '\0');
  const auto known = [&](const std::string& part) {
    return std::find(choices.begin(), choices.end(), part) != choices.end();
  };
  if (!std::all_of(chosen.begin(), chosen.end(), known)) {
    return Refused(config, value, Cat("it takes ", List(choices)), "choose one of these");
  }
  std::sort(chosen.begin(), chosen.end());
  if (std::adjacent_find(chosen.begin(), chosen.end()) == chosen.end()) return std::nullopt;
  return Refused(config, value, "it says one thing twice", "name each policy once");
}

ConfigProblem Unknown(std::string_view key) {
  std::vector<std::string> known;
  for (const TopicConfig& config : kConfigs) known.emplace_back(config.key);
  const std::string nearest = Nearest(key, known);
  return {"config-unknown", Cat("Kafka has no topic config ", Quote(key)),
          nearest.empty() ? "use the names of Kafka's topic configs, for example retention.ms"
                          : Cat("did you mean '", nearest, "'?")};
}

}  // namespace

std::optional<ConfigProblem> CheckTopicConfig(std::string_view key, std::string_view value) {
  if (EndsWith(key, ".replication.throttled.replicas")) {
    return ConfigProblem{"config-reserved", Cat(Quote(key), " belongs to reassignments of partitions"),
                         "leave it out; Sluice never touches it"};
  }
  const auto at =
      std::lower_bound(kConfigs.begin(), kConfigs.end(), key,
                       [](const TopicConfig& config, std::string_view name) { return config.key < name; });
  if (at == kConfigs.end() || at->key != key) return Unknown(key);
  switch (at->type) {
    case Type::kNumber:
      return CheckNumber(*at, value);
    case Type::kRatio:
      return CheckRatio(*at, value);
    case Type::kBool:
      if (value == "true" || value == "false") return std::nullopt;
      return Refused(*at, value, "it takes true or false", "write true or false");
    case Type::kChoice:
    case Type::kChoices:
      return CheckChoice(*at, value);
  }
  return std::nullopt;
}

std::vector<std::string_view> TopicConfigKeys() {
  std::vector<std::string_view> keys;
  for (const TopicConfig& config : kConfigs) keys.push_back(config.key);
  return keys;
}

bool Compacts(std::string_view cleanup_policy) {
  return cleanup_policy.find("compact") != std::string_view::npos;
}

}  // namespace sluice::core
