#include "common/clock/clock.h"

#include <atomic>
#include <thread>

#include <gtest/gtest.h>

namespace sluice {
namespace {

using std::chrono::seconds;

TEST(FakeClock, StandsStillUntilToldOtherwise) {
  FakeClock clock(Time(seconds(100)));
  EXPECT_EQ(clock.Now(), Time(seconds(100)));
  const auto before = clock.Steady();
  clock.Advance(seconds(5));
  EXPECT_EQ(clock.Now(), Time(seconds(105)));
  EXPECT_EQ(clock.Steady() - before, seconds(5));
}

TEST(FakeClock, ADeadlineThatHasPassedIsNotWaitedFor) {
  FakeClock clock(Time(seconds(100)));
  std::mutex mutex;
  std::condition_variable condition;
  std::unique_lock lock(mutex);
  clock.WaitUntil(condition, lock, clock.Steady());
}

// A waiter who is just about to sleep must not miss the step.
TEST(FakeClock, EveryStepOfTimeReachesAWaiter) {
  for (int round = 0; round < 2000; ++round) {
    FakeClock clock(Time(seconds(100)));
    const auto deadline = clock.Steady() + seconds(1);
    std::mutex mutex;
    std::condition_variable condition;
    std::atomic<bool> started = false;
    std::thread waiter([&] {
      std::unique_lock lock(mutex);
      started = true;
      while (clock.Steady() < deadline) clock.WaitUntil(condition, lock, deadline);
    });
    while (!started) std::this_thread::yield();
    clock.Advance(seconds(1));
    waiter.join();
  }
}

TEST(FakeClock, AConditionIsForgottenOnceTheWaitIsOver) {
  FakeClock clock(Time(seconds(100)));
  {
    std::mutex mutex;
    std::condition_variable condition;
    bool told = false;
    std::thread waiter([&] {
      std::unique_lock lock(mutex);
      while (!told) clock.WaitUntil(condition, lock, clock.Steady() + seconds(1));
    });
    {
      std::lock_guard lock(mutex);
      told = true;
    }
    condition.notify_all();
    waiter.join();
  }
  clock.Advance(seconds(1));  // the condition is gone
}

}  // namespace
}  // namespace sluice
