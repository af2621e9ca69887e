#include "controlplane/sync/watch.h"

#include "controlplane/rpc/status.h"

namespace sluice::controlplane {

Watch::Watch(grpc::CallbackServerContext& context, Store& store, Executor& pumps, std::string cluster,
             DesiredStream stream, const sluice::v1::WatchDesiredRequest& request,
             std::shared_ptr<void> claim, Done done)
    : context_(context),
      store_(store),
      pumps_(pumps),
      cluster_(std::move(cluster)),
      agent_version_(request.agent_version().substr(0, 100)),
      stream_(std::move(stream)),
      claim_(std::move(claim)),
      done_(std::move(done)) {}

void Watch::EndAt(Time good_until, Deadlines& deadlines) {
  expiry_ = deadlines.Add(good_until, [weak = weak_from_this()] {
    if (auto self = weak.lock())
      self->End(
          absl::UnauthenticatedError("the agent's certificate has expired; connect again with the new one"));
  });
}

void Watch::Start() {
  subscription_ = store_.OnCommit([weak = weak_from_this()] {
    if (auto self = weak.lock()) self->Wake();
  });
  Wake();
}

void Watch::Wake() {
  {
    std::lock_guard lock(mutex_);
    if (finished_ || end_) return;
    if (busy_) {
      woken_ = true;
      return;
    }
    busy_ = true;
  }
  Schedule();
}

void Watch::End(absl::Status why) {
  {
    std::lock_guard lock(mutex_);
    if (finished_ || end_) return;
    end_ = why;
    if (busy_) return;  // whoever is busy finishes
  }
  FinishOnce(std::move(why));
}

void Watch::Schedule() {
  if (pumps_.Run([self = shared_from_this()] { self->Pump(); })) return;
  FinishOnce(
      absl::UnavailableError("the control plane has too many streams or is stopping; try again later"));
}

void Watch::Pump() {
  if (!recorded_) {
    recorded_ = true;
    const auto status = store_.Write(
        [&](Transaction& transaction) { return transaction.RecordStream(cluster_, agent_version_); });
    if (!status.ok()) return FinishOnce(status);
  }
  auto message = stream_.Next();
  if (!message.ok()) return FinishOnce(message.status());
  std::unique_lock lock(mutex_);
  if (end_) {
    const absl::Status why = *end_;
    lock.unlock();
    return FinishOnce(why);
  }
  if (message->has_value()) {
    lock.unlock();
    response_ = std::move(**message);
    StartWrite(&response_);
    return;
  }
  busy_ = std::exchange(woken_, false);
  const bool again = busy_;
  lock.unlock();
  if (again) Schedule();
}

void Watch::OnWriteDone(bool ok) {
  std::unique_lock lock(mutex_);
  if (!ok && !end_) end_ = absl::CancelledError("the agent went away");
  if (end_) {
    const absl::Status why = *end_;
    lock.unlock();
    return FinishOnce(why);
  }
  lock.unlock();
  Schedule();
}

void Watch::OnCancel() { End(absl::CancelledError("the agent went away")); }

void Watch::FinishOnce(absl::Status why) {
  {
    std::lock_guard lock(mutex_);
    if (std::exchange(finished_, true)) return;
    end_ = why;
  }
  Finish(ToGrpc(why, context_));
}

void Watch::OnDone() {
  subscription_.reset();  // no wake-up after this
  expiry_.reset();
  claim_.reset();
  absl::Status why;
  {
    std::lock_guard lock(mutex_);
    why = end_.value_or(absl::OkStatus());
  }
  done_(shared_from_this(), why);
}

}  // namespace sluice::controlplane
