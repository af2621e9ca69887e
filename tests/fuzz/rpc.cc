// Every method of the API, with any bytes. The first line says `METHOD CALLER [made]`; what follows is the
// request as it is on the wire, or, with `made`, the bytes that a well-formed one is made of
// (made_message.h). People's methods go through gRPC, gate and handlers over an in-process channel; agents'
// through what serves them behind the gate, because certificates need TLS.
//
// Nothing crashes; what can be read is answered with OK or a reason that is the caller's to mend; and the
// store checks out after whatever was taken.
#include <google/protobuf/stubs/logging.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include <filesystem>

#include "common/log/log.h"
#include "common/metrics/metrics.h"
#include "common/wire/wire.h"
#include "controlplane/maintenance/check.h"
#include "controlplane/rpc/rules.h"
#include "controlplane/services/handlers.h"
#include "controlplane/services/mount.h"
#include "controlplane/store/testing.h"
#include "controlplane/sync/agent_service.h"
#include "controlplane/sync/desired_stream.h"
#include "tests/fuzz/made_message.h"
#include "tests/fuzz/target.h"

namespace sluice::controlplane {
namespace {

using fuzz::Require;
namespace fs = std::filesystem;

constexpr int kMaxStreamMessages = 100;
constexpr auto kStreamTime = std::chrono::milliseconds(20);  // a stream ends by nothing else
constexpr size_t kMaxMessage = 5 * 1024;                     // of a refusal

const core::RoleHolders& Roles() {
  static const auto& roles = *new core::RoleHolders{{core::Role::kReviewBoard, {"group:ii-sig"}},
                                                    {core::Role::kDataProductsTeam, {"group:data-products"}},
                                                    {core::Role::kPlatformOperator, {"group:platform"}},
                                                    {core::Role::kAuditor, {"group:audit"}}};
  return roles;
}

// Callers by name; the token is the name.
const std::map<std::string, std::vector<std::string>, std::less<>>& Callers() {
  static const auto& callers = *new std::map<std::string, std::vector<std::string>, std::less<>>{
      {"auditor", {"audit"}},
      {"board", {"ii-sig"}},
      {"everything", {"platform", "data-products", "fr-leads", "plan", "mobile"}},
      {"lead", {"fr-leads", "ii-sig"}},
      {"nobody", {}},
      {"owner", {"plan"}}};
  return callers;
}

class NamesAsTokens final : public TokenVerifier {
 public:
  absl::StatusOr<TokenClaims> Verify(std::string_view token) override {
    const auto caller = Callers().find(token);
    if (caller == Callers().end()) return absl::UnauthenticatedError("nobody");
    return TokenClaims{.issuer = "https://issuer.example",
                       .subject = caller->first,
                       .display_name = caller->first,
                       .groups = caller->second,
                       .good_until = Time::max()};
  }
  std::optional<Time> KeysReadAt() override { return std::nullopt; }
};

// A served store in a directory of its own.
class Served {
 public:
  explicit Served(const fs::path& directory) : clock_(Time(std::chrono::seconds(1'800'000'000))) {
    auto database = db::OpenSqlite(directory / kStoreFile);
    Require(database.ok(), "the store's file can be opened");
    auto store = Store::Open(*std::move(database), clock_);
    Require(store.ok(), "the store opens");
    store_ = *std::move(store);
    authenticator_ = std::make_unique<Authenticator>(std::make_unique<NamesAsTokens>(), Roles(),
                                                     [this] { return store_->Current()->catalog; });
    gate_ = std::make_unique<Gate>(*authenticator_, executor_, clock_, metrics_, AuditRefusalsIn(*store_));
    dependencies_.reset(new Dependencies{*store_, clock_, metrics_, streams_, Roles(),
                                         [](const std::string&) { return false; }, "1.2.3"});
    services_ = PublicServices(*dependencies_, *gate_, deadlines_);
    grpc::ServerBuilder builder;
    for (const auto& service : services_) builder.RegisterService(service.get());
    server_ = builder.BuildAndStart();
    Require(server_ != nullptr, "the server starts");
    stub_ = std::make_unique<grpc::GenericStub>(server_->InProcessChannel({}));
  }
  ~Served() {
    stub_.reset();
    streams_.EndAll();
    server_->Shutdown();
    server_->Wait();
    server_.reset();
    services_.clear();
  }

  Store& store() { return *store_; }
  LiveAgents& live() { return live_; }

  // Sends `request` as it is; the response of a unary method goes to `answer`.
  grpc::Status Call(const std::string& method, const std::string& caller, const std::string& request,
                    bool streams, grpc::ByteBuffer& answer) {
    grpc::ClientContext context;
    context.AddMetadata("authorization", "Bearer " + caller);
    if (streams) context.set_deadline(std::chrono::system_clock::now() + kStreamTime);
    grpc::CompletionQueue queue;
    const grpc::Slice slice(request);
    const grpc::ByteBuffer buffer(&slice, 1);
    grpc::Status status;
    if (!streams) {
      const auto call = stub_->PrepareUnaryCall(&context, method, buffer, &queue);
      call->StartCall();
      call->Finish(&answer, &status, nullptr);
      Next(queue);
      return status;
    }
    const auto call = stub_->PrepareCall(&context, method, &queue);
    call->StartCall(nullptr);
    Next(queue);
    call->WriteLast(buffer, {}, nullptr);
    bool more = Next(queue);
    for (int i = 0; more && i < kMaxStreamMessages; ++i) {
      call->Read(&answer, nullptr);
      more = Next(queue);
    }
    if (more) context.TryCancel();
    call->Finish(&status, nullptr);
    Next(queue);
    return status;
  }

 private:
  static bool Next(grpc::CompletionQueue& queue) {
    void* tag = nullptr;
    bool ok = false;
    Require(queue.Next(&tag, &ok), "a call ends");
    return ok;
  }

  FakeClock clock_;
  SystemClock system_clock_;
  metrics::Metrics metrics_{metrics::Program::kControlPlane};
  OpenStreams streams_;
  LiveAgents live_;
  std::unique_ptr<Store> store_;
  std::unique_ptr<Authenticator> authenticator_;
  Executor executor_{2, 100};
  Deadlines deadlines_{system_clock_};
  std::unique_ptr<Gate> gate_;
  std::unique_ptr<Dependencies> dependencies_;
  std::vector<std::unique_ptr<grpc::Service>> services_;
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<grpc::GenericStub> stub_;
};

template <typename Message>
void MustTake(Served& served, const char* method, const char* caller,
              const google::protobuf::Message& request, Message& response) {
  grpc::ByteBuffer answer;
  const grpc::Status status = served.Call(method, caller, wire::Serialize(request), false, answer);
  if (!status.ok()) std::fprintf(stderr, "%s: %s\n", method, status.error_message().c_str());
  Require(status.ok(), "the world is taken");
  Require(grpc::SerializationTraits<Message>::Deserialize(&answer, &response).ok(), "an answer can be read");
}

// The world of store/testing.h, approved and released as the product does it; a waiting change beside it.
void MakeWorld(Served& served) {
  constexpr char kPropose[] = "/sluice.v1.ChangeService/ProposeChange";
  std::vector<core::Edit> world = World();
  const core::Definition product = world.back().definition;
  world.pop_back();
  v1::ProposeChangeRequest request;
  request.set_together(true);
  for (const core::Edit& edit : world)
    *request.add_edits()->mutable_resource() = wire::ToProto(edit.definition);
  v1::ProposeChangeResponse response;
  MustTake(served, kPropose, "everything", request, response);
  request.Clear();
  *request.add_edits()->mutable_resource() = wire::ToProto(product);
  MustTake(served, kPropose, "owner", request, response);
  v1::ApproveChangeRequest approval;
  approval.set_name(response.changes(0).name());
  approval.set_digest(response.changes(0).digest());
  v1::Change change;
  MustTake(served, "/sluice.v1.ChangeService/ApproveChange", "lead", approval, change);
  Require(change.state() == v1::Change::STATE_RELEASED, "the product is released");
  request.Clear();
  *request.add_edits()->mutable_resource() = wire::ToProto(core::Definition(MakeProduct("f-and-r.orders")));
  MustTake(served, kPropose, "owner", request, response);
}

// The world, as new again after each input that changed something.
class Fixture {
 public:
  Fixture() {
    log::SetLevel("error");
    std::string name = (fs::temp_directory_path() / "sluice-fuzz-XXXXXX").string();
    root_ = mkdtemp(name.data());
    fs::create_directory(root_ / "base");
    fs::create_directory(root_ / "now");
    {
      MakeWorld(*std::make_unique<Served>(root_ / "base"));
    }
    Renew();
  }
  ~Fixture() {
    served_.reset();
    fs::remove_all(root_);
  }

  Served& served() { return *served_; }

  // What is there must be whole before it goes.
  void CheckAndRenew() {
    served_.reset();
    const auto report = CheckDirectory(root_ / "now");
    if (!report.ok() || !report->ok())
      std::fprintf(stderr, "%s\n",
                   report.ok() ? ToText(*report).c_str() : report.status().ToString().c_str());
    Require(report.ok() && report->ok(), "the store checks out");
    Renew();
  }

 private:
  void Renew() {
    fs::copy_file(root_ / "base" / kStoreFile, root_ / "now" / kStoreFile,
                  fs::copy_options::overwrite_existing);
    served_ = std::make_unique<Served>(root_ / "now");
  }

  fs::path root_;
  std::unique_ptr<Served> served_;
};

struct Input {
  const MethodRule* rule = nullptr;
  const google::protobuf::MethodDescriptor* method = nullptr;
  std::string caller;
  bool made = false;
  std::string_view bytes;
};

const google::protobuf::MethodDescriptor* DescriptorOf(std::string_view method) {
  std::string name(method.substr(1));
  std::replace(name.begin(), name.end(), '/', '.');
  const auto* found = google::protobuf::DescriptorPool::generated_pool()->FindMethodByName(name);
  Require(found != nullptr, "every method of the table is in the protos");
  return found;
}

// Unknown names mean something, too: any first line is good for a call.
Input ReadInput(std::string_view text) {
  static const auto& methods = *new auto([] {
    std::vector<const MethodRule*> known;
    for (const MethodRule& rule : MethodRules()) {
      if (rule.rule != Rule::kOpen) known.push_back(&rule);
    }
    return known;
  }());
  Input input;
  const std::string_view line = text.substr(0, text.find('\n'));
  input.bytes = text.substr(std::min(text.size(), line.size() + 1));
  const std::string_view name = line.substr(0, line.find(' '));
  const std::string_view rest = line.substr(std::min(line.size(), name.size() + 1));
  for (const MethodRule* rule : methods) {
    if (rule->method.ends_with(name) && !name.empty()) input.rule = rule;
  }
  if (input.rule == nullptr) input.rule = methods[std::hash<std::string_view>()(name) % methods.size()];
  input.method = DescriptorOf(input.rule->method);
  input.caller = rest.substr(0, rest.find(' '));
  if (!Callers().contains(input.caller)) {
    const size_t index = std::hash<std::string>()(input.caller) % Callers().size();
    input.caller = std::next(Callers().begin(), static_cast<ptrdiff_t>(index))->first;
  }
  input.made = rest.ends_with("made");
  return input;
}

void CheckRefusal(int code, const std::string& message) {
  using grpc::StatusCode;
  for (const StatusCode fine :
       {StatusCode::INVALID_ARGUMENT, StatusCode::NOT_FOUND, StatusCode::ALREADY_EXISTS,
        StatusCode::PERMISSION_DENIED, StatusCode::FAILED_PRECONDITION, StatusCode::ABORTED,
        StatusCode::RESOURCE_EXHAUSTED}) {
    if (code != fine) continue;
    Require(!message.empty() && message.size() <= kMaxMessage, "a refusal has a sentence");
    return;
  }
  std::fprintf(stderr, "code %d: %s\n", code, message.c_str());
  Require(false, "a request that can be read is taken, or refused for a reason of the caller's");
}

// What serves an agent's method, behind the gate.
absl::Status ServeAgent(Served& served, const Input& input, const google::protobuf::Message& request) {
  if (const auto* report = dynamic_cast<const v1::ReportStatusRequest*>(&request)) {
    v1::ReportStatusRequest own = *report;
    if (input.caller != "nobody") own.set_cluster("eu-prod");
    return Report(served.store(), served.live(), "eu-prod", own);
  }
  const auto* watch = dynamic_cast<const v1::WatchDesiredRequest*>(&request);
  Require(watch != nullptr, "a new method of AgentService is fuzzed here");
  if (absl::Status status = CheckWatchRequest(*watch); !status.ok()) return status;
  DesiredStream stream(served.store(), "eu-prod", "spiffe://sluice/agent/eu-prod", *watch);
  for (;;) {
    auto message = stream.Next();
    if (!message.ok()) return message.status();
    if (!message->has_value()) return absl::OkStatus();
  }
}

// Returns whether the world may have changed.
bool CallAgent(Served& served, const Input& input, const std::string& bytes) {
  std::unique_ptr<google::protobuf::Message> request(
      google::protobuf::MessageFactory::generated_factory()->GetPrototype(input.method->input_type())->New());
  if (!request->ParseFromString(bytes)) return false;
  const absl::Status status = ServeAgent(served, input, *request);
  if (!status.ok()) CheckRefusal(static_cast<int>(status.code()), std::string(status.message()));
  return status.ok();
}

void CallPerson(Served& served, const Input& input, const std::string& bytes) {
  std::unique_ptr<google::protobuf::Message> request(
      google::protobuf::MessageFactory::generated_factory()->GetPrototype(input.method->input_type())->New());
  grpc::ByteBuffer answer;
  const bool streams = input.method->server_streaming();
  const grpc::Status status =
      served.Call(std::string(input.rule->method), input.caller, bytes, streams, answer);
  if (!request->ParseFromString(bytes)) {
    Require(!status.ok(), "what cannot be read is refused");
    return;
  }
  const bool ended = streams && (status.error_code() == grpc::StatusCode::DEADLINE_EXCEEDED ||
                                 status.error_code() == grpc::StatusCode::CANCELLED);
  if (!status.ok() && !ended) CheckRefusal(status.error_code(), status.error_message());
}

}  // namespace
}  // namespace sluice::controlplane

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace sluice::controlplane;
  static Fixture fixture;
  [[maybe_unused]] static auto* const before_us = google::protobuf::SetLogHandler(nullptr);  // once
  const Input input = ReadInput(sluice::fuzz::TextOf(data, size));
  std::string bytes(input.bytes);
  if (input.made) {
    std::unique_ptr<google::protobuf::Message> request(google::protobuf::MessageFactory::generated_factory()
                                                           ->GetPrototype(input.method->input_type())
                                                           ->New());
    sluice::fuzz::MadeMessage(input.bytes).Fill(*request);
    bytes = request->SerializeAsString();
  }
  Served& served = fixture.served();
  const int64_t before = served.store().LastAuditSeq();
  bool changed = false;
  if (input.rule->rule == Rule::kAgent)
    changed = CallAgent(served, input, bytes);
  else
    CallPerson(served, input, bytes);
  if (changed || served.store().LastAuditSeq() != before) fixture.CheckAndRenew();
  return 0;
}
