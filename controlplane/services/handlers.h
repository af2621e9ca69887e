// Handlers of every unary method, each in the file of its resource. What they answer and refuse stands in the
// protos.
#pragma once

#include <absl/status/statusor.h>

#include "controlplane/services/context.h"
#include "sluice/v1/application.pb.h"
#include "sluice/v1/audit.pb.h"
#include "sluice/v1/category.pb.h"
#include "sluice/v1/change.pb.h"
#include "sluice/v1/cluster.pb.h"
#include "sluice/v1/customer.pb.h"
#include "sluice/v1/domain.pb.h"
#include "sluice/v1/environment.pb.h"
#include "sluice/v1/grant.pb.h"
#include "sluice/v1/lookup.pb.h"
#include "sluice/v1/product.pb.h"

namespace sluice::controlplane {

absl::StatusOr<v1::Environment> GetEnvironment(const Context&, const v1::GetEnvironmentRequest&);
absl::StatusOr<v1::ListEnvironmentsResponse> ListEnvironments(const Context&,
                                                              const v1::ListEnvironmentsRequest&);
absl::StatusOr<v1::Category> GetCategory(const Context&, const v1::GetCategoryRequest&);
absl::StatusOr<v1::ListCategoriesResponse> ListCategories(const Context&, const v1::ListCategoriesRequest&);
absl::StatusOr<v1::Domain> GetDomain(const Context&, const v1::GetDomainRequest&);
absl::StatusOr<v1::ListDomainsResponse> ListDomains(const Context&, const v1::ListDomainsRequest&);
absl::StatusOr<v1::Customer> GetCustomer(const Context&, const v1::GetCustomerRequest&);
absl::StatusOr<v1::ListCustomersResponse> ListCustomers(const Context&, const v1::ListCustomersRequest&);
absl::StatusOr<v1::Application> GetApplication(const Context&, const v1::GetApplicationRequest&);
absl::StatusOr<v1::ListApplicationsResponse> ListApplications(const Context&,
                                                              const v1::ListApplicationsRequest&);
absl::StatusOr<v1::Cluster> GetCluster(const Context&, const v1::GetClusterRequest&);
absl::StatusOr<v1::ListClustersResponse> ListClusters(const Context&, const v1::ListClustersRequest&);
absl::StatusOr<v1::DataProduct> GetDataProduct(const Context&, const v1::GetDataProductRequest&);
absl::StatusOr<v1::ListDataProductsResponse> ListDataProducts(const Context&,
                                                              const v1::ListDataProductsRequest&);
absl::StatusOr<v1::Grant> GetGrant(const Context&, const v1::GetGrantRequest&);
absl::StatusOr<v1::ListGrantsResponse> ListGrants(const Context&, const v1::ListGrantsRequest&);

absl::StatusOr<v1::ProposeChangeResponse> ProposeChange(const Context&, const v1::ProposeChangeRequest&);
absl::StatusOr<v1::Change> GetChange(const Context&, const v1::GetChangeRequest&);
absl::StatusOr<v1::ListChangesResponse> ListChanges(const Context&, const v1::ListChangesRequest&);
absl::StatusOr<v1::Change> ApproveChange(const Context&, const v1::ApproveChangeRequest&);
absl::StatusOr<v1::Change> RejectChange(const Context&, const v1::RejectChangeRequest&);
absl::StatusOr<v1::Change> WithdrawChange(const Context&, const v1::WithdrawChangeRequest&);

absl::StatusOr<v1::ListAuditEntriesResponse> ListAuditEntries(const Context&,
                                                              const v1::ListAuditEntriesRequest&);

absl::StatusOr<v1::WhoResponse> Who(const Context&, const v1::WhoRequest&);
absl::StatusOr<v1::ListApprovedSlicesResponse> ListApprovedSlices(const Context&,
                                                                  const v1::ListApprovedSlicesRequest&);
absl::StatusOr<v1::ExplainProductResponse> ExplainProduct(const Context&, const v1::ExplainProductRequest&);
absl::StatusOr<v1::ServerInfo> GetServerInfo(const Context&, const v1::GetServerInfoRequest&);

}  // namespace sluice::controlplane
