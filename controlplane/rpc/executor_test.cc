#include "controlplane/rpc/executor.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>

namespace sluice::controlplane {
namespace {

TEST(Executor, WhatIsQueuedIsDoneBeforeItGoes) {
  std::atomic<int> done = 0;
  int taken = 0;
  {
    Executor executor(4, 1000);
    for (int i = 0; i < 1000; ++i) taken += executor.Run([&done] { ++done; });
  }
  EXPECT_EQ(taken, 1000);
  EXPECT_EQ(done, taken);
}

TEST(Executor, AFullQueueTakesNoMore) {
  std::promise<void> started, release;
  std::atomic<int> done = 0;
  {
    Executor executor(1, 2);
    ASSERT_TRUE(executor.Run([&] {
      started.set_value();
      release.get_future().wait();
    }));
    started.get_future().wait();  // the one thread is busy and the queue empty
    EXPECT_TRUE(executor.Run([&done] { ++done; }));
    EXPECT_TRUE(executor.Run([&done] { ++done; }));
    EXPECT_FALSE(executor.Run([&done] { ++done; }));
    release.set_value();
  }
  EXPECT_EQ(done, 2);
}

TEST(Executor, ManyCallersMayRunAtOnce) {
  std::atomic<int> done = 0, taken = 0;
  {
    Executor executor(4, 64);
    std::vector<std::thread> callers;
    for (int i = 0; i < 8; ++i) {
      callers.emplace_back([&] {
        for (int n = 0; n < 500; ++n) taken += executor.Run([&done] { ++done; });
      });
    }
    for (std::thread& caller : callers) caller.join();
  }
  EXPECT_GT(taken, 0);
  EXPECT_EQ(done, taken);
}

}  // namespace
}  // namespace sluice::controlplane
