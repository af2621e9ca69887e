// Reads and audited writes through the whole server (TLS, tokens, authorization, log and metrics on) beside
// the least that anybody could do: a gRPC server that answers with a ready message, and a loop of durable
// commits.
#include <fmt/format.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <functional>
#include <sstream>
#include <thread>

#include "common/log/log.h"
#include "common/wire/wire.h"
#include "controlplane/store/migrations.h"
#include "controlplane/testing.h"
#include "sluice/v1/change.grpc.pb.h"
#include "sluice/v1/domain.grpc.pb.h"
#include "tests/bench/controlplane_world.h"

namespace sluice::bench {
namespace {

constexpr double kSeconds = 1;  // of each measurement
constexpr int kProducts = 64;   // one for each client

std::string Slurp(const std::string& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

// Answers with the same bytes, without looking at anything.
class Echo final : public v1::DomainService::CallbackService {
 public:
  explicit Echo(v1::Domain answer) : answer_(std::move(answer)) {}
  grpc::ServerUnaryReactor* GetDomain(grpc::CallbackServerContext* context, const v1::GetDomainRequest*,
                                      v1::Domain* response) override {
    *response = answer_;
    auto* reactor = context->DefaultReactor();
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }

 private:
  const v1::Domain answer_;
};

// The control plane and its clients.
struct Server {
  controlplane::TestControlPlane control_plane;
  std::string token;

  Server() {
    log::SetLevel("info");  // as in operation
    Must(control_plane.Start());
    token = control_plane.Token("owner", R"("groups":["planning","platform"],"name":"Olivia Owner")");
    Release(control_plane->store(), Ground());
    for (int i = 0; i < kProducts; ++i) Release(control_plane->store(), ProductEdits(i, /*schema=*/false));
  }
};

std::shared_ptr<grpc::Channel> ChannelTo(const std::string& address, const std::string& authority) {
  grpc::SslCredentialsOptions options;
  options.pem_root_certs = authority;
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  return grpc::CreateCustomChannel(address, grpc::SslCredentials(options), arguments);
}

using Connect = std::function<std::shared_ptr<grpc::Channel>()>;
using Call = std::function<void()>;
using MakeCall = std::function<Call(const std::shared_ptr<grpc::Channel>&, int client)>;

// Calls a second that `clients` threads get, over one connection for every sixteen of them. Adds to `per_cpu`
// how many these are for each second of CPU, of both sides.
double Rate(int clients, const Connect& connect, const MakeCall& make_call, std::vector<double>& per_cpu) {
  std::vector<std::shared_ptr<grpc::Channel>> channels;
  for (int i = 0; i < clients; i += 16) channels.push_back(connect());
  std::atomic<bool> stop = false;
  std::atomic<int64_t> calls = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < clients; ++i) {
    threads.emplace_back([&, i] {
      const Call call = make_call(channels[static_cast<size_t>(i / 16)], i);
      for (call(); !stop; ++calls) call();  // the first one connects
    });
  }
  while (calls < clients) std::this_thread::yield();
  const int64_t before = calls;
  const double cpu = CpuSeconds();
  const double seconds =
      Seconds([] { std::this_thread::sleep_for(std::chrono::duration<double>(kSeconds)); });
  const auto done = static_cast<double>(calls - before);
  per_cpu.push_back(done / (CpuSeconds() - cpu));
  const double rate = done / seconds;
  stop = true;
  for (std::thread& thread : threads) thread.join();
  return rate;
}

Call ReadDomain(const std::shared_ptr<grpc::Channel>& channel, const std::string& token) {
  return [stub = std::shared_ptr(v1::DomainService::NewStub(channel)), token] {
    v1::GetDomainRequest request;
    request.set_name("f-and-r");
    v1::Domain response;
    const auto context = controlplane::Bearing(token);
    const grpc::Status status = stub->GetDomain(context.get(), request, &response);
    if (!status.ok()) Fail("a read failed: " + status.error_message());
  };
}

// Changes the description of the client's own product, which needs nobody else: two audit entries, two
// definitions' rows and a change in one commit.
Call WriteProduct(const std::shared_ptr<grpc::Channel>& channel, const std::string& token, int client) {
  auto count = std::make_shared<int>(0);
  return [stub = std::shared_ptr(v1::ChangeService::NewStub(channel)), token, client, count] {
    static std::atomic<int64_t> unique = 0;
    core::DataProduct product = MakeProduct(client, /*schema=*/false);
    product.description = fmt::format("What will be sold, version {}", ++unique);
    v1::ProposeChangeResponse response;
    const auto context = controlplane::Bearing(token);
    const grpc::Status status =
        stub->ProposeChange(context.get(), Proposal({{core::EditAction::kPut, product}}), &response);
    if (!status.ok()) Fail("a write failed: " + status.error_message());
    if (response.changes_size() != 1 || response.changes(0).state() != v1::Change::STATE_RELEASED)
      Fail("a write was not released: " + response.ShortDebugString().substr(0, 300));
  };
}

// Durable commits a second of a loop over `insert`, which gets a number of its own each time.
double RawCommits(db::Connection& connection, const std::function<void(int64_t)>& insert) {
  static int64_t number = 0;
  int64_t commits = 0;
  double seconds = 0;
  for (; seconds < kSeconds; ++commits) {
    seconds += Seconds([&] {
      Must(connection.Begin());
      insert(++number);
      Must(connection.Commit());
    });
  }
  return static_cast<double>(commits) / seconds;
}

void Insert(db::Connection& connection, std::string_view sql, const std::vector<db::Value>& values) {
  Must(connection.Execute(sql, values).status());
}

// The rows of one released change, in tables and indexes like the store's.
void InsertChange(db::Connection& connection, int64_t number) {
  const std::string id = fmt::format("C-{}", number),
                    product = ProductName(static_cast<int>(number % kProducts));
  const db::Bytes content{std::string(600, 'x')}, entry{std::string(500, 'x')};
  Insert(connection, "UPDATE counters SET value = $1", {number});
  Insert(connection,
         "INSERT INTO definitions (kind, name, revision, deleted, content, create_time_us, update_time_us, "
         "change) VALUES "
         "('DataProduct', $1, $2, 0, $3, 1, 1, $4) ON CONFLICT (kind, name) DO UPDATE SET revision = $2, "
         "content = $3",
         {product, number, content, id});
  Insert(connection,
         "INSERT INTO definition_history (kind, name, revision, deleted, content, time_us, change) VALUES "
         "('DataProduct', $1, $2, 0, $3, 1, $4)",
         {product, number, content, id});
  Insert(connection,
         "INSERT INTO changes (id, state, author, content, digest, record, create_time_us, update_time_us, "
         "release_revision) VALUES ($1, 2, 'p-0123456789abcdef', $2, $3, $2, 1, 1, $1)",
         {number, content, std::string(64, 'd')});
  for (int64_t seq = 2 * number; seq < 2 * number + 2; ++seq) {
    Insert(connection,
           "INSERT INTO audit (seq, time_us, actor, action, change, cluster, body) VALUES ($1, $1, "
           "'p-0123456789abcdef', "
           "'change.released', $2, '', $3)",
           {seq, id, entry});
    for (const std::string& resource : {"dataproduct/" + product, "change/" + id}) {
      Insert(connection,
             "INSERT INTO audit_about (resource, seq, actor, action, cluster, change) VALUES ($1, $2, "
             "'p-0123456789abcdef', 'change.released', '', $3)",
             {resource, seq, id});
    }
  }
}

}  // namespace

void Reads(Report& report) {
  Server ours;
  v1::Domain answer;
  v1::GetDomainRequest request;
  request.set_name("f-and-r");
  const auto context = controlplane::Bearing(ours.token);
  const auto& settings = ours.control_plane.settings.server;
  const std::string authority =
      Slurp(std::filesystem::path(settings.agents_ca).replace_filename("dev-ca.crt"));
  const auto connect = [&] { return ChannelTo(ours.control_plane->address(), authority); };
  if (!v1::DomainService::NewStub(connect())->GetDomain(context.get(), request, &answer).ok())
    Fail("cannot read");
  Echo echo(answer);
  grpc::SslServerCredentialsOptions credentials;
  credentials.pem_key_cert_pairs = {{Slurp(settings.key), Slurp(settings.certificate)}};
  int port = 0;
  grpc::ServerBuilder builder;
  builder.AddListeningPort("127.0.0.1:0", grpc::SslServerCredentials(credentials), &port);
  builder.RegisterService(&echo);
  const auto server = builder.BuildAndStart();
  const auto connect_raw = [&] { return ChannelTo(fmt::format("127.0.0.1:{}", port), authority); };
  for (const int clients : {1, 16, 64}) {
    Pairs per_cpu;
    const auto read = [&](const auto& channel, int) { return ReadDomain(channel, ours.token); };
    const auto read_raw = [&](const auto& channel, int) { return ReadDomain(channel, ""); };
    const Pairs pairs =
        report.Interleave([&] { return Rate(clients, connect, read, per_cpu.ours); },
                          [&] { return Rate(clients, connect_raw, read_raw, per_cpu.baseline); });
    report.Add(TimesAtLeast(
        fmt::format("unary reads with authorization, {} client{}", clients, clients == 1 ? "" : "s"), pairs,
        "calls/s", 0.6));
    report.Add(TimesAtLeast("the same for each second of CPU, client included", per_cpu, "calls", 0.6));
  }
}

void Writes(Report& report) {
  Server ours;
  const Scratch scratch;
  const auto& settings = ours.control_plane.settings.server;
  const std::string authority =
      Slurp(std::filesystem::path(settings.agents_ca).replace_filename("dev-ca.crt"));
  const auto connect = [&] { return ChannelTo(ours.control_plane->address(), authority); };
  const auto database = Must(db::OpenSqlite(scratch / "raw.db"));
  const auto raw = Must(database->OpenWriter());
  Must(db::Migrate(*raw, controlplane::Migrations()));
  Insert(*raw, "CREATE TABLE one (number BIGINT PRIMARY KEY, body BYTEA NOT NULL)", {});
  const db::Bytes body{std::string(2'000, 'x')};
  for (const int clients : {1, 16, 64}) {
    std::vector<double> per_cpu, one_row;
    const auto write = [&](const auto& channel, int client) {
      return WriteProduct(channel, ours.token, client);
    };
    const Pairs pairs =
        report.Interleave([&] { return Rate(clients, connect, write, per_cpu); },
                          [&] {
                            one_row.push_back(RawCommits(*raw, [&](int64_t number) {
                              Insert(*raw, "INSERT INTO one (number, body) VALUES ($1, $2)", {number, body});
                            }));
                            return RawCommits(*raw, [&](int64_t number) { InsertChange(*raw, number); });
                          });
    Row row = TimesAtLeast(
        fmt::format("audited writes (a released change each), {} client{}", clients, clients == 1 ? "" : "s"),
        pairs, "writes/s", 0.5);
    row.note += fmt::format("; commits of one row of 2 kB: {:.0f}/s", Median(one_row));
    report.Add(row);
  }
}

}  // namespace sluice::bench
