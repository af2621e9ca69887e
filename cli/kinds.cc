#include "cli/kinds.h"

#include <absl/strings/ascii.h>
#include <fmt/format.h>

#include "common/core/text.h"
#include "sluice/v1/application.grpc.pb.h"
#include "sluice/v1/category.grpc.pb.h"
#include "sluice/v1/cluster.grpc.pb.h"
#include "sluice/v1/customer.grpc.pb.h"
#include "sluice/v1/domain.grpc.pb.h"
#include "sluice/v1/environment.grpc.pb.h"
#include "sluice/v1/grant.grpc.pb.h"
#include "sluice/v1/product.grpc.pb.h"

namespace sluice::cli {
namespace {

namespace v1 = sluice::v1;

constexpr int kPage = 1000;  // the largest that servers give

// Views and filters, of requests that have them.
template <typename Request>
void SetView(Request&, View) {}
void SetView(v1::GetDataProductRequest& request, View view) {
  request.set_view(view == View::kFull ? v1::PRODUCT_VIEW_FULL : v1::PRODUCT_VIEW_BASIC);
}
template <typename Request>
void SetFilter(Request&, const ListFilter&) {}
void SetFilter(v1::ListGrantsRequest& request, const ListFilter& filter) {
  request.set_product(filter.product);
  request.set_application(filter.application);
}

template <typename Stub, typename Message, typename GetRequest, typename ListRequest, typename ListResponse>
struct Methods {
  grpc::Status (Stub::*get)(grpc::ClientContext*, const GetRequest&, Message*);
  grpc::Status (Stub::*list)(grpc::ClientContext*, const ListRequest&, ListResponse*);
  google::protobuf::RepeatedPtrField<Message>* (ListResponse::*page)();
  Message* (v1::Resource::*place)();
};

struct Words {
  std::string name, plural;
  std::vector<std::string> aliases;
};

template <typename Stub, typename Message, typename GetRequest, typename ListRequest, typename ListResponse>
KindAccess Row(Words words, Methods<Stub, Message, GetRequest, ListRequest, ListResponse> methods,
               Table (*table)(const std::vector<v1::Resource>&, Time)) {
  KindAccess row;
  row.name = std::move(words.name);
  row.plural = std::move(words.plural);
  row.aliases = std::move(words.aliases);
  row.table = table;
  row.named = [methods](const std::string& name) {
    v1::Resource resource;
    (resource.*methods.place)()->set_name(name);
    return resource;
  };
  row.get = [methods](Client& client, const std::string& name, View view) -> absl::StatusOr<v1::Resource> {
    GetRequest request;
    request.set_name(name);
    SetView(request, view);
    absl::StatusOr<Message> message = client.Call(methods.get, request);
    if (!message.ok()) return message.status();
    v1::Resource resource;
    *(resource.*methods.place)() = *std::move(message);
    return resource;
  };
  row.list = [methods](Client& client,
                       const ListFilter& filter) -> absl::StatusOr<std::vector<v1::Resource>> {
    std::vector<v1::Resource> resources;
    ListRequest request;
    request.set_page_size(kPage);
    SetFilter(request, filter);
    while (true) {
      absl::StatusOr<ListResponse> response = client.Call(methods.list, request);
      if (!response.ok()) return response.status();
      for (Message& message : *((*response).*methods.page)()) {
        (resources.emplace_back().*methods.place)()->Swap(&message);
      }
      if (response->next_page_token().empty()) return resources;
      request.set_page_token(response->next_page_token());
    }
  };
  return row;
}

template <typename Stub, typename Message, typename GetRequest, typename ListRequest, typename ListResponse>
Methods<Stub, Message, GetRequest, ListRequest, ListResponse> Of(
    grpc::Status (Stub::*get)(grpc::ClientContext*, const GetRequest&, Message*),
    grpc::Status (Stub::*list)(grpc::ClientContext*, const ListRequest&, ListResponse*),
    google::protobuf::RepeatedPtrField<Message>* (ListResponse::*page)(), Message* (v1::Resource::*place)()) {
  return {get, list, page, place};
}

std::vector<KindAccess> MakeKinds() {
  using Environments = v1::EnvironmentService::Stub;
  using Categories = v1::CategoryService::Stub;
  using Domains = v1::DomainService::Stub;
  using Customers = v1::CustomerService::Stub;
  using Applications = v1::ApplicationService::Stub;
  using Clusters = v1::ClusterService::Stub;
  using Products = v1::DataProductService::Stub;
  using Grants = v1::GrantService::Stub;
  using R = v1::Resource;
  return {
      Row({"product", "products", {"dataproduct", "dataproducts", "data_product", "dp"}},
          Of(&Products::GetDataProduct, &Products::ListDataProducts,
             &v1::ListDataProductsResponse::mutable_data_products, &R::mutable_data_product),
          ProductTable),
      Row({"grant", "grants", {}},
          Of(&Grants::GetGrant, &Grants::ListGrants, &v1::ListGrantsResponse::mutable_grants,
             &R::mutable_grant),
          GrantTable),
      Row({"application", "applications", {"app", "apps"}},
          Of(&Applications::GetApplication, &Applications::ListApplications,
             &v1::ListApplicationsResponse::mutable_applications, &R::mutable_application),
          ApplicationTable),
      Row({"customer", "customers", {}},
          Of(&Customers::GetCustomer, &Customers::ListCustomers,
             &v1::ListCustomersResponse::mutable_customers, &R::mutable_customer),
          CustomerTable),
      Row({"cluster", "clusters", {}},
          Of(&Clusters::GetCluster, &Clusters::ListClusters, &v1::ListClustersResponse::mutable_clusters,
             &R::mutable_cluster),
          ClusterTable),
      Row({"domain", "domains", {}},
          Of(&Domains::GetDomain, &Domains::ListDomains, &v1::ListDomainsResponse::mutable_domains,
             &R::mutable_domain),
          DomainTable),
      Row({"category", "categories", {}},
          Of(&Categories::GetCategory, &Categories::ListCategories,
             &v1::ListCategoriesResponse::mutable_categories, &R::mutable_category),
          CategoryTable),
      Row({"environment", "environments", {"env", "envs"}},
          Of(&Environments::GetEnvironment, &Environments::ListEnvironments,
             &v1::ListEnvironmentsResponse::mutable_environments, &R::mutable_environment),
          EnvironmentTable),
  };
}

}  // namespace

const std::vector<KindAccess>& Kinds() {
  static const std::vector<KindAccess> kinds = MakeKinds();
  return kinds;
}

const KindAccess* FindKind(std::string_view word) {
  std::string wanted = absl::AsciiStrToLower(std::string(word));
  for (const KindAccess& kind : Kinds()) {
    if (wanted == kind.name || wanted == kind.plural) return &kind;
    if (std::find(kind.aliases.begin(), kind.aliases.end(), wanted) != kind.aliases.end()) return &kind;
  }
  return nullptr;
}

bool IsChangeKind(std::string_view word) {
  std::string wanted = absl::AsciiStrToLower(std::string(word));
  return wanted == "change" || wanted == "changes";
}

std::string UnknownKind(std::string_view word) {
  std::vector<std::string> known = {"changes"};
  for (const KindAccess& kind : Kinds()) known.push_back(kind.plural);
  std::string nearest = core::Nearest(word, known);
  if (!nearest.empty()) return fmt::format("unknown kind {}; did you mean {}?", core::Quote(word), nearest);
  return fmt::format("unknown kind {}; known are {}", core::Quote(word), core::List(known));
}

}  // namespace sluice::cli
