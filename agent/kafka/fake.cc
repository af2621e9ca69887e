#include "agent/kafka/fake.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "agent/kafka/over_admin.h"
#include "common/core/topic_config.h"

namespace sluice::agent::kafka {
namespace {

Reply Done() { return {Answer::kDone, absl::OkStatus(), false}; }
Reply Refused(absl::Status status) { return {Answer::kRefused, std::move(status), false}; }
Reply Policy(const std::string& sentence) {
  return {Answer::kRefused, absl::FailedPreconditionError("POLICY_VIOLATION: " + sentence), true};
}
Reply NoTopic() {
  return Refused(
      absl::NotFoundError("UNKNOWN_TOPIC_OR_PARTITION: This server does not host this topic-partition."));
}

constexpr double kBurstSeconds = 11;  // controller.quota.window.num

bool IsTopicName(const std::string& name) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
  };
  return !name.empty() && name.size() <= 249 && name != "." && name != ".." &&
         std::all_of(name.begin(), name.end(), allowed);
}

std::string Collapsed(std::string name) {
  std::replace(name.begin(), name.end(), '.', '_');
  return name;
}

std::optional<Reply> CheckConfigs(const core::Config& configs) {
  for (const auto& [key, value] : configs) {
    if (const auto problem = core::CheckTopicConfig(key, value); problem.has_value()) {
      return Refused(absl::InvalidArgumentError("INVALID_CONFIG: " + problem->message));
    }
  }
  return std::nullopt;
}

std::optional<Reply> CheckNewTopic(const World& world, const core::Topic& topic) {
  if (!IsTopicName(topic.name)) {
    return Refused(absl::InvalidArgumentError("TOPIC_EXCEPTION: Topic name is invalid"));
  }
  if (world.topics.count(topic.name) > 0) {
    return Refused(absl::AlreadyExistsError(
        fmt::format("TOPIC_ALREADY_EXISTS: Topic '{}' already exists.", topic.name)));
  }
  for (const auto& [name, other] : world.topics) {
    if (Collapsed(name) == Collapsed(topic.name)) {
      return Refused(absl::InvalidArgumentError(
          fmt::format("TOPIC_EXCEPTION: Topic '{}' collides with existing topic: {}", topic.name, name)));
    }
  }
  if (topic.partitions < 1) {
    return Refused(
        absl::InvalidArgumentError("INVALID_PARTITIONS: Number of partitions was set to an invalid value"));
  }
  if (topic.replication_factor < 1 || topic.replication_factor > world.brokers) {
    return Refused(absl::InvalidArgumentError(fmt::format(
        "INVALID_REPLICATION_FACTOR: Unable to replicate the partition {} time(s): there are only {} "
        "broker(s)",
        topic.replication_factor, world.brokers)));
  }
  return CheckConfigs(topic.configs);
}

// What the controller really writes, as measured on Kafka 4.x.
int64_t RecordsWritten(const core::Topic& topic) {
  return 1 + topic.partitions + static_cast<int64_t>(topic.configs.size()) +
         static_cast<int64_t>(topic.configs.count("min.insync.replicas"));
}

bool AppliesTo(const core::Acl& acl, const std::string& name) {
  if (acl.pattern_type == core::PatternType::kPrefixed)
    return name.compare(0, acl.resource.size(), acl.resource) == 0;
  return acl.resource == name || acl.resource == "*";
}

bool Matches(const AclFilter& filter, const core::Acl& acl) {
  if (filter.resource_type.has_value() && acl.resource_type != *filter.resource_type) return false;
  if (filter.operation.has_value() && acl.operation != *filter.operation) return false;
  if (filter.applies_to.has_value()) return AppliesTo(acl, *filter.applies_to);
  return !filter.pattern_type.has_value() || acl.pattern_type == *filter.pattern_type;
}

absl::Status NoAuthorizer() {
  return absl::FailedPreconditionError("SECURITY_DISABLED: No Authorizer is configured on the broker");
}

}  // namespace

World FakeBroker::Look() const {
  std::lock_guard lock(mutex_);
  return world_;
}

void FakeBroker::Change(const std::function<void(World&)>& change) {
  std::lock_guard lock(mutex_);
  change(world_);
  visible_ = world_;
  hidden_for_ = 0;
}

void FakeBroker::SetReachable(bool reachable) {
  std::lock_guard lock(mutex_);
  reachable_ = reachable;
}

void FakeBroker::Refuse(const std::string& resource, absl::Status status) {
  std::lock_guard lock(mutex_);
  if (status.ok()) {
    refused_.erase(resource);
  } else {
    refused_[resource] = std::move(status);
  }
}

void FakeBroker::ForbidByPolicy(const std::string& topic) {
  std::lock_guard lock(mutex_);
  forbidden_.insert(topic);
}

void FakeBroker::LoseAnswers(int requests) {
  std::lock_guard lock(mutex_);
  lose_ = requests;
}

void FakeBroker::AskToRetry(int requests) {
  std::lock_guard lock(mutex_);
  retry_ = requests;
}

void FakeBroker::Throttle(int requests) {
  std::lock_guard lock(mutex_);
  throttle_ = requests;
}

void FakeBroker::SetMutationRate(double rate) {
  std::lock_guard lock(mutex_);
  mutation_rate_ = rate;
  tokens_ = rate * kBurstSeconds;
  charged_ = now_;
  penalty_until_ = now_;
}

void FakeBroker::HideWrites(int looks) {
  std::lock_guard lock(mutex_);
  hide_ = looks;
}

void FakeBroker::ShowWithout(const std::string& topic, int looks) {
  std::lock_guard lock(mutex_);
  left_out_[topic] = looks;
}

void FakeBroker::SetMaxAcls(size_t acls) {
  std::lock_guard lock(mutex_);
  max_acls_ = acls;
}

void FakeBroker::SetMaxRecords(int64_t records) {
  std::lock_guard lock(mutex_);
  max_records_ = records;
}

void FakeBroker::HideTopicConfigs(const std::string& topic) {
  std::lock_guard lock(mutex_);
  unreadable_.insert(topic);
}

void FakeBroker::DisableAuthorizer() {
  std::lock_guard lock(mutex_);
  authorizer_ = false;
}

int FakeBroker::mutation_requests() const {
  std::lock_guard lock(mutex_);
  return mutations_;
}

int FakeBroker::looks() const {
  std::lock_guard lock(mutex_);
  return looks_;
}

int FakeBroker::pauses() const {
  std::lock_guard lock(mutex_);
  return pauses_;
}

std::chrono::milliseconds FakeBroker::Penalty() const {
  std::lock_guard lock(mutex_);
  return std::max(std::chrono::milliseconds(0), penalty_until_ - now_);
}

std::chrono::steady_clock::time_point FakeBroker::Now() const {
  std::lock_guard lock(mutex_);
  return std::chrono::steady_clock::time_point(now_);
}

bool FakeBroker::Pause(std::chrono::milliseconds time) {
  std::lock_guard lock(mutex_);
  ++pauses_;
  now_ += time;
  return !stopped_;
}

void FakeBroker::Stop() {
  std::lock_guard lock(mutex_);
  stopped_ = true;
}

absl::Status FakeBroker::Reachable() const {
  if (stopped_) return absl::CancelledError("stopped");
  return reachable_ ? absl::OkStatus() : absl::UnavailableError("Kafka does not answer at fake:9092");
}

// An observation begins here.
absl::StatusOr<ClusterDescription> FakeBroker::DescribeCluster() {
  std::lock_guard lock(mutex_);
  ++looks_;
  if (absl::Status status = Reachable(); !status.ok()) return status;
  if (hidden_for_ > 0) {
    --hidden_for_;
  } else {
    visible_ = world_;
  }
  for (auto& [topic, looks] : left_out_) {
    if (looks-- > 0) visible_.topics.erase(topic);
  }
  return ClusterDescription{world_.cluster_id, world_.brokers};
}

absl::StatusOr<std::vector<std::string>> FakeBroker::ListTopics() {
  std::lock_guard lock(mutex_);
  if (absl::Status status = Reachable(); !status.ok()) return status;
  std::vector<std::string> names;
  for (const auto& [name, topic] : visible_.topics) names.push_back(name);
  return names;
}

absl::StatusOr<std::vector<TopicDescription>> FakeBroker::DescribeTopics(
    const std::vector<std::string>& names) {
  std::lock_guard lock(mutex_);
  if (absl::Status status = Reachable(); !status.ok()) return status;
  std::vector<TopicDescription> topics;
  for (const std::string& name : names) {
    const auto found = visible_.topics.find(name);
    if (found == visible_.topics.end()) {
      topics.push_back({name, NoTopic().status, "", 0, 0});
    } else {
      const core::ObservedTopic& topic = found->second;
      topics.push_back({name, absl::OkStatus(), topic.id, topic.partitions, topic.replication_factor});
    }
  }
  return topics;
}

absl::StatusOr<std::vector<ConfigDescription>> FakeBroker::DescribeConfigs(
    const std::vector<std::string>& topics, const std::set<std::string>& keys) {
  std::lock_guard lock(mutex_);
  if (absl::Status status = Reachable(); !status.ok()) return status;
  std::vector<ConfigDescription> configs;
  for (const std::string& name : topics) {
    const auto found = visible_.topics.find(name);
    if (found == visible_.topics.end()) {
      configs.push_back({name, NoTopic().status, {}});
      continue;
    }
    if (unreadable_.count(name) > 0) {
      configs.push_back(
          {name, absl::PermissionDeniedError("TOPIC_AUTHORIZATION_FAILED: Topic authorization failed."), {}});
      continue;
    }
    ConfigDescription config{name, absl::OkStatus(), found->second.overrides};
    for (auto entry = config.overrides.begin(); entry != config.overrides.end();) {
      const bool wanted = keys.empty() || keys.count(entry->first) > 0;
      entry = wanted ? std::next(entry) : config.overrides.erase(entry);
    }
    configs.push_back(std::move(config));
  }
  return configs;
}

absl::StatusOr<AclDescriptions> FakeBroker::DescribeAcls(const AclFilter& filter) {
  std::lock_guard lock(mutex_);
  if (absl::Status status = Reachable(); !status.ok()) return status;
  if (!authorizer_) return NoAuthorizer();
  AclDescriptions descriptions;
  for (const core::Acl& acl : visible_.acls) {
    if (Matches(filter, acl)) descriptions.acls.push_back(acl);
  }
  if (descriptions.acls.size() > max_acls_) return absl::OutOfRangeError("the answer is too big");
  return descriptions;
}

Reply FakeBroker::Carry(const Edit& edit) {
  if (const auto refused = refused_.find(edit.resource); refused != refused_.end())
    return Refused(refused->second);
  if (forbidden_.count(edit.resource) > 0) return Policy("this cluster's policy forbids it");
  return edit.apply(world_);
}

bool FakeBroker::Charge(const std::vector<Edit>& edits) {
  int64_t partitions = 0;
  for (const Edit& edit : edits) partitions += edit.partitions;
  if (mutation_rate_ <= 0 || partitions == 0) return true;
  const bool in_time = now_ >= penalty_until_;
  const double seconds = std::chrono::duration<double>(now_ - charged_).count();
  tokens_ = std::min(mutation_rate_ * kBurstSeconds, tokens_ + seconds * mutation_rate_);
  charged_ = now_;
  tokens_ -= static_cast<double>(partitions);
  if (tokens_ < 0) {
    penalty_until_ = now_ + std::chrono::milliseconds(static_cast<int64_t>(-tokens_ / mutation_rate_ * 1000));
  }
  return in_time;
}

std::vector<Reply> FakeBroker::Mutate(const std::vector<Edit>& edits) {
  std::lock_guard lock(mutex_);
  if (absl::Status status = Reachable(); !status.ok())
    return {edits.size(), Reply{Answer::kNotSent, status, false}};
  ++mutations_;
  if (retry_ > 0) {
    --retry_;
    const absl::Status status = absl::UnavailableError("NOT_CONTROLLER: This is not the correct controller.");
    return {edits.size(), Reply{Answer::kRetry, status, false}};
  }
  if (throttle_ > 0) {
    --throttle_;
    const absl::Status status =
        absl::ResourceExhaustedError("THROTTLING_QUOTA_EXCEEDED: The throttling quota has been exceeded.");
    return {edits.size(), Reply{Answer::kRetry, status, false}};
  }
  int64_t records = 0;
  for (const Edit& edit : edits) records += edit.records;
  if (records > max_records_) {
    return {edits.size(), Policy("Unable to perform excessively large batch operation.")};
  }
  std::vector<Reply> replies;
  replies.reserve(edits.size());
  for (const Edit& edit : edits) replies.push_back(Carry(edit));
  if (hide_ > 0) {
    hidden_for_ = hide_;
  } else {
    visible_ = world_;
  }
  const bool in_time = Charge(edits);
  if (lose_ > 0 || !in_time) {
    if (lose_ > 0) --lose_;
    const absl::Status status = absl::DeadlineExceededError("_TIMED_OUT: Local: Timed out");
    return {edits.size(), Reply{Answer::kUnknown, status, false}};
  }
  return replies;
}

std::string FakeBroker::NewId() { return fmt::format("fake-topic-id-{:08}", next_id_++); }

std::vector<Reply> FakeBroker::CreateTopics(const std::vector<core::Topic>& topics) {
  std::vector<Edit> edits;
  for (const core::Topic& topic : topics) {
    edits.push_back({topic.name, RecordsWritten(topic),
                     [this, &topic](World& world) {
                       if (std::optional<Reply> problem = CheckNewTopic(world, topic)) return *problem;
                       world.topics[topic.name] = {NewId(), topic.partitions, topic.replication_factor,
                                                   topic.configs};
                       return Done();
                     },
                     topic.partitions});
  }
  return Mutate(edits);
}

std::vector<Reply> FakeBroker::AlterConfigs(const std::vector<ConfigEdit>& edits) {
  std::vector<Edit> changes;
  for (const ConfigEdit& edit : edits) {
    const int64_t records = static_cast<int64_t>(edit.set.size() + edit.reset.size());
    changes.push_back({edit.topic, records, [&edit](World& world) {
                         const auto topic = world.topics.find(edit.topic);
                         if (topic == world.topics.end()) return NoTopic();
                         if (std::optional<Reply> problem = CheckConfigs(edit.set)) return *problem;
                         for (const auto& [key, value] : edit.set) topic->second.overrides[key] = value;
                         for (const std::string& key : edit.reset) topic->second.overrides.erase(key);
                         return Done();
                       }});
  }
  return Mutate(changes);
}

std::vector<Reply> FakeBroker::CreatePartitions(const std::vector<PartitionCount>& counts) {
  std::vector<Edit> edits;
  for (const PartitionCount& count : counts) {
    edits.push_back({count.topic, count.partitions,
                     [&count](World& world) {
                       const auto topic = world.topics.find(count.topic);
                       if (topic == world.topics.end()) return NoTopic();
                       const int32_t now = topic->second.partitions;
                       if (count.partitions <= now) {
                         return Refused(absl::InvalidArgumentError(fmt::format(
                             "INVALID_PARTITIONS: Topic currently has {} partitions, which is not less "
                             "than the requested {}.",
                             now, count.partitions)));
                       }
                       topic->second.partitions = count.partitions;
                       return Done();
                     },
                     count.partitions});
  }
  return Mutate(edits);
}

std::vector<Reply> FakeBroker::CreateAcls(const std::vector<core::Acl>& acls) {
  std::vector<Edit> edits;
  for (const core::Acl& acl : acls) {
    edits.push_back({core::Describe(acl), 1, [this, &acl](World& world) {
                       if (!authorizer_) return Refused(NoAuthorizer());
                       world.acls.insert(acl);
                       return Done();
                     }});
  }
  return Mutate(edits);
}

std::vector<Reply> FakeBroker::DeleteAcls(const std::vector<core::Acl>& acls) {
  std::vector<Edit> edits;
  for (const core::Acl& acl : acls) {
    edits.push_back({core::Describe(acl), 1, [this, &acl](World& world) {
                       if (!authorizer_) return Refused(NoAuthorizer());
                       world.acls.erase(acl);
                       return Done();
                     }});
  }
  return Mutate(edits);
}

}  // namespace sluice::agent::kafka

namespace sluice::agent {

FakeKafka::FakeKafka(kafka::World world, kafka::Pace pace) {
  auto broker = std::make_unique<kafka::FakeBroker>(std::move(world));
  broker_ = broker.get();
  target_ = kafka::TargetOver(std::move(broker), pace);
}

}  // namespace sluice::agent
