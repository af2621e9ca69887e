// Topic configs: which configs Apache Kafka 4.x has for topics, and which values each takes.
// Source: org.apache.kafka.common.config.TopicConfig and
// org.apache.kafka.storage.internals.log.LogConfig, 4.1.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::core {

// Why a config is refused.
struct ConfigProblem {
  std::string rule;  // `config-unknown`, `config-value`, `config-reserved`
  std::string message;
  std::string remedy;
};

// nullopt: Kafka would take it. Values are in canonical form (plain numbers).
std::optional<ConfigProblem> CheckTopicConfig(std::string_view key, std::string_view value);

// Every key that Kafka has for topics, in their order.
std::vector<std::string_view> TopicConfigKeys();

// Whether a `cleanup.policy` value compacts.
bool Compacts(std::string_view cleanup_policy);

}  // namespace sluice::core
