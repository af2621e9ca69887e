#include "common/clock/clock.h"

namespace sluice {

void FakeClock::WaitUntil(std::condition_variable& condition, std::unique_lock<std::mutex>& lock,
                          std::chrono::steady_clock::time_point deadline) {
  {
    std::lock_guard guard(mutex_);
    if (std::chrono::steady_clock::time_point(now_.time_since_epoch()) >= deadline) return;
    waiting_ = &condition;
  }
  condition.wait(lock);
}

void FakeClock::Advance(std::chrono::microseconds by) {
  std::condition_variable* waiting = nullptr;
  {
    std::lock_guard guard(mutex_);
    now_ += by;
    waiting = waiting_;
  }
  if (waiting != nullptr) waiting->notify_all();
}

}  // namespace sluice
