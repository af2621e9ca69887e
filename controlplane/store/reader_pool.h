// ReaderPool: a bounded number of reading connections, opened when needed. Thread safety: all members may be
// called from any thread.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <vector>

#include "common/db/database.h"

namespace sluice::controlplane {

class ReaderPool {
 public:
  explicit ReaderPool(db::Database& database) : database_(database) {}

  // Calls `read` with a connection that is nobody else's meanwhile; waits for one if all are taken.
  template <typename Read>
  auto With(Read read) -> decltype(read(std::declval<db::Connection&>())) {
    auto connection = Take();
    if (!connection.ok()) return connection.status();
    auto result = read(**connection);
    Return(*std::move(connection));
    return result;
  }

 private:
  absl::StatusOr<std::unique_ptr<db::Connection>> Take();
  void Return(std::unique_ptr<db::Connection> connection);

  db::Database& database_;
  std::mutex mutex_;
  std::condition_variable returned_;
  std::vector<std::unique_ptr<db::Connection>> idle_;  // guarded by mutex_
  size_t taken_ = 0;                                   // guarded by mutex_
};

}  // namespace sluice::controlplane
