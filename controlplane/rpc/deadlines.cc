#include "controlplane/rpc/deadlines.h"

#include <algorithm>
#include <vector>

namespace sluice::controlplane {
namespace {

constexpr std::chrono::seconds kLongestWait{5};

}  // namespace

struct Deadlines::Waiting {
  std::mutex mutex;
  std::condition_variable wake;
  std::map<std::pair<Time, int64_t>, std::function<void()>> entries;  // guarded by mutex, as the rest
  int64_t next_id = 0;
  bool closed = false;
};

Deadlines::Deadlines(Clock& clock)
    : clock_(clock), waiting_(std::make_shared<Waiting>()), thread_([this] { Loop(); }) {}

Deadlines::~Deadlines() {
  {
    std::lock_guard lock(waiting_->mutex);
    waiting_->closed = true;
    waiting_->entries.clear();
  }
  waiting_->wake.notify_all();
  thread_.join();
}

std::shared_ptr<void> Deadlines::Add(Time when, std::function<void()> passed) {
  if (when == Time::max()) return nullptr;
  std::pair<Time, int64_t> key;
  {
    std::lock_guard lock(waiting_->mutex);
    key = {when, waiting_->next_id++};
    waiting_->entries.emplace(key, std::move(passed));
  }
  waiting_->wake.notify_all();
  return std::shared_ptr<void>(nullptr, [waiting = waiting_, key](void*) {
    std::lock_guard lock(waiting->mutex);
    waiting->entries.erase(key);
  });
}

void Deadlines::Loop() {
  std::unique_lock lock(waiting_->mutex);
  while (!waiting_->closed) {
    auto& entries = waiting_->entries;
    std::vector<std::function<void()>> passed;
    while (!entries.empty() && entries.begin()->first.first < clock_.Now()) {
      passed.push_back(std::move(entries.begin()->second));
      entries.erase(entries.begin());
    }
    if (!passed.empty()) {
      lock.unlock();
      for (const auto& call : passed) call();
      lock.lock();
      continue;
    }
    std::chrono::microseconds wait = kLongestWait;
    if (!entries.empty())
      wait = std::min<std::chrono::microseconds>(
          wait, entries.begin()->first.first - clock_.Now() + std::chrono::microseconds(1));
    clock_.WaitUntil(waiting_->wake, lock, clock_.Steady() + wait);
  }
}

}  // namespace sluice::controlplane
