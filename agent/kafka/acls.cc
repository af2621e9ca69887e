// ACLs and topic IDs: the core's words and librdkafka's.
#include <array>
#include <utility>

#include "agent/kafka/rd.h"

namespace sluice::agent::kafka {
namespace {

using core::Operation;

template <typename Ours, typename Theirs, size_t kSize>
using Words = std::array<std::pair<Ours, Theirs>, kSize>;

constexpr Words<core::ResourceType, rd_kafka_ResourceType_t, 4> kResourceTypes = {{
    {core::ResourceType::kTopic, RD_KAFKA_RESOURCE_TOPIC},
    {core::ResourceType::kGroup, RD_KAFKA_RESOURCE_GROUP},
    {core::ResourceType::kTransactionalId, RD_KAFKA_RESOURCE_TRANSACTIONAL_ID},
    {core::ResourceType::kCluster, RD_KAFKA_RESOURCE_BROKER},  // the name that librdkafka has for type 4
}};

constexpr Words<core::PatternType, rd_kafka_ResourcePatternType_t, 2> kPatternTypes = {{
    {core::PatternType::kLiteral, RD_KAFKA_RESOURCE_PATTERN_LITERAL},
    {core::PatternType::kPrefixed, RD_KAFKA_RESOURCE_PATTERN_PREFIXED},
}};

constexpr Words<Operation, rd_kafka_AclOperation_t, 11> kOperations = {{
    {Operation::kAll, RD_KAFKA_ACL_OPERATION_ALL},
    {Operation::kRead, RD_KAFKA_ACL_OPERATION_READ},
    {Operation::kWrite, RD_KAFKA_ACL_OPERATION_WRITE},
    {Operation::kCreate, RD_KAFKA_ACL_OPERATION_CREATE},
    {Operation::kDelete, RD_KAFKA_ACL_OPERATION_DELETE},
    {Operation::kAlter, RD_KAFKA_ACL_OPERATION_ALTER},
    {Operation::kDescribe, RD_KAFKA_ACL_OPERATION_DESCRIBE},
    {Operation::kClusterAction, RD_KAFKA_ACL_OPERATION_CLUSTER_ACTION},
    {Operation::kDescribeConfigs, RD_KAFKA_ACL_OPERATION_DESCRIBE_CONFIGS},
    {Operation::kAlterConfigs, RD_KAFKA_ACL_OPERATION_ALTER_CONFIGS},
    {Operation::kIdempotentWrite, RD_KAFKA_ACL_OPERATION_IDEMPOTENT_WRITE},
}};

constexpr Words<core::Permission, rd_kafka_AclPermissionType_t, 2> kPermissions = {{
    {core::Permission::kAllow, RD_KAFKA_ACL_PERMISSION_TYPE_ALLOW},
    {core::Permission::kDeny, RD_KAFKA_ACL_PERMISSION_TYPE_DENY},
}};

template <typename Table, typename Ours>
auto Theirs(const Table& table, Ours ours) -> std::optional<decltype(table[0].second)> {
  for (const auto& [mine, their] : table) {
    if (mine == ours) return their;
  }
  return std::nullopt;
}

template <typename Table, typename Their>
auto Ours(const Table& table, Their their) -> std::optional<decltype(table[0].first)> {
  for (const auto& [mine, other] : table) {
    if (other == their) return mine;
  }
  return std::nullopt;
}

using Make = decltype(&rd_kafka_AclBinding_new);

AclPtr Bind(Make make, const core::Acl& acl) {
  const auto operation = Theirs(kOperations, acl.operation);
  // In a filter an empty field could be taken for "any".
  if (!operation.has_value() || acl.resource.empty() || acl.principal.empty() || acl.host.empty())
    return nullptr;
  return AclPtr(make(*Theirs(kResourceTypes, acl.resource_type), acl.resource.c_str(),
                     *Theirs(kPatternTypes, acl.pattern_type), acl.principal.c_str(), acl.host.c_str(),
                     *operation, *Theirs(kPermissions, acl.permission), nullptr, 0));
}

std::string Text(const char* text) { return text == nullptr ? std::string() : std::string(text); }

}  // namespace

AclPtr ToBinding(const core::Acl& acl) { return Bind(&rd_kafka_AclBinding_new, acl); }

AclPtr ToFilter(const core::Acl& acl) { return Bind(&rd_kafka_AclBindingFilter_new, acl); }

AclPtr ToFilter(const AclFilter& filter) {
  rd_kafka_ResourceType_t type = RD_KAFKA_RESOURCE_ANY;
  if (filter.resource_type.has_value()) type = *Theirs(kResourceTypes, *filter.resource_type);
  rd_kafka_ResourcePatternType_t pattern = RD_KAFKA_RESOURCE_PATTERN_ANY;
  if (filter.pattern_type.has_value()) pattern = *Theirs(kPatternTypes, *filter.pattern_type);
  if (filter.applies_to.has_value()) pattern = RD_KAFKA_RESOURCE_PATTERN_MATCH;
  rd_kafka_AclOperation_t operation = RD_KAFKA_ACL_OPERATION_ANY;
  if (filter.operation.has_value()) {
    const auto theirs = Theirs(kOperations, *filter.operation);
    if (!theirs.has_value()) return nullptr;
    operation = *theirs;
  }
  return AclPtr(rd_kafka_AclBindingFilter_new(
      type, filter.applies_to.has_value() ? filter.applies_to->c_str() : nullptr, pattern, nullptr, nullptr,
      operation, RD_KAFKA_ACL_PERMISSION_TYPE_ANY, nullptr, 0));
}

std::optional<core::Acl> ToAcl(const rd_kafka_AclBinding_t* binding) {
  const auto type = Ours(kResourceTypes, rd_kafka_AclBinding_restype(binding));
  const auto pattern = Ours(kPatternTypes, rd_kafka_AclBinding_resource_pattern_type(binding));
  const auto operation = Ours(kOperations, rd_kafka_AclBinding_operation(binding));
  const auto permission = Ours(kPermissions, rd_kafka_AclBinding_permission_type(binding));
  if (!type || !pattern || !operation || !permission) return std::nullopt;
  return core::Acl{*type,
                   *pattern,
                   Text(rd_kafka_AclBinding_name(binding)),
                   Text(rd_kafka_AclBinding_principal(binding)),
                   Text(rd_kafka_AclBinding_host(binding)),
                   *operation,
                   *permission};
}

std::string ToText(const rd_kafka_Uuid_t* id) {
  if (id == nullptr) return "";
  constexpr char kAlphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  const uint64_t high = static_cast<uint64_t>(rd_kafka_Uuid_most_significant_bits(id));
  const uint64_t low = static_cast<uint64_t>(rd_kafka_Uuid_least_significant_bits(id));
  if (high == 0 && low == 0) return "";
  const auto bit = [&](int at) -> unsigned {  // from the left; beyond 128 there are zeros
    if (at >= 128) return 0;
    return static_cast<unsigned>((at < 64 ? high >> (63 - at) : low >> (127 - at)) & 1U);
  };
  std::string text;
  for (int at = 0; at < 128; at += 6) {
    unsigned digit = 0;
    for (int i = 0; i < 6; ++i) digit = digit << 1U | bit(at + i);
    text.push_back(kAlphabet[digit]);
  }
  return text;
}

}  // namespace sluice::agent::kafka
