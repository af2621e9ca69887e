// The real broker agrees with core::Authorize: random ACLs of every shape on some topics and on the cluster,
// and then for each principal the operations that the broker says it may do there.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "agent/kafka/client.h"
#include "agent/kafka/connection.h"
#include "agent/kafka/rd.h"
#include "common/core/authorizer.h"
#include "tests/support/dev_cluster.h"

namespace sluice::testing {
namespace {

using agent::KafkaOptions;
using agent::kafka::Answer;
using agent::kafka::Client;
using agent::kafka::Connection;
using agent::kafka::Finished;
using agent::kafka::Reply;
using agent::kafka::StopSwitch;
using core::Acl;
using core::Operation;
using core::PatternType;
using core::ResourceType;

constexpr int kTopics = 60;
constexpr int kPrincipals = 3;

// org.apache.kafka.security.authorizer.AclEntry.supportedOperations, in librdkafka's words.
const std::map<rd_kafka_AclOperation_t, Operation> kTopicOperations = {
    {RD_KAFKA_ACL_OPERATION_READ, Operation::kRead},
    {RD_KAFKA_ACL_OPERATION_WRITE, Operation::kWrite},
    {RD_KAFKA_ACL_OPERATION_CREATE, Operation::kCreate},
    {RD_KAFKA_ACL_OPERATION_DELETE, Operation::kDelete},
    {RD_KAFKA_ACL_OPERATION_ALTER, Operation::kAlter},
    {RD_KAFKA_ACL_OPERATION_DESCRIBE, Operation::kDescribe},
    {RD_KAFKA_ACL_OPERATION_DESCRIBE_CONFIGS, Operation::kDescribeConfigs},
    {RD_KAFKA_ACL_OPERATION_ALTER_CONFIGS, Operation::kAlterConfigs},
};
const std::map<rd_kafka_AclOperation_t, Operation> kClusterOperations = {
    {RD_KAFKA_ACL_OPERATION_CREATE, Operation::kCreate},
    {RD_KAFKA_ACL_OPERATION_ALTER, Operation::kAlter},
    {RD_KAFKA_ACL_OPERATION_DESCRIBE, Operation::kDescribe},
    {RD_KAFKA_ACL_OPERATION_CLUSTER_ACTION, Operation::kClusterAction},
    {RD_KAFKA_ACL_OPERATION_DESCRIBE_CONFIGS, Operation::kDescribeConfigs},
    {RD_KAFKA_ACL_OPERATION_ALTER_CONFIGS, Operation::kAlterConfigs},
    {RD_KAFKA_ACL_OPERATION_IDEMPOTENT_WRITE, Operation::kIdempotentWrite},
};

using Operations = std::set<std::string>;  // by name, so that failures can be read

Operations Named(const rd_kafka_AclOperation_t* seen, size_t count,
                 const std::map<rd_kafka_AclOperation_t, Operation>& known) {
  Operations operations;
  for (size_t i = 0; i < count; ++i) {
    const auto found = known.find(seen[i]);
    operations.emplace(found == known.end() ? "unknown" : core::Name(found->second));
  }
  return operations;
}

KafkaOptions Options(const DevCluster& cluster, const ClientCertificate& identity) {
  KafkaOptions options;
  options.bootstrap_servers = cluster.bootstrap_mtls;
  options.ca_file = cluster.ca_file;
  options.certificate_file = identity.certificate_file;
  options.key_file = identity.key_file;
  options.request_timeout = std::chrono::seconds(60);
  return options;
}

class AuthorizerOnABroker : public ::testing::Test {
 protected:
  AuthorizerOnABroker()
      : cluster_(UseDevCluster()),
        prefix_(UniqueName("t")),
        admin_(*Client::Open(Options(cluster_, cluster_.admin))) {}
  ~AuthorizerOnABroker() override;

  std::string User(int i) const { return "test-authorizer-" + std::to_string(i); }
  std::string Principal(int i) const { return "User:" + User(i); }
  std::string TopicName(int i) const { return prefix_ + "." + std::to_string(i) + ".events"; }

  Acl RandomTopicAcl();
  void CreateTopics();
  void CreateAcls();  // acls_, and waits until the broker knows them
  std::map<std::string, Operations> AllowedOnTopics(Connection& client);
  Operations AllowedOnCluster(Connection& client);
  Operations Model(const std::string& principal, ResourceType type, const std::string& resource,
                   const std::map<rd_kafka_AclOperation_t, Operation>& operations) const;
  template <typename T>
  const T& OneOf(const std::vector<T>& choices) {
    return choices[random_() % choices.size()];
  }

  const DevCluster cluster_;
  const std::string prefix_;
  std::unique_ptr<Client> admin_;
  StopSwitch stop_;
  std::mt19937 random_{20261122};  // the same ACLs in every run
  std::set<Acl> acls_;
};

// Leaves the topics to be deleted by the broker in its own time.
AuthorizerOnABroker::~AuthorizerOnABroker() {
  admin_->DeleteAcls({acls_.begin(), acls_.end()});
  auto deleter = Connection::Open(Options(cluster_, cluster_.admin), stop_);
  std::vector<rd_kafka_DeleteTopic_t*> topics;
  for (int i = 0; i < kTopics; ++i) topics.push_back(rd_kafka_DeleteTopic_new(TopicName(i).c_str()));
  (void)(*deleter)->Call(RD_KAFKA_ADMIN_OP_DELETETOPICS, [&](auto* client, auto* options, auto* queue) {
    rd_kafka_DeleteTopics(client, topics.data(), topics.size(), options, queue);
  });
  rd_kafka_DeleteTopic_destroy_array(topics.data(), topics.size());
}

Acl AuthorizerOnABroker::RandomTopicAcl() {
  const std::string number = std::to_string(random_() % kTopics);
  Acl acl;
  acl.pattern_type =
      OneOf<PatternType>({PatternType::kLiteral, PatternType::kLiteral, PatternType::kPrefixed});
  // A prefix with its dot covers one topic; without it `…1` covers `…10` too.
  acl.resource = acl.pattern_type == PatternType::kLiteral
                     ? prefix_ + "." + number + ".events"
                     : prefix_ + "." + number + OneOf<std::string>({".", ".", ""});
  acl.principal = OneOf<std::string>({Principal(0), Principal(0), Principal(1), Principal(2), "User:*"});
  acl.host = OneOf<std::string>({"*", "*", "127.0.0.1", "10.0.0.1"});
  acl.operation = OneOf<Operation>({Operation::kRead, Operation::kWrite, Operation::kCreate,
                                    Operation::kDelete, Operation::kAlter, Operation::kDescribe,
                                    Operation::kDescribeConfigs, Operation::kAlterConfigs, Operation::kAll});
  acl.permission = OneOf<core::Permission>({core::Permission::kAllow, core::Permission::kAllow,
                                            core::Permission::kAllow, core::Permission::kDeny});
  return acl;
}

void AuthorizerOnABroker::CreateTopics() {
  std::vector<core::Topic> topics;
  for (int i = 0; i < kTopics; ++i) {
    topics.emplace_back();
    topics.back().name = TopicName(i);
    topics.back().replication_factor = 1;
  }
  for (const Reply& reply : admin_->CreateTopics(topics))
    ASSERT_EQ(reply.answer, Answer::kDone) << reply.status;
}

void AuthorizerOnABroker::CreateAcls() {
  const std::vector<Acl> wanted(acls_.begin(), acls_.end());
  for (const Reply& reply : admin_->CreateAcls(wanted))
    ASSERT_EQ(reply.answer, Answer::kDone) << reply.status;
  while (true) {
    const auto seen = admin_->DescribeAcls({});
    ASSERT_TRUE(seen.ok()) << seen.status();
    const std::set<Acl> all(seen->acls.begin(), seen->acls.end());
    if (std::includes(all.begin(), all.end(), acls_.begin(), acls_.end())) return;
    ASSERT_TRUE(admin_->Pause(std::chrono::milliseconds(20)));
  }
}

std::map<std::string, Operations> AuthorizerOnABroker::AllowedOnTopics(Connection& client) {
  std::vector<std::string> names;
  std::vector<const char*> bare;
  for (int i = 0; i < kTopics; ++i) names.push_back(TopicName(i));
  for (const std::string& name : names) bare.push_back(name.c_str());
  const agent::kafka::TopicCollectionPtr topics(
      rd_kafka_TopicCollection_of_topic_names(bare.data(), bare.size()));
  const Finished finished = client.Call(RD_KAFKA_ADMIN_OP_DESCRIBETOPICS, [&](auto* handle, auto* options,
                                                                              auto* queue) {
    const agent::kafka::ErrorPtr error(rd_kafka_AdminOptions_set_include_authorized_operations(options, 1));
    rd_kafka_DescribeTopics(handle, topics.get(), options, queue);
  });
  std::map<std::string, Operations> allowed;
  if (finished.event == nullptr) {
    ADD_FAILURE() << finished.failure.status;
    return allowed;
  }
  size_t count = 0;
  const auto** results = rd_kafka_DescribeTopics_result_topics(
      rd_kafka_event_DescribeTopics_result(finished.event.get()), &count);
  for (size_t i = 0; i < count; ++i) {
    size_t operations = 0;
    const rd_kafka_AclOperation_t* seen =
        rd_kafka_TopicDescription_authorized_operations(results[i], &operations);
    const rd_kafka_error_t* error = rd_kafka_TopicDescription_error(results[i]);
    if (error == nullptr) {
      allowed[rd_kafka_TopicDescription_name(results[i])] = Named(seen, operations, kTopicOperations);
    } else {
      EXPECT_EQ(rd_kafka_error_code(error), RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED);
    }
  }
  return allowed;
}

Operations AuthorizerOnABroker::AllowedOnCluster(Connection& client) {
  const Finished finished = client.Call(RD_KAFKA_ADMIN_OP_DESCRIBECLUSTER, [](auto* handle, auto* options,
                                                                              auto* queue) {
    const agent::kafka::ErrorPtr error(rd_kafka_AdminOptions_set_include_authorized_operations(options, 1));
    rd_kafka_DescribeCluster(handle, options, queue);
  });
  if (finished.event == nullptr) {
    ADD_FAILURE() << finished.failure.status;
    return {};
  }
  size_t count = 0;
  const rd_kafka_AclOperation_t* seen = rd_kafka_DescribeCluster_result_authorized_operations(
      rd_kafka_event_DescribeCluster_result(finished.event.get()), &count);
  return Named(seen, count, kClusterOperations);
}

Operations AuthorizerOnABroker::Model(const std::string& principal, ResourceType type,
                                      const std::string& resource,
                                      const std::map<rd_kafka_AclOperation_t, Operation>& operations) const {
  Operations allowed;
  for (const auto& [theirs, operation] : operations) {
    const core::AccessRequest request = {principal, "127.0.0.1", operation, type, resource};
    if (core::Authorize(acls_, {}, request)) allowed.emplace(core::Name(operation));
  }
  return allowed;
}

TEST_F(AuthorizerOnABroker, AgreesWithTheModel) {
  CreateTopics();
  for (int i = 0; i < 4 * kTopics; ++i) acls_.insert(RandomTopicAcl());
  // The first principal has no wildcards, the second may read everything, the third may do everything but
  // delete.
  Acl everything;
  everything.resource = "*";
  everything.principal = Principal(1);
  everything.operation = Operation::kRead;
  acls_.insert(everything);
  everything.principal = Principal(2);
  everything.operation = Operation::kAll;
  acls_.insert(everything);
  everything.operation = Operation::kDelete;
  everything.permission = core::Permission::kDeny;
  acls_.insert(everything);
  for (int i = 0; i < kPrincipals; ++i) {
    Acl cluster;
    cluster.resource_type = ResourceType::kCluster;
    cluster.resource = "kafka-cluster";
    cluster.principal = Principal(i);
    cluster.operation = std::vector<Operation>{Operation::kAlter, Operation::kAll, Operation::kDescribe}[i];
    acls_.insert(cluster);
  }
  Acl denied;
  denied.resource_type = ResourceType::kCluster;
  denied.resource = "kafka-cluster";
  denied.principal = Principal(1);
  denied.operation = Operation::kClusterAction;
  denied.permission = core::Permission::kDeny;
  acls_.insert(denied);
  CreateAcls();

  int visible = 0;
  for (int i = 0; i < kPrincipals; ++i) {
    auto client = Connection::Open(Options(cluster_, IssueClientCertificate(cluster_, User(i))), stop_);
    ASSERT_TRUE(client.ok()) << client.status();
    const std::map<std::string, Operations> allowed = AllowedOnTopics(**client);
    for (int t = 0; t < kTopics; ++t) {
      const Operations model = Model(Principal(i), ResourceType::kTopic, TopicName(t), kTopicOperations);
      const auto seen = allowed.find(TopicName(t));
      // The broker speaks of a topic only to who may describe it.
      EXPECT_EQ(seen != allowed.end(), model.count("DESCRIBE") > 0) << Principal(i) << " on " << TopicName(t);
      if (seen != allowed.end()) EXPECT_EQ(seen->second, model) << Principal(i) << " on " << TopicName(t);
      visible += seen != allowed.end() ? 1 : 0;
    }
    EXPECT_EQ(AllowedOnCluster(**client),
              Model(Principal(i), ResourceType::kCluster, "kafka-cluster", kClusterOperations));
  }
  EXPECT_GT(visible, kTopics);  // enough was compared
  EXPECT_LT(visible, kPrincipals * kTopics);
}

}  // namespace
}  // namespace sluice::testing
