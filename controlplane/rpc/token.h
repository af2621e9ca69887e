// Tokens: verifies bearer tokens (JWT in JWS compact form) against a JSON Web Key Set file.
//
// Accepted are only the configured algorithms (RS256, ES256 by default; never `none` or HS*), the configured
// issuer and audience, and tokens that are valid now, give or take a minute. Thread safety: all members may
// be called from any thread.
#pragma once

#include <absl/status/statusor.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/clock/clock.h"

namespace sluice::controlplane {

struct TokenTrust {
  std::string issuer;
  std::string audience;
  std::string jwks_file;
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
  // UNAUTHENTICATED with a sentence that never holds the token.
  virtual absl::StatusOr<TokenClaims> Verify(std::string_view token) = 0;
};

// Reads the key set once, to refuse a bad configuration (INVALID_ARGUMENT, NOT_FOUND), and again when the
// file changes.
absl::StatusOr<std::unique_ptr<TokenVerifier>> OpenTokenVerifier(TokenTrust trust, const Clock& clock);

}  // namespace sluice::controlplane
