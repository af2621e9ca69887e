// KafkaTargetSuite on a real broker, as the agent's user, and what only a real broker can show.
#include <gmock/gmock.h>

#include <array>

#include "agent/kafka/client.h"
#include "agent/kafka/kafka.h"
#include "agent/kafka/rd.h"
#include "tests/conformance/targets/kafka_target_suite.h"
#include "tests/support/dev_cluster.h"

namespace sluice::testing {
namespace {

using agent::KafkaOptions;
using agent::Outcome;
using agent::kafka::Client;
using agent::kafka::Connection;
using agent::kafka::StopSwitch;

KafkaOptions Options(const DevCluster& cluster, const ClientCertificate& identity) {
  KafkaOptions options;
  options.bootstrap_servers = cluster.bootstrap_mtls;
  options.ca_file = cluster.ca_file;
  options.certificate_file = identity.certificate_file;
  options.key_file = identity.key_file;
  options.request_timeout = std::chrono::seconds(60);
  return options;
}

template <typename T>
std::unique_ptr<T> Must(absl::StatusOr<std::unique_ptr<T>> opened) {
  EXPECT_TRUE(opened.ok()) << opened.status();
  return opened.ok() ? *std::move(opened) : nullptr;
}

class RealLab final : public KafkaLab {
 public:
  RealLab()
      : cluster_(UseDevCluster()),
        target_(Must(agent::OpenKafka(Options(cluster_, cluster_.agent)))),
        admin_(Must(Client::Open(Options(cluster_, cluster_.admin)))),
        deleter_(Must(Connection::Open(Options(cluster_, cluster_.admin), stop_))) {}

  agent::KafkaTarget& target() override { return *target_; }
  agent::kafka::Admin& administrator() override { return *admin_; }

  // Sluice itself never deletes topics.
  void DeleteTopic(const std::string& name) override {
    const std::unique_ptr<rd_kafka_DeleteTopic_t, void (*)(rd_kafka_DeleteTopic_t*)> topic(
        rd_kafka_DeleteTopic_new(name.c_str()), &rd_kafka_DeleteTopic_destroy);
    std::array<rd_kafka_DeleteTopic_t*, 1> topics = {topic.get()};
    const agent::kafka::Finished finished =
        deleter_->Call(RD_KAFKA_ADMIN_OP_DELETETOPICS, [&](auto* client, auto* options, auto* queue) {
          rd_kafka_DeleteTopics(client, topics.data(), topics.size(), options, queue);
        });
    ASSERT_NE(finished.event, nullptr) << finished.failure.status;
    while (true) {
      const auto described = admin_->DescribeTopics({name});
      ASSERT_TRUE(described.ok()) << described.status();
      if (absl::IsNotFound(described->at(0).status)) return;
      admin_->Pause(std::chrono::milliseconds(20));
    }
  }

 private:
  const DevCluster cluster_;
  StopSwitch stop_;
  std::unique_ptr<agent::KafkaTarget> target_;
  std::unique_ptr<Client> admin_;
  std::unique_ptr<Connection> deleter_;
};

// One for all tests of the program: closing a client takes librdkafka up to a second.
std::shared_ptr<KafkaLab> OpenRealLab() {
  static const auto lab = std::make_shared<RealLab>();
  return lab;
}

INSTANTIATE_TEST_SUITE_P(Real, KafkaTargetSuite, ::testing::Values(&OpenRealLab));

core::Step Grant(const std::string& principal) {
  core::Step step;
  step.kind = core::StepKind::kCreateAcl;
  step.acl.resource = UniqueName("t");
  step.acl.principal = principal;
  return step;
}

TEST(RealKafka, AUserWithoutGrantsIsToldSo) {
  const DevCluster cluster = UseDevCluster();
  const auto target =
      Must(agent::OpenKafka(Options(cluster, IssueClientCertificate(cluster, "test-nobody"))));
  const auto state = target->Observe({});
  ASSERT_TRUE(state.ok()) << state.status();
  EXPECT_TRUE(state->topics.empty());
  EXPECT_TRUE(absl::IsPermissionDenied(state->acls.status())) << state->acls.status();
  core::Step create;
  create.kind = core::StepKind::kCreateTopic;
  create.topic.name = UniqueName("t");
  create.topic.replication_factor = 1;
  const auto results = target->Apply({create, Grant("User:x")});
  for (const agent::StepResult& result : results) {
    EXPECT_EQ(result.outcome, Outcome::kRefused);
    EXPECT_TRUE(absl::IsPermissionDenied(result.status)) << result.status;
  }
}

TEST(RealKafka, ACertificateOfAnotherCaIsRefused) {
  const DevCluster cluster = UseDevCluster();
  KafkaOptions options = Options(cluster, cluster.agent);
  options.ca_file = cluster.directory + "/pki/agents-ca.crt";
  options.request_timeout = std::chrono::seconds(2);
  const auto target = Must(agent::OpenKafka(options));
  const absl::Status status = target->Observe({}).status();
  EXPECT_TRUE(absl::IsUnavailable(status)) << status;
  EXPECT_THAT(std::string(status.message()), ::testing::HasSubstr("certificate"));
}

}  // namespace
}  // namespace sluice::testing
