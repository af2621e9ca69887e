#include "common/core/slice.h"

#include "common/core/text.h"

namespace sluice::core {

const SharedText& AnyHost() {
  static const SharedText any("*");
  return any;
}

std::string ProductSliceKey(std::string_view product, std::string_view customer) {
  return Cat("product/", product, "/", customer);
}

std::string ApplicationSliceKey(std::string_view application) { return Cat("application/", application); }

std::string Describe(const Acl& acl) {
  return Cat(acl.permission == Permission::kDeny ? "DENY " : "", acl.principal, " ", Name(acl.operation), " ",
             Name(acl.resource_type), " ", Name(acl.pattern_type), " ", acl.resource,
             acl.host == "*" ? "" : " from ", acl.host == "*" ? "" : acl.host);
}

std::string_view Name(ResourceType type) {
  switch (type) {
    case ResourceType::kTopic:
      return "topic";
    case ResourceType::kGroup:
      return "group";
    case ResourceType::kTransactionalId:
      return "transactional-id";
    case ResourceType::kCluster:
      return "cluster";
  }
  return "unknown";
}

std::string_view Name(PatternType type) { return type == PatternType::kLiteral ? "LITERAL" : "PREFIXED"; }

std::string_view Name(Operation operation) {
  switch (operation) {
    case Operation::kAll:
      return "ALL";
    case Operation::kRead:
      return "READ";
    case Operation::kWrite:
      return "WRITE";
    case Operation::kCreate:
      return "CREATE";
    case Operation::kDelete:
      return "DELETE";
    case Operation::kAlter:
      return "ALTER";
    case Operation::kDescribe:
      return "DESCRIBE";
    case Operation::kClusterAction:
      return "CLUSTER_ACTION";
    case Operation::kDescribeConfigs:
      return "DESCRIBE_CONFIGS";
    case Operation::kAlterConfigs:
      return "ALTER_CONFIGS";
    case Operation::kIdempotentWrite:
      return "IDEMPOTENT_WRITE";
    case Operation::kCreateTokens:
      return "CREATE_TOKENS";
    case Operation::kDescribeTokens:
      return "DESCRIBE_TOKENS";
    case Operation::kTwoPhaseCommit:
      return "TWO_PHASE_COMMIT";
  }
  return "UNKNOWN";
}

}  // namespace sluice::core
