// OpenStreams: the streams of people's calls that are open, so that a server that stops ends them at once
// instead of waiting. Thread safety: all members may be called from any thread.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>

namespace sluice::controlplane {

class OpenStreams {
 public:
  // Calls `end` once when everything ends (at once if it already has), unless the handle is destroyed first.
  // `end` may be running in another thread while the handle is destroyed.
  std::shared_ptr<void> Add(std::function<void()> end) {
    {
      std::lock_guard lock(mutex_);
      if (!ended_) {
        const int64_t id = next_id_++;
        ends_.emplace(id, std::move(end));
        return std::shared_ptr<void>(nullptr, [this, id](void*) {
          std::lock_guard inner(mutex_);
          ends_.erase(id);
        });
      }
    }
    end();
    return nullptr;
  }

  void EndAll() {
    std::map<int64_t, std::function<void()>> ends;
    {
      std::lock_guard lock(mutex_);
      ended_ = true;
      ends.swap(ends_);
    }
    for (const auto& [id, end] : ends) end();
  }

 private:
  std::mutex mutex_;
  bool ended_ = false;                             // guarded by mutex_
  int64_t next_id_ = 0;                            // guarded by mutex_
  std::map<int64_t, std::function<void()>> ends_;  // guarded by mutex_
};

}  // namespace sluice::controlplane
