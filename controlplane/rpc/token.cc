#include "controlplane/rpc/token.h"

#include <cjose/cjose.h>
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <ctime>

#include "common/crypto/sha256.h"
#include "controlplane/rpc/base64url.h"
#include "controlplane/rpc/json.h"
#include "controlplane/rpc/key_set.h"
#include "controlplane/rpc/key_source.h"
#include "controlplane/rpc/verified_tokens.h"

namespace sluice::controlplane {
namespace {

constexpr size_t kMaxToken = 32 * 1024;  // fits into the metadata limit of the server
constexpr size_t kMaxSubject = 255;      // OpenID Connect Core: `sub` has at most 255 characters
constexpr size_t kMaxGroups = 1000;
constexpr size_t kMaxGroup = 256;
constexpr size_t kMaxDisplayName = 200;
constexpr double kSkewSeconds = 60;
constexpr std::chrono::seconds kMaxRefresh{86400};
constexpr double kEndOfTime = 253402300799;  // the last second of the year 9999

struct JwsDeleter {
  void operator()(cjose_jws_t* jws) const { cjose_jws_release(jws); }
};
using Jws = std::unique_ptr<cjose_jws_t, JwsDeleter>;

absl::Status Refuse(std::string text) { return absl::UnauthenticatedError(std::move(text)); }

bool HasControlCharacters(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; });
}

std::string Shown(std::string_view text) {
  return HasControlCharacters(text) || text.size() > 200 ? "(unprintable)" : fmt::format("'{}'", text);
}

std::string Iso(double seconds) {
  const auto time = static_cast<std::time_t>(std::clamp(seconds, 0.0, kEndOfTime));
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(time));
}

// A NumericDate (RFC 7519): nullopt when the claim is absent; an error when it is something else.
absl::StatusOr<std::optional<double>> NumericDate(const json_t* claims, const char* name) {
  const json_t* value = json_object_get(claims, name);
  if (value == nullptr) return std::nullopt;
  if (!json_is_number(value)) return Refuse(fmt::format("the token's '{}' is not a number of seconds", name));
  return json_number_value(value);
}

// When it ends, skew included. A refusal when that is over, or it has not begun.
absl::StatusOr<double> CheckTimes(const json_t* claims, double now) {
  const auto expires = NumericDate(claims, "exp");
  const auto not_before = NumericDate(claims, "nbf");
  const auto issued = NumericDate(claims, "iat");
  for (const auto* time : {&expires, &not_before, &issued}) {
    if (!time->ok()) return time->status();
  }
  if (!expires->has_value()) return Refuse("the token has no 'exp'; only tokens that expire are accepted");
  if (!(**expires + kSkewSeconds > now)) {
    return Refuse(fmt::format("the token expired at {} (it is {}); get a new one", Iso(**expires), Iso(now)));
  }
  if (not_before->has_value() && !(**not_before - kSkewSeconds <= now)) {
    return Refuse(fmt::format("the token is valid from {} on (it is {}); check the clocks", Iso(**not_before),
                              Iso(now)));
  }
  if (issued->has_value() && !(**issued - kSkewSeconds <= now)) {
    return Refuse(fmt::format("the token was issued at {}, in the future (it is {}); check the clocks",
                              Iso(**issued), Iso(now)));
  }
  return **expires + kSkewSeconds;
}

absl::Status CheckIssuerAndAudience(const json_t* claims, const TokenTrust& trust) {
  const std::string issuer = JsonText(claims, "iss");
  if (issuer != trust.issuer) {
    return Refuse(fmt::format("wrong issuer: the token has {}, wanted '{}'", Shown(issuer), trust.issuer));
  }
  const json_t* audience = json_object_get(claims, "aud");
  std::vector<std::string> audiences;
  if (json_is_string(audience)) audiences.push_back(JsonText(claims, "aud"));
  for (size_t i = 0; i < json_array_size(audience); ++i) {  // 0 unless it is an array
    const json_t* one = json_array_get(audience, i);
    if (json_is_string(one)) audiences.emplace_back(json_string_value(one), json_string_length(one));
  }
  if (std::find(audiences.begin(), audiences.end(), trust.audience) != audiences.end())
    return absl::OkStatus();
  if (audiences.size() > 5) audiences.resize(5);
  std::vector<std::string> shown;
  for (const std::string& one : audiences) shown.push_back(Shown(one));
  return Refuse(fmt::format("wrong audience: the token has {}, wanted '{}'",
                            shown.empty() ? "none" : fmt::format("{}", fmt::join(shown, ", ")),
                            trust.audience));
}

absl::StatusOr<std::vector<std::string>> GroupsOf(const json_t* claims, const std::string& claim) {
  const json_t* value = json_object_get(claims, claim.c_str());
  std::vector<std::string> groups;
  if (value == nullptr) return groups;
  if (!json_is_array(value) || json_array_size(value) > kMaxGroups) {
    return Refuse(fmt::format("the token's '{}' is an array of at most {} strings", claim, kMaxGroups));
  }
  for (size_t i = 0; i < json_array_size(value); ++i) {
    const json_t* one = json_array_get(value, i);
    std::string group =
        json_is_string(one) ? std::string(json_string_value(one), json_string_length(one)) : "";
    if (group.empty() || group.size() > kMaxGroup || HasControlCharacters(group)) {
      return Refuse(
          fmt::format("the token's '{}' holds something that is no group name (entry {})", claim, i));
    }
    groups.push_back(std::move(group));
  }
  std::sort(groups.begin(), groups.end());
  groups.erase(std::unique(groups.begin(), groups.end()), groups.end());
  return groups;
}

std::string DisplayName(const json_t* claims, const std::string& subject) {
  std::string name = JsonText(claims, "name");
  if (name.empty()) name = JsonText(claims, "email");
  if (name.empty()) name = subject;
  if (name.size() > kMaxDisplayName) {
    name.resize(kMaxDisplayName);
    while (!name.empty() && (static_cast<unsigned char>(name.back()) & 0xc0) == 0x80)
      name.pop_back();  // whole characters
    if (!name.empty() && static_cast<unsigned char>(name.back()) >= 0xc0) name.pop_back();
  }
  for (char& c : name) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
  }
  return name;
}

absl::StatusOr<TokenClaims> ReadClaims(std::string_view text, const TokenTrust& trust, double now) {
  json_error_t error;
  const Json claims(json_loadb(text.data(), text.size(), JSON_REJECT_DUPLICATES, &error));
  if (!json_is_object(claims.get())) return Refuse("the token's content is no JSON object");
  if (absl::Status status = CheckIssuerAndAudience(claims.get(), trust); !status.ok()) return status;
  const absl::StatusOr<double> end = CheckTimes(claims.get(), now);
  if (!end.ok()) return end.status();
  TokenClaims result{
      .issuer = trust.issuer,
      .subject = JsonText(claims.get(), "sub"),
      .display_name = {},
      .groups = {},
      .good_until = Time(std::chrono::seconds(static_cast<int64_t>(std::min(*end, kEndOfTime))))};
  if (result.subject.empty() || result.subject.size() > kMaxSubject || HasControlCharacters(result.subject)) {
    return Refuse(fmt::format("the token needs a 'sub' of at most {} printable characters", kMaxSubject));
  }
  absl::StatusOr<std::vector<std::string>> groups = GroupsOf(claims.get(), trust.groups_claim);
  if (!groups.ok()) return groups.status();
  result.groups = *std::move(groups);
  result.display_name = DisplayName(claims.get(), result.subject);
  return result;
}

class JwksTokenVerifier final : public TokenVerifier {
 public:
  JwksTokenVerifier(TokenTrust trust, std::unique_ptr<KeySource> source, const Clock& clock)
      : trust_(std::move(trust)), source_(std::move(source)), clock_(clock) {}

  absl::StatusOr<TokenClaims> Verify(std::string_view token) override {
    if (token.size() > kMaxToken) return Refuse(fmt::format("a token has at most {} bytes", kMaxToken));
    const std::shared_ptr<const KeySet> keys = source_->Keys();
    if (keys == nullptr) {
      source_->Miss(nullptr);
      return absl::UnavailableError(
          "the issuer's keys could not be fetched yet, so no token can be verified; try again in a moment");
    }
    const Time now = clock_.Now();
    const std::string digest = Sha256Hex(token);
    if (std::optional<TokenClaims> known = verified_.Find(digest, keys, now)) return *std::move(known);
    cjose_err error{};
    const Jws jws(IsCompactJws(token) ? cjose_jws_import(token.data(), token.size(), &error) : nullptr);
    if (jws == nullptr) return Refuse("the bearer token is no JWT in compact form");
    absl::StatusOr<std::string_view> payload = CheckSignature(jws.get(), *keys);
    if (!payload.ok()) return payload.status();
    absl::StatusOr<TokenClaims> claims =
        ReadClaims(*payload, trust_, std::chrono::duration<double>(now.time_since_epoch()).count());
    if (claims.ok()) verified_.Add(digest, keys, *claims);
    return claims;
  }

  std::optional<Time> KeysReadAt() override { return source_->ReadAt(); }

 private:
  // The payload, which lives as long as `jws`.
  absl::StatusOr<std::string_view> CheckSignature(cjose_jws_t* jws, const KeySet& keys) {
    cjose_err error{};
    cjose_header_t* header = cjose_jws_get_protected(jws);
    const char* algorithm = cjose_header_get(header, "alg", &error);
    const char* kid = cjose_header_get(header, "kid", &error);
    const std::string name = algorithm == nullptr ? "" : algorithm;
    if (std::find(trust_.algorithms.begin(), trust_.algorithms.end(), name) == trust_.algorithms.end()) {
      return Refuse(fmt::format("tokens are signed with {} (this one: {})",
                                fmt::join(trust_.algorithms, " or "),
                                name.empty() ? "nothing" : Shown(name)));
    }
    char* critical = cjose_header_get_raw(header, "crit", &error);
    if (critical != nullptr) {
      cjose_get_dealloc()(critical);
      return Refuse("the token has critical extensions ('crit'), and none is known here");
    }
    absl::StatusOr<const VerificationKey*> key = keys.Find(kid == nullptr ? "" : kid, name);
    if (!key.ok()) {
      // The issuer may have begun to sign with a new key.
      if (kid != nullptr && *kid != '\0' && !keys.Has(kid) && source_->Miss(&keys)) {
        return absl::UnavailableError(
            "the token is signed with a key that is not known yet; the issuer's keys are being fetched, try "
            "again "
            "in a moment");
      }
      return key.status();
    }
    if (!cjose_jws_verify(jws, (*key)->key.get(), &error)) return Refuse("the token's signature is wrong");
    uint8_t* data = nullptr;
    size_t size = 0;
    if (!cjose_jws_get_plaintext(jws, &data, &size, &error)) return Refuse("the token has no content");
    return std::string_view(reinterpret_cast<const char*>(data), size);
  }

  const TokenTrust trust_;
  const std::unique_ptr<KeySource> source_;
  const Clock& clock_;
  VerifiedTokens verified_;
};

KeyUrl UrlOf(const TokenTrust& trust) {
  return {.url = trust.jwks_url, .ca_file = trust.jwks_ca, .refresh = trust.jwks_refresh};
}

absl::Status CheckSource(const TokenTrust& trust) {
  if (trust.jwks_file.empty() == trust.jwks_url.empty()) {
    return absl::InvalidArgumentError(
        "tokens.jwks_file or tokens.jwks_url says where the issuer's keys are; give one of them");
  }
  if (trust.jwks_url.empty()) {
    if (!trust.jwks_ca.empty())
      return absl::InvalidArgumentError("tokens.jwks_ca belongs to tokens.jwks_url; take it out");
    return KeySet::Load(trust.jwks_file).status();
  }
  if (absl::Status status = CheckKeyUrl(trust.jwks_url); !status.ok()) return status;
  if (trust.jwks_refresh < kMinKeyFetchInterval || trust.jwks_refresh > kMaxRefresh) {
    return absl::InvalidArgumentError(fmt::format("tokens.jwks_refresh is {}s to {}s (got {}s)",
                                                  kMinKeyFetchInterval.count(), kMaxRefresh.count(),
                                                  trust.jwks_refresh.count()));
  }
  if (!trust.jwks_ca.empty() && access(trust.jwks_ca.c_str(), R_OK) != 0)
    return absl::NotFoundError(fmt::format("cannot read tokens.jwks_ca {}", trust.jwks_ca));
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckTokenTrust(const TokenTrust& trust) {
  if (trust.issuer.empty() || trust.audience.empty()) {
    return absl::InvalidArgumentError("tokens.issuer and tokens.audience are required");
  }
  for (const std::string& algorithm : trust.algorithms) {
    if (!IsSignatureAlgorithm(algorithm)) {
      return absl::InvalidArgumentError(
          fmt::format("tokens.algorithms takes RS256 … PS512 and ES256 … ES512 (got '{}')", algorithm));
    }
  }
  return CheckSource(trust);
}

absl::Status CheckKeysCanBeFetched(const TokenTrust& trust) {
  return trust.jwks_url.empty() ? absl::OkStatus() : FetchKeys(UrlOf(trust)).status();
}

absl::StatusOr<std::unique_ptr<TokenVerifier>> OpenTokenVerifier(TokenTrust trust, Clock& clock) {
  if (trust.algorithms.empty()) trust.algorithms = TokenTrust{}.algorithms;
  if (trust.groups_claim.empty()) trust.groups_claim = TokenTrust{}.groups_claim;
  if (absl::Status status = CheckTokenTrust(trust); !status.ok()) return status;
  std::unique_ptr<KeySource> source;
  if (trust.jwks_url.empty()) {
    auto file = OpenKeyFile(trust.jwks_file, clock);
    if (!file.ok()) return file.status();
    source = *std::move(file);
  } else {
    source = OpenKeyUrl(UrlOf(trust), clock);
  }
  return std::make_unique<JwksTokenVerifier>(std::move(trust), std::move(source), clock);
}

}  // namespace sluice::controlplane
