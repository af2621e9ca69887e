// ControlPlane: the running program without its command line: store, gate, services, server, metrics
// endpoint.
//
// Serves from Open until Drain. Thread safety: one thread at a time.
#pragma once

#include <absl/status/statusor.h>

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "common/clock/clock.h"
#include "common/metrics/endpoint.h"
#include "common/metrics/metrics.h"
#include "controlplane/rpc/authenticate.h"
#include "controlplane/rpc/deadlines.h"
#include "controlplane/rpc/executor.h"
#include "controlplane/rpc/gate.h"
#include "controlplane/rpc/server.h"
#include "controlplane/services/context.h"
#include "controlplane/settings.h"
#include "controlplane/store/store.h"
#include "controlplane/sync/agent_service.h"
#include "controlplane/sync/live_agents.h"

namespace sluice::controlplane {

class ControlPlane {
 public:
  // `clock` outlives the control plane. Makes the data directory (0700) where it is missing.
  // FAILED_PRECONDITION: another process uses it; UNAVAILABLE: an address is taken.
  static absl::StatusOr<std::unique_ptr<ControlPlane>> Open(const Settings& settings, Clock& clock);
  ~ControlPlane();

  // `127.0.0.1:7443`, with the port that was taken.
  const std::string& address() const { return address_; }
  Store& store() { return *store_; }
  const metrics::Metrics& metrics() const { return metrics_; }

  // Takes no more calls, ends streams, gives running calls `drain_timeout`, closes the store.
  void Drain();

 private:
  ControlPlane(const Settings& settings, Clock& clock);
  absl::Status Start();
  absl::Status OpenStore();
  absl::Status StartMetrics();
  absl::Status WriteAddress() const;
  absl::Status Health() const;
  double KeysAge() const;  // seconds since keys were fetched; -1: never; 0: they are a file

  // In the order in which they need one another.
  const Settings settings_;
  Clock& clock_;
  metrics::Metrics metrics_{metrics::Program::kControlPlane};
  std::unique_ptr<Store> store_;
  LiveAgents live_;
  OpenStreams streams_;
  std::unique_ptr<Deadlines> deadlines_;
  std::unique_ptr<Authenticator> authenticator_;
  std::unique_ptr<Executor> executor_;
  std::unique_ptr<Gate> gate_;
  std::unique_ptr<Dependencies> dependencies_;
  std::vector<std::unique_ptr<grpc::Service>> services_;
  std::unique_ptr<AgentService> agents_;
  RunningServer server_;
  std::unique_ptr<metrics::Endpoint> endpoint_;
  std::string address_;
  std::atomic<bool> draining_ = false;
};

}  // namespace sluice::controlplane
