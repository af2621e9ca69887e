#include "controlplane/store/reader_pool.h"

namespace sluice::controlplane {
namespace {

constexpr size_t kMaxReaders = 16;  // reads are short; more threads than these only wait for the processor

}  // namespace

absl::StatusOr<std::unique_ptr<db::Connection>> ReaderPool::Take() {
  {
    std::unique_lock lock(mutex_);
    returned_.wait(lock, [&] { return taken_ < kMaxReaders; });
    ++taken_;
    if (!idle_.empty()) {
      auto connection = std::move(idle_.back());
      idle_.pop_back();
      return connection;
    }
  }
  auto connection = database_.OpenReader();
  if (!connection.ok()) {
    std::lock_guard lock(mutex_);
    --taken_;
    returned_.notify_one();
  }
  return connection;
}

void ReaderPool::Return(std::unique_ptr<db::Connection> connection) {
  std::lock_guard lock(mutex_);
  --taken_;
  idle_.push_back(std::move(connection));
  returned_.notify_one();
}

}  // namespace sluice::controlplane
