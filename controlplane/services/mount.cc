#include "controlplane/services/mount.h"

#include "common/log/log.h"
#include "controlplane/services/audit.h"
#include "controlplane/services/handlers.h"
#include "sluice/v1/application.grpc.pb.h"
#include "sluice/v1/audit.grpc.pb.h"
#include "sluice/v1/category.grpc.pb.h"
#include "sluice/v1/change.grpc.pb.h"
#include "sluice/v1/cluster.grpc.pb.h"
#include "sluice/v1/customer.grpc.pb.h"
#include "sluice/v1/domain.grpc.pb.h"
#include "sluice/v1/environment.grpc.pb.h"
#include "sluice/v1/grant.grpc.pb.h"
#include "sluice/v1/lookup.grpc.pb.h"
#include "sluice/v1/product.grpc.pb.h"

namespace sluice::controlplane {
namespace {

using Reactor = grpc::ServerUnaryReactor;
using Call = grpc::CallbackServerContext;

constexpr size_t kPumpThreads = 2;
constexpr size_t kMaxRefusal = 1000;  // what a caller sent may be in it

// What every service needs to pass a call on.
class Mounted {
 public:
  Mounted(const Dependencies& server, Gate& gate) : dependencies_(server), gate_(gate) {}

 protected:
  template <typename Request, typename Response>
  Reactor* Serve(Call* call, const Request* request, Response* response,
                 absl::StatusOr<Response> (*handler)(const Context&, const Request&),
                 Gate::Where where = Gate::Where::kPool) {
    return gate_.Serve(
        call, request, response,
        [this, handler](const Caller& caller, const Request& wanted) {
          return handler(Context{dependencies_, caller}, wanted);
        },
        where);
  }
  // For handlers that read one definition.
  template <typename Request, typename Response>
  Reactor* ServeHere(Call* call, const Request* request, Response* response,
                     absl::StatusOr<Response> (*handler)(const Context&, const Request&)) {
    return Serve(call, request, response, handler, Gate::Where::kHere);
  }

  const Dependencies& dependencies_;
  Gate& gate_;
};

class EnvironmentRpc final : public v1::EnvironmentService::CallbackService, Mounted {
 public:
  using Mounted::Mounted;
  Reactor* GetEnvironment(Call* call, const v1::GetEnvironmentRequest* request,
                          v1::Environment* response) override {
    return ServeHere(call, request, response, &controlplane::GetEnvironment);
  }
  Reactor* ListEnvironments(Call* call, const v1::ListEnvironmentsRequest* request,
                            v1::ListEnvironmentsResponse* response) override {
    return Serve(call, request, response, &controlplane::ListEnvironments);
  }
};

class CategoryRpc final : public v1::CategoryService::CallbackService, Mounted {
 public:
  using Mounted::Mounted;
  Reactor* GetCategory(Call* call, const v1::GetCategoryRequest* request, v1::Category* response) override {
    return ServeHere(call, request, response, &controlplane::GetCategory);
  }
  Reactor* ListCategories(Call* call, const v1::ListCategoriesRequest* request,
                          v1::ListCategoriesResponse* response) override {
    return Serve(call, request, response, &controlplane::ListCategories);
  }
};

class DomainRpc final : public v1::DomainService::CallbackService, Mounted {
 public:
  using Mounted::Mounted;
  Reactor* GetDomain(Call* call, const v1::GetDomainRequest* request, v1::Domain* response) override {
    return ServeHere(call, request, response, &controlplane::GetDomain);
  }
  Reactor* ListDomains(Call* call, const v1::ListDomainsRequest* request,
                       v1::ListDomainsResponse* response) override {
    return Serve(call, request, response, &controlplane::ListDomains);
  }
};

class CustomerRpc final : public v1::CustomerService::CallbackService, Mounted {
 public:
  using Mounted::Mounted;
  Reactor* GetCustomer(Call* call, const v1::GetCustomerRequest* request, v1::Customer* response) override {
    return ServeHere(call, request, response, &controlplane::GetCustomer);
  }
  Reactor* ListCustomers(Call* call, const v1::ListCustomersRequest* request,
                         v1::ListCustomersResponse* response) override {
    return Serve(call, request, response, &controlplane::ListCustomers);
  }
};

class ApplicationRpc final : public v1::ApplicationService::CallbackService, Mounted {
 public:
  using Mounted::Mounted;
  Reactor* GetApplication(Call* call, const v1::GetApplicationRequest* request,
                          v1::Application* response) override {
    return Serve(call, request, response, &controlplane::GetApplication);
  }
  Reactor* ListApplications(Call* call, const v1::ListApplicationsRequest* request,
                            v1::ListApplicationsResponse* response) override {
    return Serve(call, request, response, &controlplane::ListApplications);
  }
};

class ClusterRpc final : public v1::ClusterService::CallbackService, Mounted {
 public:
  using Mounted::Mounted;
  Reactor* GetCluster(Call* call, const v1::GetClusterRequest* request, v1::Cluster* response) override {
    return Serve(call, request, response, &controlplane::GetCluster);
  }
  Reactor* ListClusters(Call* call, const v1::ListClustersRequest* request,
                        v1::ListClustersResponse* response) override {
    return Serve(call, request, response, &controlplane::ListClusters);
  }
};

class DataProductRpc final : public v1::DataProductService::CallbackService, Mounted {
 public:
  using Mounted::Mounted;
  Reactor* GetDataProduct(Call* call, const v1::GetDataProductRequest* request,
                          v1::DataProduct* response) override {
    return Serve(call, request, response, &controlplane::GetDataProduct);
  }
  Reactor* ListDataProducts(Call* call, const v1::ListDataProductsRequest* request,
                            v1::ListDataProductsResponse* response) override {
    return Serve(call, request, response, &controlplane::ListDataProducts);
  }
};

class GrantRpc final : public v1::GrantService::CallbackService, Mounted {
 public:
  using Mounted::Mounted;
  Reactor* GetGrant(Call* call, const v1::GetGrantRequest* request, v1::Grant* response) override {
    return ServeHere(call, request, response, &controlplane::GetGrant);
  }
  Reactor* ListGrants(Call* call, const v1::ListGrantsRequest* request,
                      v1::ListGrantsResponse* response) override {
    return Serve(call, request, response, &controlplane::ListGrants);
  }
};

class ChangeRpc final : public v1::ChangeService::CallbackService, Mounted {
 public:
  using Mounted::Mounted;
  Reactor* ProposeChange(Call* call, const v1::ProposeChangeRequest* request,
                         v1::ProposeChangeResponse* response) override {
    return Serve(call, request, response, &controlplane::ProposeChange);
  }
  Reactor* GetChange(Call* call, const v1::GetChangeRequest* request, v1::Change* response) override {
    return Serve(call, request, response, &controlplane::GetChange);
  }
  Reactor* ListChanges(Call* call, const v1::ListChangesRequest* request,
                       v1::ListChangesResponse* response) override {
    return Serve(call, request, response, &controlplane::ListChanges);
  }
  Reactor* ApproveChange(Call* call, const v1::ApproveChangeRequest* request, v1::Change* response) override {
    return Serve(call, request, response, &controlplane::ApproveChange);
  }
  Reactor* RejectChange(Call* call, const v1::RejectChangeRequest* request, v1::Change* response) override {
    return Serve(call, request, response, &controlplane::RejectChange);
  }
  Reactor* WithdrawChange(Call* call, const v1::WithdrawChangeRequest* request,
                          v1::Change* response) override {
    return Serve(call, request, response, &controlplane::WithdrawChange);
  }
};

class AuditRpc final : public v1::AuditService::CallbackService, Mounted {
 public:
  AuditRpc(const Dependencies& server, Gate& gate, Deadlines& deadlines)
      : Mounted(server, gate), deadlines_(deadlines) {}
  Reactor* ListAuditEntries(Call* call, const v1::ListAuditEntriesRequest* request,
                            v1::ListAuditEntriesResponse* response) override {
    return Serve(call, request, response, &controlplane::ListAuditEntries);
  }
  grpc::ServerWriteReactor<v1::TailAuditEntriesResponse>* TailAuditEntries(
      Call* call, const v1::TailAuditEntriesRequest* request) override {
    return controlplane::TailAuditEntries(dependencies_, gate_, {deadlines_, pumps_}, call, *request);
  }

 private:
  Deadlines& deadlines_;
  Executor pumps_{kPumpThreads, OpenStreams::kMaxOfAll};  // so that calls do not wait behind those who follow
};

class LookupRpc final : public v1::LookupService::CallbackService, Mounted {
 public:
  using Mounted::Mounted;
  Reactor* Who(Call* call, const v1::WhoRequest* request, v1::WhoResponse* response) override {
    return Serve(call, request, response, &controlplane::Who);
  }
  Reactor* ListApprovedSlices(Call* call, const v1::ListApprovedSlicesRequest* request,
                              v1::ListApprovedSlicesResponse* response) override {
    return Serve(call, request, response, &controlplane::ListApprovedSlices);
  }
  Reactor* ExplainProduct(Call* call, const v1::ExplainProductRequest* request,
                          v1::ExplainProductResponse* response) override {
    return Serve(call, request, response, &controlplane::ExplainProduct);
  }
  Reactor* GetServerInfo(Call* call, const v1::GetServerInfoRequest* request,
                         v1::ServerInfo* response) override {
    return Serve(call, request, response, &controlplane::GetServerInfo);
  }
};

}  // namespace

std::vector<std::unique_ptr<grpc::Service>> PublicServices(const Dependencies& server, Gate& gate,
                                                           Deadlines& deadlines) {
  std::vector<std::unique_ptr<grpc::Service>> services;
  services.push_back(std::make_unique<EnvironmentRpc>(server, gate));
  services.push_back(std::make_unique<CategoryRpc>(server, gate));
  services.push_back(std::make_unique<DomainRpc>(server, gate));
  services.push_back(std::make_unique<CustomerRpc>(server, gate));
  services.push_back(std::make_unique<ApplicationRpc>(server, gate));
  services.push_back(std::make_unique<ClusterRpc>(server, gate));
  services.push_back(std::make_unique<DataProductRpc>(server, gate));
  services.push_back(std::make_unique<GrantRpc>(server, gate));
  services.push_back(std::make_unique<ChangeRpc>(server, gate));
  services.push_back(std::make_unique<AuditRpc>(server, gate, deadlines));
  services.push_back(std::make_unique<LookupRpc>(server, gate));
  return services;
}

RefusalAuditor AuditRefusalsIn(Store& store) {
  return [&store](const Caller& caller, std::string_view method, const absl::Status& refusal) {
    const absl::Status status = store.Write([&](Transaction& transaction) -> absl::Status {
      AuditDraft entry{
          .actor = "agent:" + caller.cluster,
          .action = "access.refused",
          .resources = {},
          .change = "",
          .cluster = caller.cluster,
          .message = Cut(std::string(method) + ": " + std::string(refusal.message()), kMaxRefusal),
          .details_json = ""};
      if (caller.type == Caller::Type::kPerson) {
        absl::StatusOr<std::string> actor =
            transaction.ActorId(caller.issuer, caller.subject, caller.display_name);
        if (!actor.ok()) return actor.status();
        entry.actor = *actor;
      }
      return transaction.Audit(entry);
    });
    if (!status.ok())
      log::Error("a refusal could not be audited", {{"reason", std::string(status.message())}});
  };
}

}  // namespace sluice::controlplane
