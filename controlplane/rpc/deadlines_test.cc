#include "controlplane/rpc/deadlines.h"

#include <gtest/gtest.h>

#include <latch>
#include <thread>

#include "controlplane/rpc/refusals.h"

namespace sluice::controlplane {
namespace {

using std::chrono::seconds;

constexpr Time kNow{seconds(1'800'000'000)};

TEST(DeadlinesTest, CallsBackWhenTheMomentHasPassed) {
  FakeClock clock(kNow);
  Deadlines deadlines(clock);
  std::latch early(1), late(1);
  const auto second = deadlines.Add(kNow + seconds(20), [&] { late.count_down(); });
  const auto first = deadlines.Add(kNow + seconds(3), [&] { early.count_down(); });
  const auto never = deadlines.Add(Time::max(), [] { ADD_FAILURE(); });
  while (!early.try_wait()) clock.Advance(seconds(1));
  EXPECT_FALSE(late.try_wait() && clock.Now() < kNow + seconds(20));
  while (!late.try_wait()) clock.Advance(seconds(1));
  EXPECT_GT(clock.Now(), kNow + seconds(20));
}

TEST(DeadlinesTest, WhoeverLeftIsNotCalled) {
  FakeClock clock(kNow);
  Deadlines deadlines(clock);
  auto left = deadlines.Add(kNow + seconds(1), [] { ADD_FAILURE() << "it left"; });
  left.reset();
  std::latch other(1);
  const auto stays = deadlines.Add(kNow + seconds(2), [&] { other.count_down(); });
  while (!other.try_wait()) clock.Advance(seconds(1));
}

TEST(DeadlinesTest, HandlesMayOutliveIt) {
  FakeClock clock(kNow);
  std::shared_ptr<void> handle;
  {
    Deadlines deadlines(clock);
    handle = deadlines.Add(kNow + seconds(1), [] { ADD_FAILURE(); });
  }
  handle.reset();
}

TEST(RefusalsTest, ACallerHasABurstAndThenFew) {
  Refusals refusals;
  std::chrono::steady_clock::time_point now{seconds(1000)};
  int written = 0;
  for (int i = 0; i < 1000; ++i) written += refusals.Admit("user:eve", now) ? 1 : 0;
  EXPECT_EQ(written, static_cast<int>(Refusals::kBurst));
  EXPECT_TRUE(refusals.Admit("user:olga", now)) << "another one has an allowance of their own";
  now += Refusals::kRefill;
  EXPECT_TRUE(refusals.Admit("user:eve", now));
  EXPECT_FALSE(refusals.Admit("user:eve", now));
}

TEST(RefusalsTest, MemoryIsBoundedAndNobodyGetsOutByNumbers) {
  Refusals refusals;
  const std::chrono::steady_clock::time_point now{seconds(1000)};
  size_t written = 0;
  const size_t callers = Refusals::kMaxCallers + 5000;
  for (size_t i = 0; i < callers; ++i) {
    refusals.Admit("user:" + std::to_string(i), now);
    written += refusals.Admit("user:" + std::to_string(i), now) ? 1 : 0;
  }
  EXPECT_LE(written, Refusals::kMaxCallers + static_cast<size_t>(Refusals::kBurst));
}

}  // namespace
}  // namespace sluice::controlplane
