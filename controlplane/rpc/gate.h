// Gate: what every call passes. It authenticates, applies the method's rule (rules.h; no rule: denied),
// bounds the deadline, runs the handler on the executor, converts its status, logs one line and counts.
//
// Unary methods call Serve, which derives the method from the request's type, so that a method cannot run
// under another's rule. Streaming methods call Admit first and Finished at the end.
//
// Authenticated refusals are audited (`access.refused`), as many as refusals.h says; unauthenticated ones are
// counted and logged at a bounded rate. Thread safety: all members may be called from any thread.
#pragma once

#include <absl/status/status.h>
#include <absl/status/statusor.h>
#include <google/protobuf/message.h>
#include <grpcpp/grpcpp.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "common/clock/clock.h"
#include "common/metrics/metrics.h"
#include "controlplane/rpc/authenticate.h"
#include "controlplane/rpc/caller.h"
#include "controlplane/rpc/executor.h"
#include "controlplane/rpc/refusals.h"
#include "controlplane/rpc/status.h"

namespace sluice::controlplane {

// Writes the audit entry of a refusal.
using RefusalAuditor = std::function<void(const Caller&, std::string_view method, const absl::Status&)>;

class Gate {
 public:
  Gate(const Authenticator& authenticator, Executor& executor, const Clock& clock, metrics::Metrics& metrics,
       RefusalAuditor audit_refusal);

  // One admitted call.
  struct Call {
    std::string method;  // `/sluice.v1.DomainService/GetDomain`
    Caller caller;
    std::chrono::steady_clock::time_point start;
    bool lasts = false;  // a stream, whose life is no answer's time
  };

  // Authenticates and authorizes a streaming call. Refusals are already logged, counted and audited.
  absl::StatusOr<Call> Admit(const grpc::CallbackServerContext& context, std::string_view method);
  // Logs and counts the end of a call.
  void Finished(const Call& call, const absl::Status& status);

  // Where a handler runs. kHere is the thread of gRPC that brought the call, which must not be held up: for
  // handlers that read a row or two; handing them to another thread would cost more than they do.
  enum class Where { kPool, kHere };

  // Serves a unary call: `handler` is `absl::StatusOr<Response>(const Caller&, const Request&)` and runs on
  // the executor, or here.
  template <typename Request, typename Response, typename Handler>
  grpc::ServerUnaryReactor* Serve(grpc::CallbackServerContext* context, const Request* request,
                                  Response* response, Handler handler, Where where = Where::kPool) {
    return ServeUnary(
        context, MethodOf(Request::descriptor()),
        [handler = std::move(handler), request, response](const Caller& caller) -> absl::Status {
          absl::StatusOr<Response> result = handler(caller, *request);
          if (!result.ok()) return result.status();
          *response = *std::move(result);
          return absl::OkStatus();
        },
        where);
  }

 private:
  // The one method that takes requests of this type.
  static std::string MethodOf(const google::protobuf::Descriptor* request);
  grpc::ServerUnaryReactor* ServeUnary(grpc::CallbackServerContext* context, std::string method,
                                       std::function<absl::Status(const Caller&)> work, Where where);
  absl::StatusOr<Caller> Authenticate(const grpc::CallbackServerContext& context, std::string_view method);
  void Unauthenticated(std::string_view method, const Credentials& credentials, const absl::Status& status);

  const Authenticator& authenticator_;
  Executor& executor_;
  const Clock& clock_;
  metrics::Metrics& metrics_;
  const RefusalAuditor audit_refusal_;
  Refusals refusals_;
  std::atomic<int64_t> last_unauthenticated_log_s_ = 0, last_unbound_log_s_ = 0;
};

}  // namespace sluice::controlplane
