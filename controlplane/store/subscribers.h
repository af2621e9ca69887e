// Subscribers: who wants to be woken. Thread safety: all members may be called from any thread, but not from
// within a wake-up.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <vector>

namespace sluice::controlplane {

class Subscribers {
 public:
  // Once the returned handle is destroyed, `wake` runs no more.
  std::shared_ptr<void> Add(std::function<void()> wake);
  void WakeAll();

 private:
  struct Subscription {
    std::mutex mutex;
    std::function<void()> wake;  // guarded by mutex; empty: ended
  };
  std::mutex mutex_;
  std::vector<std::weak_ptr<Subscription>> subscriptions_;  // guarded by mutex_
};

}  // namespace sluice::controlplane
