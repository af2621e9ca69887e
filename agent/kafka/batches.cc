#include "agent/kafka/batches.h"

#include <algorithm>
#include <deque>
#include <random>
#include <utility>

namespace sluice::agent::kafka {
namespace {

using std::chrono::milliseconds;

// Pauses between tries: 100 ms, doubled up to 5 s, each times 0.5 to 1.5, and never more than `left` in all.
class Backoff {
 public:
  explicit Backoff(milliseconds left) : left_(left) {}

  bool Pause(Admin& admin) {
    if (left_ <= milliseconds(0)) return false;
    const double jitter = std::uniform_real_distribution<double>(0.5, 1.5)(random_);
    const milliseconds pause = std::min(left_, milliseconds(static_cast<int64_t>(next_.count() * jitter)));
    left_ -= pause;
    next_ = std::min(next_ * 2, milliseconds(5000));
    return admin.Pause(pause);
  }

 private:
  milliseconds left_;
  milliseconds next_{100};
  std::minstd_rand random_{std::random_device{}()};
};

using Batch = std::vector<size_t>;

absl::Status NotTried() { return absl::UnavailableError("not tried: the cluster stopped answering"); }

std::deque<Batch> Split(const std::vector<int64_t>& records, const Limits& limits) {
  std::deque<Batch> batches;
  int64_t sum = 0;
  for (size_t i = 0; i < records.size(); ++i) {
    if (batches.empty() || batches.back().size() >= limits.items || sum + records[i] > limits.records) {
      batches.emplace_back();
      sum = 0;
    }
    batches.back().push_back(i);
    sum += records[i];
  }
  return batches;
}

// What is left of a batch after a request.
struct Rest {
  Batch again;        // asked for another time
  Batch halve;        // refused by policy, in company
  bool lost = false;  // no answer, or out of reach
};

Rest Sort(const Batch& batch, std::vector<Reply> answers, std::vector<Reply>& replies) {
  Rest rest;
  for (size_t i = 0; i < batch.size(); ++i) {
    Reply& reply = replies[batch[i]];
    reply = std::move(answers[i]);
    if (reply.answer == Answer::kRetry) rest.again.push_back(batch[i]);
    if (reply.policy && batch.size() > 1) rest.halve.push_back(batch[i]);
    if (reply.answer == Answer::kUnknown || reply.answer == Answer::kNotSent) rest.lost = true;
  }
  return rest;
}

// What still waits for its turn was not taken, whatever it was told before.
void GiveUp(const Batch& batch, std::vector<Reply>& replies) {
  for (size_t i : batch) {
    if (replies[i].answer != Answer::kRetry) replies[i].status = NotTried();
    replies[i].answer = Answer::kNotSent;
    replies[i].policy = false;
  }
}

}  // namespace

std::vector<Reply> SendInBatches(const std::vector<int64_t>& records, const Limits& limits, const Send& send,
                                 Admin& admin) {
  std::vector<Reply> replies(records.size(), Reply{Answer::kNotSent, NotTried(), false});
  std::deque<Batch> batches = Split(records, limits);
  Backoff backoff(limits.retry_time);
  while (!batches.empty()) {
    const Batch batch = std::move(batches.front());
    batches.pop_front();
    Rest rest = Sort(batch, send(batch), replies);
    if (!rest.halve.empty()) {
      const auto middle = rest.halve.begin() + static_cast<ptrdiff_t>((rest.halve.size() + 1) / 2);
      if (middle != rest.halve.end()) batches.emplace_front(middle, rest.halve.end());
      batches.emplace_front(rest.halve.begin(), middle);
    }
    if (!rest.again.empty()) batches.push_front(rest.again);
    const bool go_on = !rest.lost && (rest.again.empty() || backoff.Pause(admin));
    if (!go_on) break;
  }
  for (const Batch& batch : batches) GiveUp(batch, replies);
  return replies;
}

// One for the topic, one for each partition, two for each override and one for luck.
int64_t RecordsOf(const core::Topic& topic) {
  return 2 + topic.partitions + 2 * static_cast<int64_t>(topic.configs.size());
}

int64_t RecordsOf(const ConfigEdit& edit) {
  return 2 * static_cast<int64_t>(edit.set.size() + edit.reset.size());
}

}  // namespace sluice::agent::kafka
