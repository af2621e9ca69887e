// Writer: the one thread that writes. It takes what waits in its queue and commits it together, each command
// in a savepoint; while a commit is on its way to the disk, the next ones gather.
//
// Thread safety: all members may be called from any thread.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

#include "controlplane/store/progress.h"

namespace sluice::controlplane {

class Writer {
 public:
  using Command = std::function<absl::Status(Transaction&)>;
  using Publish = std::function<void(const Progress&)>;  // called by the writer's thread after each commit

  Writer(std::unique_ptr<db::Connection> connection, Progress progress, const Clock& clock, Publish publish);
  ~Writer();  // finishes what is queued

  // Returns when the command is durable or failed; see Store::Write.
  absl::Status Write(const Command& command);
  absl::Status Health() const;

 private:
  struct Pending {
    explicit Pending(const Command& c) : command(c) {}
    const Command& command;
    absl::Status status;
    bool done = false;
    std::mutex mutex;
    std::condition_variable ready;
  };

  void Loop();
  void CommitTogether(const std::vector<Pending*>& batch);
  // Runs the commands; a status other than OK means that the whole transaction is lost.
  absl::Status RunAll(const std::vector<Pending*>& batch, Progress& progress, int64_t now_us);
  absl::Status RunOne(Pending& pending, Progress& progress, int64_t now_us);

  const std::unique_ptr<db::Connection> connection_;
  Progress progress_;  // of the last commit; the writer's thread only
  const Clock& clock_;
  const Publish publish_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Pending*> queue_;  // guarded by mutex_
  bool closed_ = false;         // guarded by mutex_
  absl::Status health_;         // guarded by mutex_
  std::thread thread_;
};

}  // namespace sluice::controlplane
