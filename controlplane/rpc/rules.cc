#include "controlplane/rpc/rules.h"

#include <algorithm>

namespace sluice::controlplane {

const std::vector<MethodRule>& MethodRules() {
  static const auto& rules = *new std::vector<MethodRule>{
      // Definitions: everybody who is somebody may read them.
      {"/sluice.v1.EnvironmentService/GetEnvironment", Rule::kPerson},
      {"/sluice.v1.EnvironmentService/ListEnvironments", Rule::kPerson},
      {"/sluice.v1.CategoryService/GetCategory", Rule::kPerson},
      {"/sluice.v1.CategoryService/ListCategories", Rule::kPerson},
      {"/sluice.v1.DomainService/GetDomain", Rule::kPerson},
      {"/sluice.v1.DomainService/ListDomains", Rule::kPerson},
      {"/sluice.v1.CustomerService/GetCustomer", Rule::kPerson},
      {"/sluice.v1.CustomerService/ListCustomers", Rule::kPerson},
      {"/sluice.v1.ApplicationService/GetApplication", Rule::kPerson},
      {"/sluice.v1.ApplicationService/ListApplications", Rule::kPerson},
      {"/sluice.v1.ClusterService/GetCluster", Rule::kPerson},
      {"/sluice.v1.ClusterService/ListClusters", Rule::kPerson},
      {"/sluice.v1.DataProductService/GetDataProduct", Rule::kPerson},
      {"/sluice.v1.DataProductService/ListDataProducts", Rule::kPerson},
      {"/sluice.v1.GrantService/GetGrant", Rule::kPerson},
      {"/sluice.v1.GrantService/ListGrants", Rule::kPerson},
      // Changes: everybody may propose; who must agree is the policy's business, who may end one the
      // handler's.
      {"/sluice.v1.ChangeService/ProposeChange", Rule::kPerson},
      {"/sluice.v1.ChangeService/GetChange", Rule::kPerson},
      {"/sluice.v1.ChangeService/ListChanges", Rule::kPerson},
      {"/sluice.v1.ChangeService/ApproveChange", Rule::kPerson},
      {"/sluice.v1.ChangeService/RejectChange", Rule::kPerson},
      {"/sluice.v1.ChangeService/WithdrawChange", Rule::kPerson},
      // Audit: roles see everything, others what they did themselves (services/audit.cc).
      {"/sluice.v1.AuditService/ListAuditEntries", Rule::kPerson},
      {"/sluice.v1.AuditService/TailAuditEntries", Rule::kPerson},
      {"/sluice.v1.LookupService/Who", Rule::kPerson},
      {"/sluice.v1.LookupService/ExplainProduct", Rule::kPerson},
      {"/sluice.v1.LookupService/GetServerInfo", Rule::kPerson},
      // Platform operators and auditors (services/approved.cc).
      {"/sluice.v1.LookupService/ListApprovedSlices", Rule::kPerson},
      // Agents: their own cluster only, from the certificate.
      {"/sluice.v1.AgentService/WatchDesired", Rule::kAgent},
      {"/sluice.v1.AgentService/ReportStatus", Rule::kAgent},
      // Health and reflection: the protos are public.
      {"/grpc.health.v1.Health/Check", Rule::kOpen},
      {"/grpc.health.v1.Health/Watch", Rule::kOpen},
      {"/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo", Rule::kOpen},
  };
  return rules;
}

const MethodRule* FindRule(std::string_view method) {
  const auto& rules = MethodRules();
  auto it =
      std::find_if(rules.begin(), rules.end(), [&](const MethodRule& rule) { return rule.method == method; });
  return it == rules.end() ? nullptr : &*it;
}

}  // namespace sluice::controlplane
