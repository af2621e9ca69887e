// Agent: everything that runs beside one Kafka cluster, put together: the cache and the journal in the data
// directory, the stream of the desired state, the reconciler and the reporter, each in a thread of its own.
// Thread safety: Start and Stop belong to one thread; Health to all.
#pragma once

#include <absl/status/statusor.h>
#include <grpcpp/grpcpp.h>

#include <memory>
#include <thread>

#include "agent/config.h"
#include "agent/desired_client.h"
#include "agent/reconciler.h"
#include "agent/reporter.h"
#include "agent/target.h"
#include "common/clock/clock.h"
#include "common/metrics/metrics.h"

namespace sluice::agent {

// What the agent changes.
struct OwnedTargets {
  std::unique_ptr<KafkaTarget> kafka;
  std::unique_ptr<RegistryTarget> registry;  // null: the cluster has none
};

class Agent {
 public:
  // Opens the data directory. FAILED_PRECONDITION: another agent works in it. `clock` and `metrics` outlive
  // the agent.
  static absl::StatusOr<std::unique_ptr<Agent>> Open(const AgentOptions& options, OwnedTargets targets,
                                                     std::shared_ptr<grpc::Channel> channel, Clock& clock,
                                                     metrics::Metrics& metrics);
  ~Agent();  // stops

  void Start();
  // Ends what runs within a second or so; what was in flight is observed again after the next start.
  void Stop();
  absl::Status Health() const;

 private:
  Agent() = default;

  OwnedTargets targets_;
  std::unique_ptr<Journal> journal_;
  std::unique_ptr<ReportBook> reports_;
  std::unique_ptr<Reconciler> reconciler_;
  std::unique_ptr<DesiredClient> desired_;
  std::unique_ptr<Reporter> reporter_;
  DesiredClient::Ask ask_ = DesiredClient::Ask::kChanges;
  std::thread reconciling_;
};

}  // namespace sluice::agent
