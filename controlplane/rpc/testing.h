// A token issuer and certificates for tests. Test only.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

struct _cjose_jwk_int;

namespace sluice::controlplane {

// A directory of its own, removed at the end.
class TestDirectory {
 public:
  TestDirectory();
  ~TestDirectory();
  std::string operator/(const std::string& name) const { return (path_ / name).string(); }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

// A signing key with a name.
class TestKey {
 public:
  enum class Type { kRsa, kEc };
  TestKey(Type type, const std::string& id);
  ~TestKey();

  std::string PublicJwk() const;
  // A JWT of `claims` (JSON) in compact form. `header` (JSON members after alg) may name a key.
  std::string Sign(const std::string& algorithm, const std::string& claims) const;
  const std::string& id() const { return id_; }

 private:
  _cjose_jwk_int* key_;
  std::string id_;
};

void WriteFile(const std::string& path, const std::string& text);
// Replaces the key set by a rename.
void WriteKeySet(const std::string& path, const std::vector<const TestKey*>& keys);

std::string Base64Url(const std::string& bytes);

// `header.payload.signature` as given, whatever they are.
std::string RawToken(const std::string& header, const std::string& claims, const std::string& signature);

}  // namespace sluice::controlplane
