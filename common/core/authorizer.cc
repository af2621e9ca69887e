#include "common/core/authorizer.h"

namespace sluice::core {
namespace {

// StandardAuthorizerData.checkSection: literal name, literal `*`, or a prefix.
bool CoversResource(const Acl& acl, const AccessRequest& request) {
  if (acl.resource_type != request.resource_type) return false;
  if (acl.pattern_type == PatternType::kPrefixed) return request.resource.starts_with(acl.resource);
  return acl.resource == "*" || acl.resource == request.resource;
}

// StandardAuthorizerData.matchingPrincipals: the caller and `User:*`; hosts are exact or `*`.
bool CoversCaller(const Acl& acl, const AccessRequest& request) {
  return (acl.principal == request.principal || acl.principal == "User:*") &&
         (acl.host == "*" || acl.host == request.host);
}

// StandardAuthorizerData.findResult: operations imply others in ALLOW rules only.
bool CoversOperation(const Acl& acl, Operation wanted) {
  if (acl.operation == Operation::kAll || acl.operation == wanted) return true;
  if (acl.permission == Permission::kDeny) return false;
  switch (wanted) {
    case Operation::kDescribe:
      return acl.operation == Operation::kRead || acl.operation == Operation::kWrite ||
             acl.operation == Operation::kDelete || acl.operation == Operation::kAlter;
    case Operation::kDescribeConfigs:
      return acl.operation == Operation::kAlterConfigs;
    default:
      return false;
  }
}

}  // namespace

bool Authorize(const std::set<Acl>& acls, const AuthorizerSettings& settings, const AccessRequest& request) {
  if (settings.super_users.contains(request.principal)) return true;
  bool resource_has_acls = false;
  bool allowed = false;
  for (const Acl& acl : acls) {
    if (!CoversResource(acl, request)) continue;
    resource_has_acls = true;
    if (!CoversCaller(acl, request) || !CoversOperation(acl, request.operation)) continue;
    if (acl.permission == Permission::kDeny) return false;
    allowed = true;
  }
  return allowed || (!resource_has_acls && settings.allow_everyone_if_no_acl);
}

}  // namespace sluice::core
