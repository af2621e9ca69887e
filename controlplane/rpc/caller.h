// Caller: who makes a call, as its credentials prove it. Names and mail addresses in it are for display only;
// what authorizes is (issuer, subject), groups, roles, and for agents the cluster.
//
// Thread safety: a plain value.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "common/clock/clock.h"
#include "common/core/assess.h"

namespace sluice::controlplane {

struct Caller {
  enum class Type { kPerson, kAgent };
  Type type = Type::kPerson;

  // Persons: issuer and subject of the token. Agents: empty, and the URI SAN of the certificate.
  std::string issuer;
  std::string subject;
  std::string display_name;         // persons: `name`, else `email`, else the subject
  std::vector<std::string> groups;  // persons: the groups claim, sorted, unique
  std::set<core::Role> roles;       // persons: from the server's configuration
  Time good_until = Time::max();    // when the token or certificate ends, for calls that last
  std::string cluster;              // agents: the one cluster that the certificate is bound to

  bool HasRole(core::Role role) const { return roles.contains(role); }
  core::Person AsPerson() const { return {.subject = subject, .groups = groups}; }
  // For logs: `user:alice`, `agent:eu-prod`.
  std::string Label() const { return type == Type::kAgent ? "agent:" + cluster : "user:" + subject; }
};

}  // namespace sluice::controlplane
