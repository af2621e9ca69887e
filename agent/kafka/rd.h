// librdkafka's C types as owners, and its errors as statuses.
#pragma once

#include <librdkafka/rdkafka.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "agent/kafka/admin.h"

namespace sluice::agent::kafka {

template <typename T, void (*kDestroy)(T*)>
struct Destroyer {
  void operator()(T* object) const { kDestroy(object); }
};
template <typename T, void (*kDestroy)(T*)>
using Owned = std::unique_ptr<T, Destroyer<T, kDestroy>>;

using ConfPtr = Owned<rd_kafka_conf_t, rd_kafka_conf_destroy>;
using QueuePtr = Owned<rd_kafka_queue_t, rd_kafka_queue_destroy>;
using EventPtr = Owned<rd_kafka_event_t, rd_kafka_event_destroy>;
using OptionsPtr = Owned<rd_kafka_AdminOptions_t, rd_kafka_AdminOptions_destroy>;
using ErrorPtr = Owned<rd_kafka_error_t, rd_kafka_error_destroy>;
using NewTopicPtr = Owned<rd_kafka_NewTopic_t, rd_kafka_NewTopic_destroy>;
using NewPartitionsPtr = Owned<rd_kafka_NewPartitions_t, rd_kafka_NewPartitions_destroy>;
using ConfigResourcePtr = Owned<rd_kafka_ConfigResource_t, rd_kafka_ConfigResource_destroy>;
using AclPtr = Owned<rd_kafka_AclBinding_t, rd_kafka_AclBinding_destroy>;
using TopicCollectionPtr = Owned<rd_kafka_TopicCollection_t, rd_kafka_TopicCollection_destroy>;

// The array of bare pointers that a C function wants; the owners stay the owners.
template <typename Ptr>
std::vector<typename Ptr::pointer> Bare(const std::vector<Ptr>& owners) {
  std::vector<typename Ptr::pointer> bare;
  bare.reserve(owners.size());
  for (const Ptr& owner : owners) bare.push_back(owner.get());
  return bare;
}

// `POLICY_VIOLATION: the broker's sentence`, with the canonical code. OK for no error.
absl::Status ToStatus(rd_kafka_resp_err_t code, std::string_view sentence);
absl::Status ToStatus(const rd_kafka_error_t* error);  // null: OK

// The reply that an error of one item, or of a whole request, means. `sentence` may be null.
Reply ToReply(rd_kafka_resp_err_t code, const char* sentence);
Reply ToReply(const rd_kafka_error_t* error);  // null: done

// A topic ID as Kafka's tools print it: base64 for URLs, without padding.
std::string ToText(const rd_kafka_Uuid_t* id);

// Null when librdkafka has no word for it (TWO_PHASE_COMMIT …) or a name is empty.
AclPtr ToBinding(const core::Acl& acl);
AclPtr ToFilter(const core::Acl& acl);  // that matches nothing else
AclPtr ToFilter(const AclFilter& filter);
// nullopt: the core has no words for it.
std::optional<core::Acl> ToAcl(const rd_kafka_AclBinding_t* binding);

}  // namespace sluice::agent::kafka
