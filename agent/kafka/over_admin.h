// The Kafka target over any Admin: batches, retries and the result of each step are the same for the real
// thing and the fake.
#pragma once

#include <chrono>
#include <memory>

#include "agent/kafka/admin.h"
#include "agent/target.h"

namespace sluice::agent::kafka {

// As in KafkaOptions.
struct Pace {
  std::chrono::milliseconds retry_time{30000};
  double partition_mutation_rate = 0;
};

std::unique_ptr<KafkaTarget> TargetOver(std::unique_ptr<Admin> admin, Pace pace);

}  // namespace sluice::agent::kafka
