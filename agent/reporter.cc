#include "agent/reporter.h"

#include <utility>

#include "agent/backoff.h"
#include "agent/channel.h"
#include "common/log/log.h"

namespace sluice::agent {
namespace {

constexpr std::chrono::seconds kTimeout{20};
constexpr std::chrono::microseconds kRetryBase = std::chrono::milliseconds(200);
constexpr std::chrono::microseconds kRetryMost = std::chrono::seconds(5);

}  // namespace

Reporter::Reporter(std::shared_ptr<grpc::Channel> channel, ReportBook& book, Clock& clock,
                   std::function<void()> acknowledged)
    : stub_(sluice::v1::AgentService::NewStub(std::move(channel))),
      book_(book),
      clock_(clock),
      acknowledged_(std::move(acknowledged)) {}

Reporter::~Reporter() { Stop(); }

void Reporter::Start() {
  thread_ = std::thread([this] { Run(); });
}

void Reporter::Stop() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
    if (context_ != nullptr) context_->TryCancel();
  }
  book_.Stop();
  if (thread_.joinable()) thread_.join();
}

void Reporter::Run() {
  auto heartbeat = clock_.Steady() + kHeartbeat;
  for (int attempt = 0;;) {
    auto request = book_.Next();
    if (!request && clock_.Steady() >= heartbeat) request = book_.Heartbeat();
    if (!request) {
      if (clock_.Steady() >= heartbeat) heartbeat = clock_.Steady() + kHeartbeat;
      if (!book_.WaitForNews(heartbeat)) return;
      continue;
    }
    if (Send(*request)) {
      attempt = 0;
      heartbeat = clock_.Steady() + kHeartbeat;
      continue;
    }
    if (!book_.Pause(clock_.Steady() + Delay(attempt++, kRetryBase, kRetryMost, random_))) return;
  }
}

bool Reporter::Send(const sluice::v1::ReportStatusRequest& request) {
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + kTimeout);
  context.set_wait_for_ready(true);  // as DesiredClient::Watch
  {
    std::lock_guard lock(mutex_);
    if (stopping_) return false;
    context_ = &context;
  }
  sluice::v1::ReportStatusResponse response;
  const absl::Status status = ToAbsl(stub_->ReportStatus(&context, request, &response));
  {
    std::lock_guard lock(mutex_);
    context_ = nullptr;
  }
  if (status.ok()) {
    full_asked_ = false;
    last_error_ = absl::OkStatus();
    book_.Acknowledge();
    acknowledged_();
    return true;
  }
  const bool first = absl::IsFailedPrecondition(status) && !std::exchange(full_asked_, true);
  // Refused as it is, or asked for: the next one tells everything. Only the first refusal is answered without
  // delay.
  const bool lost =
      !absl::IsUnavailable(status) && !absl::IsDeadlineExceeded(status) && !absl::IsCancelled(status);
  if (lost) book_.StartFull();
  // The same again is said once.
  if (!first && status != last_error_) {
    log::Warn("a report was not taken; it is sent again until it is",
              {{"sequence", request.sequence()}, {"error", status.ToString()}});
  }
  last_error_ = status;
  return first;
}

}  // namespace sluice::agent
