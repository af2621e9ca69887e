// KeySet: the public keys of a JSON Web Key Set (RFC 7517) that can verify signatures.
// Immutable after loading, thus safe to share between threads.
#pragma once

#include <absl/status/statusor.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

struct _cjose_jwk_int;

namespace sluice::controlplane {

inline constexpr size_t kMaxKeySetBytes = 1 << 20;

struct KeyDeleter {
  void operator()(_cjose_jwk_int* key) const;
};

struct VerificationKey {
  std::string id;         // `kid`; may be empty
  std::string algorithm;  // `alg`; empty: any that fits the key
  std::string type;       // `RSA`, `EC`
  std::string curve;      // `P-256` …
  std::unique_ptr<_cjose_jwk_int, KeyDeleter> key;
};

class KeySet {
 public:
  // Reads a file of at most 1 MiB. Keys for other uses than signatures and of other types than RSA and EC are
  // left out; INVALID_ARGUMENT: nothing is left, an RSA key has fewer than 2048 bits, or it is no key set.
  static absl::StatusOr<std::shared_ptr<const KeySet>> Load(const std::string& path);
  // The same from `text`, which came from `source`.
  static absl::StatusOr<std::shared_ptr<const KeySet>> Parse(const std::string& text,
                                                             const std::string& source);

  // The key to verify `algorithm` with: the one named `kid`, or the only one that fits when the token names
  // none. UNAUTHENTICATED: there is no such key.
  absl::StatusOr<const VerificationKey*> Find(std::string_view kid, std::string_view algorithm) const;
  bool Has(std::string_view kid) const;
  size_t size() const { return keys_.size(); }
  const std::string& text() const { return text_; }  // as it was read

 private:
  std::string text_;
  std::vector<VerificationKey> keys_;
};

// Whether it is an asymmetric signature algorithm that keys can be held to: RS256 … PS512, ES256 … ES512.
bool IsSignatureAlgorithm(std::string_view algorithm);

}  // namespace sluice::controlplane
