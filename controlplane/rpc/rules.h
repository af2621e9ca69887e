// Rules: the one table of who may call which method. What is not in it is denied. Object-level rules (whose
// change, which cluster) are inside the handlers' queries.
#pragma once

#include <string_view>
#include <vector>

namespace sluice::controlplane {

enum class Rule {
  kPerson,  // any person with a valid token
  kAgent,   // an agent whose certificate is bound to a cluster
  kOpen,    // everybody, without credentials; served by gRPC itself, never through the Gate
};

struct MethodRule {
  std::string_view method;  // `/sluice.v1.DomainService/GetDomain`
  Rule rule;
};

const std::vector<MethodRule>& MethodRules();
const MethodRule* FindRule(std::string_view method);  // nullptr: deny

}  // namespace sluice::controlplane
