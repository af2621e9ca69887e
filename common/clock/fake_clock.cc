#include "common/clock/clock.h"

namespace sluice {

void FakeClock::WaitUntil(std::condition_variable& condition, std::unique_lock<std::mutex>& lock,
                          std::chrono::steady_clock::time_point deadline) {
  {
    std::lock_guard guard(mutex_);
    if (std::chrono::steady_clock::time_point(now_.time_since_epoch()) >= deadline) return;
    waiting_ = &condition;
    waiting_mutex_ = lock.mutex();
  }
  condition.wait(lock);
  std::lock_guard guard(mutex_);
  waiting_ = nullptr;
  waiting_mutex_ = nullptr;
}

void FakeClock::Advance(std::chrono::microseconds by) {
  std::condition_variable* waiting = nullptr;
  std::mutex* waiting_mutex = nullptr;
  {
    std::lock_guard guard(mutex_);
    now_ += by;
    waiting = waiting_;
    waiting_mutex = waiting_mutex_;
  }
  if (waiting == nullptr) return;
  std::lock_guard asleep(*waiting_mutex);  // the waiter has let go of it only once it sleeps
  waiting->notify_all();
}

}  // namespace sluice
