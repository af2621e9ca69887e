#include "agent/backoff.h"

#include <gtest/gtest.h>

namespace sluice::agent {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Backoff::Steady kStart{std::chrono::hours(1)};
const absl::Status kWhy = absl::InvalidArgumentError("no");

TEST(Delay, DoublesUpToTheMostWithJitterOfAHalf) {
  std::mt19937_64 random(1);
  for (int attempt = 0; attempt < 100; ++attempt) {
    const auto full =
        std::min<std::chrono::microseconds>(seconds(30), seconds(1) * (int64_t{1} << std::min(attempt, 20)));
    const auto delay = Delay(attempt, seconds(1), seconds(30), random);
    EXPECT_GE(delay, full / 2);
    EXPECT_LE(delay, full);
  }
}

TEST(Backoff, HoldsAResourceBackUntilItIsDue) {
  Backoff backoff(seconds(60), 1);
  backoff.Fail("topic a", "s", 4, kWhy, kStart);
  ASSERT_NE(backoff.Waiting("topic a", 4, kStart), nullptr);
  EXPECT_EQ(*backoff.Waiting("topic a", 4, kStart), kWhy);
  EXPECT_EQ(backoff.Waiting("topic b", 4, kStart), nullptr);
  EXPECT_EQ(backoff.Waiting("topic a", 5, kStart), nullptr) << "another generation is another try";
  EXPECT_EQ(backoff.Waiting("topic a", 4, kStart + seconds(1)), nullptr);
  EXPECT_TRUE(backoff.DueSlices(kStart).empty());
  EXPECT_EQ(backoff.DueSlices(kStart + seconds(1)), std::set<std::string>{"s"});
  EXPECT_LE(*backoff.NextDue(), kStart + seconds(1));
}

TEST(Backoff, GrowsWithEachFailureAndNotAboveTheMost) {
  Backoff backoff(seconds(8), 1);
  auto now = kStart;
  std::chrono::nanoseconds last{};
  for (int i = 0; i < 10; ++i) {
    backoff.Fail("topic a", "s", 4, kWhy, now);
    last = *backoff.NextDue() - now;
    now = *backoff.NextDue();
  }
  EXPECT_GE(last, seconds(4));
  EXPECT_LE(last, seconds(8));
  backoff.Fail("topic a", "s", 5, kWhy, now);  // a new generation begins anew
  EXPECT_LE(*backoff.NextDue() - now, seconds(1));
}

TEST(Backoff, ForgetsWhatIsNotWantedAnyMore) {
  Backoff backoff(seconds(60), 1);
  backoff.Fail("topic a", "s", 4, kWhy, kStart);
  backoff.Fail("topic b", "s", 4, kWhy, kStart);
  backoff.Fail("topic c", "t", 4, kWhy, kStart);
  backoff.Keep({"s"}, {"topic a"}, {{"s", 4}});
  EXPECT_EQ(backoff.size(), 2u) << "b is not in the plan; t was not looked at";
  backoff.Keep({"s"}, {"topic a"}, {{"s", 5}});
  EXPECT_EQ(backoff.size(), 1u);
  backoff.Keep({"t"}, {}, {});
  EXPECT_EQ(backoff.size(), 0u);
}

}  // namespace
}  // namespace sluice::agent
