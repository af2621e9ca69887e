// Faults that a real broker makes, and what the Kafka target makes of them.
#include <gmock/gmock.h>

#include <array>
#include <filesystem>

#include "agent/kafka/batches.h"
#include "agent/kafka/client.h"
#include "agent/kafka/kafka.h"
#include "agent/kafka/rd.h"
#include "tests/support/cluster_view.h"
#include "tests/support/dev_cluster.h"
#include "tests/support/tcp_proxy.h"
#include "tests/support/world.h"

namespace sluice::testing {
namespace {

namespace kafka = agent::kafka;
using agent::KafkaOptions;
using agent::KafkaTarget;
using agent::Outcome;
using agent::StepResult;
using core::Step;
using core::StepKind;
using kafka::Answer;
using kafka::Reply;
using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::Each;
using ::testing::Field;
using ::testing::HasSubstr;

KafkaOptions Options(const DevCluster& cluster, const ClientCertificate& identity) {
  KafkaOptions options;
  options.bootstrap_servers = cluster.bootstrap_mtls;
  options.ca_file = cluster.ca_file;
  options.certificate_file = identity.certificate_file;
  options.key_file = identity.key_file;
  return options;
}

template <typename T>
std::unique_ptr<T> Must(absl::StatusOr<std::unique_ptr<T>> opened) {
  EXPECT_TRUE(opened.ok()) << opened.status();
  return opened.ok() ? *std::move(opened) : nullptr;
}

Step Create(const core::Topic& topic) {
  Step step;
  step.kind = StepKind::kCreateTopic;
  step.resource = topic.name;
  step.topic = topic;
  return step;
}

core::Topic Topic(const std::string& name, int32_t partitions = 1, core::Config configs = {}) {
  return {name, partitions, 1, std::move(configs), ""};
}

core::Acl ReadAcl(const std::string& topic, const std::string& principal) {
  core::Acl acl;
  acl.resource = topic;
  acl.principal = principal;
  acl.operation = core::Operation::kRead;
  return acl;
}

// Takes away what a test left: Sluice itself never deletes topics.
void DeleteTopics(const DevCluster& cluster, const std::string& prefix) {
  kafka::StopSwitch stop;
  auto connection = Must(kafka::Connection::Open(Options(cluster, cluster.admin), stop));
  const auto names = connection->ListTopics();
  ASSERT_TRUE(names.ok()) << names.status();
  std::vector<rd_kafka_DeleteTopic_t*> topics;
  for (const std::string& name : *names) {
    if (name.rfind(prefix, 0) == 0) topics.push_back(rd_kafka_DeleteTopic_new(name.c_str()));
  }
  if (topics.empty()) return;
  const auto finished =
      connection->Call(RD_KAFKA_ADMIN_OP_DELETETOPICS, [&](auto* client, auto* options, auto* queue) {
        rd_kafka_DeleteTopics(client, topics.data(), topics.size(), options, queue);
      });
  EXPECT_NE(finished.event, nullptr) << finished.failure.status;
  rd_kafka_DeleteTopic_destroy_array(topics.data(), topics.size());
}

// What the controller says to creations that it only checks.
kafka::Reply Check(kafka::Connection& connection, const std::vector<core::Topic>& topics) {
  std::vector<kafka::NewTopicPtr> items;
  for (const core::Topic& topic : topics) {
    items.emplace_back(rd_kafka_NewTopic_new(topic.name.c_str(), topic.partitions, 1, nullptr, 0));
    for (const auto& [key, value] : topic.configs)
      (void)rd_kafka_NewTopic_set_config(items.back().get(), key.c_str(), value.c_str());
  }
  auto bare = kafka::Bare(items);
  const auto finished =
      connection.Call(RD_KAFKA_ADMIN_OP_CREATETOPICS, [&](auto* client, auto* options, auto* queue) {
        (void)rd_kafka_AdminOptions_set_validate_only(options, 1, nullptr, 0);
        rd_kafka_CreateTopics(client, bare.data(), bare.size(), options, queue);
      });
  if (finished.event == nullptr) return finished.failure;
  size_t count = 0;
  const auto** results =
      rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(finished.event.get()), &count);
  for (size_t i = 0; i < count; ++i) {
    const auto code = rd_kafka_topic_result_error(results[i]);
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR)
      return kafka::ToReply(code, rd_kafka_topic_result_error_string(results[i]));
  }
  return {Answer::kDone, absl::OkStatus(), false};
}

std::vector<core::Topic> Many(size_t count, const core::Topic& like) {
  std::vector<core::Topic> topics;
  for (size_t i = 0; i < count; ++i) {
    topics.push_back(like);
    topics.back().name = like.name.str() + std::to_string(i);
  }
  return topics;
}

// A request that our estimates let pass is never too big, whatever the topics are like; and there is a limit.
TEST(KafkaFaults, OurEstimatesOfRecordsAreNeverTooLow) {
  const DevCluster cluster = UseDevCluster();
  kafka::StopSwitch stop;
  auto connection = Must(kafka::Connection::Open(Options(cluster, cluster.admin), stop));
  const std::string name = UniqueName("t");
  const std::vector<core::Topic> shapes = {
      Topic(name), Topic(name, 12), Topic(name, 100, {{"min.insync.replicas", "1"}}),
      Topic(name, 1, {{"min.insync.replicas", "1"}, {"retention.ms", "1000"}, {"cleanup.policy", "compact"}}),
      Topic(name, 3,
            {{"min.insync.replicas", "1"},
             {"retention.ms", "1000"},
             {"cleanup.policy", "compact"},
             {"max.message.bytes", "2000"},
             {"segment.bytes", "1048576"},
             {"compression.type", "zstd"}})};
  for (const core::Topic& shape : shapes) {
    const auto most = static_cast<size_t>(kafka::Limits().records / kafka::RecordsOf(shape));
    const Reply reply = Check(*connection, Many(std::min(most, kafka::kMaxItems), shape));
    EXPECT_EQ(reply.answer, Answer::kDone) << shape.partitions << " " << shape.configs.size() << ": " << reply.status;
  }
  // 1,900 topics with three overrides, one of them min.insync.replicas, in one request.
  const Reply reply = Check(*connection, Many(1900, shapes[3]));
  EXPECT_TRUE(reply.policy) << reply.status;
}

// The controller refuses a request with more than 10,000 records as a whole, with the code of a policy.
TEST(KafkaFaults, ARequestThatIsTooBigIsHalvedUntilItIsDone) {
  const DevCluster cluster = UseDevCluster();
  kafka::StopSwitch stop;
  auto connection = Must(kafka::Connection::Open(Options(cluster, cluster.admin), stop));
  auto admin = Must(kafka::Client::Open(Options(cluster, cluster.admin)));
  const std::vector<core::Topic> topics =
      Many(1900, Topic(UniqueName("t"), 1,
                       {{"min.insync.replicas", "1"}, {"retention.ms", "1000"}, {"cleanup.policy", "compact"}}));
  int requests = 0;
  kafka::Quota none;
  kafka::Limits limits;
  limits.items = limits.records = 1'000'000;  // as if our estimates were far too low
  const auto replies = kafka::SendInBatches(
      std::vector<kafka::Cost>(topics.size()), limits,
      [&](const std::vector<size_t>& batch) {
        ++requests;
        std::vector<core::Topic> some;
        for (const size_t i : batch) some.push_back(topics[i]);
        return std::vector<Reply>(some.size(), Check(*connection, some));
      },
      none, *admin);
  EXPECT_THAT(replies, Each(Field(&Reply::answer, Answer::kDone)));
  EXPECT_EQ(requests, 3);
}

// us-prod has a policy that refuses marked topics (deploy/dev/policy).
TEST(KafkaFaults, APolicyOfTheClusterBlamesExactlyWhatItForbidsInItsOwnWords) {
  const DevCluster cluster = UseDevCluster("us-prod");
  auto target = Must(agent::OpenKafka(Options(cluster, cluster.agent)));
  const std::string prefix = UniqueName("t");
  std::vector<Step> steps;
  for (int i = 0; i < 40; ++i) {
    const std::string name = prefix + "." + std::to_string(i);
    steps.push_back(Create(Topic(i % 8 == 3 ? name + ".forbidden-by-policy" : name)));
  }
  const auto results = target->Apply(steps);
  for (size_t i = 0; i < results.size(); ++i) {
    if (i % 8 != 3) {
      EXPECT_EQ(results[i].outcome, Outcome::kDone) << results[i].status;
      continue;
    }
    EXPECT_EQ(results[i].outcome, Outcome::kRefused);
    EXPECT_TRUE(absl::IsFailedPrecondition(results[i].status));
    EXPECT_THAT(std::string(results[i].status.message()), HasSubstr("Topics named like " + steps[i].topic.name));
  }
  DeleteTopics(cluster, prefix);
}

// A user with a quota of its own.
class ThrottledUser {
 public:
  ThrottledUser(const DevCluster& cluster, int rate) : name_(UniqueName("throttled-")) {
    options_ = Options(cluster, IssueClientCertificate(cluster, name_));
    auto admin = Must(kafka::Client::Open(Options(cluster, cluster.admin)));
    core::Acl create = ReadAcl("*", "User:" + name_);
    create.operation = core::Operation::kCreate;
    core::Acl describe = create;
    describe.operation = core::Operation::kDescribe;
    acls_ = {create, describe};
    admin_ = std::move(admin);
    EXPECT_THAT(admin_->CreateAcls(acls_), Each(Field(&Reply::answer, Answer::kDone)));
    KafkaTool(cluster.name, {"ConfigCommand", "--alter", "--entity-type", "users", "--entity-name", name_,
                             "--add-config", "controller_mutation_rate=" + std::to_string(rate)});
  }
  ~ThrottledUser() { EXPECT_THAT(admin_->DeleteAcls(acls_), Each(Field(&Reply::answer, Answer::kDone))); }
  const KafkaOptions& options() const { return options_; }

 private:
  std::string name_;
  KafkaOptions options_;
  std::unique_ptr<kafka::Client> admin_;
  std::vector<core::Acl> acls_;
};

std::vector<Step> Creations(const std::string& prefix, int from, int to) {
  std::vector<Step> steps;
  for (int i = from; i < to; ++i) steps.push_back(Create(Topic(prefix + std::to_string(i))));
  return steps;
}

// Nobody told the agent about the quota: the broker answers and then reads no more for as long as the debt is. Requests that
// are sent meanwhile would time out, and nobody would know what became of them.
TEST(KafkaFaults, AThrottledUserWaitsAndLosesNoAnswer) {
  const DevCluster cluster = UseDevCluster();
  const ThrottledUser user(cluster, 5);
  KafkaOptions options = user.options();
  options.request_timeout = seconds(4);  // shorter than the debt
  auto target = Must(agent::OpenKafka(options));
  const std::string prefix = UniqueName("t");
  // A burst of eleven seconds is free; 30 more are a debt of six seconds.
  EXPECT_THAT(target->Apply(Creations(prefix, 0, 85)), Each(Field(&StepResult::outcome, Outcome::kDone)));
  const auto began = std::chrono::steady_clock::now();
  EXPECT_THAT(target->Apply(Creations(prefix, 85, 86)), Each(Field(&StepResult::outcome, Outcome::kDone)));
  EXPECT_GT(std::chrono::steady_clock::now() - began, milliseconds(500)) << "there was no debt to wait for";
  // No time to wait: later, and not unknown.
  options.retry_time = milliseconds(0);
  target = Must(agent::OpenKafka(options));
  EXPECT_THAT(target->Apply(Creations(prefix, 86, 150)), Each(Field(&StepResult::outcome, Outcome::kDone)));
  const auto later = target->Apply(Creations(prefix, 150, 160));
  EXPECT_THAT(later, Each(Field(&StepResult::outcome, Outcome::kLater)));
  EXPECT_THAT(std::string(later[0].status.message()), HasSubstr("controller_mutation_rate"));
  DeleteTopics(cluster, prefix);
}

TEST(KafkaFaults, WhoKeepsToTheRateIsNeverThrottled) {
  const DevCluster cluster = UseDevCluster();
  const ThrottledUser user(cluster, 20);
  auto admin = Must(kafka::Client::Open(user.options()));
  const std::string prefix = UniqueName("t");
  kafka::Quota quota(20);
  const auto replies = kafka::SendInBatches(
      std::vector<kafka::Cost>(260, kafka::Cost{3, 1}), {},
      [&](const std::vector<size_t>& batch) {
        EXPECT_EQ(admin->Penalty(), milliseconds(0));
        std::vector<core::Topic> topics;
        for (const size_t i : batch) topics.push_back(Topic(prefix + std::to_string(i)));
        return admin->CreateTopics(topics);
      },
      quota, *admin);
  EXPECT_THAT(replies, Each(Field(&Reply::answer, Answer::kDone)));
  EXPECT_EQ(admin->Penalty(), milliseconds(0));
  DeleteTopics(cluster, prefix);
}

// librdkafka takes the process down at more than 100,000 patterns in an answer: what is bigger than we let it be is not
// taken, and asked for in parts. Here the limit is a small one.
TEST(KafkaFaults, AclsThatAreTooManyForOneAnswerAreReadInParts) {
  const DevCluster cluster = UseDevCluster();
  auto admin = Must(kafka::Client::Open(Options(cluster, cluster.admin)));
  const std::string prefix = UniqueName("t");
  // Long, so that what other tests keep on the cluster meanwhile weighs little beside it.
  const std::string user = "User:" + prefix + std::string(400, 'u');
  std::vector<core::Acl> acls;
  for (int i = 0; i < 900; ++i) {
    acls.push_back(ReadAcl(prefix + std::to_string(i), user));
    if (i % 3 == 1) acls.back().operation = core::Operation::kWrite;
    if (i % 3 == 2) acls.back().resource_type = core::ResourceType::kGroup;
  }
  EXPECT_THAT(admin->CreateAcls(acls), Each(Field(&Reply::answer, Answer::kDone)));
  KafkaOptions options = Options(cluster, cluster.agent);
  const auto ours = [&](const agent::KafkaState& state) {
    std::set<core::Acl> found;
    if (!state.acls.ok()) return found;
    for (const core::Acl& acl : *state.acls) {
      if (acl.principal == user) found.insert(acl);
    }
    return found;
  };
  options.most_acl_bytes = 280'000;  // 300 of them take about 140,000
  auto target = Must(agent::OpenKafka(options));
  EXPECT_TRUE(Eventually([&] {
    const auto state = target->Observe({});
    return state.ok() && ours(*state) == std::set<core::Acl>(acls.begin(), acls.end());
  }, 20));
  options.most_acl_bytes = 4'000;
  target = Must(agent::OpenKafka(options));
  const auto state = target->Observe({});
  ASSERT_TRUE(state.ok()) << state.status();
  EXPECT_TRUE(absl::IsResourceExhausted(state->acls.status())) << state->acls.status();
  EXPECT_THAT(admin->DeleteAcls(acls), Each(Field(&Reply::answer, Answer::kDone)));
}

KafkaOptions Through(const TcpProxy& proxy, KafkaOptions options) {
  options.bootstrap_servers = proxy.address();
  options.request_timeout = seconds(1);
  return options;
}

TEST(KafkaFaults, ABrokerThatTakesARequestAndDoesNotAnswerLeavesAnUnknownOutcomeAndIsBackAtOnce) {
  const DevCluster cluster = UseDevCluster();
  TcpProxy proxy(cluster.bootstrap_proxied, cluster.proxy_port);
  auto target = Must(agent::OpenKafka(Through(proxy, Options(cluster, cluster.agent))));
  const std::string prefix = UniqueName("t");
  ASSERT_EQ(target->Apply({Create(Topic(prefix + "a"))})[0].outcome, Outcome::kDone);
  ASSERT_TRUE(target->Observe({}).ok());

  proxy.Mute();
  const auto results = target->Apply({Create(Topic(prefix + "b"))});
  EXPECT_EQ(results[0].outcome, Outcome::kUnknown) << results[0].status;
  EXPECT_THAT(std::string(results[0].status.message()), HasSubstr("does not answer"));
  EXPECT_FALSE(target->Observe({}).ok());

  proxy.Open();
  EXPECT_TRUE(Eventually([&] {
    const auto state = target->Observe({});
    return state.ok() && state->topics.count(prefix + "b") > 0;
  }, 10)) << "it was made all the same";
  DeleteTopics(cluster, prefix);
}

TEST(KafkaFaults, WhatADeadBrokerNeverGotIsNotUnknown) {
  const DevCluster cluster = UseDevCluster();
  TcpProxy proxy(cluster.bootstrap_proxied, cluster.proxy_port);
  proxy.Down();
  auto target = Must(agent::OpenKafka(Through(proxy, Options(cluster, cluster.agent))));
  EXPECT_FALSE(target->Observe({}).ok());
  const std::string name = UniqueName("t");
  EXPECT_EQ(target->Apply({Create(Topic(name))})[0].outcome, Outcome::kNotTried);
  proxy.Open();
  const auto began = std::chrono::steady_clock::now();
  EXPECT_TRUE(Eventually([&] { return target->Observe({}).ok(); }, 10));
  EXPECT_LT(std::chrono::steady_clock::now() - began, seconds(4)) << "no long pause once it is back";
  EXPECT_EQ(target->Apply({Create(Topic(name))})[0].outcome, Outcome::kDone);
  DeleteTopics(cluster, name);
}

// 100 ms for every piece of every answer: slower, and as right.
TEST(KafkaFaults, ASlowBrokerIsWaitedFor) {
  const DevCluster cluster = UseDevCluster();
  TcpProxy proxy(cluster.bootstrap_proxied, cluster.proxy_port);
  proxy.Delay(milliseconds(100));
  KafkaOptions options = Through(proxy, Options(cluster, cluster.agent));
  options.request_timeout = seconds(15);
  auto target = Must(agent::OpenKafka(options));
  const std::string prefix = UniqueName("t");
  EXPECT_THAT(target->Apply(Creations(prefix, 0, 20)), Each(Field(&StepResult::outcome, Outcome::kDone)));
  EXPECT_TRUE(target->Observe({}).ok());
  DeleteTopics(cluster, prefix);
}

// The files of a client certificate, as something that rotates certificates writes them.
class CertificateFiles {
 public:
  CertificateFiles(const DevCluster& cluster, const std::string& user) : cluster_(cluster), user_(user) {}

  void Write(const std::string& validity_seconds) {
    const Finished made = Run({"/bin/bash", std::string(SLUICE_SOURCE_DIR) + "/deploy/dev/pki.sh", "client",
                               cluster_.directory, user_, "--seconds", validity_seconds, "--out", user_ + "-new"},
                              {});
    ASSERT_EQ(made.exit_code, 0) << made.errors;
    const std::string base = made.output.substr(0, made.output.find('\n'));
    std::filesystem::rename(base + ".crt", certificate());
    between();
    std::filesystem::rename(base + ".key", key());
  }
  std::string certificate() const { return directory_.File("kafka.crt"); }
  std::string key() const { return directory_.File("kafka.key"); }
  std::function<void()> between = [] {};  // called when the certificate is there and its key is not

 private:
  const DevCluster& cluster_;
  const std::string user_;
  TempDir directory_;
};

TEST(KafkaFaults, ACertificateThatRanOutIsSaidAndItsSuccessorIsTakenWithoutARestart) {
  const DevCluster cluster = UseDevCluster();
  TcpProxy proxy(cluster.bootstrap_proxied, cluster.proxy_port);
  CertificateFiles files(cluster, "sluice-agent-" + cluster.name);
  files.Write("6");
  auto target = Must(agent::OpenKafka(Through(proxy, Options(cluster, {files.certificate(), files.key()}))));
  ASSERT_TRUE(target->Observe({}).ok());

  absl::Status status;
  ASSERT_TRUE(Eventually([&] {
    proxy.Down();  // connections end now and then; one that stays is not asked again for its certificate
    proxy.Open();
    status = target->Observe({}).status();
    return status.message().find("out of date since") != absl::string_view::npos;
  }, 20)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr(files.certificate()));
  EXPECT_EQ(status.GetPayload(agent::kReasonPayload), absl::Cord("CertificateExpired"));

  files.between = [&] { EXPECT_FALSE(target->Observe({}).ok()) << "a certificate without its key"; };
  files.Write("3600");
  EXPECT_TRUE(Eventually([&] { return (status = target->Observe({}).status()).ok(); }, 10)) << status;
  const std::string name = UniqueName("t");
  EXPECT_EQ(target->Apply({Create(Topic(name))})[0].outcome, Outcome::kDone);
  DeleteTopics(cluster, name);
}

// Rotation while requests are under way takes nothing away from them.
TEST(KafkaFaults, ARotationInTheMiddleOfAnApplyLosesNoAnswer) {
  const DevCluster cluster = UseDevCluster();
  CertificateFiles files(cluster, "sluice-agent-" + cluster.name);
  files.Write("3600");
  auto target = Must(agent::OpenKafka(Options(cluster, {files.certificate(), files.key()})));
  const std::string prefix = UniqueName("t");
  std::thread rotating([&] { files.Write("3600"); });
  EXPECT_THAT(target->Apply(Creations(prefix, 0, 200)), Each(Field(&StepResult::outcome, Outcome::kDone)));
  rotating.join();
  EXPECT_THAT(target->Apply(Creations(prefix, 200, 201)), Each(Field(&StepResult::outcome, Outcome::kDone)));
  EXPECT_TRUE(target->Observe({}).ok());
  DeleteTopics(cluster, prefix);
}

}  // namespace
}  // namespace sluice::testing
