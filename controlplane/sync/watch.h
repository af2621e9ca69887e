// Watch: one open WatchDesired call. At most one of {pump running or scheduled, message being written} is
// true at any time; a wake-up meanwhile is remembered.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "controlplane/rpc/deadlines.h"
#include "controlplane/rpc/executor.h"
#include "controlplane/rpc/gate.h"
#include "controlplane/store/store.h"
#include "controlplane/sync/desired_stream.h"

namespace sluice::controlplane {

class Watch final : public grpc::ServerWriteReactor<sluice::v1::WatchDesiredResponse>,
                    public std::enable_shared_from_this<Watch> {
 public:
  // What the service does when gRPC is done with the call; the last thing that happens.
  using Done = std::function<void(const std::shared_ptr<Watch>&, const absl::Status&)>;

  // `stream` is what it sends; it belongs to `cluster`.
  Watch(grpc::CallbackServerContext& context, Store& store, Executor& pumps, std::string cluster,
        DesiredStream stream, const sluice::v1::WatchDesiredRequest& request, std::shared_ptr<void> claim,
        Done done);

  void EndAt(Time good_until, Deadlines& deadlines);  // of the agent's certificate; before Start
  void Start();                                       // subscribes and sends the first message
  void Wake();                                        // something may have changed
  void End(absl::Status why);                         // ends the call as soon as nothing is on its way

  void OnWriteDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override;

 private:
  void Schedule();  // runs Pump on the pumps; `busy_` is set by the caller
  void Pump();
  void FinishOnce(absl::Status why);  // `mutex_` is not held

  grpc::CallbackServerContext& context_;
  Store& store_;
  Executor& pumps_;
  const std::string cluster_;
  const std::string agent_version_;
  DesiredStream stream_;                       // of the pump
  bool recorded_ = false;                      // of the pump
  sluice::v1::WatchDesiredResponse response_;  // of the pump, then of the write
  std::shared_ptr<void> claim_;
  std::shared_ptr<void> subscription_;
  std::shared_ptr<void> expiry_;
  const Done done_;

  std::mutex mutex_;
  bool busy_ = false;      // a pump is scheduled or running, or a message is being written; guarded by mutex_
  bool woken_ = false;     // while busy; guarded by mutex_
  bool finished_ = false;  // guarded by mutex_
  std::optional<absl::Status> end_;  // why the call is to end; guarded by mutex_
};

}  // namespace sluice::controlplane
