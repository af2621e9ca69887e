// System: a control plane as a process, people who use the sluice command, and an agent in this process whose
// requests to Kafka and the registry are written down: release programs on a dev cluster. Thread safety: one
// thread.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "agent/agent.h"
#include "common/clock/clock.h"
#include "common/metrics/metrics.h"
#include "sluice/v1/change.grpc.pb.h"
#include "tests/bench/timed_admin.h"
#include "tests/support/world.h"

namespace sluice::bench {

class System {
 public:
  using Steady = std::chrono::steady_clock::time_point;

  // Starts both for `cluster` (eu-prod, us-prod), which is declared in `environment` (`dev`, `stg`; prod is
  // declared as the last one), with `customers` customers named `{prefix}{number}`, and applications plan,
  // mobile and desk.
  System(const std::string& cluster, const std::string& prefix, const std::string& environment,
         int customers);
  ~System();

  // `products` products of plan's with one topic for each of `customers` (0: all) and three grants each: from
  // `first` on.
  std::string Manifest(int first, int products, int customers, bool schema) const;
  // `sluice ARGUMENTS` of a person; ends the program unless it exits with `code`.
  std::string Sluice(int code, const std::string& person, const std::vector<std::string>& arguments,
                     const std::string& input = "");
  // Approves everything that waits for `person`, as a script does: one command for each change.
  void Approve(const std::string& person) { world_.ApproveAll(person); }
  // The manifest as edits, and proposed over a connection that is kept.
  sluice::v1::ProposeChangeRequest Proposal(const std::string& manifest) const;
  void Propose(const sluice::v1::ProposeChangeRequest& request);

  // Waits until Kafka and the registry have answered about so many items to change since the logs were
  // cleared; ends the program after two minutes. Returns when the last answer came.
  Steady WaitForItems(size_t kafka, size_t registry);
  // Clears the logs of requests once the agent is still.
  void ClearLogs();
  RequestLog& kafka() { return kafka_; }
  RequestLog& registry() { return registry_; }

 private:
  void DeclarePlatform(int customers);
  void OpenAgent();

  const std::string cluster_, prefix_, environment_;
  testing::World world_;
  SystemClock clock_;
  metrics::Metrics metrics_{metrics::Program::kAgent};
  RequestLog kafka_, registry_;
  std::unique_ptr<agent::Agent> agent_;
  std::shared_ptr<grpc::Channel> people_;
};

}  // namespace sluice::bench
