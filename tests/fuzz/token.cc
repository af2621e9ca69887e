// Bearer tokens. Text that begins with `{` are claims, which a trusted key signs; everything else is a token itself, which nobody
// signed. No token gets in without a trusted signature, nor with claims that break a rule; a refusal never shows the token.
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>

#include <cjose/cjose.h>

#include "controlplane/rpc/json.h"
#include "controlplane/rpc/token.h"
#include "tests/fuzz/target.h"

namespace {

using sluice::controlplane::Json;
using sluice::controlplane::TokenClaims;
using sluice::controlplane::TokenVerifier;
using sluice::fuzz::Require;

constexpr char kIssuer[] = "https://issuer.example.com";
constexpr size_t kShortestSecret = 24;  // a shorter text may stand in a refusal by chance

// One key and a verifier that trusts it. The key set is a file in memory.
class Issuer {
 public:
  Issuer() : clock_(sluice::Time(std::chrono::seconds(1'800'000'000))) {
    cjose_err error{};
    key_ = cjose_jwk_create_EC_random(CJOSE_JWK_EC_P_256, &error);
    Require(key_ != nullptr && cjose_jwk_set_kid(key_, "k1", 2, &error), "a key can be made");
    char* json = cjose_jwk_to_json(key_, false, &error);
    const std::string set = std::string("{\"keys\": [") + json + "]}";
    cjose_get_dealloc()(json);
    const int file = memfd_create("jwks", MFD_CLOEXEC);
    Require(write(file, set.data(), set.size()) == static_cast<ssize_t>(set.size()), "a key set can be written");
    auto verifier = sluice::controlplane::OpenTokenVerifier(
        {.issuer = kIssuer, .audience = "sluice", .jwks_file = "/proc/self/fd/" + std::to_string(file)}, clock_);
    Require(verifier.ok(), "the key set is taken");
    verifier_ = *std::move(verifier);
    const std::string good = Sign(std::string("{\"iss\":\"") + kIssuer + "\",\"aud\":\"sluice\",\"sub\":\"a\",\"exp\":1800003600}");
    Require(verifier_->Verify(good).ok(), "a good token is taken");
  }

  std::string Sign(std::string_view claims) const {
    cjose_err error{};
    cjose_header_t* header = cjose_header_new(&error);
    cjose_header_set(header, CJOSE_HDR_ALG, CJOSE_HDR_ALG_ES256, &error);
    cjose_header_set(header, CJOSE_HDR_KID, "k1", &error);
    cjose_jws_t* jws = cjose_jws_sign(key_, header, reinterpret_cast<const uint8_t*>(claims.data()), claims.size(), &error);
    Require(jws != nullptr, "claims can be signed");
    const char* text = nullptr;
    cjose_jws_export(jws, &text, &error);
    std::string token = text;
    cjose_jws_release(jws);
    cjose_header_release(header);
    return token;
  }

  TokenVerifier& verifier() { return *verifier_; }

 private:
  sluice::FakeClock clock_;
  cjose_jwk_t* key_ = nullptr;
  std::unique_ptr<TokenVerifier> verifier_;
};

void RequireGood(const TokenClaims& claims) {
  Require(claims.issuer == kIssuer, "the issuer is the trusted one");
  Require(!claims.subject.empty() && claims.subject.size() <= 255, "a subject has 1 to 255 bytes");
  Require(!claims.display_name.empty() && claims.display_name.size() <= 200, "a display name has 1 to 200 bytes");
  Require(std::is_sorted(claims.groups.begin(), claims.groups.end()), "groups are sorted");
  Require(std::adjacent_find(claims.groups.begin(), claims.groups.end()) == claims.groups.end(), "groups are unique");
}

}  // namespace

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static auto& issuer = *new Issuer;  // lives as long as the process, as the file of its key set does
  const std::string_view text = sluice::fuzz::TextOf(data, size);
  const bool is_signed = text.starts_with("{");
  const std::string token = is_signed ? issuer.Sign(text) : std::string(text);
  const absl::StatusOr<TokenClaims> claims = issuer.verifier().Verify(token);
  if (claims.ok()) {
    Require(is_signed, "a token needs a trusted signature");
    RequireGood(*claims);
    return 0;
  }
  Require(claims.status().code() == absl::StatusCode::kUnauthenticated, "a refusal is UNAUTHENTICATED");
  Require(token.size() < kShortestSecret || claims.status().message().find(token) == absl::string_view::npos,
          "a refusal never shows the token");
  return 0;
}
