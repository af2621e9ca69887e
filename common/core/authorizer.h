// A model of Kafka's StandardAuthorizer, our dry run for ACLs (validateOnly does not exist for them).
// Source: org.apache.kafka.metadata.authorizer.StandardAuthorizerData, KIP-801; implied operations: KIP-11, KIP-133.
// The real broker is held against it in tests/integration.
#pragma once

#include <set>
#include <string>
#include <string_view>

#include "common/core/slice.h"

namespace sluice::core {

struct AuthorizerSettings {
  std::set<std::string> super_users;  // principals, `User:admin`
  bool allow_everyone_if_no_acl = false;
};

struct AccessRequest {
  std::string principal;  // `User:sa-1`
  std::string host;       // address of the client
  Operation operation = Operation::kRead;
  ResourceType resource_type = ResourceType::kTopic;
  std::string resource;   // name
};

// Super users pass; any matching DENY refuses; else a matching ALLOW of the operation or one that implies it passes.
bool Authorize(const std::set<Acl>& acls, const AuthorizerSettings& settings, const AccessRequest& request);

}  // namespace sluice::core
