// What tests of commands share: a control plane within the process that answers as a test says, and commands run against it.
#pragma once

#include <functional>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "cli/command_line.h"
#include "cli/session.h"
#include "sluice/v1/audit.grpc.pb.h"
#include "sluice/v1/change.grpc.pb.h"
#include "sluice/v1/cluster.grpc.pb.h"
#include "sluice/v1/lookup.grpc.pb.h"
#include "sluice/v1/product.grpc.pb.h"

namespace sluice::cli {

template <typename Request, typename Response>
using Answer = std::function<grpc::Status(grpc::ServerContext*, const Request&, Response*)>;

// Methods without an answer are UNIMPLEMENTED.
struct FakeControlPlane final : v1::ChangeService::Service {
  Answer<v1::ProposeChangeRequest, v1::ProposeChangeResponse> propose;
  Answer<v1::GetChangeRequest, v1::Change> get_change;
  Answer<v1::ListChangesRequest, v1::ListChangesResponse> list_changes;
  Answer<v1::ApproveChangeRequest, v1::Change> approve;

  grpc::Status ProposeChange(grpc::ServerContext* c, const v1::ProposeChangeRequest* q, v1::ProposeChangeResponse* r) override {
    return propose ? propose(c, *q, r) : grpc::Status(grpc::StatusCode::UNIMPLEMENTED, "");
  }
  grpc::Status GetChange(grpc::ServerContext* c, const v1::GetChangeRequest* q, v1::Change* r) override {
    return get_change ? get_change(c, *q, r) : grpc::Status(grpc::StatusCode::UNIMPLEMENTED, "");
  }
  grpc::Status ListChanges(grpc::ServerContext* c, const v1::ListChangesRequest* q, v1::ListChangesResponse* r) override {
    return list_changes ? list_changes(c, *q, r) : grpc::Status(grpc::StatusCode::UNIMPLEMENTED, "");
  }
  grpc::Status ApproveChange(grpc::ServerContext* c, const v1::ApproveChangeRequest* q, v1::Change* r) override {
    return approve ? approve(c, *q, r) : grpc::Status(grpc::StatusCode::UNIMPLEMENTED, "");
  }
};

struct FakeProducts final : v1::DataProductService::Service {
  Answer<v1::ListDataProductsRequest, v1::ListDataProductsResponse> list;
  Answer<v1::GetDataProductRequest, v1::DataProduct> get;
  grpc::Status ListDataProducts(grpc::ServerContext* c, const v1::ListDataProductsRequest* q,
                                v1::ListDataProductsResponse* r) override {
    return list ? list(c, *q, r) : grpc::Status(grpc::StatusCode::UNIMPLEMENTED, "");
  }
  grpc::Status GetDataProduct(grpc::ServerContext* c, const v1::GetDataProductRequest* q, v1::DataProduct* r) override {
    return get ? get(c, *q, r) : grpc::Status(grpc::StatusCode::UNIMPLEMENTED, "");
  }
};

struct Ran {
  ExitCode code;
  std::string out, err;
};

class Bench {
 public:
  Bench() {
    grpc::ServerBuilder builder;
    builder.RegisterService(&server);
    builder.RegisterService(&products);
    running_ = builder.BuildAndStart();
  }
  ~Bench() { running_->Shutdown(); }

  // One command at 2026-11-22 00:00 UTC, sleeping on the fake clock.
  Ran Run(const std::vector<std::string>& words, const std::string& input = "") {
    Invocation invocation = ParseCommandLine(words);
    if (!invocation.command) return {invocation.code, "", invocation.text};
    std::istringstream in(input);
    std::ostringstream out, err;
    Session session{.terminal = {.in = in, .out = out, .err = err, .in_is_terminal = in_is_terminal},
                    .options = invocation.options,
                    .clock = clock,
                    .sleep = [this](std::chrono::milliseconds time) { clock.Advance(time); },
                    .connect = [this]() -> absl::StatusOr<std::shared_ptr<Client>> {
                      if (!reachable.ok()) return reachable;
                      ClientOptions options{.name = "test", .sleep = [this](std::chrono::milliseconds time) { clock.Advance(time); }};
                      return std::make_shared<Client>(running_->InProcessChannel({}), options);
                    }};
    ExitCode code = invocation.command(session);
    return {code, out.str(), err.str()};
  }

  FakeControlPlane server;
  FakeProducts products;
  FakeClock clock{Time(std::chrono::microseconds(1'795'305'600'000'000))};
  bool in_is_terminal = false;
  absl::Status reachable;

 private:
  std::unique_ptr<grpc::Server> running_;
};

}  // namespace sluice::cli
