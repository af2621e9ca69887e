#include "controlplane/rpc/key_set.h"

#include <cjose/cjose.h>
#include <fmt/format.h>

#include <algorithm>
#include <fstream>

#include "controlplane/rpc/base64url.h"
#include "controlplane/rpc/json.h"

namespace sluice::controlplane {
namespace {

constexpr size_t kMaxKeys = 1000;
constexpr size_t kMinRsaBits = 2048;  // NIST SP 800-131A: fewer are disallowed

absl::StatusOr<std::string> ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return absl::NotFoundError(fmt::format("cannot read the key set {}", path));
  std::string text(kMaxKeySetBytes + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<size_t>(file.gcount()));
  if (text.size() > kMaxKeySetBytes)
    return absl::InvalidArgumentError(fmt::format("{} is larger than 1 MiB", path));
  return text;
}

std::string_view CurveOf(std::string_view algorithm) {
  if (algorithm == "ES256") return "P-256";
  if (algorithm == "ES384") return "P-384";
  if (algorithm == "ES512") return "P-521";
  return "";
}

bool Fits(const VerificationKey& key, std::string_view algorithm) {
  if (!IsSignatureAlgorithm(algorithm)) return false;
  if (!key.algorithm.empty() && key.algorithm != algorithm) return false;
  const std::string_view curve = CurveOf(algorithm);
  return curve.empty() ? key.type == "RSA" : key.type == "EC" && key.curve == curve;
}

// nullopt: not for verifying signatures.
absl::StatusOr<std::optional<VerificationKey>> ReadKey(json_t* object) {
  VerificationKey key{.id = JsonText(object, "kid"),
                      .algorithm = JsonText(object, "alg"),
                      .type = JsonText(object, "kty"),
                      .curve = JsonText(object, "crv"),
                      .key = nullptr};
  const std::string use = JsonText(object, "use");
  if ((!use.empty() && use != "sig") || (key.type != "RSA" && key.type != "EC")) return std::nullopt;
  for (const char* member : {"n", "e", "x", "y", "d", "p", "q", "dp", "dq", "qi"}) {
    if (IsBase64Url(JsonText(object, member))) continue;
    return absl::InvalidArgumentError(
        fmt::format("'{}' of key '{}' is no base64url (RFC 7518: without padding)", member, key.id));
  }
  cjose_err error{};
  key.key.reset(cjose_jwk_import_json(object, &error));
  if (key.key == nullptr) {
    return absl::InvalidArgumentError(
        fmt::format("key '{}' is no valid {} key: {}", key.id, key.type, error.message));
  }
  const size_t bits = cjose_jwk_get_keysize(key.key.get(), &error);
  if (key.type == "RSA" && bits < kMinRsaBits) {
    return absl::InvalidArgumentError(
        fmt::format("RSA keys have at least {} bits (key '{}' has {})", kMinRsaBits, key.id, bits));
  }
  return key;
}

std::string Printable(std::string_view text) {
  std::string shown(text.substr(0, 64));
  for (char& c : shown) {
    if (c < 0x20 || c > 0x7e) c = '?';
  }
  return shown;
}

}  // namespace

void KeyDeleter::operator()(_cjose_jwk_int* key) const { cjose_jwk_release(key); }

bool IsSignatureAlgorithm(std::string_view algorithm) {
  for (std::string_view family : {"RS", "PS", "ES"}) {
    for (std::string_view size : {"256", "384", "512"}) {
      if (algorithm.size() == 5 && algorithm.substr(0, 2) == family && algorithm.substr(2) == size)
        return true;
    }
  }
  return false;
}

absl::StatusOr<std::shared_ptr<const KeySet>> KeySet::Load(const std::string& path) {
  absl::StatusOr<std::string> text = ReadFile(path);
  if (!text.ok()) return text.status();
  return Parse(*text, path);
}

absl::StatusOr<std::shared_ptr<const KeySet>> KeySet::Parse(const std::string& text,
                                                            const std::string& source) {
  json_error_t error;
  const Json document(json_loadb(text.data(), text.size(), JSON_REJECT_DUPLICATES, &error));
  const json_t* keys = json_object_get(document.get(), "keys");
  if (!json_is_array(keys) || json_array_size(keys) > kMaxKeys) {
    return absl::InvalidArgumentError(fmt::format(
        "{} is no JSON Web Key Set: an object with at most {} 'keys' is wanted", source, kMaxKeys));
  }
  auto set = std::make_shared<KeySet>();
  set->text_ = text;
  for (size_t i = 0; i < json_array_size(keys); ++i) {
    absl::StatusOr<std::optional<VerificationKey>> key = ReadKey(json_array_get(keys, i));
    if (!key.ok())
      return absl::InvalidArgumentError(fmt::format("{}: {}", source, std::string(key.status().message())));
    if (key->has_value()) set->keys_.push_back(**std::move(key));
  }
  if (set->keys_.empty()) {
    return absl::InvalidArgumentError(fmt::format("{} has no RSA or EC key for signatures", source));
  }
  return set;
}

bool KeySet::Has(std::string_view kid) const {
  return std::any_of(keys_.begin(), keys_.end(), [&](const VerificationKey& key) { return key.id == kid; });
}

absl::StatusOr<const VerificationKey*> KeySet::Find(std::string_view kid, std::string_view algorithm) const {
  const VerificationKey* found = nullptr;
  for (const VerificationKey& key : keys_) {
    if (!Fits(key, algorithm) || (!kid.empty() && key.id != kid)) continue;
    if (found != nullptr) {
      return absl::UnauthenticatedError(
          "the token does not say which of several keys signed it; it needs a 'kid'");
    }
    found = &key;
  }
  if (found == nullptr) {
    return absl::UnauthenticatedError(
        fmt::format("the token is signed with a key that is not trusted here (kid '{}', {}); get a token of "
                    "the configured "
                    "issuer",
                    Printable(kid), Printable(algorithm)));
  }
  return found;
}

}  // namespace sluice::controlplane
