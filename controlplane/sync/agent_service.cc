#include "controlplane/sync/agent_service.h"

#include <fmt/format.h>

#include "common/clock/clock.h"
#include "controlplane/rpc/status.h"
#include "controlplane/sync/watch.h"

namespace sluice::controlplane {
namespace {

constexpr char kWatchDesired[] = "/sluice.v1.AgentService/WatchDesired";
constexpr size_t kPumpThreads = 2;
constexpr size_t kMaxStreams = 10'000;  // each is in the queue at most once

// A call that ends before it began.
class RefusedWatch final : public grpc::ServerWriteReactor<sluice::v1::WatchDesiredResponse> {
 public:
  RefusedWatch(const absl::Status& status, grpc::CallbackServerContext& context) {
    // What time it is here, for `sluice-agent doctor`.
    context.AddTrailingMetadata("sluice-time-us",
                                std::to_string(SystemClock().Now().time_since_epoch().count()));
    Finish(ToGrpc(status, context));
  }
  void OnDone() override { delete this; }
};

}  // namespace

absl::Status CheckCluster(const std::string& bound, const std::string& named) {
  if (bound == named) return absl::OkStatus();
  return absl::PermissionDeniedError(
      fmt::format("an agent sees its own cluster only (its certificate is bound to {}, it asked for {}); "
                  "check its configuration",
                  bound, named.empty() ? "none" : named));
}

absl::Status Report(Store& store, const LiveAgents& live, const std::string& cluster,
                    const sluice::v1::ReportStatusRequest& report) {
  if (auto status = CheckCluster(cluster, report.cluster()); !status.ok()) return status;
  if (auto status = live.Check(cluster, report.incarnation()); !status.ok()) return status;
  return store.Write([&](Transaction& transaction) { return transaction.RecordReport(cluster, report); });
}

AgentService::AgentService(Gate& gate, Store& store, LiveAgents& live, Deadlines& deadlines)
    : gate_(gate), store_(store), live_(live), deadlines_(deadlines), pumps_(kPumpThreads, kMaxStreams) {}

AgentService::~AgentService() { EndStreams(); }

absl::StatusOr<std::shared_ptr<Watch>> AgentService::Open(grpc::CallbackServerContext& context,
                                                          const sluice::v1::WatchDesiredRequest& request,
                                                          Gate::Call call) {
  const std::string cluster = call.caller.cluster;
  if (auto status = CheckCluster(cluster, request.cluster()); !status.ok()) return status;
  if (auto status = CheckWatchRequest(request); !status.ok()) return status;
  auto claim = live_.Claim(cluster, request.incarnation());
  if (!claim.ok()) return claim.status();
  std::lock_guard lock(mutex_);
  if (ending_) return absl::UnavailableError("the control plane is stopping; try again later");
  DesiredStream stream(store_, cluster, call.caller.subject, request);
  const Time good_until = call.caller.good_until;
  auto done = [this, call = std::move(call)](const std::shared_ptr<Watch>& watch, const absl::Status& why) {
    gate_.Finished(call, why);
    std::lock_guard lock(mutex_);
    watches_.erase(watch);
  };
  auto watch = std::make_shared<Watch>(context, store_, pumps_, cluster, std::move(stream), request,
                                       *std::move(claim), std::move(done));
  watch->EndAt(good_until, deadlines_);
  watches_.insert(watch);
  return watch;
}

grpc::ServerWriteReactor<sluice::v1::WatchDesiredResponse>* AgentService::WatchDesired(
    grpc::CallbackServerContext* context, const sluice::v1::WatchDesiredRequest* request) {
  auto call = gate_.Admit(*context, kWatchDesired);
  if (!call.ok()) return new RefusedWatch(call.status(), *context);
  auto watch = Open(*context, *request, *call);
  if (!watch.ok()) {
    gate_.Finished(*call, watch.status());
    return new RefusedWatch(watch.status(), *context);
  }
  (*watch)->Start();
  return watch->get();
}

grpc::ServerUnaryReactor* AgentService::ReportStatus(grpc::CallbackServerContext* context,
                                                     const sluice::v1::ReportStatusRequest* request,
                                                     sluice::v1::ReportStatusResponse* response) {
  return gate_.Serve(context, request, response,
                     [this](const Caller& caller, const sluice::v1::ReportStatusRequest& report)
                         -> absl::StatusOr<sluice::v1::ReportStatusResponse> {
                       if (auto status = Report(store_, live_, caller.cluster, report); !status.ok())
                         return status;
                       return sluice::v1::ReportStatusResponse();
                     });
}

void AgentService::EndStreams() {
  std::set<std::shared_ptr<Watch>> watches;
  {
    std::lock_guard lock(mutex_);
    ending_ = true;
    watches = watches_;
  }
  for (const auto& watch : watches)
    watch->End(absl::UnavailableError("the control plane is stopping; try again later"));
}

}  // namespace sluice::controlplane
