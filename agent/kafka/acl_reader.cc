#include "agent/kafka/acl_reader.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>
#include <vector>

namespace sluice::agent::kafka {
namespace {

using core::Operation;
using core::PatternType;
using core::ResourceType;

constexpr size_t kFewNames = 20;  // up to so many a look at each beats one look at all ACLs
constexpr std::chrono::minutes kBelieved{30};

constexpr std::array kTypes = {ResourceType::kTopic, ResourceType::kGroup, ResourceType::kTransactionalId,
                               ResourceType::kCluster};
constexpr std::array kPatterns = {PatternType::kLiteral, PatternType::kPrefixed};
constexpr std::array kOperations = {
    Operation::kAll,          Operation::kRead,            Operation::kWrite,        Operation::kCreate,
    Operation::kDelete,       Operation::kAlter,           Operation::kDescribe,     Operation::kClusterAction,
    Operation::kAlterConfigs, Operation::kDescribeConfigs, Operation::kIdempotentWrite};

// The parts that make up what `filter` looks for; empty: there are none.
std::vector<AclFilter> PartsOf(const AclFilter& filter) {
  std::vector<AclFilter> parts;
  const auto add = [&](const auto& values, auto member) {
    for (const auto value : values) {
      parts.push_back(filter);
      parts.back().*member = value;
    }
  };
  if (!filter.resource_type) {
    add(kTypes, &AclFilter::resource_type);
  } else if (!filter.pattern_type && !filter.applies_to) {
    add(kPatterns, &AclFilter::pattern_type);
  } else if (!filter.operation) {
    add(kOperations, &AclFilter::operation);
  }
  return parts;
}

bool Applies(const core::Acl& acl, const std::string& name) {
  if (acl.pattern_type == PatternType::kPrefixed) return name.compare(0, acl.resource.size(), acl.resource) == 0;
  return acl.resource == name || acl.resource == "*";
}

}  // namespace

absl::Status AclReader::ReadParts(const AclFilter& filter, Admin& admin, std::set<core::Acl>& acls,
                                  int32_t& others) {
  if (too_big_.count(filter) == 0) {
    absl::StatusOr<AclDescriptions> answer = admin.DescribeAcls(filter);
    if (answer.ok()) {
      acls.insert(std::make_move_iterator(answer->acls.begin()), std::make_move_iterator(answer->acls.end()));
      others += answer->others;
    }
    if (!absl::IsOutOfRange(answer.status())) return answer.status();
    if (too_big_.empty()) found_out_ = admin.Now();
    too_big_.insert(filter);
  }
  const std::vector<AclFilter> parts = PartsOf(filter);
  if (parts.empty()) {
    absl::Status status = absl::ResourceExhaustedError(
        "the cluster has more ACLs of one operation than the Kafka client can read in one answer; grant by prefix or to "
        "fewer topics, or split the cluster");
    status.SetPayload(kReasonPayload, absl::Cord("TooMany"));
    return status;
  }
  for (const AclFilter& part : parts) {
    if (absl::Status status = ReadParts(part, admin, acls, others); !status.ok()) return status;
  }
  return absl::OkStatus();
}

AclsSeen AclReader::Read(const Scope& scope, Admin& admin) {
  if (admin.Now() - found_out_ > kBelieved) too_big_.clear();
  std::vector<AclFilter> filters;
  const bool few = scope.has_value() && scope->size() <= kFewNames;
  if (few) {
    for (const std::string& name : *scope) filters.push_back({{}, {}, {}, name});
  } else {
    filters.emplace_back();
  }
  std::set<core::Acl> acls;
  int32_t others = 0;
  for (const AclFilter& filter : filters) {
    if (absl::Status status = ReadParts(filter, admin, acls, others); !status.ok()) return {std::move(status), others};
  }
  if (scope.has_value() && !few) {
    std::erase_if(acls, [&](const core::Acl& acl) {
      return std::none_of(scope->begin(), scope->end(), [&](const std::string& name) { return Applies(acl, name); });
    });
  }
  return {std::move(acls), others};
}

}  // namespace sluice::agent::kafka
