#include "agent/kafka/batches.h"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <random>
#include <utility>

namespace sluice::agent::kafka {
namespace {

using std::chrono::milliseconds;

constexpr int kMaxHalvings = 5;  // our estimates are not thirty-two times too low

struct Batch {
  std::vector<size_t> items;
  int halvings = 0;
};

absl::Status NotTried() { return absl::UnavailableError("not tried: the cluster stopped answering"); }

absl::Status Waits(const Quota& quota, milliseconds wait) {
  if (quota.rate() > 0) {
    return absl::ResourceExhaustedError(
        fmt::format("waits for its turn: the agent creates {:g} partitions a second "
                    "(kafka.partition_mutation_rate)",
                    quota.rate()));
  }
  return absl::ResourceExhaustedError(
      fmt::format("waits {} s: Kafka throttles the creations of this user (controller_mutation_rate); set "
                  "kafka.partition_mutation_rate to that rate, or have it raised",
                  (wait.count() + 999) / 1000));
}

class Sender {
 public:
  Sender(const std::vector<Cost>& costs, const Limits& limits, const Send& send, Quota& quota, Admin& admin)
      : costs_(costs),
        limits_(limits),
        send_(send),
        quota_(quota),
        admin_(admin),
        left_(limits.retry_time),
        replies_(costs.size(), Reply{Answer::kNotSent, NotTried(), false}) {}

  std::vector<Reply> Run() {
    Split();
    bool go_on = true;
    while (go_on && !batches_.empty()) {
      const Batch batch = std::move(batches_.front());
      batches_.pop_front();
      go_on = AwaitQuota(batch) && Try(batch);
    }
    for (const Batch& batch : batches_) GiveUp(batch);
    return std::move(replies_);
  }

 private:
  void Split();
  bool AwaitQuota(const Batch& batch);
  bool Try(const Batch& batch);
  void GiveUp(const Batch& batch);
  bool MayBeTooBig(const Batch& batch) const;
  void Halve(const Batch& batch);
  bool PauseBeforeRetry();

  const std::vector<Cost>& costs_;
  const Limits& limits_;
  const Send& send_;
  Quota& quota_;
  Admin& admin_;
  milliseconds left_;  // of pauses
  milliseconds next_{100};
  std::minstd_rand random_{std::random_device{}()};
  std::deque<Batch> batches_;
  std::vector<Reply> replies_;
};

void Sender::Split() {
  int64_t records = 0, partitions = 0;
  const int64_t most = quota_.most();
  for (size_t i = 0; i < costs_.size(); ++i) {
    const Cost& cost = costs_[i];
    const bool full = batches_.empty() || batches_.back().items.size() >= limits_.items ||
                      records + cost.records > limits_.records ||
                      (most > 0 && partitions > 0 && partitions + cost.partitions > most);
    if (full) {
      batches_.emplace_back();
      records = partitions = 0;
    }
    batches_.back().items.push_back(i);
    records += cost.records;
    partitions += cost.partitions;
  }
}

// Waits until quotas have room. False: that takes longer than there is time.
bool Sender::AwaitQuota(const Batch& batch) {
  int64_t partitions = 0;
  for (const size_t i : batch.items) partitions += costs_[i].partitions;
  if (partitions == 0) return true;
  const milliseconds wait = std::max(quota_.WaitFor(partitions, admin_.Now()), admin_.Penalty());
  if (wait > left_) {
    batches_.push_front(batch);
    for (const Batch& waiting : batches_) {
      for (const size_t i : waiting.items) replies_[i] = {Answer::kLater, Waits(quota_, wait), false};
    }
    return false;
  }
  left_ -= wait;
  if (wait > milliseconds(0) && !admin_.Pause(wait)) {
    batches_.push_front(batch);
    return false;
  }
  quota_.Take(partitions, admin_.Now());
  return true;
}

// Sends. False: nothing more is to be sent.
bool Sender::Try(const Batch& batch) {
  std::vector<Reply> answers = send_(batch.items);
  Batch again;
  bool lost = false;
  for (size_t i = 0; i < batch.items.size(); ++i) {
    Reply& reply = replies_[batch.items[i]];
    reply = std::move(answers[i]);
    if (reply.answer == Answer::kRetry) again.items.push_back(batch.items[i]);
    lost |= reply.answer == Answer::kUnknown || reply.answer == Answer::kNotSent;
  }
  if (MayBeTooBig(batch)) Halve(batch);
  if (!again.items.empty()) batches_.push_front(again);
  return !lost && (again.items.empty() || PauseBeforeRetry());
}

bool Sender::MayBeTooBig(const Batch& batch) const {
  if (batch.items.size() < 2 || batch.halvings >= kMaxHalvings) return false;
  const Reply& first = replies_[batch.items.front()];
  return std::all_of(batch.items.begin(), batch.items.end(),
                     [&](size_t i) { return replies_[i].policy && replies_[i].status == first.status; });
}

void Sender::Halve(const Batch& batch) {
  const auto middle = batch.items.begin() + static_cast<ptrdiff_t>((batch.items.size() + 1) / 2);
  batches_.push_front({{middle, batch.items.end()}, batch.halvings + 1});
  batches_.push_front({{batch.items.begin(), middle}, batch.halvings + 1});
}

// 100 ms, doubled up to 5 s, each times 0.5 to 1.5.
bool Sender::PauseBeforeRetry() {
  if (left_ <= milliseconds(0)) return false;
  const double jitter = std::uniform_real_distribution<double>(0.5, 1.5)(random_);
  const double wanted = static_cast<double>(next_.count()) * jitter;
  const milliseconds pause = std::min(left_, milliseconds(static_cast<int64_t>(wanted)));
  left_ -= pause;
  next_ = std::min(next_ * 2, milliseconds(5000));
  return admin_.Pause(pause);
}

// What still waits for its turn was not taken, whatever it was told before.
void Sender::GiveUp(const Batch& batch) {
  for (const size_t i : batch.items) {
    Reply& reply = replies_[i];
    if (reply.answer == Answer::kLater) continue;
    const bool asked = reply.answer == Answer::kRetry;
    if (!asked) reply.status = NotTried();
    reply.answer = asked && absl::IsResourceExhausted(reply.status) ? Answer::kLater : Answer::kNotSent;
    reply.policy = false;
  }
}

}  // namespace

std::vector<Reply> SendInBatches(const std::vector<Cost>& costs, const Limits& limits, const Send& send,
                                 Quota& quota, Admin& admin) {
  return Sender(costs, limits, send, quota, admin).Run();
}

// One for the topic, one for each partition, two for each override and one for luck.
int64_t RecordsOf(const core::Topic& topic) {
  return 2 + topic.partitions + 2 * static_cast<int64_t>(topic.configs.size());
}

int64_t RecordsOf(const ConfigEdit& edit) {
  return 2 * static_cast<int64_t>(edit.set.size() + edit.reset.size());
}

}  // namespace sluice::agent::kafka
