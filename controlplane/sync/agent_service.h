// AgentService: what agents call. Streams are pumped by two threads of their own, so that waiting agents cost
// no thread and people's calls do not wait behind slices.
//
// Thread safety: all members may be called from any thread. The server is shut down before the service is
// destroyed.
#pragma once

#include <memory>
#include <mutex>
#include <set>

#include "controlplane/rpc/deadlines.h"
#include "controlplane/rpc/executor.h"
#include "controlplane/rpc/gate.h"
#include "controlplane/store/store.h"
#include "controlplane/sync/live_agents.h"
#include "sluice/v1/agent.grpc.pb.h"

namespace sluice::controlplane {

class Watch;

class AgentService final : public sluice::v1::AgentService::CallbackService {
 public:
  AgentService(Gate& gate, Store& store, LiveAgents& live, Deadlines& deadlines);
  ~AgentService() override;

  grpc::ServerWriteReactor<sluice::v1::WatchDesiredResponse>* WatchDesired(
      grpc::CallbackServerContext* context, const sluice::v1::WatchDesiredRequest* request) override;
  grpc::ServerUnaryReactor* ReportStatus(grpc::CallbackServerContext* context,
                                         const sluice::v1::ReportStatusRequest* request,
                                         sluice::v1::ReportStatusResponse* response) override;

  // Ends every stream with UNAVAILABLE and refuses new ones: the first step of a shutdown.
  void EndStreams();

 private:
  friend class Watch;
  absl::StatusOr<std::shared_ptr<Watch>> Open(grpc::CallbackServerContext& context,
                                              const sluice::v1::WatchDesiredRequest& request,
                                              Gate::Call call);

  Gate& gate_;
  Store& store_;
  LiveAgents& live_;
  Deadlines& deadlines_;  // of the agents' certificates
  std::mutex mutex_;
  std::set<std::shared_ptr<Watch>> watches_;  // guarded by mutex_
  bool ending_ = false;                       // guarded by mutex_
  Executor pumps_;                            // last: its threads use the others
};

// Runs a report in the store; the part of ReportStatus that knows nothing of gRPC.
absl::Status Report(Store& store, const LiveAgents& live, const std::string& cluster,
                    const sluice::v1::ReportStatusRequest& report);
// PERMISSION_DENIED: an agent names another cluster than its certificate is bound to.
absl::Status CheckCluster(const std::string& bound, const std::string& named);

}  // namespace sluice::controlplane
