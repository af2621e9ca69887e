// The client over librdkafka where no Kafka answers.
#include "agent/kafka/client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "agent/kafka/kafka.h"
#include "agent/kafka/rd.h"

namespace sluice::agent {
namespace {

using std::chrono::seconds;
using ::testing::HasSubstr;
using ::testing::Not;

KafkaOptions Nowhere() {
  KafkaOptions options;
  options.bootstrap_servers = "127.0.0.1:1";  // nobody may listen there
  options.request_timeout = seconds(1);
  return options;
}

core::Step CreateTopic() {
  core::Step step;
  step.kind = core::StepKind::kCreateTopic;
  step.topic = {"a", 1, 1, {}, ""};
  return step;
}

TEST(OpenKafka, NamesAWrongPropertyAndNotItsValue) {
  KafkaOptions options = Nowhere();
  options.properties = {{"security.protocol", "hunter2"}};
  const absl::Status status = OpenKafka(options).status();
  EXPECT_TRUE(absl::IsInvalidArgument(status));
  EXPECT_THAT(std::string(status.message()), HasSubstr("security.protocol"));
  EXPECT_THAT(std::string(status.message()), Not(HasSubstr("hunter2")));
}

TEST(OpenKafka, RefusesFilesThatAreNotThere) {
  KafkaOptions options = Nowhere();
  options.ca_file = "/nonexistent/ca.crt";
  EXPECT_TRUE(absl::IsInvalidArgument(OpenKafka(options).status()));
}

TEST(OpenKafka, RefusesTimeoutsWithoutMeaning) {
  KafkaOptions options = Nowhere();
  options.request_timeout = seconds(0);
  EXPECT_TRUE(absl::IsInvalidArgument(OpenKafka(options).status()));
  options = Nowhere();
  options.bootstrap_servers = "";
  EXPECT_TRUE(absl::IsInvalidArgument(OpenKafka(options).status()));
}

TEST(OpenKafka, OutOfReachNothingIsSentAndTheReasonIsSaid) {
  auto target = OpenKafka(Nowhere());
  ASSERT_TRUE(target.ok()) << target.status();
  const absl::Status look = (*target)->Observe({}).status();
  EXPECT_TRUE(absl::IsUnavailable(look)) << look;
  EXPECT_THAT(std::string(look.message()), HasSubstr("127.0.0.1:1"));
  EXPECT_THAT(std::string(look.message()), HasSubstr("refused"));
  const auto results = (*target)->Apply({CreateTopic()});
  EXPECT_EQ(results[0].outcome, Outcome::kNotTried) << results[0].status;
  EXPECT_TRUE(absl::IsUnavailable(results[0].status)) << results[0].status;
}

TEST(OpenKafka, StopEndsALookThatWaits) {
  KafkaOptions options = Nowhere();
  options.request_timeout = seconds(300);
  auto target = OpenKafka(options);
  ASSERT_TRUE(target.ok());
  std::thread looking([&] { EXPECT_TRUE(absl::IsCancelled((*target)->Observe({}).status())); });
  (*target)->Stop();
  looking.join();
  EXPECT_EQ((*target)->Apply({CreateTopic()})[0].outcome, Outcome::kNotTried);
}

TEST(TopicId, IsWrittenAsKafkasToolsDo) {
  const std::unique_ptr<rd_kafka_Uuid_t, void (*)(rd_kafka_Uuid_t*)> id(
      rd_kafka_Uuid_new(static_cast<int64_t>(0xfbf0f1f2f3f4f5f6), static_cast<int64_t>(0xf7f8f9fafbfcfdfe)),
      &rd_kafka_Uuid_destroy);
  EXPECT_EQ(kafka::ToText(id.get()), "-_Dx8vP09fb3-Pn6-_z9_g");  // base64 -w0 | tr +/ -_ | tr -d =
  EXPECT_EQ(kafka::ToText(nullptr), "");
}

TEST(Acls, WithoutANameBecomeNoFilter) {
  core::Acl acl;
  acl.principal = "User:a";
  EXPECT_EQ(kafka::ToFilter(acl), nullptr);
  acl.resource = "topic";
  EXPECT_NE(kafka::ToFilter(acl), nullptr);
  acl.operation = core::Operation::kTwoPhaseCommit;
  EXPECT_EQ(kafka::ToBinding(acl), nullptr);
}

TEST(Acls, SurviveTheWayThere) {
  core::Acl acl;
  acl.resource_type = core::ResourceType::kTransactionalId;
  acl.pattern_type = core::PatternType::kPrefixed;
  acl.resource = "app.";
  acl.principal = "User:a";
  acl.host = "10.0.0.1";
  acl.operation = core::Operation::kDescribeConfigs;
  acl.permission = core::Permission::kDeny;
  EXPECT_EQ(kafka::ToAcl(kafka::ToBinding(acl).get()), acl);
}

}  // namespace
}  // namespace sluice::agent
