// Authenticate: turns the credentials of a call into a Caller. One port takes two credentials: a client
// certificate of the agents' CA, or a bearer token; a call with both is refused.
//
// Errors: UNAUTHENTICATED with the reason, never with the token; PERMISSION_DENIED for a certificate that is
// bound to no cluster. Thread safety: all members may be called from any thread.
#pragma once

#include <absl/status/statusor.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/clock/clock.h"
#include "controlplane/rpc/caller.h"
#include "controlplane/rpc/token.h"

namespace sluice::controlplane {

// What a call brought along.
struct Credentials {
  bool has_certificate = false;            // verified against the agents' CA by the handshake
  std::vector<std::string> uris;           // its URI SANs
  Time certificate_end = Time::max();      // until when it is valid
  std::vector<std::string> authorization;  // values of the `authorization` header
};

class Authenticator {
 public:
  // `catalog` returns the definitions of this moment, for the binding of agents to clusters.
  Authenticator(std::unique_ptr<TokenVerifier> tokens, core::RoleHolders roles,
                std::function<core::Catalog()> catalog);

  // `now`: a certificate was good when its connection began, which may be long ago.
  absl::StatusOr<Caller> Authenticate(const Credentials& credentials, Time now) const;
  // When the keys of tokens were last read; nullopt: never.
  std::optional<Time> KeysReadAt() const { return tokens_->KeysReadAt(); }

 private:
  absl::StatusOr<Caller> Agent(const Credentials& credentials, Time now) const;
  absl::StatusOr<Caller> Person(const Credentials& credentials) const;

  const std::unique_ptr<TokenVerifier> tokens_;
  const core::RoleHolders roles_;
  const std::function<core::Catalog()> catalog_;
};

}  // namespace sluice::controlplane
