// TimedAdmin: an Admin that also writes down when each request to Kafka began and ended, and which change
// something. Thread safety: that of Admin.
#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <type_traits>
#include <utility>
#include <vector>

#include "agent/kafka/admin.h"

namespace sluice::bench {

// What was sent to Kafka. Outlives the TimedAdmin that writes into it.
class RequestLog {
 public:
  using Steady = std::chrono::steady_clock::time_point;
  struct Request {
    Steady began, ended;
    size_t changed = 0;  // items that it was to change; 0: it only looked
  };

  void Add(Request request);
  void Clear();
  size_t Count() const;
  int Mutations() const;        // requests that change something
  size_t ItemsChanged() const;  // in those
  Steady LastMutation() const;  // when the last one was answered; epoch: none
  std::vector<Request> Since(Steady moment) const;

 private:
  mutable std::mutex mutex_;
  std::vector<Request> requests_;
};

// Seconds of [from, to] in which at least one of `requests` was under way.
double Covered(std::vector<RequestLog::Request> requests, RequestLog::Steady from, RequestLog::Steady to);

class TimedAdmin final : public agent::kafka::Admin {
 public:
  TimedAdmin(std::unique_ptr<agent::kafka::Admin> admin, RequestLog& log)
      : admin_(std::move(admin)), log_(log) {}

  absl::StatusOr<agent::kafka::ClusterDescription> DescribeCluster() override {
    return Timed(0, [&] { return admin_->DescribeCluster(); });
  }
  absl::StatusOr<std::vector<std::string>> ListTopics() override {
    return Timed(0, [&] { return admin_->ListTopics(); });
  }
  absl::StatusOr<std::vector<agent::kafka::TopicDescription>> DescribeTopics(
      const std::vector<std::string>& names) override {
    return Timed(0, [&] { return admin_->DescribeTopics(names); });
  }
  absl::StatusOr<std::vector<agent::kafka::ConfigDescription>> DescribeConfigs(
      const std::vector<std::string>& topics, const std::set<std::string>& keys) override {
    return Timed(0, [&] { return admin_->DescribeConfigs(topics, keys); });
  }
  absl::StatusOr<agent::kafka::AclDescriptions> DescribeAcls(const agent::kafka::AclFilter& filter) override {
    return Timed(0, [&] { return admin_->DescribeAcls(filter); });
  }
  std::vector<agent::kafka::Reply> CreateTopics(const std::vector<core::Topic>& topics) override {
    return Timed(topics.size(), [&] { return admin_->CreateTopics(topics); });
  }
  std::vector<agent::kafka::Reply> AlterConfigs(const std::vector<agent::kafka::ConfigEdit>& edits) override {
    return Timed(edits.size(), [&] { return admin_->AlterConfigs(edits); });
  }
  std::vector<agent::kafka::Reply> CreatePartitions(
      const std::vector<agent::kafka::PartitionCount>& counts) override {
    return Timed(counts.size(), [&] { return admin_->CreatePartitions(counts); });
  }
  std::vector<agent::kafka::Reply> CreateAcls(const std::vector<core::Acl>& acls) override {
    return Timed(acls.size(), [&] { return admin_->CreateAcls(acls); });
  }
  std::vector<agent::kafka::Reply> DeleteAcls(const std::vector<core::Acl>& acls) override {
    return Timed(acls.size(), [&] { return admin_->DeleteAcls(acls); });
  }
  std::chrono::milliseconds Penalty() const override { return admin_->Penalty(); }
  std::chrono::steady_clock::time_point Now() const override { return admin_->Now(); }
  bool Pause(std::chrono::milliseconds time) override { return admin_->Pause(time); }
  void Stop() override { admin_->Stop(); }

 private:
  template <typename Call>
  std::invoke_result_t<const Call&> Timed(size_t changed, const Call& call) {
    const auto began = std::chrono::steady_clock::now();
    auto answer = call();
    log_.Add({began, std::chrono::steady_clock::now(), changed});
    return answer;
  }

  const std::unique_ptr<agent::kafka::Admin> admin_;
  RequestLog& log_;
};

}  // namespace sluice::bench
