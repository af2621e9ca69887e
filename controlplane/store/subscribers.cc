#include "controlplane/store/subscribers.h"

#include <algorithm>
#include <utility>

namespace sluice::controlplane {

std::shared_ptr<void> Subscribers::Add(std::function<void()> wake) {
  auto subscription = std::make_shared<Subscription>();
  subscription->wake = std::move(wake);
  {
    std::lock_guard lock(mutex_);
    std::erase_if(subscriptions_, [](const auto& weak) { return weak.expired(); });
    subscriptions_.push_back(subscription);
  }
  // The handle is an object of its own, so that a wake-up in flight ends before its destruction does.
  auto* end = new std::shared_ptr<Subscription>(std::move(subscription));
  return std::shared_ptr<void>(end, [end](void*) {
    {
      std::lock_guard lock((*end)->mutex);
      (*end)->wake = nullptr;
    }
    delete end;
  });
}

void Subscribers::WakeAll() {
  std::vector<std::weak_ptr<Subscription>> subscriptions;
  {
    std::lock_guard lock(mutex_);
    subscriptions = subscriptions_;
  }
  for (const auto& weak : subscriptions) {
    if (auto subscription = weak.lock()) {
      std::lock_guard lock(subscription->mutex);
      if (subscription->wake) subscription->wake();
    }
  }
}

}  // namespace sluice::controlplane
