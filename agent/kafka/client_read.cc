// Client: the requests that look.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <random>
#include <utility>

#include "agent/kafka/client.h"

namespace sluice::agent::kafka {
namespace {

constexpr std::chrono::minutes kAuthorizerStays{5};  // taking it out of a cluster means restarting that

TopicDescription ToDescription(const rd_kafka_TopicDescription_t* topic) {
  TopicDescription description;
  description.name = rd_kafka_TopicDescription_name(topic);
  description.status = ToStatus(rd_kafka_TopicDescription_error(topic));
  if (!description.status.ok()) return description;
  description.id = ToText(rd_kafka_TopicDescription_topic_id(topic));
  size_t count = 0;
  const auto** partitions = rd_kafka_TopicDescription_partitions(topic, &count);
  description.partitions = static_cast<int32_t>(count);
  size_t least = count == 0 ? 0 : std::numeric_limits<size_t>::max();
  for (size_t i = 0; i < count; ++i) {
    size_t replicas = 0;
    rd_kafka_TopicPartitionInfo_replicas(partitions[i], &replicas);
    least = std::min(least, replicas);
  }
  description.replication_factor = static_cast<int32_t>(least);
  return description;
}

ConfigDescription ToDescription(const rd_kafka_ConfigResource_t* resource) {
  ConfigDescription description;
  description.topic = rd_kafka_ConfigResource_name(resource);
  const char* sentence = rd_kafka_ConfigResource_error_string(resource);
  description.status = ToStatus(rd_kafka_ConfigResource_error(resource), sentence == nullptr ? "" : sentence);
  size_t count = 0;
  const auto** entries = rd_kafka_ConfigResource_configs(resource, &count);
  for (size_t i = 0; i < count; ++i) {
    if (rd_kafka_ConfigEntry_source(entries[i]) != RD_KAFKA_CONFIG_SOURCE_DYNAMIC_TOPIC_CONFIG) continue;
    const char* value =
        rd_kafka_ConfigEntry_value(entries[i]);  // null when sensitive; topics have no such keys
    description.overrides[rd_kafka_ConfigEntry_name(entries[i])] = value == nullptr ? "" : value;
  }
  return description;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Client>> Client::Open(const KafkaOptions& options) {
  auto client = std::make_unique<Client>();
  KafkaOptions for_acls = options;
  for_acls.properties["receive.message.max.bytes"] = std::to_string(options.most_acl_bytes);
  for_acls.properties["fetch.max.bytes"] = std::to_string(options.most_acl_bytes / 2);  // nothing is fetched; it must be smaller
  for_acls.properties["message.max.bytes"] = std::to_string(options.most_acl_bytes / 4);
  const std::array<std::pair<std::unique_ptr<FreshConnection>*, const KafkaOptions*>, 4> connections = {
      {{&client->reads_, &options},
       {&client->acls_, &for_acls},
       {&client->creations_, &options},
       {&client->changes_, &options}}};
  for (const auto& [connection, with] : connections) {
    absl::StatusOr<std::unique_ptr<FreshConnection>> opened = FreshConnection::Open(*with, client->stop_);
    if (!opened.ok()) return opened.status();
    *connection = *std::move(opened);
  }
  return client;
}

absl::StatusOr<ClusterDescription> Client::DescribeCluster() {
  const Finished finished = reads_->Get()->Call(
      RD_KAFKA_ADMIN_OP_DESCRIBECLUSTER,
      [](auto* client, auto* options, auto* queue) { rd_kafka_DescribeCluster(client, options, queue); });
  if (finished.event == nullptr) return finished.failure.status;
  const auto* result = rd_kafka_event_DescribeCluster_result(finished.event.get());
  ClusterDescription description;
  const char* id = rd_kafka_DescribeCluster_result_cluster_id(result);
  description.id = id == nullptr ? "" : id;
  size_t brokers = 0;
  rd_kafka_DescribeCluster_result_nodes(result, &brokers);
  description.brokers = static_cast<int32_t>(brokers);
  return description;
}

absl::StatusOr<std::vector<std::string>> Client::ListTopics() { return reads_->Get()->ListTopics(); }

absl::StatusOr<std::vector<TopicDescription>> Client::DescribeTopics(const std::vector<std::string>& names) {
  std::vector<TopicDescription> descriptions;
  if (names.empty()) return descriptions;
  std::vector<const char*> bare;
  bare.reserve(names.size());
  for (const std::string& name : names) bare.push_back(name.c_str());
  const TopicCollectionPtr topics(rd_kafka_TopicCollection_of_topic_names(bare.data(), bare.size()));
  const Finished finished =
      reads_->Get()->Call(RD_KAFKA_ADMIN_OP_DESCRIBETOPICS, [&](auto* client, auto* options, auto* queue) {
        rd_kafka_DescribeTopics(client, topics.get(), options, queue);
      });
  if (finished.event == nullptr) return finished.failure.status;
  size_t count = 0;
  const auto** results = rd_kafka_DescribeTopics_result_topics(
      rd_kafka_event_DescribeTopics_result(finished.event.get()), &count);
  descriptions.reserve(count);
  for (size_t i = 0; i < count; ++i) descriptions.push_back(ToDescription(results[i]));
  return descriptions;
}

absl::StatusOr<std::vector<ConfigDescription>> Client::DescribeConfigs(const std::vector<std::string>& topics,
                                                                       const std::set<std::string>& keys) {
  std::vector<ConfigDescription> descriptions;
  if (topics.empty()) return descriptions;
  std::vector<ConfigResourcePtr> resources;
  resources.reserve(topics.size());
  for (const std::string& topic : topics) {
    resources.emplace_back(rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic.c_str()));
    for (const std::string& key : keys) {
      // The value means nothing here, but librdkafka ignores a key without one.
      (void)rd_kafka_ConfigResource_set_config(resources.back().get(), key.c_str(), "");
    }
  }
  auto bare = Bare(resources);
  const Finished finished =
      reads_->Get()->Call(RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS, [&](auto* client, auto* options, auto* queue) {
        rd_kafka_DescribeConfigs(client, bare.data(), bare.size(), options, queue);
      });
  if (finished.event == nullptr) return finished.failure.status;
  size_t count = 0;
  const auto** results = rd_kafka_DescribeConfigs_result_resources(
      rd_kafka_event_DescribeConfigs_result(finished.event.get()), &count);
  descriptions.reserve(count);
  for (size_t i = 0; i < count; ++i) descriptions.push_back(ToDescription(results[i]));
  return descriptions;
}

absl::StatusOr<AclDescriptions> Client::DescribeAcls(const AclFilter& filter) {
  const AclPtr bare = ToFilter(filter);
  if (bare == nullptr)
    return AclDescriptions();  // librdkafka has no word for it, so it would not show one either
  const Finished finished =
      acls_->Get()->Call(RD_KAFKA_ADMIN_OP_DESCRIBEACLS, [&](auto* client, auto* options, auto* queue) {
        rd_kafka_DescribeAcls(client, bare.get(), options, queue);
      });
  if (finished.event == nullptr && finished.too_big)
    return absl::OutOfRangeError("the answer is too big for the Kafka client");
  if (finished.event == nullptr) return finished.failure.status;
  size_t count = 0;
  const auto** bindings =
      rd_kafka_DescribeAcls_result_acls(rd_kafka_event_DescribeAcls_result(finished.event.get()), &count);
  AclDescriptions descriptions;
  descriptions.acls.reserve(count);
  for (size_t i = 0; i < count; ++i) {
    std::optional<core::Acl> acl = ToAcl(bindings[i]);
    if (acl.has_value()) {
      descriptions.acls.push_back(*std::move(acl));
    } else {
      ++descriptions.others;
    }
  }
  if (count > 0) {
    authorizer_seen_ = std::chrono::steady_clock::now();
    return descriptions;
  }
  if (absl::Status status = ConfirmNoAcls(); !status.ok()) return status;
  return descriptions;
}

// librdkafka (2.8 and later) drops the error of a DescribeAcls answer: a refusal looks like "there are none".
// Believing that would report revoked grants as gone. So nothing is believed only if this user may look and
// there is an authorizer.
absl::Status Client::ConfirmNoAcls() {
  const Finished finished =
      reads_->Get()->Call(RD_KAFKA_ADMIN_OP_DESCRIBECLUSTER, [](auto* client, auto* options, auto* queue) {
        const ErrorPtr error(rd_kafka_AdminOptions_set_include_authorized_operations(options, 1));
        rd_kafka_DescribeCluster(client, options, queue);
      });
  if (finished.event == nullptr) return finished.failure.status;
  size_t count = 0;
  const rd_kafka_AclOperation_t* operations = rd_kafka_DescribeCluster_result_authorized_operations(
      rd_kafka_event_DescribeCluster_result(finished.event.get()), &count);
  if (std::find(operations, operations + count, RD_KAFKA_ACL_OPERATION_DESCRIBE) == operations + count) {
    return absl::PermissionDeniedError(
        "CLUSTER_AUTHORIZATION_FAILED: this user may not look at ACLs; grant it DESCRIBE on the cluster");
  }
  return ConfirmAuthorizer();
}

// Deleting what cannot exist changes nothing, and its answer's errors are not dropped. A refusal for lack of
// permission comes from an authorizer.
absl::Status Client::ConfirmAuthorizer() {
  const Steady now = std::chrono::steady_clock::now();
  const Steady seen = authorizer_seen_;
  if (seen != Steady::min() && now - seen < kAuthorizerStays) return absl::OkStatus();
  core::Acl none;
  none.resource =
      "sluice-probe-" + std::to_string(std::random_device()()) + std::to_string(std::random_device()());
  none.principal = "User:sluice-probe";
  const Reply reply = DeleteAcls({none}).front();
  if (reply.answer == Answer::kDone || absl::IsPermissionDenied(reply.status)) {
    authorizer_seen_ = now;
    return absl::OkStatus();
  }
  return reply.status;
}

}  // namespace sluice::agent::kafka
