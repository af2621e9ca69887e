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

TEST(SendInBatches, KeepsToItemsAndRecords) {
  FakeBroker broker;
  Sent sent;
  Limits limits;
  limits.items = 3;
  limits.records = 10;
  SendInBatches({4, 4, 4, 1, 1, 1, 20, 1}, limits, sent.With([](auto&, size_t) { return Done(); }), broker);
  EXPECT_THAT(sent.batches, ElementsAre(ElementsAre(0, 1), ElementsAre(2, 3, 4), ElementsAre(5),
                                        ElementsAre(6), ElementsAre(7)));
}

// The controller refuses a request of more than `max` records as a whole, with the code of a policy.
TEST(SendInBatches, HalvesWhatIsTooBig) {
  FakeBroker broker;
  Sent sent;
  const auto replies = SendInBatches(
      std::vector<int64_t>(100, 1), {},
      sent.With([](auto& batch, size_t) { return batch.size() > 30 ? Policy() : Done(); }), broker);
  EXPECT_THAT(replies, Each(Field(&Reply::answer, Answer::kDone)));
  std::set<size_t> done;
  for (const auto& batch : sent.batches) {
    if (batch.size() <= 30) done.insert(batch.begin(), batch.end());
  }
  EXPECT_EQ(done.size(), 100U);
}

TEST(SendInBatches, BlamesOnlyTheItemThatPolicyForbidsAlone) {
  FakeBroker broker;
  Sent sent;
  std::set<size_t> alone;
  const auto replies = SendInBatches(std::vector<int64_t>(64, 1), {}, sent.With([&](auto& batch, size_t i) {
    if (i != 17) return Done();
    if (batch.size() == 1) alone.insert(i);
    return Policy();
  }),
                                     broker);
  for (size_t i = 0; i < replies.size(); ++i) {
    EXPECT_EQ(replies[i].answer, i == 17 ? Answer::kRefused : Answer::kDone) << i;
  }
  EXPECT_THAT(alone, ElementsAre(17));
}

TEST(SendInBatches, TriesAgainOnlyWhatAskedForIt) {
  FakeBroker broker;
  Sent sent;
  int asked = 0;
  const auto replies = SendInBatches(
      {1, 1, 1}, {}, sent.With([&](auto&, size_t i) { return i == 1 && ++asked < 3 ? Retry() : Done(); }),
      broker);
  EXPECT_THAT(replies, Each(Field(&Reply::answer, Answer::kDone)));
  EXPECT_THAT(sent.batches, ElementsAre(ElementsAre(0, 1, 2), ElementsAre(1), ElementsAre(1)));
  EXPECT_EQ(broker.pauses(), 2);
}

TEST(SendInBatches, GivesUpWhenRetryTimeHasPassed) {
  FakeBroker broker;
  Sent sent;
  const auto replies = SendInBatches({1, 1}, {}, sent.With([](auto&, size_t) { return Retry(); }), broker);
  EXPECT_THAT(replies, Each(Field(&Reply::answer, Answer::kNotSent)));
  EXPECT_THAT(replies, Each(Field(&Reply::status, absl::UnavailableError("NOT_CONTROLLER"))));
  EXPECT_LT(sent.batches.size(), 30U);
}

TEST(SendInBatches, SendsNothingAfterAnAnswerWasLost) {
  FakeBroker broker;
  Sent sent;
  Limits limits;
  limits.items = 1;
  const auto replies = SendInBatches({1, 1, 1}, limits, sent.With([](auto&, size_t i) {
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
  const auto replies = SendInBatches({1, 1}, {}, sent.With([](auto&, size_t) { return Retry(); }), broker);
  EXPECT_EQ(sent.batches.size(), 1U);
  EXPECT_THAT(replies, Each(Field(&Reply::answer, Answer::kNotSent)));
}

TEST(RecordsOf, IsNeverLessThanMeasured) {
  core::Topic topic;
  topic.configs = {{"min.insync.replicas", "2"}, {"retention.ms", "1"}, {"cleanup.policy", "compact"}};
  EXPECT_GE(RecordsOf(topic), 6);
}

}  // namespace
}  // namespace sluice::agent::kafka
