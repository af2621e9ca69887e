// KafkaTargetSuite on the cluster in memory, and the errors that only that one makes on demand.
#include <gmock/gmock.h>

#include "agent/kafka/fake.h"
#include "tests/conformance/targets/kafka_target_suite.h"

namespace sluice::testing {
namespace {

using agent::FakeKafka;
using agent::KafkaState;
using agent::Outcome;
using agent::StepResult;
using agent::kafka::World;
using core::Step;
using core::StepKind;
using ::testing::Each;
using ::testing::Field;

class FakeLab final : public KafkaLab {
 public:
  agent::KafkaTarget& target() override { return kafka_; }
  agent::kafka::Admin& administrator() override { return kafka_.broker(); }
  void DeleteTopic(const std::string& name) override {
    kafka_.broker().Change([&](World& world) { world.topics.erase(name); });
  }

 private:
  FakeKafka kafka_;
};

INSTANTIATE_TEST_SUITE_P(Fake, KafkaTargetSuite, ::testing::Values([]() -> std::shared_ptr<KafkaLab> {
                           return std::make_shared<FakeLab>();
                         }));

Step CreateTopic(const std::string& name) {
  Step step;
  step.kind = StepKind::kCreateTopic;
  step.resource = name;
  step.topic = {name, 1, 1, {}, ""};
  return step;
}

Step SetConfig(const std::string& topic, const std::string& key, const std::string& value) {
  Step step;
  step.kind = StepKind::kSetConfig;
  step.resource = topic;
  step.topic.name = topic;
  step.key = key;
  step.after = value;
  return step;
}

TEST(FakeKafka, OutOfReachNothingHappensAndNothingIsKnown) {
  FakeKafka kafka;
  kafka.broker().SetReachable(false);
  EXPECT_TRUE(absl::IsUnavailable(kafka.Observe({}).status()));
  EXPECT_THAT(kafka.Apply({CreateTopic("a"), CreateTopic("b")}),
              Each(Field(&StepResult::outcome, Outcome::kNotTried)));
  EXPECT_TRUE(kafka.broker().Look().topics.empty());
  kafka.broker().SetReachable(true);
  EXPECT_EQ(kafka.Apply({CreateTopic("a")})[0].outcome, Outcome::kDone);
}

TEST(FakeKafka, ALostAnswerIsAnUnknownOutcomeAndStopsTheRest) {
  FakeKafka kafka;
  kafka.broker().LoseAnswers(1);
  const auto results = kafka.Apply({CreateTopic("a"), SetConfig("a", "retention.ms", "1")});
  EXPECT_EQ(results[0].outcome, Outcome::kUnknown);
  EXPECT_EQ(results[1].outcome, Outcome::kNotTried);
  EXPECT_FALSE(results[1].status.ok());
  EXPECT_EQ(kafka.Observe({})->topics.count("a"), 1U);
}

TEST(FakeKafka, AskedToComeAgainItComesAgain) {
  FakeKafka kafka;
  kafka.broker().AskToRetry(2);
  EXPECT_EQ(kafka.Apply({CreateTopic("a")})[0].outcome, Outcome::kDone);
  EXPECT_EQ(kafka.broker().mutation_requests(), 3);
}

TEST(FakeKafka, AskedForeverToComeAgainItGivesUp) {
  FakeKafka kafka;
  kafka.broker().AskToRetry(1000000);
  const auto results = kafka.Apply({CreateTopic("a")});
  EXPECT_EQ(results[0].outcome, Outcome::kNotTried);
  EXPECT_TRUE(absl::IsUnavailable(results[0].status));
}

TEST(FakeKafka, WritesMayBeHiddenForSomeLooks) {
  FakeKafka kafka;
  kafka.broker().HideWrites(2);
  EXPECT_EQ(kafka.Apply({CreateTopic("a")})[0].outcome, Outcome::kDone);
  EXPECT_EQ(kafka.Observe({})->topics.count("a"), 0U);
  EXPECT_EQ(kafka.Observe({})->topics.count("a"), 0U);
  EXPECT_EQ(kafka.Observe({})->topics.count("a"), 1U);
}

TEST(FakeKafka, APolicyForbidsOneTopicOnly) {
  FakeKafka kafka;
  kafka.broker().ForbidByPolicy("b");
  const auto results = kafka.Apply({CreateTopic("a"), CreateTopic("b"), CreateTopic("c")});
  EXPECT_EQ(results[0].outcome, Outcome::kDone);
  EXPECT_EQ(results[1].outcome, Outcome::kRefused);
  EXPECT_TRUE(absl::IsFailedPrecondition(results[1].status));
  EXPECT_EQ(results[2].outcome, Outcome::kDone);
}

TEST(FakeKafka, ALowerLimitOfRecordsIsFoundOut) {
  FakeKafka kafka;
  kafka.broker().SetMaxRecords(7);
  std::vector<Step> steps;
  for (int i = 0; i < 20; ++i) steps.push_back(CreateTopic("t" + std::to_string(i)));
  EXPECT_THAT(kafka.Apply(steps), Each(Field(&StepResult::outcome, Outcome::kDone)));
  EXPECT_EQ(kafka.broker().Look().topics.size(), 20U);
}

TEST(FakeKafka, ATopicThatCannotBeReadIsNamedAndLeftOut) {
  FakeKafka kafka;
  kafka.Apply({CreateTopic("a"), CreateTopic("b")});
  kafka.broker().HideTopicConfigs("a");
  const auto state = kafka.Observe({});
  ASSERT_TRUE(state.ok());
  EXPECT_EQ(state->topics.count("a"), 0U);
  EXPECT_EQ(state->topics.count("b"), 1U);
  EXPECT_TRUE(absl::IsPermissionDenied(state->unreadable.at("a")));
}

TEST(FakeKafka, WithoutAnAuthorizerTopicsAreSeenAndAclsAreNot) {
  FakeKafka kafka;
  kafka.broker().DisableAuthorizer();
  const auto state = kafka.Observe({});
  ASSERT_TRUE(state.ok());
  EXPECT_TRUE(absl::IsFailedPrecondition(state->acls.status()));
}

World WithAcls() {
  World world;
  for (const auto type : {core::ResourceType::kTopic, core::ResourceType::kGroup,
                          core::ResourceType::kTransactionalId, core::ResourceType::kCluster}) {
    for (const auto pattern : {core::PatternType::kLiteral, core::PatternType::kPrefixed}) {
      for (const auto operation : {core::Operation::kRead, core::Operation::kWrite}) {
        core::Acl acl;
        acl.resource_type = type;
        acl.pattern_type = pattern;
        acl.operation = operation;
        acl.resource = "t1";
        acl.principal = "User:a";
        world.acls.insert(acl);
      }
    }
  }
  return world;
}

TEST(FakeKafka, AclsThatAreTooManyForOneAnswerAreReadInParts) {
  FakeKafka kafka(WithAcls());
  for (const size_t most : {100, 15, 4, 2, 1}) {
    kafka.broker().SetMaxAcls(most);
    for (int again = 0; again < 2; ++again) {
      const auto state = kafka.Observe({});
      ASSERT_TRUE(state.ok() && state->acls.ok()) << state->acls.status();
      EXPECT_EQ(*state->acls, WithAcls().acls) << most;
    }
  }
}

TEST(FakeKafka, AclsThatAreTooManyEvenInPartsAreSaidToBeAndTopicsAreSeen) {
  FakeKafka kafka(WithAcls());
  kafka.broker().SetMaxAcls(0);
  const auto state = kafka.Observe({});
  ASSERT_TRUE(state.ok());
  EXPECT_TRUE(absl::IsResourceExhausted(state->acls.status())) << state->acls.status();
  EXPECT_EQ(state->acls.status().GetPayload(agent::kReasonPayload), absl::Cord("TooMany"));
}

TEST(FakeKafka, StoppedItDoesNothingMore) {
  FakeKafka kafka;
  kafka.Stop();
  EXPECT_TRUE(absl::IsCancelled(kafka.Observe({}).status()));
  EXPECT_EQ(kafka.Apply({CreateTopic("a")})[0].outcome, Outcome::kNotTried);
}

}  // namespace
}  // namespace sluice::testing
