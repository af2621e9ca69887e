// Batches: sends many items to a cluster in few requests, and finds out what became of each.
//
// A request holds at most Limits::items items and Limits::records estimated metadata records.
// POLICY_VIOLATION is what a controller answers both to a request that is too big and to a resource that a
// policy forbids: items so refused are halved and tried again until an item alone is refused, and only then
// is it to blame. What asks for another time is tried again after a jittered pause until Limits::retry_time
// has passed. After a request without an answer, or when the cluster is out of reach, nothing more is sent.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <vector>

#include "agent/kafka/admin.h"

namespace sluice::agent::kafka {

struct Limits {
  size_t items = kMaxItems;
  int64_t records = kMaxRecords * 9 / 10;  // estimates are high already; room for what a newer Kafka adds
  std::chrono::milliseconds retry_time{30000};
};

// Sends the items with these indices in one request; returns a reply for each.
using Send = std::function<std::vector<Reply>(const std::vector<size_t>&)>;

// `records[i]`: estimated metadata records of item i. Returns a reply for each item: never kRetry; what was
// not tried is kNotSent.
std::vector<Reply> SendInBatches(const std::vector<int64_t>& records, const Limits& limits, const Send& send,
                                 Admin& admin);

// Estimates, on the high side. Measured on Kafka 4.x: a topic with three overrides, one of them
// min.insync.replicas, and one partition costs 6.
int64_t RecordsOf(const core::Topic& topic);
int64_t RecordsOf(const ConfigEdit& edit);

}  // namespace sluice::agent::kafka
