// Reporter: sends what the report book holds to the control plane, in a thread of its own: at once when there
// is news, and every 30 s to say that the agent lives. What was not acknowledged is sent again, with growing,
// jittered delays. Thread safety: all members may be called from any thread.
#pragma once

#include <grpcpp/grpcpp.h>

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <random>
#include <thread>

#include "agent/report_book.h"
#include "common/clock/clock.h"
#include "sluice/v1/agent.grpc.pb.h"

namespace sluice::agent {

class Reporter {
 public:
  static constexpr std::chrono::seconds kHeartbeat{30};

  // `acknowledged` is called from the thread after each report that the control plane took.
  Reporter(std::shared_ptr<grpc::Channel> channel, ReportBook& book, Clock& clock,
           std::function<void()> acknowledged);
  ~Reporter();  // stops

  void Start();
  void Stop();

 private:
  void Run();
  // Sends one request; true: it was taken.
  bool Send(const sluice::v1::ReportStatusRequest& request);

  const std::unique_ptr<sluice::v1::AgentService::Stub> stub_;
  ReportBook& book_;
  Clock& clock_;
  const std::function<void()> acknowledged_;

  std::mutex mutex_;  // guards stopping_ and context_
  bool stopping_ = false;
  grpc::ClientContext* context_ = nullptr;

  std::mt19937_64 random_{std::random_device()()};
  bool full_asked_ = false;  // the last answer was FAILED_PRECONDITION
  absl::Status last_error_;
  std::thread thread_;
};

}  // namespace sluice::agent
