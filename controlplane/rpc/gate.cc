#include "controlplane/rpc/gate.h"

#include <fmt/format.h>
#include <google/protobuf/descriptor.h>

#include <algorithm>
#include <map>

#include "common/log/log.h"
#include "controlplane/rpc/certificates.h"
#include "controlplane/rpc/rules.h"

namespace sluice::controlplane {
namespace {

constexpr int64_t kDefaultLimitSeconds = 30;
constexpr int64_t kMaxLimitSeconds = 300;
constexpr auto kAuthorization = "authorization";

Credentials CredentialsOf(const grpc::CallbackServerContext& context) {
  Credentials credentials;
  if (const std::shared_ptr<const grpc::AuthContext> auth = context.auth_context()) {
    for (const grpc::string_ref& pem : auth->FindPropertyValues(GRPC_X509_PEM_CERT_PROPERTY_NAME)) {
      credentials.has_certificate = true;
      const auto end = CertificateEnd(std::string_view(pem.data(), pem.size()));
      credentials.certificate_end = end.ok() ? Time(std::chrono::seconds(*end)) : Time::min();
    }
    for (const grpc::string_ref& uri : auth->FindPropertyValues(GRPC_PEER_URI_PROPERTY_NAME)) {
      credentials.uris.emplace_back(uri.data(), uri.size());
    }
  }
  const auto [begin, end] = context.client_metadata().equal_range(kAuthorization);
  for (auto it = begin; it != end; ++it)
    credentials.authorization.emplace_back(it->second.data(), it->second.size());
  return credentials;
}

// When an answer is no longer wanted: the caller's deadline, within bounds. By gRPC's clock, which deadlines
// are given in.
gpr_timespec LimitOf(const grpc::CallbackServerContext& context) {
  const gpr_timespec now = gpr_now(GPR_CLOCK_REALTIME);
  const gpr_timespec wanted = context.raw_deadline();
  if (gpr_time_cmp(wanted, gpr_inf_future(wanted.clock_type)) == 0) {
    return gpr_time_add(now, gpr_time_from_seconds(kDefaultLimitSeconds, GPR_TIMESPAN));
  }
  const gpr_timespec longest = gpr_time_add(now, gpr_time_from_seconds(kMaxLimitSeconds, GPR_TIMESPAN));
  const gpr_timespec deadline = gpr_convert_clock_type(wanted, GPR_CLOCK_REALTIME);
  return gpr_time_cmp(deadline, longest) < 0 ? deadline : longest;
}

bool Passed(gpr_timespec limit) { return gpr_time_cmp(gpr_now(GPR_CLOCK_REALTIME), limit) > 0; }

// Every method of the public API by the type of its request; each has a type of its own (buf lint:
// RPC_REQUEST_RESPONSE_UNIQUE).
std::map<const google::protobuf::Descriptor*, std::string> MethodsByRequest() {
  std::map<const google::protobuf::Descriptor*, std::string> methods;
  const auto* pool = google::protobuf::DescriptorPool::generated_pool();
  for (const MethodRule& rule : MethodRules()) {
    std::string name(rule.method.substr(1));
    std::replace(name.begin(), name.end(), '/', '.');
    if (const auto* method = pool->FindMethodByName(name))
      methods[method->input_type()] = std::string(rule.method);
  }
  return methods;
}

absl::Status Check(const Caller& caller, std::string_view method) {
  const MethodRule* rule = FindRule(method);
  const bool is_agent = caller.type == Caller::Type::kAgent;
  if (rule != nullptr && rule->rule == Rule::kPerson && !is_agent) return absl::OkStatus();
  if (rule != nullptr && rule->rule == Rule::kAgent && is_agent) return absl::OkStatus();
  if (rule == nullptr || rule->rule == Rule::kOpen) {
    return absl::PermissionDeniedError(fmt::format("{} has no rule that allows it", method));
  }
  return absl::PermissionDeniedError(
      is_agent ? fmt::format("{} is for people; an agent's certificate does not open it", method)
               : fmt::format("{} is for agents; it takes a certificate, not a token", method));
}

std::string CodeName(const absl::Status& status) { return absl::StatusCodeToString(status.code()); }

}  // namespace

Gate::Gate(const Authenticator& authenticator, Executor& executor, const Clock& clock,
           metrics::Metrics& metrics, RefusalAuditor audit_refusal)
    : authenticator_(authenticator),
      executor_(executor),
      clock_(clock),
      metrics_(metrics),
      audit_refusal_(std::move(audit_refusal)) {
  for (const MethodRule& rule : MethodRules()) {
    if (rule.rule == Rule::kOpen) continue;
    metrics_.Touch(metrics::Id::kRpcRequests, {std::string(rule.method), "OK"});
    metrics_.Touch(metrics::Id::kRpcSeconds, {std::string(rule.method)});
  }
}

std::string Gate::MethodOf(const google::protobuf::Descriptor* request) {
  static const auto& methods = *new auto(MethodsByRequest());
  auto it = methods.find(request);
  return it == methods.end() ? std::string() : it->second;
}

absl::StatusOr<Caller> Gate::Authenticate(const grpc::CallbackServerContext& context,
                                          std::string_view method) {
  const Credentials credentials = CredentialsOf(context);
  absl::StatusOr<Caller> caller = authenticator_.Authenticate(credentials, clock_.Now());
  if (!caller.ok()) Unauthenticated(method, credentials, caller.status());
  return caller;
}

void Gate::Unauthenticated(std::string_view method, const Credentials& credentials,
                           const absl::Status& status) {
  // A certificate of our own CA that belongs to nobody: a forgotten agent, or a binding that was taken away.
  const bool unbound = credentials.has_certificate && absl::IsPermissionDenied(status);
  metrics_.Add(unbound ? metrics::Id::kRpcUnboundAgents : metrics::Id::kRpcUnauthenticated);
  metrics_.Add(metrics::Id::kRpcRequests, {std::string(method), CodeName(status)});
  const int64_t now =
      std::chrono::duration_cast<std::chrono::seconds>(clock_.Steady().time_since_epoch()).count();
  std::atomic<int64_t>& last_log = unbound ? last_unbound_log_s_ : last_unauthenticated_log_s_;
  int64_t last = last_log.load();
  if (now == last || !last_log.compare_exchange_strong(last, now)) return;  // one line a second
  log::Warn(unbound ? "call of an agent that is bound to no cluster" : "call without valid credentials",
            {{"method", method}, {"code", CodeName(status)}, {"reason", std::string(status.message())}});
}

absl::StatusOr<Gate::Call> Gate::Admit(const grpc::CallbackServerContext& context, std::string_view method) {
  absl::StatusOr<Caller> caller = Authenticate(context, method);
  if (!caller.ok()) return caller.status();
  Call call{
      .method = std::string(method), .caller = *std::move(caller), .start = clock_.Steady(), .lasts = true};
  const absl::Status allowed = Check(call.caller, method);
  if (!allowed.ok()) {
    Finished(call, allowed);
    return allowed;
  }
  return call;
}

void Gate::Finished(const Call& call, const absl::Status& status) {
  const double seconds = std::chrono::duration<double>(clock_.Steady() - call.start).count();
  metrics_.Add(metrics::Id::kRpcRequests, {call.method, CodeName(status)});
  if (!call.lasts) metrics_.Observe(metrics::Id::kRpcSeconds, seconds, {call.method});
  if (status.code() == absl::StatusCode::kPermissionDenied) {
    metrics_.Add(metrics::Id::kRpcRefused);
    if (refusals_.Admit(call.caller.Label(), clock_.Steady()))
      audit_refusal_(call.caller, call.method, status);
    else
      metrics_.Add(metrics::Id::kRpcRefusedUnaudited);
  }
  const bool broken = status.code() == absl::StatusCode::kInternal ||
                      status.code() == absl::StatusCode::kUnknown ||
                      status.code() == absl::StatusCode::kDataLoss;
  const std::string code = CodeName(status);
  if (broken) {
    log::Error("call failed", {{"method", call.method},
                               {"caller", call.caller.Label()},
                               {"code", code},
                               {"ms", seconds * 1000},
                               {"reason", std::string(status.message())}});
  } else {
    log::Info(
        "call",
        {{"method", call.method}, {"caller", call.caller.Label()}, {"code", code}, {"ms", seconds * 1000}});
  }
}

grpc::ServerUnaryReactor* Gate::ServeUnary(grpc::CallbackServerContext* context, std::string method,
                                           std::function<absl::Status(const Caller&)> work, Where where) {
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  absl::StatusOr<Caller> caller = Authenticate(*context, method);
  if (!caller.ok()) {
    reactor->Finish(ToGrpc(caller.status(), *context));
    return reactor;
  }
  const gpr_timespec limit = LimitOf(*context);
  Call call{.method = std::move(method), .caller = *std::move(caller), .start = clock_.Steady()};
  const bool refused = !Check(call.caller, call.method).ok();  // to be audited, which waits for the disk
  auto run = [this, context, reactor, limit, call, work = std::move(work)] {
    absl::Status status = Check(call.caller, call.method);
    if (status.ok() && (Passed(limit) || context->IsCancelled())) {
      status =
          absl::DeadlineExceededError("the call waited too long for its turn; nothing was done, try again");
    }
    if (status.ok()) status = work(call.caller);
    Finished(call, status);
    reactor->Finish(ToGrpc(status, *context));
  };
  if (where == Where::kHere && !refused) {
    run();
  } else if (!executor_.Run(std::move(run))) {
    const absl::Status busy =
        absl::ResourceExhaustedError("the server has too much to do; try again in a moment");
    Finished(call, busy);
    reactor->Finish(ToGrpc(busy, *context));
  }
  return reactor;
}

}  // namespace sluice::controlplane
