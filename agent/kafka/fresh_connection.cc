#include "agent/kafka/fresh_connection.h"

#include <utility>

#include "agent/kafka/files.h"
#include "common/log/log.h"

namespace sluice::agent::kafka {

absl::StatusOr<std::unique_ptr<FreshConnection>> FreshConnection::Open(const KafkaOptions& options,
                                                                       const StopSwitch& stop) {
  std::unique_ptr<FreshConnection> fresh(new FreshConnection(options, stop));
  fresh->stamp_ = StampOfFiles(options);
  absl::StatusOr<std::unique_ptr<Connection>> opened = Connection::Open(options, stop);
  if (!opened.ok()) return opened.status();
  fresh->current_ = *std::move(opened);
  return fresh;
}

std::shared_ptr<Connection> FreshConnection::Get() {
  std::shared_ptr<Connection> former;  // closed outside of the lock: that takes up to a second
  std::lock_guard lock(mutex_);
  // Taken before the files are read: what changes meanwhile is noticed the next time.
  std::string stamp = StampOfFiles(options_);
  if (stamp == stamp_) return current_;
  stamp_ = std::move(stamp);
  absl::StatusOr<std::unique_ptr<Connection>> opened = Connection::Open(options_, stop_);
  if (!opened.ok()) {
    log::Warn("Kafka's certificate files changed and cannot be used yet; the old connection stays",
              {{"error", std::string(opened.status().message())}});
    return current_;
  }
  log::Info("Kafka's certificate files changed; connecting anew", {});
  former = std::exchange(current_, *std::move(opened));
  return current_;
}

}  // namespace sluice::agent::kafka
