// Client: the requests that change something. Every reply is matched to its item.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "agent/kafka/client.h"

namespace sluice::agent::kafka {
namespace {

Reply Refused(std::string_view text) {
  return {Answer::kRefused, absl::InvalidArgumentError(absl::string_view(text.data(), text.size())), false};
}

// An answer without a word on an item: the item may have been done.
Reply Missing() {
  return {Answer::kUnknown, absl::InternalError("Kafka's answer does not speak of this item"), false};
}

// The items that could be put into librdkafka's words, and for each where its reply goes.
template <typename Ptr>
struct Request {
  std::vector<Reply> replies;
  std::vector<Ptr> items;
  std::vector<size_t> places;

  explicit Request(size_t size) : replies(size, Missing()) { items.reserve(size); }

  void Add(size_t place, Ptr item, std::string_view why_not) {
    if (item == nullptr) {
      replies[place] = Refused(why_not);
      return;
    }
    items.push_back(std::move(item));
    places.push_back(place);
  }

  // The request as a whole failed.
  std::vector<Reply> Fail(const Reply& failure) && {
    for (const size_t place : places) replies[place] = failure;
    return std::move(replies);
  }
};

using TopicReplies = std::map<std::string, Reply>;

TopicReplies ByTopic(const rd_kafka_topic_result_t** results, size_t count) {
  TopicReplies replies;
  for (size_t i = 0; i < count; ++i) {
    replies[rd_kafka_topic_result_name(results[i])] =
        ToReply(rd_kafka_topic_result_error(results[i]), rd_kafka_topic_result_error_string(results[i]));
  }
  return replies;
}

const Reply& For(const TopicReplies& replies, const std::string& topic) {
  static const Reply* missing = new Reply(Missing());
  const auto found = replies.find(topic);
  return found == replies.end() ? *missing : found->second;
}

NewTopicPtr ToNewTopic(const core::Topic& topic, std::array<char, 512>& sentence) {
  NewTopicPtr created(rd_kafka_NewTopic_new(topic.name.c_str(), topic.partitions, topic.replication_factor,
                                            sentence.data(), sentence.size()));
  if (created == nullptr) return nullptr;
  for (const auto& [key, value] : topic.configs) {
    (void)rd_kafka_NewTopic_set_config(created.get(), key.c_str(), value.c_str());
  }
  return created;
}

ConfigResourcePtr ToResource(const ConfigEdit& edit) {
  ConfigResourcePtr resource(rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, edit.topic.c_str()));
  const auto add = [&](const std::string& key, rd_kafka_AlterConfigOpType_t type, const char* value) {
    const ErrorPtr error(
        rd_kafka_ConfigResource_add_incremental_config(resource.get(), key.c_str(), type, value));
    return error == nullptr;
  };
  bool understood = true;
  for (const auto& [key, value] : edit.set) {
    understood = add(key, RD_KAFKA_ALTER_CONFIG_OP_TYPE_SET, value.c_str()) && understood;
  }
  for (const std::string& key : edit.reset) {
    understood = add(key, RD_KAFKA_ALTER_CONFIG_OP_TYPE_DELETE, nullptr) && understood;
  }
  return understood ? std::move(resource) : nullptr;
}

// What a filter that names one ACL deleted.
Reply DeletionReply(const rd_kafka_DeleteAcls_result_response_t* response, const core::Acl& wanted) {
  const Reply reply = ToReply(rd_kafka_DeleteAcls_result_response_error(response));
  if (reply.answer != Answer::kDone) return reply;
  size_t count = 0;
  const auto** deleted = rd_kafka_DeleteAcls_result_response_matching_acls(response, &count);
  for (size_t i = 0; i < count; ++i) {
    const std::optional<core::Acl> acl = ToAcl(deleted[i]);
    if (acl.has_value() && *acl == wanted) continue;
    const std::string text =
        fmt::format("Kafka deleted another ACL than the one named ({} for {})",
                    acl.has_value() ? core::Describe(*acl) : "unreadable", core::Describe(wanted));
    return {Answer::kUnknown, absl::InternalError(text), false};
  }
  return reply;
}

}  // namespace

std::vector<Reply> Client::CreateTopics(const std::vector<core::Topic>& topics) {
  Request<NewTopicPtr> request(topics.size());
  for (size_t i = 0; i < topics.size(); ++i) {
    std::array<char, 512> sentence{};
    NewTopicPtr created = ToNewTopic(topics[i], sentence);
    request.Add(i, std::move(created), sentence.data());
  }
  if (request.items.empty()) return std::move(request.replies);
  auto bare = Bare(request.items);
  const Finished finished =
      creations_->Get()->Call(RD_KAFKA_ADMIN_OP_CREATETOPICS, [&](auto* client, auto* options, auto* queue) {
        rd_kafka_CreateTopics(client, bare.data(), bare.size(), options, queue);
      });
  if (finished.event == nullptr) return std::move(request).Fail(finished.failure);
  size_t count = 0;
  const TopicReplies replies = ByTopic(
      rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(finished.event.get()), &count),
      count);
  for (const size_t place : request.places) request.replies[place] = For(replies, topics[place].name);
  return std::move(request.replies);
}

std::vector<Reply> Client::AlterConfigs(const std::vector<ConfigEdit>& edits) {
  Request<ConfigResourcePtr> request(edits.size());
  for (size_t i = 0; i < edits.size(); ++i)
    request.Add(i, ToResource(edits[i]), "a config key must not be empty");
  if (request.items.empty()) return std::move(request.replies);
  auto bare = Bare(request.items);
  const Finished finished = changes_->Get()->Call(
      RD_KAFKA_ADMIN_OP_INCREMENTALALTERCONFIGS, [&](auto* client, auto* options, auto* queue) {
        rd_kafka_IncrementalAlterConfigs(client, bare.data(), bare.size(), options, queue);
      });
  if (finished.event == nullptr) return std::move(request).Fail(finished.failure);
  size_t count = 0;
  const auto** results = rd_kafka_IncrementalAlterConfigs_result_resources(
      rd_kafka_event_IncrementalAlterConfigs_result(finished.event.get()), &count);
  TopicReplies replies;
  for (size_t i = 0; i < count; ++i) {
    replies[rd_kafka_ConfigResource_name(results[i])] =
        ToReply(rd_kafka_ConfigResource_error(results[i]), rd_kafka_ConfigResource_error_string(results[i]));
  }
  for (const size_t place : request.places) request.replies[place] = For(replies, edits[place].topic);
  return std::move(request.replies);
}

std::vector<Reply> Client::CreatePartitions(const std::vector<PartitionCount>& counts) {
  Request<NewPartitionsPtr> request(counts.size());
  for (size_t i = 0; i < counts.size(); ++i) {
    std::array<char, 512> sentence{};
    NewPartitionsPtr grown(rd_kafka_NewPartitions_new(counts[i].topic.c_str(),
                                                      static_cast<size_t>(std::max(counts[i].partitions, 0)),
                                                      sentence.data(), sentence.size()));
    request.Add(i, std::move(grown), sentence.data());
  }
  if (request.items.empty()) return std::move(request.replies);
  auto bare = Bare(request.items);
  const Finished finished = creations_->Get()->Call(
      RD_KAFKA_ADMIN_OP_CREATEPARTITIONS, [&](auto* client, auto* options, auto* queue) {
        rd_kafka_CreatePartitions(client, bare.data(), bare.size(), options, queue);
      });
  if (finished.event == nullptr) return std::move(request).Fail(finished.failure);
  size_t count = 0;
  const TopicReplies replies =
      ByTopic(rd_kafka_CreatePartitions_result_topics(
                  rd_kafka_event_CreatePartitions_result(finished.event.get()), &count),
              count);
  for (const size_t place : request.places) request.replies[place] = For(replies, counts[place].topic);
  return std::move(request.replies);
}

std::vector<Reply> Client::CreateAcls(const std::vector<core::Acl>& acls) {
  Request<AclPtr> request(acls.size());
  for (size_t i = 0; i < acls.size(); ++i) {
    request.Add(i, ToBinding(acls[i]), "librdkafka cannot express this ACL: " + core::Describe(acls[i]));
  }
  if (request.items.empty()) return std::move(request.replies);
  auto bare = Bare(request.items);
  const Finished finished =
      changes_->Get()->Call(RD_KAFKA_ADMIN_OP_CREATEACLS, [&](auto* client, auto* options, auto* queue) {
        rd_kafka_CreateAcls(client, bare.data(), bare.size(), options, queue);
      });
  if (finished.event == nullptr) return std::move(request).Fail(finished.failure);
  size_t count = 0;  // results stand in the order of the request
  const auto** results =
      rd_kafka_CreateAcls_result_acls(rd_kafka_event_CreateAcls_result(finished.event.get()), &count);
  for (size_t i = 0; i < std::min(count, request.places.size()); ++i) {
    request.replies[request.places[i]] = ToReply(rd_kafka_acl_result_error(results[i]));
  }
  return std::move(request.replies);
}

std::vector<Reply> Client::DeleteAcls(const std::vector<core::Acl>& acls) {
  Request<AclPtr> request(acls.size());
  for (size_t i = 0; i < acls.size(); ++i) {
    request.Add(i, ToFilter(acls[i]), "librdkafka cannot express this ACL: " + core::Describe(acls[i]));
  }
  if (request.items.empty()) return std::move(request.replies);
  auto bare = Bare(request.items);
  const Finished finished =
      changes_->Get()->Call(RD_KAFKA_ADMIN_OP_DELETEACLS, [&](auto* client, auto* options, auto* queue) {
        rd_kafka_DeleteAcls(client, bare.data(), bare.size(), options, queue);
      });
  if (finished.event == nullptr) return std::move(request).Fail(finished.failure);
  size_t count = 0;  // results stand in the order of the request
  const auto** results =
      rd_kafka_DeleteAcls_result_responses(rd_kafka_event_DeleteAcls_result(finished.event.get()), &count);
  for (size_t i = 0; i < std::min(count, request.places.size()); ++i) {
    request.replies[request.places[i]] = DeletionReply(results[i], acls[request.places[i]]);
  }
  return std::move(request.replies);
}

}  // namespace sluice::agent::kafka
