// Executor: a bounded pool of threads for handlers, because mutations block until they are durable.
// Thread safety: all members may be called from any thread.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace sluice::controlplane {

class Executor {
 public:
  Executor(size_t threads, size_t queue_limit);
  ~Executor();  // finishes what is queued

  // False: the queue is full or closed; `work` was not taken.
  bool Run(std::function<void()> work);

 private:
  void Loop();

  const size_t queue_limit_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::function<void()>> queue_;  // guarded by mutex_
  bool closed_ = false;                      // guarded by mutex_
  std::vector<std::thread> threads_;
};

}  // namespace sluice::controlplane
