// Connection: one librdkafka client for admin requests. Kafka takes the requests of a connection one by one.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "absl/status/statusor.h"
#include "agent/kafka/kafka.h"
#include "agent/kafka/rd.h"

namespace sluice::agent::kafka {

// A switch that ends all waiting for good. Thread safety: all members may be called from any thread.
class StopSwitch {
 public:
  void Flip();
  bool flipped() const;
  bool Wait(std::chrono::milliseconds time) const;  // false: flipped

 private:
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  bool flipped_ = false;
};

// What librdkafka's callbacks say of a connection: its last error, and how long the broker does not read it because of a
// quota. Thread safety: all members, any thread.
class Trouble {
 public:
  using Steady = std::chrono::steady_clock::time_point;

  void Set(std::string text);
  std::string text() const;
  void Throttle(std::chrono::milliseconds time);
  Steady throttled_until() const;

 private:
  mutable std::mutex mutex_;
  std::string text_;
  Steady throttled_until_{};
};

// What became of a request: an event of the expected type, or why there is none.
struct Finished {
  EventPtr event;  // null exactly when `failure` is not kDone
  Reply failure{Answer::kDone, absl::OkStatus(), false};
  bool too_big = false;  // the answer was over receive.message.max.bytes and was not taken
};

// Thread safety: all members may be called from any thread.
class Connection {
 public:
  // `stop` must outlive the connection. Connects on first use.
  static absl::StatusOr<std::unique_ptr<Connection>> Open(const KafkaOptions& options,
                                                          const StopSwitch& stop);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Sends a request by `send` and waits for its answer, or for the switch.
  Finished Call(rd_kafka_admin_op_t operation,
                const std::function<void(rd_kafka_t*, rd_kafka_AdminOptions_t*, rd_kafka_queue_t*)>& send);

  // All topics, with little detail. Not an admin request in librdkafka: waits for its answer whatever
  // happens.
  absl::StatusOr<std::vector<std::string>> ListTopics();

  // How long the broker leaves this connection unread, because a quota was exceeded. 0: it reads.
  std::chrono::milliseconds Throttled() const;

 private:
  Connection(const KafkaOptions& options, const StopSwitch& stop) : options_(options), stop_(stop) {}
  absl::Status Start();
  absl::Status Configure(rd_kafka_conf_t* conf);
  OptionsPtr NewOptions(rd_kafka_admin_op_t operation) const;
  // Adds the last trouble with the connection to what a request failed with.
  Reply Explain(Reply reply) const;

  const KafkaOptions options_;
  const StopSwitch& stop_;
  Trouble trouble_;
  rd_kafka_t* client_ = nullptr;
};

}  // namespace sluice::agent::kafka
