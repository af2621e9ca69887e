// FakeBroker: a Kafka cluster in memory, as far as Admin sees one, with errors on demand. It is held against
// the real broker by tests/conformance/targets.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "agent/kafka/admin.h"
#include "agent/kafka/over_admin.h"
#include "agent/target.h"

namespace sluice::agent::kafka {

// What the cluster holds.
struct World {
  std::map<std::string, core::ObservedTopic> topics;
  std::set<core::Acl> acls;
  int32_t brokers = 1;
  std::string cluster_id = "fake";
  bool operator==(const World&) const = default;
};

// Thread safety: all members may be called from any thread.
class FakeBroker final : public Admin {
 public:
  explicit FakeBroker(World world = {}) : world_(world), visible_(std::move(world)) {}

  // The world as it is, whatever looks see of it.
  World Look() const;
  // Changes it behind the agent's back; seen at once.
  void Change(const std::function<void(World&)>& change);

  // Errors on demand; each holds until it is called again or has run out.
  void SetReachable(bool reachable);  // false: nothing is answered, and nothing is done
  void Refuse(const std::string& resource, absl::Status status);  // topic name or Describe(acl); OK: no more
  void ForbidByPolicy(const std::string& topic);  // as a create or alter policy of the cluster does
  void LoseAnswers(int requests);                 // the next mutations are done, but no answer comes
  void AskToRetry(int requests);                  // the next mutations are answered NOT_CONTROLLER
  void Throttle(int requests);                    // the next mutations are answered THROTTLING_QUOTA_EXCEEDED
  // Partitions created a second, with a burst of eleven seconds; 0: no limit. As for the requests of
  // librdkafka: what is over it is done, and the next creation is not answered in time unless the debt was
  // waited for.
  void SetMutationRate(double rate);
  void HideWrites(int looks);                       // a mutation is seen only after so many observations more
  void ShowWithout(const std::string& topic, int looks);  // so many looks do not show it, though it is there
  void SetMaxAcls(size_t acls);                     // an answer with more is too big for the client
  void SetMaxRecords(int64_t records);              // a mutation with more is refused as a whole
  void HideTopicConfigs(const std::string& topic);  // DescribeConfigs of it is refused (no permission)
  void DisableAuthorizer();                         // ACL requests are refused: there is no authorizer

  int mutation_requests() const;  // so far
  int looks() const;  // observations begun, so far
  int pauses() const;             // so far; none of them takes time but that of Now

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

  std::chrono::milliseconds Penalty() const override;
  std::chrono::steady_clock::time_point Now() const override;
  bool Pause(std::chrono::milliseconds time) override;
  void Stop() override;

 private:
  // One item of a mutation: carried out on the world, with what the broker says to it.
  struct Edit {
    std::string resource;
    int64_t records = 0;
    std::function<Reply(World&)> apply;
    int64_t partitions = 0;  // that it creates
  };
  std::vector<Reply> Mutate(const std::vector<Edit>& edits);
  absl::Status Reachable() const;               // callers hold mutex_
  Reply Carry(const Edit& edit);                // callers hold mutex_
  bool Charge(const std::vector<Edit>& edits);  // callers hold mutex_; false: no answer in time
  std::string NewId();                          // callers hold mutex_

  mutable std::mutex mutex_;
  World world_;
  World visible_;       // what looks see
  int hidden_for_ = 0;  // observations until visible_ becomes world_
  bool reachable_ = true;
  bool stopped_ = false;
  bool authorizer_ = true;
  std::map<std::string, absl::Status> refused_;
  std::set<std::string> forbidden_;
  std::set<std::string> unreadable_;
  int lose_ = 0;
  int retry_ = 0;
  std::map<std::string, int> left_out_;  // looks that do not show a topic
  int throttle_ = 0;
  double mutation_rate_ = 0;
  double tokens_ = 0;
  std::chrono::milliseconds now_{0}, charged_{0}, penalty_until_{0};
  int hide_ = 0;
  int64_t max_records_ = kMaxRecords;
  size_t max_acls_ = 1'000'000;
  int mutations_ = 0;
  int pauses_ = 0;
  int looks_ = 0;
  int64_t next_id_ = 1;
};

}  // namespace sluice::agent::kafka

namespace sluice::agent {

// The Kafka target over a FakeBroker. Thread safety: as KafkaTarget; broker() from any thread.
class FakeKafka final : public KafkaTarget {
 public:
  explicit FakeKafka(kafka::World world = {}, kafka::Pace pace = {});

  kafka::FakeBroker& broker() { return *broker_; }
  absl::StatusOr<KafkaState> Observe(const KafkaQuery& query) override { return target_->Observe(query); }
  std::vector<StepResult> Apply(const std::vector<core::Step>& steps) override {
    return target_->Apply(steps);
  }
  void Stop() override { target_->Stop(); }

 private:
  kafka::FakeBroker* broker_;  // the target's
  std::unique_ptr<KafkaTarget> target_;
};

}  // namespace sluice::agent
