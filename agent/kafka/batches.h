// Batches: sends many items to a cluster in few requests, and finds out what became of each.
//
// A request holds at most Limits::items items and Limits::records estimated metadata records, and creates no
// more partitions than the quota has room for. POLICY_VIOLATION is what a controller answers both to a
// request that is too big and to a resource that a policy forbids. A policy speaks of single resources: where
// others of the request were done, or were refused in other words, the refused ones are to blame. Where all
// of a request were refused in the same words it may have been too big: it is halved and tried again, down to
// a thirty-second of it. What asks for another time is tried again after a jittered pause. After a request
// without an answer, or when the cluster is out of reach, nothing more is sent. Pauses, for retries and for
// quotas, take no more than Limits::retry_time in all: what still has to wait for a quota is answered kLater.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <vector>

#include "agent/kafka/admin.h"
#include "agent/kafka/quota.h"

namespace sluice::agent::kafka {

struct Limits {
  size_t items = kMaxItems;
  int64_t records = kMaxRecords * 9 / 10;  // estimates are high already; room for what a newer Kafka adds
  std::chrono::milliseconds retry_time{30000};
};

// What an item costs.
struct Cost {
  int64_t records = 1;     // metadata records, estimated
  int64_t partitions = 0;  // partitions that it creates: counted by quotas
};

// Sends the items with these indices in one request; returns a reply for each.
using Send = std::function<std::vector<Reply>(const std::vector<size_t>&)>;

// Returns a reply for each item: never kRetry; what was not tried is kNotSent or kLater.
std::vector<Reply> SendInBatches(const std::vector<Cost>& costs, const Limits& limits, const Send& send,
                                 Quota& quota, Admin& admin);

// Estimates, on the high side. Measured on Kafka 4.x: a topic with three overrides, one of them
// min.insync.replicas, and one partition costs 6.
int64_t RecordsOf(const core::Topic& topic);
int64_t RecordsOf(const ConfigEdit& edit);

}  // namespace sluice::agent::kafka
