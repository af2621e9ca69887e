// OpenStreams: the streams of people's calls that are open: no more than a bounded number, of one caller and
// of all, and a server that stops ends them at once instead of waiting. Thread safety: all members may be
// called from any thread.
#pragma once

#include <absl/status/statusor.h>
#include <fmt/format.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

namespace sluice::controlplane {

class OpenStreams {
 public:
  static constexpr size_t kMaxOfCaller = 200, kMaxOfAll = 5000;

  // Calls `end` once when everything ends (at once if it already has), unless the handle is destroyed first.
  // `end` may be running in another thread while the handle is destroyed. RESOURCE_EXHAUSTED: too many are
  // open.
  absl::StatusOr<std::shared_ptr<void>> Add(const std::string& caller, std::function<void()> end) {
    {
      std::lock_guard lock(mutex_);
      if (!ended_) {
        const auto of_caller = open_of_.find(caller);
        const size_t held = of_caller == open_of_.end() ? 0 : of_caller->second;
        if (held >= kMaxOfCaller || open_ >= kMaxOfAll) {
          return absl::ResourceExhaustedError(fmt::format(
              "one caller has at most {} streams open, all together {} (now {} and {}); close some",
              kMaxOfCaller, kMaxOfAll, held, open_));
        }
        ++open_of_[caller];
        ++open_;
        const int64_t id = next_id_++;
        ends_.emplace(id, std::move(end));
        return std::shared_ptr<void>(nullptr, [this, id, caller](void*) { Remove(id, caller); });
      }
    }
    end();
    return std::shared_ptr<void>();
  }

  size_t size() const {
    std::lock_guard lock(mutex_);
    return open_;
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
  void Remove(int64_t id, const std::string& caller) {
    std::lock_guard lock(mutex_);
    ends_.erase(id);
    --open_;
    if (--open_of_[caller] == 0) open_of_.erase(caller);
  }

  mutable std::mutex mutex_;
  size_t open_ = 0;                                // guarded by mutex_
  std::map<std::string, size_t> open_of_;          // by caller; guarded by mutex_
  bool ended_ = false;                             // guarded by mutex_
  int64_t next_id_ = 0;                            // guarded by mutex_
  std::map<int64_t, std::function<void()>> ends_;  // guarded by mutex_
};

}  // namespace sluice::controlplane
