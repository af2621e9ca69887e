// What tests of commands share: a control plane within the process that answers as a test says, and commands
// run against it.
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
#include "sluice/v1/grant.grpc.pb.h"
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

  grpc::Status ProposeChange(grpc::ServerContext* c, const v1::ProposeChangeRequest* q,
                             v1::ProposeChangeResponse* r) override {
    return propose ? propose(c, *q, r) : grpc::Status(grpc::StatusCode::UNIMPLEMENTED, "");
  }
  grpc::Status GetChange(grpc::ServerContext* c, const v1::GetChangeRequest* q, v1::Change* r) override {
    return get_change ? get_change(c, *q, r) : grpc::Status(grpc::StatusCode::UNIMPLEMENTED, "");
  }
  grpc::Status ListChanges(grpc::ServerContext* c, const v1::ListChangesRequest* q,
                           v1::ListChangesResponse* r) override {
    return list_changes ? list_changes(c, *q, r) : grpc::Status(grpc::StatusCode::UNIMPLEMENTED, "");
  }
  grpc::Status ApproveChange(grpc::ServerContext* c, const v1::ApproveChangeRequest* q,
                             v1::Change* r) override {
    return approve ? approve(c, *q, r) : grpc::Status(grpc::StatusCode::UNIMPLEMENTED, "");
  }
};

struct FakeGrants final : v1::GrantService::Service {
  Answer<v1::GetGrantRequest, v1::Grant> get;
  grpc::Status GetGrant(grpc::ServerContext* c, const v1::GetGrantRequest* q, v1::Grant* r) override {
    return get ? get(c, *q, r) : grpc::Status(grpc::StatusCode::UNIMPLEMENTED, "");
  }
};

struct FakeProducts final : v1::DataProductService::Service {
  Answer<v1::ListDataProductsRequest, v1::ListDataProductsResponse> list;
  Answer<v1::GetDataProductRequest, v1::DataProduct> get;
  grpc::Status ListDataProducts(grpc::ServerContext* c, const v1::ListDataProductsRequest* q,
                                v1::ListDataProductsResponse* r) override {
    return list ? list(c, *q, r) : grpc::Status(grpc::StatusCode::UNIMPLEMENTED, "");
  }
  grpc::Status GetDataProduct(grpc::ServerContext* c, const v1::GetDataProductRequest* q,
                              v1::DataProduct* r) override {
    return get ? get(c, *q, r) : grpc::Status(grpc::StatusCode::UNIMPLEMENTED, "");
  }
};

struct FakeAudit final : v1::AuditService::Service {
  Answer<v1::ListAuditEntriesRequest, v1::ListAuditEntriesResponse> list;
  std::function<grpc::Status(const v1::TailAuditEntriesRequest&,
                             grpc::ServerWriter<v1::TailAuditEntriesResponse>*)>
      tail;
  grpc::Status ListAuditEntries(grpc::ServerContext* c, const v1::ListAuditEntriesRequest* q,
                                v1::ListAuditEntriesResponse* r) override {
    return list ? list(c, *q, r) : grpc::Status(grpc::StatusCode::UNIMPLEMENTED, "");
  }
  grpc::Status TailAuditEntries(grpc::ServerContext*, const v1::TailAuditEntriesRequest* q,
                                grpc::ServerWriter<v1::TailAuditEntriesResponse>* w) override {
    return tail ? tail(*q, w) : grpc::Status(grpc::StatusCode::UNIMPLEMENTED, "");
  }
};

struct FakeLookup final : v1::LookupService::Service {
  Answer<v1::ExplainProductRequest, v1::ExplainProductResponse> explain;
  grpc::Status ExplainProduct(grpc::ServerContext* c, const v1::ExplainProductRequest* q,
                              v1::ExplainProductResponse* r) override {
    return explain ? explain(c, *q, r) : grpc::Status(grpc::StatusCode::UNIMPLEMENTED, "");
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
    builder.RegisterService(&grants);
    builder.RegisterService(&audit);
    builder.RegisterService(&lookup);
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
                      ClientOptions options{.name = "test", .sleep = [this](std::chrono::milliseconds time) {
                                              clock.Advance(time);
                                            }};
                      return std::make_shared<Client>(running_->InProcessChannel({}), options);
                    }};
    ExitCode code = invocation.command(session);
    return {code, out.str(), err.str()};
  }

  FakeControlPlane server;
  FakeProducts products;
  FakeGrants grants;
  FakeAudit audit;
  FakeLookup lookup;
  FakeClock clock{Time(std::chrono::microseconds(1'795'305'600'000'000))};
  bool in_is_terminal = false;
  absl::Status reachable;

 private:
  std::unique_ptr<grpc::Server> running_;
};

// A new product on two clusters that waits for two groups.
inline v1::Change Waiting() {
  v1::Change change;
  change.set_name("C-41");
  change.set_state(v1::Change::STATE_WAITING);
  change.set_summary("f-and-r.demand-forecast new");
  change.set_class_(v1::CHANGE_CLASS_NEW_PRODUCT);
  change.set_digest(std::string(64, 'a'));
  change.set_caller_may_approve_as("review board");
  v1::ClusterPlan* plan = change.add_plans();
  plan->set_cluster("eu-prod");
  plan->set_topics(2);
  plan->set_subjects(2);
  plan->set_acls_added(5);
  plan->set_step_count(2);
  plan->mutable_acls()->set_before(9572);
  plan->mutable_acls()->set_after(9577);
  plan->mutable_acls()->set_limit(10000);
  plan->mutable_last_seen()->set_seconds(1'795'305'590);
  v1::PlanStep* step = plan->add_steps();
  step->set_action(v1::STEP_ACTION_CREATE);
  step->set_resource_type("topic");
  step->set_resource("acme.f-and-r.forecast.demand-forecast.events");
  step->set_after("1 partition");
  step = plan->add_steps();
  step->set_action(v1::STEP_ACTION_UPDATE);
  step->set_resource_type("config");
  step->set_resource("acme.x retention.ms");
  step->set_before("1");
  step->set_after("2");
  plan = change.add_plans();
  plan->set_cluster("us-prod");
  plan->set_topics(1);
  plan->mutable_last_seen()->set_seconds(1'795'305'600 - 3 * 3600);
  for (const char* group : {"group:ii-sig", "group:fr-leads"}) {
    v1::Requirement* requirement = change.add_requirements();
    requirement->set_rule("new-product");
    requirement->add_any_of(group);
  }
  return change;
}

}  // namespace sluice::cli
