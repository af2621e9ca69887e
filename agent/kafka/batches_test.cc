#include "agent/kafka/batches.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>
#include <set>

#include "agent/kafka/fake.h"

namespace sluice::agent::kafka {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::Field;

Reply Done() { return {Answer::kDone, absl::OkStatus(), false}; }
Reply Policy() { return {Answer::kRefused, absl::FailedPreconditionError("POLICY_VIOLATION"), true}; }
Reply Retry() { return {Answer::kRetry, absl::UnavailableError("NOT_CONTROLLER"), false}; }

struct Sent {
  std::vector<std::vector<size_t>> batches;
  Send With(std::function<Reply(const std::vector<size_t>&, size_t)> reply) {
    return [this, reply](const std::vector<size_t>& batch) {
      batches.push_back(batch);
      std::vector<Reply> replies;
      for (const size_t i : batch) replies.push_back(reply(batch, i));
      return replies;
    };
  }
};

// Items of these costs, without a quota.
std::vector<Reply> SendAll(const std::vector<int64_t>& records, const Limits& limits, const Send& send,
                           FakeBroker& broker) {
  Quota none;
  std::vector<Cost> costs;
  for (const int64_t count : records) costs.push_back({count, 0});
  return SendInBatches(costs, limits, send, none, broker);
}

TEST(SendInBatches, KeepsToItemsAndRecords) {
  FakeBroker broker;
  Sent sent;
  Limits limits;
  limits.items = 3;
  limits.records = 10;
  SendAll({4, 4, 4, 1, 1, 1, 20, 1}, limits, sent.With([](auto&, size_t) { return Done(); }), broker);
  EXPECT_THAT(sent.batches, ElementsAre(ElementsAre(0, 1), ElementsAre(2, 3, 4), ElementsAre(5),
                                        ElementsAre(6), ElementsAre(7)));
}

// The controller refuses a request of more than `max` records as a whole, with the code of a policy.
TEST(SendInBatches, HalvesWhatIsTooBig) {
  FakeBroker broker;
  Sent sent;
  const auto replies =
      SendAll(std::vector<int64_t>(100, 1), {},
              sent.With([](auto& batch, size_t) { return batch.size() > 30 ? Policy() : Done(); }), broker);
  EXPECT_THAT(replies, Each(Field(&Reply::answer, Answer::kDone)));
  std::set<size_t> done;
  for (const auto& batch : sent.batches) {
    if (batch.size() <= 30) done.insert(batch.begin(), batch.end());
  }
  EXPECT_EQ(done.size(), 100U);
}

// A policy speaks of single items: where others of the request were done there is nothing to find out.
TEST(SendInBatches, BelievesAPolicyThatForbidsSome) {
  FakeBroker broker;
  Sent sent;
  const auto replies =
      SendAll(std::vector<int64_t>(64, 1), {},
              sent.With([&](auto&, size_t i) { return i % 17 == 1 ? Policy() : Done(); }), broker);
  for (size_t i = 0; i < replies.size(); ++i) {
    EXPECT_EQ(replies[i].answer, i % 17 == 1 ? Answer::kRefused : Answer::kDone) << i;
  }
  EXPECT_EQ(sent.batches.size(), 1U);
}

TEST(SendInBatches, BelievesAPolicyThatForbidsEachInItsOwnWords) {
  FakeBroker broker;
  Sent sent;
  const auto replies = SendAll(std::vector<int64_t>(1000, 6), {}, sent.With([&](auto&, size_t i) {
    return Reply{Answer::kRefused, absl::FailedPreconditionError("not topic " + std::to_string(i)), true};
  }),
                               broker);
  EXPECT_THAT(replies, Each(Field(&Reply::answer, Answer::kRefused)));
  EXPECT_EQ(sent.batches.size(), 1U);
}

TEST(SendInBatches, APolicyThatForbidsAllInTheSameWordsCostsFewRequests) {
  FakeBroker broker;
  Sent sent;
  const auto replies =
      SendAll(std::vector<int64_t>(1000, 6), {}, sent.With([&](auto&, size_t) { return Policy(); }), broker);
  EXPECT_THAT(replies, Each(Field(&Reply::answer, Answer::kRefused)));
  EXPECT_LT(sent.batches.size(), 64U);
}

TEST(SendInBatches, TriesAgainOnlyWhatAskedForIt) {
  FakeBroker broker;
  Sent sent;
  int asked = 0;
  const auto replies =
      SendAll({1, 1, 1}, {},
              sent.With([&](auto&, size_t i) { return i == 1 && ++asked < 3 ? Retry() : Done(); }), broker);
  EXPECT_THAT(replies, Each(Field(&Reply::answer, Answer::kDone)));
  EXPECT_THAT(sent.batches, ElementsAre(ElementsAre(0, 1, 2), ElementsAre(1), ElementsAre(1)));
  EXPECT_EQ(broker.pauses(), 2);
}

TEST(SendInBatches, GivesUpWhenRetryTimeHasPassed) {
  FakeBroker broker;
  Sent sent;
  const auto replies = SendAll({1, 1}, {}, sent.With([](auto&, size_t) { return Retry(); }), broker);
  EXPECT_THAT(replies, Each(Field(&Reply::answer, Answer::kNotSent)));
  EXPECT_THAT(replies, Each(Field(&Reply::status, absl::UnavailableError("NOT_CONTROLLER"))));
  EXPECT_LT(sent.batches.size(), 30U);
}

TEST(SendInBatches, SendsNothingAfterAnAnswerWasLost) {
  FakeBroker broker;
  Sent sent;
  Limits limits;
  limits.items = 1;
  const auto replies = SendAll({1, 1, 1}, limits, sent.With([](auto&, size_t i) {
    return i == 1 ? Reply{Answer::kUnknown, absl::DeadlineExceededError("no answer"), false} : Done();
  }),
                               broker);
  EXPECT_EQ(replies[0].answer, Answer::kDone);
  EXPECT_EQ(replies[1].answer, Answer::kUnknown);
  EXPECT_EQ(replies[2].answer, Answer::kNotSent);
  EXPECT_EQ(sent.batches.size(), 2U);
}

TEST(SendInBatches, StopEndsRetries) {
  FakeBroker broker;
  broker.Stop();
  Sent sent;
  const auto replies = SendAll({1, 1}, {}, sent.With([](auto&, size_t) { return Retry(); }), broker);
  EXPECT_EQ(sent.batches.size(), 1U);
  EXPECT_THAT(replies, Each(Field(&Reply::answer, Answer::kNotSent)));
}

TEST(SendInBatches, AThrottledRequestIsTriedAgainAndInTheEndLater) {
  FakeBroker broker;
  Sent sent;
  const Reply throttled{Answer::kRetry, absl::ResourceExhaustedError("THROTTLING_QUOTA_EXCEEDED"), false};
  int asked = 0;
  auto replies =
      SendAll({1}, {}, sent.With([&](auto&, size_t) { return ++asked < 3 ? throttled : Done(); }), broker);
  EXPECT_THAT(replies, Each(Field(&Reply::answer, Answer::kDone)));
  replies = SendAll({1}, {}, sent.With([&](auto&, size_t) { return throttled; }), broker);
  EXPECT_THAT(replies, Each(Field(&Reply::answer, Answer::kLater)));
}

TEST(Quota, IsABucketThatFillsAtTheRate) {
  using std::chrono::milliseconds;
  using std::chrono::seconds;
  Quota quota(10);
  Quota::Steady now{};
  EXPECT_EQ(quota.most(), 10);
  EXPECT_EQ(quota.WaitFor(50, now), milliseconds(0)) << "a burst of five seconds";
  quota.Take(50, now);
  EXPECT_EQ(quota.WaitFor(10, now), seconds(1));
  now += seconds(1);
  EXPECT_EQ(quota.WaitFor(10, now), milliseconds(0));
  EXPECT_EQ(quota.WaitFor(1000, now), seconds(4)) << "a full bucket is all that one item can wait for";
  now += seconds(100);
  quota.Take(1000, now);
  EXPECT_EQ(quota.WaitFor(1, now), milliseconds(95'100)) << "a debt is paid";
  EXPECT_EQ(quota.WaitFor(0, now), milliseconds(0));
  EXPECT_EQ(Quota(0).WaitFor(1'000'000, now), milliseconds(0));
  EXPECT_EQ(Quota(0.1).most(), 1);
}

// One partition each, at two a second, through a broker that allows just that.
TEST(SendInBatches, KeepsBelowTheQuotaAndSaysWhatHasToWait) {
  FakeBroker broker;
  broker.SetMutationRate(2);
  std::vector<core::Topic> topics(200);
  for (size_t i = 0; i < topics.size(); ++i) topics[i] = {"t" + std::to_string(i), 1, 1, {}, ""};
  const Send send = [&](const std::vector<size_t>& batch) {
    std::vector<core::Topic> some;
    for (const size_t i : batch) some.push_back(topics[i]);
    return broker.CreateTopics(some);
  };
  Quota quota(2);
  std::vector<Cost> costs(topics.size(), Cost{3, 1});
  size_t calls = 0;
  while (!costs.empty()) {
    ASSERT_LT(++calls, 10U);
    const auto replies = SendInBatches(costs, {}, send, quota, broker);
    size_t now = 0;
    for (const Reply& reply : replies) {
      if (reply.answer == Answer::kDone) ++now;
      if (reply.answer != Answer::kDone) {
        ASSERT_EQ(reply.answer, Answer::kLater) << reply.status;
        EXPECT_TRUE(absl::IsResourceExhausted(reply.status));
      }
    }
    ASSERT_GT(now, 0U) << "each call gets on";
    topics.erase(topics.begin(), topics.begin() + static_cast<ptrdiff_t>(now));
    costs.resize(topics.size());
  }
  EXPECT_EQ(broker.Look().topics.size(), 200U);
  EXPECT_EQ(broker.Penalty(), std::chrono::milliseconds(0)) << "never in debt";
}

// Without a rate of our own: what the broker says is waited for.
TEST(SendInBatches, WaitsForABrokerThatThrottlesAndLosesNoAnswer) {
  FakeBroker broker;
  broker.SetMutationRate(5);
  Limits limits;
  limits.items = 100;
  std::vector<Cost> costs(200, Cost{3, 1});
  int number = 0;
  const Send send = [&](const std::vector<size_t>& batch) {
    std::vector<core::Topic> some;
    for (size_t i = 0; i < batch.size(); ++i) some.push_back({"t" + std::to_string(number++), 1, 1, {}, ""});
    return broker.CreateTopics(some);
  };
  Quota none;
  const auto replies = SendInBatches(costs, limits, send, none, broker);
  EXPECT_THAT(replies, Each(Field(&Reply::answer, Answer::kDone)));
  EXPECT_GT(broker.Penalty(), std::chrono::seconds(10)) << "the next one has to wait";
  const auto more = SendInBatches(std::vector<Cost>(200, Cost{3, 1}), limits, send, none, broker);
  EXPECT_THAT(more, ::testing::Contains(Field(&Reply::answer, Answer::kLater)));
  EXPECT_THAT(more, ::testing::Not(::testing::Contains(Field(&Reply::answer, Answer::kUnknown))));
}

TEST(RecordsOf, IsNeverLessThanMeasured) {
  core::Topic topic;
  topic.configs = {{"min.insync.replicas", "2"}, {"retention.ms", "1"}, {"cleanup.policy", "compact"}};
  EXPECT_GE(RecordsOf(topic), 6);
}

}  // namespace
}  // namespace sluice::agent::kafka
