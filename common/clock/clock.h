// Clock: where time comes from. Production code takes a Clock; only SystemClock reads the machine's.
// Thread safety: all members may be called from any thread.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>

namespace sluice {

using Time = std::chrono::sys_time<std::chrono::microseconds>;

class Clock {
 public:
  virtual ~Clock() = default;
  virtual Time Now() const = 0;                                // wall clock, UTC
  virtual std::chrono::steady_clock::time_point Steady() const = 0;  // for intervals
  // Waits on `condition` with `lock` held until notified or `deadline` (of Steady) has passed.
  virtual void WaitUntil(std::condition_variable& condition, std::unique_lock<std::mutex>& lock,
                         std::chrono::steady_clock::time_point deadline) = 0;
};

class SystemClock final : public Clock {
 public:
  Time Now() const override {
    return std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now());
  }
  std::chrono::steady_clock::time_point Steady() const override { return std::chrono::steady_clock::now(); }
  void WaitUntil(std::condition_variable& condition, std::unique_lock<std::mutex>& lock,
                 std::chrono::steady_clock::time_point deadline) override {
    condition.wait_until(lock, deadline);
  }
};

// A clock that stands still until told otherwise. One thread at a time may wait on it. Advance wakes it, and must not be called with
// the waiter's mutex held.
class FakeClock final : public Clock {
 public:
  explicit FakeClock(Time start) : now_(start) {}
  Time Now() const override {
    std::lock_guard lock(mutex_);
    return now_;
  }
  std::chrono::steady_clock::time_point Steady() const override {
    std::lock_guard lock(mutex_);
    return std::chrono::steady_clock::time_point(now_.time_since_epoch());
  }
  void WaitUntil(std::condition_variable& condition, std::unique_lock<std::mutex>& lock,
                 std::chrono::steady_clock::time_point deadline) override;
  void Advance(std::chrono::microseconds by);

 private:
  mutable std::mutex mutex_;
  Time now_;
  std::condition_variable* waiting_ = nullptr;  // what the waiter waits on, with its mutex; null: nobody waits
  std::mutex* waiting_mutex_ = nullptr;
};

}  // namespace sluice
