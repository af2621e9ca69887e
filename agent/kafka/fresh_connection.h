// FreshConnection: a connection that is opened anew when its PEM files have changed on disk, so that a
// certificate is rotated without a restart. Requests under way end on the connection that they began on.
// While the new files cannot be used (a key that is written after its certificate), the old connection stays.
// Thread safety: any thread.
#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "absl/status/statusor.h"
#include "agent/kafka/connection.h"
#include "agent/kafka/kafka.h"

namespace sluice::agent::kafka {

class FreshConnection {
 public:
  // `stop` must outlive it.
  static absl::StatusOr<std::unique_ptr<FreshConnection>> Open(const KafkaOptions& options,
                                                               const StopSwitch& stop);

  // For one request or a few. Never null.
  std::shared_ptr<Connection> Get();

 private:
  FreshConnection(const KafkaOptions& options, const StopSwitch& stop) : options_(options), stop_(stop) {}

  const KafkaOptions options_;
  const StopSwitch& stop_;
  std::mutex mutex_;
  std::string stamp_;  // of the files when `current_` was opened, or last failed to be opened anew
  std::shared_ptr<Connection> current_;
};

}  // namespace sluice::agent::kafka
