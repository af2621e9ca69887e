// Tokens: verifies bearer tokens (JWT in JWS compact form) against a JSON Web Key Set, from a file or by
// HTTPS.
//
// Accepted are only the configured algorithms (RS256, ES256 by default; never `none` or HS*), the configured
// issuer and audience, and tokens that are valid now, give or take a minute. Thread safety: all members may
// be called from any thread.
#pragma once

#include <absl/status/statusor.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/clock/clock.h"

namespace sluice::controlplane {

struct TokenTrust {
  std::string issuer;
  std::string audience;
  std::string jwks_file;  // this or jwks_url
  std::string jwks_url;
  std::string jwks_ca;  // for jwks_url; empty: the system's
  std::chrono::seconds jwks_refresh{300};
  std::vector<std::string> algorithms = {"RS256", "ES256"};
  std::string groups_claim = "groups";
};

struct TokenClaims {
  std::string issuer;
  std::string subject;
  std::string display_name;         // `name`, else `email`, else the subject; cut to 200 bytes
  std::vector<std::string> groups;  // sorted, unique
  Time good_until;                  // skew included
};

class TokenVerifier {
 public:
  virtual ~TokenVerifier() = default;
  // UNAUTHENTICATED with a sentence that never holds the token; UNAVAILABLE: its key may be one that is being
  // fetched. Never waits.
  virtual absl::StatusOr<TokenClaims> Verify(std::string_view token) = 0;
  // When the trusted keys were last read or confirmed; nullopt: never.
  virtual std::optional<Time> KeysReadAt() = 0;
};

// Refuses a bad configuration (INVALID_ARGUMENT, NOT_FOUND: files that cannot be used); asks no server.
absl::Status CheckTokenTrust(const TokenTrust& trust);
// Fetches jwks_url once, where there is one: UNAVAILABLE, INVALID_ARGUMENT.
absl::Status CheckKeysCanBeFetched(const TokenTrust& trust);

// Refuses as CheckTokenTrust. Waits for the first fetch of jwks_url, and goes on without when it fails.
absl::StatusOr<std::unique_ptr<TokenVerifier>> OpenTokenVerifier(TokenTrust trust, Clock& clock);

}  // namespace sluice::controlplane
