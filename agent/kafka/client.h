// Client: Admin over librdkafka. Reads, reads of ACLs, creations and other mutations have a connection each: a big read
// delays what is behind it, and a broker that throttles creations (KIP-599) leaves their connection unread,
// while access can still be taken away on the other.
#pragma once

#include <atomic>
#include <chrono>
#include <memory>

#include "absl/status/statusor.h"
#include "agent/kafka/admin.h"
#include "agent/kafka/connection.h"
#include "agent/kafka/fresh_connection.h"
#include "agent/kafka/kafka.h"

namespace sluice::agent::kafka {

class Client final : public Admin {
 public:
  static absl::StatusOr<std::unique_ptr<Client>> Open(const KafkaOptions& options);

  absl::StatusOr<ClusterDescription> DescribeCluster() override;
  absl::StatusOr<std::vector<std::string>> ListTopics() override;
  absl::StatusOr<std::vector<TopicDescription>> DescribeTopics(
      const std::vector<std::string>& names) override;
  absl::StatusOr<std::vector<ConfigDescription>> DescribeConfigs(const std::vector<std::string>& topics,
                                                                 const std::set<std::string>& keys) override;
  absl::StatusOr<AclDescriptions> DescribeAcls(const AclFilter& filter) override;

  std::vector<Reply> CreateTopics(const std::vector<core::Topic>& topics) override;
  std::vector<Reply> AlterConfigs(const std::vector<ConfigEdit>& edits) override;
  std::vector<Reply> CreatePartitions(const std::vector<PartitionCount>& counts) override;
  std::vector<Reply> CreateAcls(const std::vector<core::Acl>& acls) override;
  std::vector<Reply> DeleteAcls(const std::vector<core::Acl>& acls) override;

  std::chrono::milliseconds Penalty() const override { return creations_->Get()->Throttled(); }
  std::chrono::steady_clock::time_point Now() const override { return std::chrono::steady_clock::now(); }
  bool Pause(std::chrono::milliseconds time) override { return stop_.Wait(time); }
  void Stop() override { stop_.Flip(); }

 private:
  using Steady = std::chrono::steady_clock::time_point;
  absl::Status ConfirmNoAcls();
  absl::Status ConfirmAuthorizer();

  StopSwitch stop_;
  std::atomic<Steady> authorizer_seen_ = Steady::min();  // when there was one for certain
  std::unique_ptr<FreshConnection> reads_;
  std::unique_ptr<FreshConnection> acls_;  // refuses answers over most_acl_bytes
  std::unique_ptr<FreshConnection> creations_;
  std::unique_ptr<FreshConnection> changes_;
};

}  // namespace sluice::agent::kafka
