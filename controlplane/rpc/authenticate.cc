#include "controlplane/rpc/authenticate.h"

#include <fmt/format.h>

namespace sluice::controlplane {
namespace {

constexpr std::string_view kScheme = "bearer ";

bool HasScheme(std::string_view header) {
  if (header.size() < kScheme.size()) return false;
  for (size_t i = 0; i < kScheme.size(); ++i) {
    const char c = header[i];
    if ((c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c) != kScheme[i]) return false;
  }
  return true;
}

}  // namespace

Authenticator::Authenticator(std::unique_ptr<TokenVerifier> tokens, core::RoleHolders roles,
                             std::function<core::Catalog()> catalog)
    : tokens_(std::move(tokens)), roles_(std::move(roles)), catalog_(std::move(catalog)) {}

absl::StatusOr<Caller> Authenticator::Authenticate(const Credentials& credentials, Time now) const {
  if (credentials.has_certificate && !credentials.authorization.empty()) {
    return absl::UnauthenticatedError(
        "a call brings a client certificate or a bearer token, not both; agents send no token, people no "
        "certificate");
  }
  return credentials.has_certificate ? Agent(credentials, now) : Person(credentials);
}

absl::StatusOr<Caller> Authenticator::Agent(const Credentials& credentials, Time now) const {
  if (now > credentials.certificate_end) {
    return absl::UnauthenticatedError(
        "the agent's certificate has expired since it connected; connect again with the new one");
  }
  if (credentials.uris.size() != 1) {
    return absl::UnauthenticatedError(fmt::format(
        "an agent's certificate has exactly one URI SAN (this one: {})", credentials.uris.size()));
  }
  const std::string& uri = credentials.uris.front();
  const core::Catalog catalog = catalog_();
  for (const auto& entry : catalog.clusters.entries()) {
    for (const std::string& bound : entry.value->agents) {
      if (bound != uri) continue;
      Caller caller;
      caller.type = Caller::Type::kAgent;
      caller.subject = uri;
      caller.display_name = "agent of " + entry.name;
      caller.cluster = entry.name;
      caller.good_until = credentials.certificate_end;
      return caller;
    }
  }
  return absl::PermissionDeniedError(fmt::format(
      "'{}' is bound to no cluster; a platform operator adds it to the 'agents' of its Cluster", uri));
}

absl::StatusOr<Caller> Authenticator::Person(const Credentials& credentials) const {
  if (credentials.authorization.empty()) {
    return absl::UnauthenticatedError("no credentials; send 'authorization: Bearer TOKEN'");
  }
  if (credentials.authorization.size() != 1 || !HasScheme(credentials.authorization.front())) {
    return absl::UnauthenticatedError("one 'authorization' header of the form 'Bearer TOKEN' is wanted");
  }
  absl::StatusOr<TokenClaims> claims =
      tokens_->Verify(std::string_view(credentials.authorization.front()).substr(kScheme.size()));
  if (!claims.ok()) return claims.status();
  Caller caller;
  caller.issuer = claims->issuer;
  caller.subject = claims->subject;
  caller.display_name = claims->display_name;
  caller.groups = claims->groups;
  caller.good_until = claims->good_until;
  static const core::Catalog kNone;  // roles name groups and users, no applications
  const core::Person person = caller.AsPerson();
  for (const auto& [role, holders] : roles_) {
    if (core::IsOneOf(person, holders, kNone)) caller.roles.insert(role);
  }
  return caller;
}

}  // namespace sluice::controlplane
