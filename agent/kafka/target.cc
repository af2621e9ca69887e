// BatchedKafka: KafkaTarget over Admin.
#include <fmt/format.h>

#include <map>
#include <memory>
#include <utility>

#include "agent/kafka/batches.h"
#include "agent/kafka/client.h"
#include "agent/kafka/kafka.h"
#include "agent/kafka/observe.h"
#include "agent/kafka/over_admin.h"

namespace sluice::agent {
namespace kafka {
namespace {

using std::chrono::milliseconds;
using Steps = std::vector<core::Step>;
using Results = std::vector<StepResult>;

constexpr size_t kAclsPerRequest = 3000;  // one record each, and librdkafka need not match the results
constexpr size_t kDeletesPerRequest =
    200;  // each filter is compared with every ACL on the controller's one thread

StepResult ToResult(const Reply& reply) {
  switch (reply.answer) {
    case Answer::kDone:
      return {Outcome::kDone, absl::OkStatus()};
    case Answer::kRefused:
      return {Outcome::kRefused, reply.status};
    case Answer::kUnknown:
      return {Outcome::kUnknown, reply.status};
    case Answer::kLater:
      return {Outcome::kLater, reply.status};
    case Answer::kRetry:
    case Answer::kNotSent:
      break;
  }
  return {Outcome::kNotTried, reply.status};
}

// What one request carries about one resource, and the steps that it serves.
template <typename T>
struct Item {
  T content;
  std::vector<size_t> steps;
  Cost cost;
};

// Items by resource; the second of two steps that want different things of one resource is refused.
template <typename T>
class Items {
 public:
  void Add(const std::string& key, T content, Cost cost, size_t step, Results& results) {
    const auto [at, added] = by_key_.emplace(key, items.size());
    if (added) {
      items.push_back({std::move(content), {step}, cost});
    } else if (items[at->second].content == content) {
      items[at->second].steps.push_back(step);
    } else {
      results[step] = {Outcome::kRefused,
                       absl::InvalidArgumentError(fmt::format("{} has two different steps in one call", key))};
    }
  }
  std::vector<Item<T>> items;

 private:
  std::map<std::string, size_t> by_key_;
};

class BatchedKafka final : public KafkaTarget {
 public:
  BatchedKafka(std::unique_ptr<Admin> admin, Pace pace)
      : admin_(std::move(admin)), retry_time_(pace.retry_time), quota_(pace.partition_mutation_rate) {}

  absl::StatusOr<KafkaState> Observe(const KafkaQuery& query) override {
    return ObserveCluster(query, *admin_, acls_);
  }
  Results Apply(const Steps& steps) override;
  void Stop() override { admin_->Stop(); }

 private:
  // Sends `items` unless the cluster was lost before, and fills the results of their steps. Returns the
  // replies.
  template <typename T>
  std::vector<Reply> Send(const std::vector<Item<T>>& items, size_t per_request,
                          std::vector<Reply> (Admin::*request)(const std::vector<T>&), Results& results);
  void CreateTopics(const Steps& steps, Results& results);
  void AlterConfigs(const Steps& steps, Results& results);
  void GrowPartitions(const Steps& steps, Results& results);
  void EditAcls(const Steps& steps, core::StepKind kind, Results& results);

  const std::unique_ptr<Admin> admin_;
  const milliseconds retry_time_;
  Quota quota_;
  AclReader acls_;  // of Observe alone
};

bool IsLost(const Results& results) {
  for (const StepResult& result : results) {
    if (result.outcome == Outcome::kUnknown) return true;
    if (result.outcome == Outcome::kNotTried && !result.status.ok()) return true;
  }
  return false;
}

template <typename T>
std::vector<Reply> BatchedKafka::Send(const std::vector<Item<T>>& items, size_t per_request,
                                      std::vector<Reply> (Admin::*request)(const std::vector<T>&),
                                      Results& results) {
  if (items.empty() || IsLost(results)) return {};
  std::vector<Cost> costs;
  costs.reserve(items.size());
  for (const Item<T>& item : items) costs.push_back(item.cost);
  Limits limits;
  limits.items = per_request;
  limits.retry_time = retry_time_;
  std::vector<Reply> replies = SendInBatches(
      costs, limits,
      [&](const std::vector<size_t>& batch) {
        std::vector<T> contents;
        contents.reserve(batch.size());
        for (const size_t i : batch) contents.push_back(items[i].content);
        return (admin_.get()->*request)(contents);
      },
      quota_, *admin_);
  for (size_t i = 0; i < items.size(); ++i) {
    for (const size_t step : items[i].steps) results[step] = ToResult(replies[i]);
  }
  return replies;
}

void BatchedKafka::CreateTopics(const Steps& steps, Results& results) {
  Items<core::Topic> topics;
  for (size_t i = 0; i < steps.size(); ++i) {
    if (steps[i].kind != core::StepKind::kCreateTopic) continue;
    const core::Topic& topic = steps[i].topic;
    topics.Add(topic.name, topic, {RecordsOf(topic), topic.partitions}, i, results);
  }
  Send(topics.items, kMaxItems, &Admin::CreateTopics, results);
}

// How edits of one topic travel: in one request, or, when that was refused, one a request, so that a bad one
// does not take the others with it.
enum class Company { kTogether, kAlone };

// One item for each topic of `pending`; what cannot travel now is added to `later`.
std::vector<Item<ConfigEdit>> MergeEdits(const Steps& steps, const std::vector<size_t>& pending,
                                         Company company, std::vector<size_t>& later) {
  std::map<std::string, Item<ConfigEdit>> by_topic;
  for (const size_t i : pending) {
    const core::Step& step = steps[i];
    Item<ConfigEdit>& item = by_topic[step.topic.name];
    ConfigEdit& edit = item.content;
    const bool taken = edit.set.count(step.key) > 0 || edit.reset.count(step.key) > 0;
    if (taken || (company == Company::kAlone && !item.steps.empty())) {
      later.push_back(i);
      continue;
    }
    edit.topic = step.topic.name;
    item.steps.push_back(i);
    if (step.kind == core::StepKind::kSetConfig) {
      edit.set[step.key] = step.after;
    } else {
      edit.reset.insert(step.key);
    }
  }
  std::vector<Item<ConfigEdit>> items;
  for (auto& [name, item] : by_topic) {
    item.cost.records = RecordsOf(item.content);
    items.push_back(std::move(item));
  }
  return items;
}

void BatchedKafka::AlterConfigs(const Steps& steps, Results& results) {
  std::vector<size_t> pending;
  for (size_t i = 0; i < steps.size(); ++i) {
    const core::StepKind kind = steps[i].kind;
    if (kind == core::StepKind::kSetConfig || kind == core::StepKind::kResetConfig) pending.push_back(i);
  }
  Company company = Company::kTogether;
  while (!pending.empty() && !IsLost(results)) {
    std::vector<size_t> later;
    const std::vector<Item<ConfigEdit>> items = MergeEdits(steps, pending, company, later);
    const std::vector<Reply> replies = Send(items, kMaxItems, &Admin::AlterConfigs, results);
    for (size_t i = 0; i < replies.size(); ++i) {
      if (replies[i].answer != Answer::kRefused || items[i].steps.size() == 1) continue;
      later.insert(later.end(), items[i].steps.begin(), items[i].steps.end());
      company = Company::kAlone;
    }
    pending = std::move(later);
  }
}

void BatchedKafka::GrowPartitions(const Steps& steps, Results& results) {
  Items<PartitionCount> counts;
  for (size_t i = 0; i < steps.size(); ++i) {
    if (steps[i].kind != core::StepKind::kGrowPartitions) continue;
    const core::Topic& topic = steps[i].topic;
    // Those that are there already count too: what is estimated is high.
    counts.Add(topic.name, {topic.name, topic.partitions}, {topic.partitions, topic.partitions}, i, results);
  }
  Send(counts.items, kMaxItems, &Admin::CreatePartitions, results);
}

void BatchedKafka::EditAcls(const Steps& steps, core::StepKind kind, Results& results) {
  Items<core::Acl> acls;
  for (size_t i = 0; i < steps.size(); ++i) {
    if (steps[i].kind == kind) acls.Add(core::Describe(steps[i].acl), steps[i].acl, {}, i, results);
  }
  if (kind == core::StepKind::kCreateAcl) {
    Send(acls.items, kAclsPerRequest, &Admin::CreateAcls, results);
  } else {
    Send(acls.items, kDeletesPerRequest, &Admin::DeleteAcls, results);
  }
}

Results BatchedKafka::Apply(const Steps& steps) {
  Results results(steps.size());
  for (size_t i = 0; i < steps.size(); ++i) {
    const bool registry =
        steps[i].kind == core::StepKind::kSetLevel || steps[i].kind == core::StepKind::kRegisterSchema;
    if (registry)
      results[i] = {Outcome::kRefused, absl::InvalidArgumentError("Kafka has no registry steps")};
  }
  CreateTopics(steps, results);
  AlterConfigs(steps, results);
  GrowPartitions(steps, results);
  EditAcls(steps, core::StepKind::kCreateAcl, results);
  EditAcls(steps, core::StepKind::kDeleteAcl, results);
  for (StepResult& result : results) {
    if (result.outcome == Outcome::kNotTried && result.status.ok()) {
      result.status = absl::UnavailableError("not tried: the cluster stopped answering");
    }
  }
  return results;
}

}  // namespace

std::unique_ptr<KafkaTarget> TargetOver(std::unique_ptr<Admin> admin, Pace pace) {
  return std::make_unique<BatchedKafka>(std::move(admin), pace);
}

}  // namespace kafka

absl::StatusOr<std::unique_ptr<KafkaTarget>> OpenKafka(const KafkaOptions& options) {
  using std::chrono::minutes;
  using std::chrono::seconds;
  if (options.bootstrap_servers.empty()) return absl::InvalidArgumentError("bootstrap servers are required");
  if (options.request_timeout < seconds(1) || options.request_timeout > minutes(5)) {
    return absl::InvalidArgumentError("the request timeout must be between 1 s and 5 min");
  }
  absl::StatusOr<std::unique_ptr<kafka::Client>> client = kafka::Client::Open(options);
  if (!client.ok()) return client.status();
  return kafka::TargetOver(*std::move(client), {options.retry_time, options.partition_mutation_rate});
}

}  // namespace sluice::agent
