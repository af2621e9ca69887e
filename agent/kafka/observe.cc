#include "agent/kafka/observe.h"

#include <algorithm>
#include <future>
#include <iterator>
#include <utility>

namespace sluice::agent::kafka {
namespace {

constexpr size_t kConfigsPerRequest = 500;  // answers of 3.6 kB a topic when all keys are read

using Topics = std::map<std::string, core::ObservedTopic>;
using Names = std::vector<std::string>;

// Kafka's own rule; other words in a scope (group prefixes with letters that topics lack) are no topics.
bool CanBeTopic(const std::string& name) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
  };
  return !name.empty() && name.size() <= 249 && name != "." && name != ".." &&
         std::all_of(name.begin(), name.end(), allowed);
}

absl::StatusOr<Names> NamesToLookAt(const Scope& scope, Admin& admin) {
  Names names;
  if (scope.has_value()) {
    names.assign(scope->begin(), scope->end());
  } else {
    absl::StatusOr<Names> all = admin.ListTopics();
    if (!all.ok()) return all.status();
    names = *std::move(all);
  }
  names.erase(std::remove_if(names.begin(), names.end(),
                             [](const std::string& name) { return IsInternal(name) || !CanBeTopic(name); }),
              names.end());
  std::sort(names.begin(), names.end());
  return names;
}

// Calls `look` with at most `size` names at a time.
template <typename Look>
absl::Status InChunks(const Names& names, size_t size, const Look& look) {
  for (size_t begin = 0; begin < names.size(); begin += size) {
    const size_t end = std::min(names.size(), begin + size);
    const Names chunk(names.begin() + static_cast<ptrdiff_t>(begin),
                      names.begin() + static_cast<ptrdiff_t>(end));
    if (absl::Status status = look(chunk); !status.ok()) return status;
  }
  return absl::OkStatus();
}

bool IsAbsent(const absl::Status& status) {
  return absl::IsNotFound(status) || absl::IsInvalidArgument(status);
}

absl::Status DescribeTopics(const Names& names, Admin& admin, KafkaState& state) {
  return InChunks(names, kMaxItems, [&](const Names& chunk) -> absl::Status {
    absl::StatusOr<std::vector<TopicDescription>> topics = admin.DescribeTopics(chunk);
    if (!topics.ok()) return topics.status();
    for (TopicDescription& topic : *topics) {
      if (topic.status.ok()) {
        state.topics[topic.name] = {std::move(topic.id), topic.partitions, topic.replication_factor, {}};
      } else if (!IsAbsent(topic.status)) {
        state.unreadable[topic.name] = topic.status;
      }
    }
    return absl::OkStatus();
  });
}

absl::Status DescribeConfigs(const std::set<std::string>& keys, Admin& admin, KafkaState& state) {
  Names names;
  names.reserve(state.topics.size());
  for (const auto& [name, topic] : state.topics) names.push_back(name);
  std::set<std::string> missing(names.begin(), names.end());
  absl::Status status = InChunks(names, kConfigsPerRequest, [&](const Names& chunk) -> absl::Status {
    absl::StatusOr<std::vector<ConfigDescription>> configs = admin.DescribeConfigs(chunk, keys);
    if (!configs.ok()) return configs.status();
    for (ConfigDescription& config : *configs) {
      missing.erase(config.topic);
      if (config.status.ok()) {
        state.topics[config.topic].overrides = std::move(config.overrides);
        continue;
      }
      if (!IsAbsent(config.status)) state.unreadable[config.topic] = config.status;
      state.topics.erase(config.topic);  // deleted since it was described, or unreadable
    }
    return absl::OkStatus();
  });
  for (const std::string& name : missing) {
    state.topics.erase(name);
    state.unreadable[name] = absl::InternalError("Kafka's answer does not speak of this topic's configs");
  }
  return status;
}

absl::Status ObserveTopics(const KafkaQuery& query, Admin& admin, KafkaState& state) {
  absl::StatusOr<Names> names = NamesToLookAt(query.scope, admin);
  if (!names.ok()) return names.status();
  if (absl::Status status = DescribeTopics(*names, admin, state); !status.ok()) return status;
  return DescribeConfigs(query.config_keys, admin, state);
}

}  // namespace

absl::StatusOr<KafkaState> ObserveCluster(const KafkaQuery& query, Admin& admin, AclReader& acls) {
  KafkaState state;
  absl::StatusOr<ClusterDescription> cluster = admin.DescribeCluster();
  if (!cluster.ok()) return cluster.status();
  state.cluster_id = std::move(cluster->id);
  state.brokers = cluster->brokers;
  // A broker walks all its ACLs for an answer, so topics and configs are read meanwhile.
  std::future<AclsSeen> seen =
      std::async(std::launch::async, [&] { return acls.Read(query.scope, admin); });
  const absl::Status topics = ObserveTopics(query, admin, state);
  AclsSeen read = seen.get();
  if (!topics.ok()) return topics;
  state.acls = std::move(read.acls);
  state.other_acls = read.others;
  return state;
}

}  // namespace sluice::agent::kafka
