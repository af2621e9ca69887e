#include "tests/conformance/targets/kafka_target_suite.h"

#include <gmock/gmock.h>

#include <chrono>

#include "tests/support/dev_cluster.h"

namespace sluice::testing {
namespace {

using agent::KafkaQuery;
using agent::KafkaState;
using agent::Outcome;
using agent::StepResult;
using agent::kafka::Answer;
using agent::kafka::Reply;
using core::Operation;
using core::PatternType;
using core::ResourceType;
using core::Step;
using core::StepKind;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsSupersetOf;
using ::testing::Key;
using ::testing::Not;
using ::testing::UnorderedElementsAre;

std::vector<Outcome> Outcomes(const std::vector<StepResult>& results) {
  std::vector<Outcome> outcomes;
  for (const StepResult& result : results) outcomes.push_back(result.outcome);
  return outcomes;
}

std::vector<absl::StatusCode> Codes(const std::vector<StepResult>& results) {
  std::vector<absl::StatusCode> codes;
  for (const StepResult& result : results) codes.push_back(result.status.code());
  return codes;
}

}  // namespace

KafkaTargetSuite::KafkaTargetSuite() : lab_(GetParam()()), prefix_(UniqueName("t")) {}

KafkaTargetSuite::~KafkaTargetSuite() {
  agent::kafka::Admin& admin = lab_->administrator();
  if (const auto topics = admin.ListTopics(); topics.ok()) {
    for (const std::string& topic : *topics) {
      if (topic.find(prefix_) != std::string::npos) lab_->DeleteTopic(topic);
    }
  }
  if (const auto acls = admin.DescribeAcls({}); acls.ok()) {
    std::vector<core::Acl> ours;
    for (const core::Acl& acl : acls->acls) {
      if (acl.principal.find(prefix_) != std::string::npos) ours.push_back(acl);
    }
    for (size_t i = 0; i < ours.size(); i += agent::kafka::kMaxItems) {
      const size_t end = std::min(ours.size(), i + agent::kafka::kMaxItems);
      admin.DeleteAcls(
          {ours.begin() + static_cast<ptrdiff_t>(i), ours.begin() + static_cast<ptrdiff_t>(end)});
    }
  }
}

core::Topic KafkaTargetSuite::Topic(const std::string& rest, int32_t partitions, core::Config configs) const {
  core::Topic topic;
  topic.name = Name(rest);
  topic.partitions = partitions;
  topic.replication_factor = 1;
  topic.configs = std::move(configs);
  return topic;
}

core::Acl KafkaTargetSuite::Acl(const std::string& rest, Operation operation) const {
  core::Acl acl;
  acl.resource = Name(rest);
  acl.principal = principal();
  acl.operation = operation;
  return acl;
}

Step KafkaTargetSuite::Create(const core::Topic& topic) {
  Step step;
  step.kind = StepKind::kCreateTopic;
  step.resource = topic.name;
  step.topic = topic;
  return step;
}

Step KafkaTargetSuite::Set(const std::string& rest, const std::string& key, const std::string& value) const {
  Step step;
  step.kind = StepKind::kSetConfig;
  step.resource = Name(rest);
  step.topic.name = Name(rest);
  step.key = key;
  step.after = value;
  return step;
}

Step KafkaTargetSuite::Reset(const std::string& rest, const std::string& key) const {
  Step step = Set(rest, key, "");
  step.kind = StepKind::kResetConfig;
  return step;
}

Step KafkaTargetSuite::Grow(const std::string& rest, int32_t partitions) const {
  Step step;
  step.kind = StepKind::kGrowPartitions;
  step.resource = Name(rest);
  step.topic.name = Name(rest);
  step.topic.partitions = partitions;
  return step;
}

Step KafkaTargetSuite::Grant(const core::Acl& acl) {
  Step step;
  step.kind = StepKind::kCreateAcl;
  step.resource = core::Describe(acl);
  step.acl = acl;
  return step;
}

Step KafkaTargetSuite::Revoke(const core::Acl& acl) {
  Step step = Grant(acl);
  step.kind = StepKind::kDeleteAcl;
  return step;
}

std::vector<StepResult> KafkaTargetSuite::MustApply(const std::vector<Step>& steps) {
  std::vector<StepResult> results = Apply(steps);
  EXPECT_EQ(results.size(), steps.size());
  for (size_t i = 0; i < results.size(); ++i) {
    EXPECT_EQ(results[i].outcome, Outcome::kDone) << steps[i].resource << ": " << results[i].status;
    EXPECT_TRUE(results[i].status.ok());
  }
  return results;
}

KafkaState KafkaTargetSuite::See(const std::function<bool(const KafkaState&)>& holds, KafkaQuery query) {
  const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (true) {
    absl::StatusOr<KafkaState> state = target().Observe(query);
    if (!state.ok()) {
      ADD_FAILURE() << state.status();
      return {};
    }
    if (holds(*state)) return *std::move(state);
    if (std::chrono::steady_clock::now() > give_up) {
      ADD_FAILURE() << "the state that was waited for never came";
      return *std::move(state);
    }
    lab().administrator().Pause(std::chrono::milliseconds(20));
  }
}

KafkaState KafkaTargetSuite::SeeTopic(const std::string& rest) {
  return See([&](const KafkaState& state) { return state.topics.count(Name(rest)) > 0; });
}

std::set<core::Acl> KafkaTargetSuite::OursOf(const KafkaState& state) const {
  std::set<core::Acl> ours;
  if (!state.acls.ok()) {
    ADD_FAILURE() << state.acls.status();
    return ours;
  }
  for (const core::Acl& acl : *state.acls) {
    if (acl.principal.find(prefix_) != std::string::npos) ours.insert(acl);
  }
  return ours;
}

TEST_P(KafkaTargetSuite, SeesTheTopicThatItCreated) {
  const core::Config configs = {
      {"cleanup.policy", "compact"}, {"min.insync.replicas", "1"}, {"retention.ms", "3600000"}};
  MustApply({Create(Topic("a.events", 2, configs))});
  const KafkaState state = SeeTopic("a.events");
  const core::ObservedTopic& topic = state.topics.at(Name("a.events"));
  EXPECT_EQ(topic.partitions, 2);
  EXPECT_EQ(topic.replication_factor, 1);
  EXPECT_EQ(topic.overrides, configs);  // also the one that equals the broker's default
  EXPECT_FALSE(topic.id.empty());
  EXPECT_GE(state.brokers, 1);
  EXPECT_FALSE(state.cluster_id.empty());
  EXPECT_TRUE(state.unreadable.empty());
}

TEST_P(KafkaTargetSuite, ATopicThatExistsIsRefused) {
  MustApply({Create(Topic("a", 1))});
  SeeTopic("a");
  const auto results = Apply({Create(Topic("a", 3))});
  EXPECT_EQ(results[0].outcome, Outcome::kRefused);
  EXPECT_TRUE(absl::IsAlreadyExists(results[0].status)) << results[0].status;
  EXPECT_EQ(SeeTopic("a").topics.at(Name("a")).partitions, 1);
}

TEST_P(KafkaTargetSuite, ARefusedTopicTakesNoOtherWithIt) {
  core::Topic wide = Topic("wide");
  wide.replication_factor = 99;
  core::Topic empty = Topic("empty", 0);
  core::Topic odd = Topic("odd", 1, {{"no.such.config", "1"}});
  core::Topic bad = Topic("bad", 1, {{"retention.ms", "a day"}});
  core::Topic name = Topic("na me");
  const auto results = Apply({Create(Topic("one")), Create(wide), Create(empty), Create(odd), Create(bad),
                              Create(name), Create(Topic("two"))});
  EXPECT_THAT(Outcomes(results),
              ElementsAre(Outcome::kDone, Outcome::kRefused, Outcome::kRefused, Outcome::kRefused,
                          Outcome::kRefused, Outcome::kRefused, Outcome::kDone));
  for (size_t i = 1; i < 6; ++i) EXPECT_TRUE(absl::IsInvalidArgument(results[i].status)) << results[i].status;
  const KafkaState state = See([&](const KafkaState& seen) {
    return seen.topics.count(Name("one")) > 0 && seen.topics.count(Name("two")) > 0;
  });
  for (const char* rest : {"wide", "empty", "odd", "bad", "na me"})
    EXPECT_EQ(state.topics.count(Name(rest)), 0U);
}

TEST_P(KafkaTargetSuite, ANameThatCollidesIsRefused) {
  MustApply({Create(Topic("a.b"))});
  SeeTopic("a.b");
  const auto results = Apply({Create(Topic("a_b"))});
  EXPECT_EQ(results[0].outcome, Outcome::kRefused);
  EXPECT_TRUE(absl::IsInvalidArgument(results[0].status)) << results[0].status;
}

TEST_P(KafkaTargetSuite, EditsOnlyTheConfigsThatItNames) {
  MustApply({Create(Topic("a", 1, {{"retention.ms", "1000"}, {"max.message.bytes", "2000"}}))});
  SeeTopic("a");
  const auto foreign = lab().administrator().AlterConfigs({{Name("a"), {{"segment.bytes", "10485760"}}, {}}});
  ASSERT_EQ(foreign[0].answer, Answer::kDone) << foreign[0].status;
  MustApply({Set("a", "retention.ms", "5000"), Reset("a", "max.message.bytes"),
             Set("a", "cleanup.policy", "compact")});
  const core::Config expected = {
      {"cleanup.policy", "compact"}, {"retention.ms", "5000"}, {"segment.bytes", "10485760"}};
  See([&](const KafkaState& state) { return state.topics.at(Name("a")).overrides == expected; });
}

TEST_P(KafkaTargetSuite, RepeatingAConfigEditIsDone) {
  MustApply({Create(Topic("a", 1, {{"retention.ms", "1000"}}))});
  SeeTopic("a");
  MustApply({Set("a", "retention.ms", "1000"), Reset("a", "max.message.bytes")});
  EXPECT_EQ(SeeTopic("a").topics.at(Name("a")).overrides, (core::Config{{"retention.ms", "1000"}}));
}

TEST_P(KafkaTargetSuite, ARefusedConfigTakesNoOtherWithIt) {
  MustApply({Create(Topic("a")), Create(Topic("b"))});
  SeeTopic("a");
  SeeTopic("b");
  const auto results = Apply({Set("a", "retention.ms", "1000"), Set("a", "retention.bytes", "much"),
                              Set("a", "no.such.config", "1"), Set("b", "retention.ms", "2000"),
                              Set("none", "retention.ms", "1"), Set("a", "max.message.bytes", "3000")});
  EXPECT_THAT(Codes(results), ElementsAre(absl::StatusCode::kOk, absl::StatusCode::kInvalidArgument,
                                          absl::StatusCode::kInvalidArgument, absl::StatusCode::kOk,
                                          absl::StatusCode::kNotFound, absl::StatusCode::kOk));
  See([&](const KafkaState& state) {
    return state.topics.at(Name("a")).overrides ==
               core::Config{{"retention.ms", "1000"}, {"max.message.bytes", "3000"}} &&
           state.topics.at(Name("b")).overrides == core::Config{{"retention.ms", "2000"}};
  });
}

TEST_P(KafkaTargetSuite, LooksAtTheConfigsThatAreAskedFor) {
  MustApply({Create(Topic("a", 1, {{"retention.ms", "1000"}, {"cleanup.policy", "compact"}}))});
  SeeTopic("a");
  KafkaQuery query;
  query.config_keys = {"retention.ms", "retention.bytes"};
  See(
      [&](const KafkaState& state) {
        return state.topics.at(Name("a")).overrides == core::Config{{"retention.ms", "1000"}};
      },
      query);
}

TEST_P(KafkaTargetSuite, GrowsPartitionsAndNeverShrinksThem) {
  MustApply({Create(Topic("a", 2))});
  SeeTopic("a");
  MustApply({Grow("a", 3)});
  See([&](const KafkaState& state) { return state.topics.at(Name("a")).partitions == 3; });
  const auto results = Apply({Grow("a", 3), Grow("none", 2)});
  EXPECT_THAT(Codes(results), ElementsAre(absl::StatusCode::kInvalidArgument, absl::StatusCode::kNotFound));
  EXPECT_TRUE(absl::IsInvalidArgument(Apply({Grow("a", 1)})[0].status));
  EXPECT_EQ(SeeTopic("a").topics.at(Name("a")).partitions, 3);
}

TEST_P(KafkaTargetSuite, ARecreatedTopicHasAnotherId) {
  MustApply({Create(Topic("a"))});
  const std::string before = SeeTopic("a").topics.at(Name("a")).id;
  lab().DeleteTopic(Name("a"));
  See([&](const KafkaState& state) { return state.topics.count(Name("a")) == 0; });
  MustApply({Create(Topic("a"))});
  EXPECT_NE(SeeTopic("a").topics.at(Name("a")).id, before);
}

TEST_P(KafkaTargetSuite, InternalTopicsAreNotSeen) {
  core::Topic internal = Topic("x");
  internal.name = "__" + internal.name;
  const auto made = lab().administrator().CreateTopics({internal, Topic("a")});
  ASSERT_EQ(made[0].answer, Answer::kDone) << made[0].status;
  EXPECT_EQ(SeeTopic("a").topics.count(internal.name), 0U);
}

TEST_P(KafkaTargetSuite, GrantsAndRevokesExactly) {
  const core::Acl read = Acl("a", Operation::kRead);
  core::Acl host = read;
  host.host = "10.0.0.1";
  core::Acl prefixed = read;
  prefixed.pattern_type = PatternType::kPrefixed;
  core::Acl denied = read;
  denied.permission = core::Permission::kDeny;
  core::Acl other = read;
  other.principal = principal("another");
  core::Acl group = read;
  group.resource_type = ResourceType::kGroup;
  core::Acl transactional = Acl("a", Operation::kWrite);
  transactional.resource_type = ResourceType::kTransactionalId;
  const std::set<core::Acl> all = {read,
                                   host,
                                   prefixed,
                                   denied,
                                   other,
                                   group,
                                   transactional,
                                   Acl("a", Operation::kDescribe),
                                   Acl("b", Operation::kRead)};
  std::vector<Step> grants;
  for (const core::Acl& acl : all) grants.push_back(Grant(acl));
  MustApply(grants);
  See([&](const KafkaState& state) { return OursOf(state) == all; });
  MustApply({Grant(read)});  // again
  MustApply({Revoke(read)});
  std::set<core::Acl> rest = all;
  rest.erase(read);
  See([&](const KafkaState& state) { return OursOf(state) == rest; });
  MustApply({Revoke(read)});  // again
  EXPECT_EQ(OursOf(See([](const KafkaState&) { return true; })), rest);
}

TEST_P(KafkaTargetSuite, ManyAclsInOneCall) {
  std::vector<Step> grants;
  std::vector<Step> revokes;
  std::set<core::Acl> all;
  for (int i = 0; i < 1200; ++i) {
    const core::Acl acl = Acl("topic-" + std::to_string(i), Operation::kRead);
    all.insert(acl);
    grants.push_back(Grant(acl));
    revokes.push_back(Revoke(acl));
  }
  MustApply(grants);
  See([&](const KafkaState& state) { return OursOf(state) == all; });
  MustApply(revokes);
  See([&](const KafkaState& state) { return OursOf(state).empty(); });
}

TEST_P(KafkaTargetSuite, AnAclThatIsGrantedTwiceInOneCallIsDoneTwice) {
  const core::Acl acl = Acl("a", Operation::kRead);
  MustApply({Grant(acl), Grant(acl)});
  See([&](const KafkaState& state) { return OursOf(state) == std::set<core::Acl>{acl}; });
  MustApply({Revoke(acl), Revoke(acl)});
  See([&](const KafkaState& state) { return OursOf(state).empty(); });
}

TEST_P(KafkaTargetSuite, AScopeShowsItsTopicsAndEveryAclThatAppliesToThem) {
  core::Acl wildcard = Acl("", Operation::kRead);
  wildcard.resource = "*";
  core::Acl prefixed = Acl("a.", Operation::kRead);
  prefixed.pattern_type = PatternType::kPrefixed;
  core::Acl longer = Acl("a.b.c", Operation::kRead);
  longer.pattern_type = PatternType::kPrefixed;
  const core::Acl exact = Acl("a.b", Operation::kRead);
  const core::Acl outside = Acl("other", Operation::kRead);
  core::Acl group = Acl("group.", Operation::kRead);
  group.resource_type = ResourceType::kGroup;
  group.pattern_type = PatternType::kPrefixed;
  MustApply({Create(Topic("a.b")), Create(Topic("other")), Grant(wildcard), Grant(prefixed), Grant(longer),
             Grant(exact), Grant(outside), Grant(group)});
  SeeTopic("a.b");
  SeeTopic("other");
  const std::set<core::Acl> expected = {wildcard, prefixed, exact, group};
  KafkaQuery query;
  query.scope = {Name("a.b"), Name("group."), Name("not there"), Name("nor-there")};
  const KafkaState few = See([&](const KafkaState& state) { return OursOf(state) == expected; }, query);
  EXPECT_THAT(few.topics, UnorderedElementsAre(Key(Name("a.b"))));
  EXPECT_TRUE(few.unreadable.empty());
  for (int i = 0; i < 40; ++i) query.scope->insert(Name("n" + std::to_string(i)));
  const KafkaState many = See([&](const KafkaState& state) { return OursOf(state) == expected; }, query);
  EXPECT_THAT(many.topics, UnorderedElementsAre(Key(Name("a.b"))));
}

TEST_P(KafkaTargetSuite, RegistryStepsAreRefused) {
  Step step;
  step.kind = StepKind::kRegisterSchema;
  const auto results = Apply({step, Grant(Acl("a", Operation::kRead))});
  EXPECT_THAT(Codes(results), ElementsAre(absl::StatusCode::kInvalidArgument, absl::StatusCode::kOk));
}

TEST_P(KafkaTargetSuite, NothingToDoIsDone) { EXPECT_TRUE(Apply({}).empty()); }

// Above 10,000 records the controller refuses the whole request with the code of a policy; the target finds
// who is to blame.
TEST_P(KafkaTargetSuite, ARequestThatIsTooBigIsRefusedAsAWholeAndOnlyTheTooBigItemInTheEnd) {
  const core::Topic huge = Topic("huge", 10001);
  const std::vector<Reply> replies = lab().administrator().CreateTopics({Topic("small"), huge});
  for (const Reply& reply : replies) {
    EXPECT_EQ(reply.answer, Answer::kRefused);
    EXPECT_TRUE(reply.policy) << reply.status;
  }
  const auto results = Apply({Create(Topic("one")), Create(huge), Create(Topic("two"))});
  EXPECT_THAT(Outcomes(results), ElementsAre(Outcome::kDone, Outcome::kRefused, Outcome::kDone));
  EXPECT_TRUE(absl::IsFailedPrecondition(results[1].status)) << results[1].status;
  const KafkaState state = See([&](const KafkaState& seen) {
    return seen.topics.count(Name("one")) > 0 && seen.topics.count(Name("two")) > 0;
  });
  EXPECT_THAT(state.topics, Not(Contains(Key(huge.name))));
  EXPECT_THAT(state.topics, Not(Contains(Key(Name("small")))));
}

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(KafkaTargetSuite);

}  // namespace sluice::testing
