// Admin: what one request to a Kafka cluster can do, and no more: no batching, no retries. Two
// implementations: the real one over librdkafka (client.h) and a broker in memory (fake.h). KafkaTarget
// (target.cc) is built on it.
//
// Sizes: callers keep at most kMaxItems items in a call (librdkafka matches results in quadratic time) and
// about kMaxRecords metadata records in a mutation (the controller refuses a whole request with more).
//
// Thread safety: all members may be called from any thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/core/diff.h"
#include "common/core/slice.h"

namespace sluice::agent::kafka {

inline constexpr size_t kMaxItems = 1000;
inline constexpr int64_t kMaxRecords = 10000;  // ControllerMetadata: MAX_RECORDS_PER_USER_OP

struct ClusterDescription {
  std::string id;
  int32_t brokers = 0;
};

// NOT_FOUND in `status`: no such topic (any more).
struct TopicDescription {
  std::string name;
  absl::Status status;
  std::string id;
  int32_t partitions = 0;
  int32_t replication_factor = 0;  // the least of its partitions
};

struct ConfigDescription {
  std::string topic;
  absl::Status status;
  core::Config overrides;  // source DYNAMIC_TOPIC_CONFIG only
};

// What DescribeAcls looks for; nullopt: any.
struct AclFilter {
  std::optional<core::ResourceType> resource_type;
  std::optional<core::PatternType> pattern_type;
  std::optional<core::Operation> operation;
  // Every ACL that applies to this name: of its own, by `*` and by prefixes of it. Excludes pattern_type.
  std::optional<std::string> applies_to;
  auto operator<=>(const AclFilter&) const = default;
};

struct AclDescriptions {
  std::vector<core::Acl> acls;
  int32_t others = 0;  // that the core has no words for
};

struct ConfigEdit {
  std::string topic;
  core::Config set;
  std::set<std::string> reset;  // to the default
};

struct PartitionCount {
  std::string topic;
  int32_t partitions = 0;  // in all, not more
  bool operator==(const PartitionCount&) const = default;
};

enum class Answer {
  kDone,
  kRefused,  // nothing happened
  kRetry,    // nothing happened; another time it may
  kUnknown,  // no answer came: it may have happened
  kNotSent,  // the cluster is out of reach
  kLater,    // not sent: a quota leaves no room for it now (RESOURCE_EXHAUSTED)
};

struct Reply {
  Answer answer = Answer::kNotSent;
  absl::Status status;  // OK exactly when kDone
  bool policy = false;  // refused with POLICY_VIOLATION: perhaps only because the request was too big
};

class Admin {
 public:
  virtual ~Admin() = default;

  virtual absl::StatusOr<ClusterDescription> DescribeCluster() = 0;
  virtual absl::StatusOr<std::vector<std::string>> ListTopics() = 0;  // internal ones too, in any order
  // One entry for each name, in any order.
  virtual absl::StatusOr<std::vector<TopicDescription>> DescribeTopics(
      const std::vector<std::string>& names) = 0;
  virtual absl::StatusOr<std::vector<ConfigDescription>> DescribeConfigs(
      const std::vector<std::string>& topics, const std::set<std::string>& keys) = 0;
  // OUT_OF_RANGE: the answer would be too big; ask for a part of it.
  virtual absl::StatusOr<AclDescriptions> DescribeAcls(const AclFilter& filter) = 0;

  // One request each; one reply for each item, in the same order. No two items about the same resource.
  virtual std::vector<Reply> CreateTopics(const std::vector<core::Topic>& topics) = 0;
  virtual std::vector<Reply> AlterConfigs(const std::vector<ConfigEdit>& edits) = 0;
  virtual std::vector<Reply> CreatePartitions(const std::vector<PartitionCount>& counts) = 0;
  virtual std::vector<Reply> CreateAcls(const std::vector<core::Acl>& acls) = 0;
  virtual std::vector<Reply> DeleteAcls(const std::vector<core::Acl>& acls) = 0;

  // How long the cluster lets creations of topics and partitions wait, because too many came before: one sent now would
  // be answered after that at the earliest.
  virtual std::chrono::milliseconds Penalty() const = 0;
  // The time that Pause passes.
  virtual std::chrono::steady_clock::time_point Now() const = 0;
  // Waits; false: stopped meanwhile or before.
  virtual bool Pause(std::chrono::milliseconds time) = 0;
  // Ends all waiting, for good.
  virtual void Stop() = 0;
};

// `__consumer_offsets` and its like: nobody's business but Kafka's.
inline bool IsInternal(std::string_view topic) { return topic.substr(0, 2) == "__"; }

}  // namespace sluice::agent::kafka
