#include "controlplane/store/writer.h"

#include <fmt/format.h>

#include <algorithm>

#include "common/log/log.h"
#include "controlplane/store/transaction.h"
#include "controlplane/store/try.h"

namespace sluice::controlplane {
namespace {

constexpr size_t kMaxBatch = 256;      // bounds what one commit holds up
constexpr size_t kMaxQueue = 100'000;  // callers block, so this many threads; a guard only

absl::Status CommitFailed(const absl::Status& cause) {
  if (cause.code() == absl::StatusCode::kResourceExhausted) {
    return absl::ResourceExhaustedError(
        "nothing was written, because the disk of the control plane's store is full; its operator makes "
        "room, then "
        "try again");
  }
  return absl::UnavailableError(
      fmt::format("a write counts once it is durable ({}); nothing of it happened, try again",
                  std::string(cause.message())));
}

}  // namespace

Writer::Writer(std::unique_ptr<db::Connection> connection, Progress progress, const Clock& clock,
               Publish publish)
    : connection_(std::move(connection)),
      progress_(std::move(progress)),
      clock_(clock),
      publish_(std::move(publish)),
      thread_([this] { Loop(); }) {}

Writer::~Writer() {
  {
    std::lock_guard lock(mutex_);
    closed_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

absl::Status Writer::Write(const Command& command) {
  Pending pending(command);
  {
    std::lock_guard lock(mutex_);
    if (closed_) return absl::UnavailableError("the store is closing; try again later");
    if (queue_.size() >= kMaxQueue)
      return absl::ResourceExhaustedError("the store has too many writes waiting; try again later");
    queue_.push_back(&pending);
  }
  wake_.notify_one();
  std::unique_lock lock(pending.mutex);
  pending.ready.wait(lock, [&] { return pending.done; });
  return pending.status;
}

absl::Status Writer::Health() const {
  std::lock_guard lock(mutex_);
  return health_;
}

void Writer::Loop() {
  for (;;) {
    std::vector<Pending*> batch;
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [&] { return closed_ || !queue_.empty(); });
      if (queue_.empty()) return;
      const size_t count = std::min(queue_.size(), kMaxBatch);
      batch.assign(queue_.begin(), queue_.begin() + static_cast<ptrdiff_t>(count));
      queue_.erase(queue_.begin(), queue_.begin() + static_cast<ptrdiff_t>(count));
    }
    CommitTogether(batch);
    for (Pending* pending : batch) {
      // Notified under the lock: the waiter destroys it as soon as it may go on.
      std::lock_guard lock(pending->mutex);
      pending->done = true;
      pending->ready.notify_one();
    }
  }
}

void Writer::CommitTogether(const std::vector<Pending*>& batch) {
  Progress progress = progress_;
  absl::Status status = connection_->Begin();
  if (status.ok()) status = RunAll(batch, progress, MicrosNow(clock_));
  if (status.ok()) status = connection_->Commit();
  {
    std::lock_guard lock(mutex_);
    health_ = status;
  }
  if (status.ok()) {
    progress_ = std::move(progress);
    publish_(progress_);
    return;
  }
  log::Error("commit failed", {{"status", status.ToString()}, {"commands", batch.size()}});
  if (auto undone = connection_->Rollback(); !undone.ok())
    log::Error("rollback failed", {{"status", undone.ToString()}});
  for (Pending* pending : batch) {
    if (pending->status.ok()) pending->status = CommitFailed(status);
  }
}

absl::Status Writer::RunAll(const std::vector<Pending*>& batch, Progress& progress, int64_t now_us) {
  for (Pending* pending : batch) {
    Progress before = progress;
    SLUICE_TRY(connection_->Savepoint());
    pending->status = RunOne(*pending, progress, now_us);
    if (pending->status.ok()) {
      SLUICE_TRY(connection_->ReleaseSavepoint());
      continue;
    }
    progress = std::move(before);
    // A full disk or a broken one has rolled back everything: then there is no savepoint any more.
    if (auto undone = connection_->RollbackToSavepoint(); !undone.ok()) {
      absl::Status cause = pending->status;
      pending->status = absl::OkStatus();
      return cause.code() == absl::StatusCode::kResourceExhausted ? cause : undone;
    }
  }
  return absl::OkStatus();
}

absl::Status Writer::RunOne(Pending& pending, Progress& progress, int64_t now_us) {
  SqlTransaction transaction(*connection_, progress, now_us);
  SLUICE_TRY(pending.command(transaction));
  return transaction.Check();
}

}  // namespace sluice::controlplane
