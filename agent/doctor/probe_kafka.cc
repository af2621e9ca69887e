// The probe of Kafka. Topics and groups that it asks about do not exist, so that an answer tells what this
// user may do on whatever no ACL names, and nothing can come of it.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <functional>

#include "agent/doctor/probe.h"
#include "agent/kafka/connection.h"
#include "common/crypto/sha256.h"

namespace sluice::agent::doctor {
namespace {

using core::Operation;
using kafka::Connection;
using kafka::Finished;
using kafka::StopSwitch;

constexpr size_t kSomeTopics = 50;  // whose operations are asked for
constexpr std::chrono::seconds kTimeout{8};
constexpr std::array<std::pair<rd_kafka_AclOperation_t, Operation>, 10> kOperations = {{
    {RD_KAFKA_ACL_OPERATION_READ, Operation::kRead},
    {RD_KAFKA_ACL_OPERATION_WRITE, Operation::kWrite},
    {RD_KAFKA_ACL_OPERATION_CREATE, Operation::kCreate},
    {RD_KAFKA_ACL_OPERATION_DELETE, Operation::kDelete},
    {RD_KAFKA_ACL_OPERATION_ALTER, Operation::kAlter},
    {RD_KAFKA_ACL_OPERATION_DESCRIBE, Operation::kDescribe},
    {RD_KAFKA_ACL_OPERATION_CLUSTER_ACTION, Operation::kClusterAction},
    {RD_KAFKA_ACL_OPERATION_DESCRIBE_CONFIGS, Operation::kDescribeConfigs},
    {RD_KAFKA_ACL_OPERATION_ALTER_CONFIGS, Operation::kAlterConfigs},
    {RD_KAFKA_ACL_OPERATION_IDEMPOTENT_WRITE, Operation::kIdempotentWrite},
}};
using FilterPtr = kafka::Owned<rd_kafka_AclBindingFilter_t, rd_kafka_AclBinding_destroy>;

Operations ToOperations(const rd_kafka_AclOperation_t* operations, size_t count) {
  Operations result;
  for (const auto& [theirs, ours] : kOperations) {
    if (std::find(operations, operations + count, theirs) != operations + count) result.insert(ours);
  }
  return result;
}

void AskForOperations(rd_kafka_AdminOptions_t* options) {
  const kafka::ErrorPtr error(rd_kafka_AdminOptions_set_include_authorized_operations(options, 1));
}

void OnlyValidate(rd_kafka_AdminOptions_t* options) {
  std::array<char, 256> sentence{};
  (void)rd_kafka_AdminOptions_set_validate_only(options, 1, sentence.data(), sentence.size());
}

class Probe {
 public:
  Probe(Connection& connection, KafkaFacts& facts)
      : connection_(connection), facts_(facts), nothing_("sluice-doctor-" + RandomHex(8)) {}

  void Run() {
    if (!Cluster()) return;
    Acls();
    Describe();
    DescribeConfigs();
    Create();
    Alter();
    AlterConfigs();
    Group();
    GroupAcls();
    SomeTopics();
    for (const int32_t broker : brokers_) facts_.settings.emplace(broker, SettingsOf(broker));
  }

 private:
  bool Cluster() {
    const Finished finished =
        connection_.Call(RD_KAFKA_ADMIN_OP_DESCRIBECLUSTER, [](auto* client, auto* options, auto* queue) {
          AskForOperations(options);
          rd_kafka_DescribeCluster(client, options, queue);
        });
    facts_.reached = finished.event == nullptr ? finished.failure.status : absl::OkStatus();
    if (finished.event == nullptr) return false;
    const auto* result = rd_kafka_event_DescribeCluster_result(finished.event.get());
    const char* id = rd_kafka_DescribeCluster_result_cluster_id(result);
    facts_.cluster_id = id == nullptr ? "" : id;
    size_t count = 0;
    const auto** nodes = rd_kafka_DescribeCluster_result_nodes(result, &count);
    for (size_t i = 0; i < count; ++i) brokers_.push_back(rd_kafka_Node_id(nodes[i]));
    facts_.brokers = static_cast<int>(count);
    facts_.has_controller = rd_kafka_DescribeCluster_result_controller(result) != nullptr;
    size_t operations = 0;
    const auto* list = rd_kafka_DescribeCluster_result_authorized_operations(result, &operations);
    facts_.on_cluster = ToOperations(list, operations);
    return true;
  }

  // Those of this user by all the names that it may have, and those of everybody.
  void Acls() {
    std::set<core::Acl> acls;
    std::vector<std::string> names = facts_.names;
    names.emplace_back("User:*");
    for (const std::string& name : names) {
      const FilterPtr filter(rd_kafka_AclBindingFilter_new(
          RD_KAFKA_RESOURCE_ANY, nullptr, RD_KAFKA_RESOURCE_PATTERN_ANY, name.c_str(), nullptr,
          RD_KAFKA_ACL_OPERATION_ANY, RD_KAFKA_ACL_PERMISSION_TYPE_ANY, nullptr, 0));
      const Finished finished =
          connection_.Call(RD_KAFKA_ADMIN_OP_DESCRIBEACLS, [&](auto* client, auto* options, auto* queue) {
            rd_kafka_DescribeAcls(client, filter.get(), options, queue);
          });
      if (finished.event == nullptr) {
        facts_.acls = finished.failure.status;
        return;
      }
      size_t count = 0;
      const auto** found =
          rd_kafka_DescribeAcls_result_acls(rd_kafka_event_DescribeAcls_result(finished.event.get()), &count);
      for (size_t i = 0; i < count; ++i) {
        if (auto acl = kafka::ToAcl(found[i])) acls.insert(*std::move(acl));
      }
    }
    facts_.acls = std::move(acls);
  }

  void Describe() {
    const char* names[] = {nothing_.c_str()};
    const kafka::TopicCollectionPtr topics(rd_kafka_TopicCollection_of_topic_names(names, 1));
    const Finished finished =
        connection_.Call(RD_KAFKA_ADMIN_OP_DESCRIBETOPICS, [&](auto* client, auto* options, auto* queue) {
          rd_kafka_DescribeTopics(client, topics.get(), options, queue);
        });
    absl::Status status = finished.failure.status;
    if (finished.event != nullptr) {
      size_t count = 0;
      const auto** found = rd_kafka_DescribeTopics_result_topics(
          rd_kafka_event_DescribeTopics_result(finished.event.get()), &count);
      if (count > 0) status = kafka::ToStatus(rd_kafka_TopicDescription_error(found[0]));
    }
    facts_.on_no_topic[Operation::kDescribe] = status;
  }

  void DescribeConfigs() {
    facts_.on_no_topic[Operation::kDescribeConfigs] = Resource(RD_KAFKA_RESOURCE_TOPIC, nothing_, nullptr);
  }

  void Create() {
    std::array<char, 256> sentence{};
    const kafka::NewTopicPtr topic(
        rd_kafka_NewTopic_new(nothing_.c_str(), 1, 1, sentence.data(), sentence.size()));
    rd_kafka_NewTopic_t* bare[] = {topic.get()};
    const Finished finished =
        connection_.Call(RD_KAFKA_ADMIN_OP_CREATETOPICS, [&](auto* client, auto* options, auto* queue) {
          OnlyValidate(options);
          rd_kafka_CreateTopics(client, bare, 1, options, queue);
        });
    facts_.on_no_topic[Operation::kCreate] = OfTopic(finished, [](rd_kafka_event_t* event, size_t* count) {
      return rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event), count);
    });
  }

  void Alter() {
    std::array<char, 256> sentence{};
    const kafka::NewPartitionsPtr partitions(
        rd_kafka_NewPartitions_new(nothing_.c_str(), 2, sentence.data(), sentence.size()));
    rd_kafka_NewPartitions_t* bare[] = {partitions.get()};
    const Finished finished =
        connection_.Call(RD_KAFKA_ADMIN_OP_CREATEPARTITIONS, [&](auto* client, auto* options, auto* queue) {
          OnlyValidate(options);
          rd_kafka_CreatePartitions(client, bare, 1, options, queue);
        });
    facts_.on_no_topic[Operation::kAlter] = OfTopic(finished, [](rd_kafka_event_t* event, size_t* count) {
      return rd_kafka_CreatePartitions_result_topics(rd_kafka_event_CreatePartitions_result(event), count);
    });
  }

  void AlterConfigs() {
    const kafka::ConfigResourcePtr resource(
        rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, nothing_.c_str()));
    const kafka::ErrorPtr error(rd_kafka_ConfigResource_add_incremental_config(
        resource.get(), "retention.ms", RD_KAFKA_ALTER_CONFIG_OP_TYPE_SET, "604800000"));
    rd_kafka_ConfigResource_t* bare[] = {resource.get()};
    const Finished finished = connection_.Call(
        RD_KAFKA_ADMIN_OP_INCREMENTALALTERCONFIGS, [&](auto* client, auto* options, auto* queue) {
          OnlyValidate(options);
          rd_kafka_IncrementalAlterConfigs(client, bare, 1, options, queue);
        });
    absl::Status status = finished.failure.status;
    if (finished.event != nullptr) {
      size_t count = 0;
      const auto** results = rd_kafka_IncrementalAlterConfigs_result_resources(
          rd_kafka_event_IncrementalAlterConfigs_result(finished.event.get()), &count);
      if (count > 0) status = OfResource(results[0]);
    }
    facts_.on_no_topic[Operation::kAlterConfigs] = status;
  }

  void Group() {
    const char* names[] = {nothing_.c_str()};
    const Finished finished = connection_.Call(
        RD_KAFKA_ADMIN_OP_DESCRIBECONSUMERGROUPS, [&](auto* client, auto* options, auto* queue) {
          rd_kafka_DescribeConsumerGroups(client, names, 1, options, queue);
        });
    facts_.look_at_group = finished.failure.status;
    if (finished.event == nullptr) return;
    size_t count = 0;
    const auto** groups = rd_kafka_DescribeConsumerGroups_result_groups(
        rd_kafka_event_DescribeConsumerGroups_result(finished.event.get()), &count);
    if (count == 0) return;
    facts_.look_at_group = kafka::ToStatus(rd_kafka_ConsumerGroupDescription_error(groups[0]));
    // That there is no such group says that this user was let look.
    const rd_kafka_error_t* error = rd_kafka_ConsumerGroupDescription_error(groups[0]);
    if (error != nullptr && rd_kafka_error_code(error) == RD_KAFKA_RESP_ERR_GROUP_ID_NOT_FOUND)
      facts_.look_at_group = absl::OkStatus();
  }

  void GroupAcls() {
    const FilterPtr filter(rd_kafka_AclBindingFilter_new(
        RD_KAFKA_RESOURCE_GROUP, nothing_.c_str(), RD_KAFKA_RESOURCE_PATTERN_MATCH, nullptr, nullptr,
        RD_KAFKA_ACL_OPERATION_ANY, RD_KAFKA_ACL_PERMISSION_TYPE_ANY, nullptr, 0));
    const Finished finished =
        connection_.Call(RD_KAFKA_ADMIN_OP_DESCRIBEACLS, [&](auto* client, auto* options, auto* queue) {
          rd_kafka_DescribeAcls(client, filter.get(), options, queue);
        });
    if (finished.event == nullptr) return;
    size_t count = 0;
    (void)rd_kafka_DescribeAcls_result_acls(rd_kafka_event_DescribeAcls_result(finished.event.get()), &count);
    // librdkafka drops a refusal: without this right none are shown.
    const bool may_look = facts_.on_cluster.ok() && facts_.on_cluster->count(Operation::kDescribe) > 0;
    facts_.group_has_acls = count > 0 || !may_look;
  }

  void SomeTopics() {
    const auto names = connection_.ListTopics();
    if (!names.ok()) return;
    std::vector<const char*> bare;
    for (const std::string& name : *names) {
      if (name.rfind("__", 0) != 0 && bare.size() < kSomeTopics) bare.push_back(name.c_str());
    }
    if (bare.empty()) return;
    const kafka::TopicCollectionPtr topics(rd_kafka_TopicCollection_of_topic_names(bare.data(), bare.size()));
    const Finished finished =
        connection_.Call(RD_KAFKA_ADMIN_OP_DESCRIBETOPICS, [&](auto* client, auto* options, auto* queue) {
          AskForOperations(options);
          rd_kafka_DescribeTopics(client, topics.get(), options, queue);
        });
    if (finished.event == nullptr) return;
    size_t count = 0;
    const auto** found = rd_kafka_DescribeTopics_result_topics(
        rd_kafka_event_DescribeTopics_result(finished.event.get()), &count);
    for (size_t i = 0; i < count; ++i) {
      if (!kafka::ToStatus(rd_kafka_TopicDescription_error(found[i])).ok()) continue;
      size_t operations = 0;
      const auto* list = rd_kafka_TopicDescription_authorized_operations(found[i], &operations);
      facts_.on_topics[rd_kafka_TopicDescription_name(found[i])] = ToOperations(list, operations);
    }
  }

  absl::StatusOr<Settings> SettingsOf(int32_t broker) {
    Settings settings;
    const absl::Status status = Resource(RD_KAFKA_RESOURCE_BROKER, std::to_string(broker), &settings);
    if (!status.ok()) return status;
    return settings;
  }

  static absl::Status OfResource(const rd_kafka_ConfigResource_t* resource) {
    const char* sentence = rd_kafka_ConfigResource_error_string(resource);
    return kafka::ToStatus(rd_kafka_ConfigResource_error(resource), sentence == nullptr ? "" : sentence);
  }

  absl::Status Resource(rd_kafka_ResourceType_t type, const std::string& name, Settings* settings) {
    const kafka::ConfigResourcePtr resource(rd_kafka_ConfigResource_new(type, name.c_str()));
    rd_kafka_ConfigResource_t* bare[] = {resource.get()};
    const Finished finished =
        connection_.Call(RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS, [&](auto* client, auto* options, auto* queue) {
          rd_kafka_DescribeConfigs(client, bare, 1, options, queue);
        });
    if (finished.event == nullptr) return finished.failure.status;
    size_t count = 0;
    const auto** results = rd_kafka_DescribeConfigs_result_resources(
        rd_kafka_event_DescribeConfigs_result(finished.event.get()), &count);
    if (count == 0) return absl::UnavailableError("no answer about it");
    if (absl::Status status = OfResource(results[0]); !status.ok() || settings == nullptr) return status;
    size_t entries = 0;
    const auto** list = rd_kafka_ConfigResource_configs(results[0], &entries);
    for (size_t i = 0; i < entries; ++i) {
      const char* value = rd_kafka_ConfigEntry_value(list[i]);
      const bool hidden = value == nullptr || rd_kafka_ConfigEntry_is_sensitive(list[i]) > 0;
      (*settings)[rd_kafka_ConfigEntry_name(list[i])] = {hidden ? "" : value, hidden};
    }
    return absl::OkStatus();
  }

  template <typename Results>
  static absl::Status OfTopic(const Finished& finished, const Results& results) {
    if (finished.event == nullptr) return finished.failure.status;
    size_t count = 0;
    const rd_kafka_topic_result_t** topics = results(finished.event.get(), &count);
    if (count == 0) return absl::UnavailableError("no answer about it");
    const char* sentence = rd_kafka_topic_result_error_string(topics[0]);
    return kafka::ToStatus(rd_kafka_topic_result_error(topics[0]), sentence == nullptr ? "" : sentence);
  }

  Connection& connection_;
  KafkaFacts& facts_;
  const std::string nothing_;  // what nothing is called
  std::vector<int32_t> brokers_;
};

}  // namespace

KafkaFacts ProbeKafka(KafkaOptions options, std::vector<std::string> names) {
  KafkaFacts facts;
  facts.bootstrap_servers = options.bootstrap_servers;
  facts.names = std::move(names);
  options.request_timeout = kTimeout;
  const StopSwitch stop;
  const auto connection = Connection::Open(options, stop);
  if (connection.ok()) {
    Probe(**connection, facts).Run();
  } else {
    facts.reached = connection.status();
  }
  return facts;
}

}  // namespace sluice::agent::doctor
