#include "tests/bench/raw_kafka.h"

#include <fmt/format.h>
#include <pthread.h>

#include <algorithm>
#include <array>

#include "tests/bench/bench.h"

namespace sluice::bench {
namespace {

using agent::kafka::AclPtr;
using agent::kafka::Bare;
using agent::kafka::ConfigResourcePtr;
using agent::kafka::EventPtr;
using agent::kafka::NewTopicPtr;

// A topic with three overrides costs 6 of the 10,000 records that a request may have.
constexpr size_t kTopicsPerRequest = 1000;
constexpr size_t kAclsPerRequest = 3000;
constexpr size_t kReadsPerRequest = 1000;  // librdkafka matches results in quadratic time
constexpr int kTimeoutMs = 120000;

template <typename T>
void InPieces(const std::vector<T>& items, size_t size, const std::function<void(const T*, size_t)>& take) {
  for (size_t begin = 0; begin < items.size(); begin += size) {
    take(items.data() + begin, std::min(size, items.size() - begin));
  }
}

void Check(rd_kafka_resp_err_t code, const char* what, const std::string& about) {
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) Fail(fmt::format("{} {}: {}", what, about, rd_kafka_err2str(code)));
}

void CheckTopics(const rd_kafka_topic_result_t** results, size_t count, const char* what) {
  for (size_t i = 0; i < count; ++i)
    Check(rd_kafka_topic_result_error(results[i]), what, rd_kafka_topic_result_name(results[i]));
}

}  // namespace

RawKafka::RawKafka(const agent::KafkaOptions& options) {
  std::array<char, 512> sentence{};
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  const std::map<std::string, std::string> properties = {
      {"bootstrap.servers", options.bootstrap_servers},
      {"security.protocol", "ssl"},
      {"ssl.certificate.location", options.certificate_file},
      {"ssl.key.location", options.key_file},
      {"ssl.ca.location", options.ca_file},
  };
  for (const auto& [name, value] : properties) {
    if (rd_kafka_conf_set(conf, name.c_str(), value.c_str(), sentence.data(), sentence.size()) !=
        RD_KAFKA_CONF_OK)
      Fail(sentence.data());
  }
  client_ = rd_kafka_new(RD_KAFKA_PRODUCER, conf, sentence.data(), sentence.size());
  if (client_ == nullptr) Fail(sentence.data());
}

RawKafka::~RawKafka() { rd_kafka_destroy(client_); }

EventPtr RawKafka::Call(rd_kafka_admin_op_t operation, const Send& send) {
  const agent::kafka::QueuePtr queue(rd_kafka_queue_new(client_));
  const agent::kafka::OptionsPtr options(rd_kafka_AdminOptions_new(client_, operation));
  (void)rd_kafka_AdminOptions_set_request_timeout(options.get(), kTimeoutMs, nullptr, 0);
  send(client_, options.get(), queue.get());
  EventPtr event(rd_kafka_queue_poll(queue.get(), kTimeoutMs));
  if (event == nullptr) Fail("Kafka gave no answer");
  Check(rd_kafka_event_error(event.get()), "a request failed", rd_kafka_event_name(event.get()));
  return event;
}

void RawKafka::CreateTopics(const std::vector<core::Topic>& topics) {
  InPieces<core::Topic>(topics, kTopicsPerRequest, [&](const core::Topic* topic, size_t size) {
    std::vector<NewTopicPtr> created;
    for (size_t i = 0; i < size; ++i) {
      created.emplace_back(rd_kafka_NewTopic_new(topic[i].name.c_str(), topic[i].partitions,
                                                 topic[i].replication_factor, nullptr, 0));
      for (const auto& [key, value] : topic[i].configs)
        (void)rd_kafka_NewTopic_set_config(created.back().get(), key.c_str(), value.c_str());
    }
    auto bare = Bare(created);
    ++mutations_;
    const EventPtr event =
        Call(RD_KAFKA_ADMIN_OP_CREATETOPICS, [&](auto* client, auto* options, auto* queue) {
          rd_kafka_CreateTopics(client, bare.data(), bare.size(), options, queue);
        });
    size_t count = 0;
    const auto** results =
        rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event.get()), &count);
    CheckTopics(results, count, "creating");
  });
}

void RawKafka::CreateAcls(const std::vector<core::Acl>& acls) {
  InPieces<core::Acl>(acls, kAclsPerRequest, [&](const core::Acl* acl, size_t size) {
    std::vector<AclPtr> bindings;
    for (size_t i = 0; i < size; ++i) bindings.push_back(agent::kafka::ToBinding(acl[i]));
    auto bare = Bare(bindings);
    ++mutations_;
    const EventPtr event = Call(RD_KAFKA_ADMIN_OP_CREATEACLS, [&](auto* client, auto* options, auto* queue) {
      rd_kafka_CreateAcls(client, bare.data(), bare.size(), options, queue);
    });
    size_t count = 0;
    const auto** results =
        rd_kafka_CreateAcls_result_acls(rd_kafka_event_CreateAcls_result(event.get()), &count);
    for (size_t i = 0; i < count; ++i) {
      const rd_kafka_error_t* error = rd_kafka_acl_result_error(results[i]);
      if (error != nullptr) Fail(fmt::format("an ACL: {}", rd_kafka_error_string(error)));
    }
  });
}

void RawKafka::SetConfigs(const std::map<std::string, core::Config>& by_topic) {
  std::vector<ConfigResourcePtr> resources;
  for (const auto& [topic, config] : by_topic) {
    resources.emplace_back(rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic.c_str()));
    for (const auto& [key, value] : config) {
      const agent::kafka::ErrorPtr error(rd_kafka_ConfigResource_add_incremental_config(
          resources.back().get(), key.c_str(), RD_KAFKA_ALTER_CONFIG_OP_TYPE_SET, value.c_str()));
    }
  }
  auto bare = Bare(resources);
  ++mutations_;
  const EventPtr event =
      Call(RD_KAFKA_ADMIN_OP_INCREMENTALALTERCONFIGS, [&](auto* client, auto* options, auto* queue) {
        rd_kafka_IncrementalAlterConfigs(client, bare.data(), bare.size(), options, queue);
      });
  size_t count = 0;
  const auto** results = rd_kafka_IncrementalAlterConfigs_result_resources(
      rd_kafka_event_IncrementalAlterConfigs_result(event.get()), &count);
  for (size_t i = 0; i < count; ++i)
    Check(rd_kafka_ConfigResource_error(results[i]), "setting", rd_kafka_ConfigResource_name(results[i]));
}

void RawKafka::DeleteTopics(const std::vector<std::string>& names) {
  InPieces<std::string>(names, kTopicsPerRequest, [&](const std::string* name, size_t size) {
    std::vector<rd_kafka_DeleteTopic_t*> topics;
    for (size_t i = 0; i < size; ++i) topics.push_back(rd_kafka_DeleteTopic_new(name[i].c_str()));
    const EventPtr event =
        Call(RD_KAFKA_ADMIN_OP_DELETETOPICS, [&](auto* client, auto* options, auto* queue) {
          rd_kafka_DeleteTopics(client, topics.data(), topics.size(), options, queue);
        });
    rd_kafka_DeleteTopic_destroy_array(topics.data(), topics.size());
    size_t count = 0;
    const auto** results =
        rd_kafka_DeleteTopics_result_topics(rd_kafka_event_DeleteTopics_result(event.get()), &count);
    CheckTopics(results, count, "deleting");
  });
}

void RawKafka::DeleteAcls(const std::vector<core::Acl>& acls) {
  InPieces<core::Acl>(acls, 200, [&](const core::Acl* acl, size_t size) {
    std::vector<AclPtr> filters;
    for (size_t i = 0; i < size; ++i) filters.push_back(agent::kafka::ToFilter(acl[i]));
    auto bare = Bare(filters);
    ++mutations_;
    Call(RD_KAFKA_ADMIN_OP_DELETEACLS, [&](auto* client, auto* options, auto* queue) {
      rd_kafka_DeleteAcls(client, bare.data(), bare.size(), options, queue);
    });
  });
}

void RawKafka::DeleteAclsOf(const std::vector<std::string>& users) {
  for (const std::string& user : users) {
    const std::string principal = "User:" + user;
    const AclPtr filter(rd_kafka_AclBindingFilter_new(
        RD_KAFKA_RESOURCE_ANY, nullptr, RD_KAFKA_RESOURCE_PATTERN_ANY, principal.c_str(), nullptr,
        RD_KAFKA_ACL_OPERATION_ANY, RD_KAFKA_ACL_PERMISSION_TYPE_ANY, nullptr, 0));
    rd_kafka_AclBindingFilter_t* bare = filter.get();
    Call(RD_KAFKA_ADMIN_OP_DELETEACLS, [&](auto* client, auto* options, auto* queue) {
      rd_kafka_DeleteAcls(client, &bare, 1, options, queue);
    });
  }
}

std::vector<std::string> RawKafka::TopicNames(const std::string& prefix) {
  const rd_kafka_metadata_t* metadata = nullptr;
  Check(rd_kafka_metadata(client_, 1, nullptr, &metadata, kTimeoutMs), "metadata", "");
  std::vector<std::string> names;
  for (int i = 0; i < metadata->topic_cnt; ++i) {
    const std::string name = metadata->topics[i].topic;
    if (name[0] != '_' && name.compare(0, prefix.size(), prefix) == 0) names.push_back(name);
  }
  rd_kafka_metadata_destroy(metadata);
  return names;
}

size_t RawKafka::CountTopics() { return TopicNames("").size(); }

size_t RawKafka::ReadTopics(const std::vector<std::string>& names) {
  size_t partitions = 0;
  InPieces<std::string>(names, kReadsPerRequest, [&](const std::string* name, size_t size) {
    std::vector<const char*> bare;
    for (size_t i = 0; i < size; ++i) bare.push_back(name[i].c_str());
    const agent::kafka::TopicCollectionPtr topics(
        rd_kafka_TopicCollection_of_topic_names(bare.data(), bare.size()));
    const EventPtr event =
        Call(RD_KAFKA_ADMIN_OP_DESCRIBETOPICS, [&](auto* client, auto* options, auto* queue) {
          rd_kafka_DescribeTopics(client, topics.get(), options, queue);
        });
    size_t count = 0;
    const auto** results =
        rd_kafka_DescribeTopics_result_topics(rd_kafka_event_DescribeTopics_result(event.get()), &count);
    for (size_t i = 0; i < count; ++i) {
      size_t here = 0;
      rd_kafka_TopicDescription_partitions(results[i], &here);
      partitions += here;
    }
  });
  return partitions;
}

size_t RawKafka::ReadConfigs(const std::vector<std::string>& names, const std::vector<std::string>& keys) {
  size_t overrides = 0;
  InPieces<std::string>(names, kReadsPerRequest, [&](const std::string* name, size_t size) {
    std::vector<ConfigResourcePtr> resources;
    for (size_t i = 0; i < size; ++i) {
      resources.emplace_back(rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, name[i].c_str()));
      for (const std::string& key : keys)
        (void)rd_kafka_ConfigResource_set_config(resources.back().get(), key.c_str(), "");
    }
    auto bare = Bare(resources);
    const EventPtr event =
        Call(RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS, [&](auto* client, auto* options, auto* queue) {
          rd_kafka_DescribeConfigs(client, bare.data(), bare.size(), options, queue);
        });
    size_t count = 0;
    const auto** results =
        rd_kafka_DescribeConfigs_result_resources(rd_kafka_event_DescribeConfigs_result(event.get()), &count);
    for (size_t i = 0; i < count; ++i) {
      size_t entries = 0;
      const auto** entry = rd_kafka_ConfigResource_configs(results[i], &entries);
      for (size_t k = 0; k < entries; ++k)
        overrides +=
            rd_kafka_ConfigEntry_source(entry[k]) == RD_KAFKA_CONFIG_SOURCE_DYNAMIC_TOPIC_CONFIG ? 1 : 0;
    }
  });
  return overrides;
}

size_t RawKafka::CountAcls() {
  const AclPtr filter = agent::kafka::ToFilter(agent::kafka::AclFilter{});
  const EventPtr event = Call(RD_KAFKA_ADMIN_OP_DESCRIBEACLS, [&](auto* client, auto* options, auto* queue) {
    rd_kafka_DescribeAcls(client, filter.get(), options, queue);
  });
  size_t count = 0;
  rd_kafka_DescribeAcls_result_acls(rd_kafka_event_DescribeAcls_result(event.get()), &count);
  return count;
}

}  // namespace sluice::bench
