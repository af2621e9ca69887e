#include "controlplane/rpc/testing.h"

#include <cjose/cjose.h>

#include <cstdlib>
#include <fstream>
#include <stdexcept>

namespace sluice::controlplane {
namespace {

void Check(bool ok, const char* what) {
  if (!ok) throw std::runtime_error(what);
}

}  // namespace

TestDirectory::TestDirectory() {
  std::string pattern = (std::filesystem::temp_directory_path() / "sluice-XXXXXX").string();
  Check(mkdtemp(pattern.data()) != nullptr, "mkdtemp");
  path_ = pattern;
}

TestDirectory::~TestDirectory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

TestKey::TestKey(Type type, const std::string& id) : id_(id) {
  cjose_err error{};
  const uint8_t exponent[] = {1, 0, 1};
  key_ = type == Type::kRsa ? cjose_jwk_create_RSA_random(2048, exponent, sizeof(exponent), &error)
                            : cjose_jwk_create_EC_random(CJOSE_JWK_EC_P_256, &error);
  Check(key_ != nullptr && cjose_jwk_set_kid(key_, id.data(), id.size(), &error), "making a key");
}

TestKey::~TestKey() { cjose_jwk_release(key_); }

std::string TestKey::PublicJwk() const {
  cjose_err error{};
  char* text = cjose_jwk_to_json(key_, false, &error);
  Check(text != nullptr, "printing a key");
  std::string json(text);
  std::free(text);
  return json;
}

std::string TestKey::Sign(const std::string& algorithm, const std::string& claims) const {
  cjose_err error{};
  cjose_header_t* header = cjose_header_new(&error);
  Check(cjose_header_set(header, "alg", algorithm.c_str(), &error), "alg");
  if (!id_.empty()) Check(cjose_header_set(header, "kid", id_.c_str(), &error), "kid");
  cjose_jws_t* jws =
      cjose_jws_sign(key_, header, reinterpret_cast<const uint8_t*>(claims.data()), claims.size(), &error);
  cjose_header_release(header);
  Check(jws != nullptr, "signing");
  const char* text = nullptr;
  Check(cjose_jws_export(jws, &text, &error), "exporting");
  std::string token(text);
  cjose_jws_release(jws);
  return token;
}

void WriteFile(const std::string& path, const std::string& text) {
  std::ofstream(path + ".tmp", std::ios::trunc | std::ios::binary) << text;
  std::filesystem::rename(path + ".tmp", path);
}

void WriteKeySet(const std::string& path, const std::vector<const TestKey*>& keys) {
  std::string text = R"({"keys":[)";
  for (const TestKey* key : keys) text += (key == keys.front() ? "" : ",") + key->PublicJwk();
  WriteFile(path, text + "]}");
}

std::string Base64Url(const std::string& bytes) {
  static constexpr char kDigits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::string text;
  unsigned buffer = 0;
  int bits = 0;
  for (const unsigned char byte : bytes) {
    buffer = buffer << 8 | byte;
    for (bits += 8; bits >= 6; bits -= 6) text += kDigits[buffer >> (bits - 6) & 63];
  }
  if (bits > 0) text += kDigits[buffer << (6 - bits) & 63];
  return text;
}

std::string RawToken(const std::string& header, const std::string& claims, const std::string& signature) {
  return Base64Url(header) + "." + Base64Url(claims) + "." + Base64Url(signature);
}

}  // namespace sluice::controlplane
