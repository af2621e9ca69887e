// CheckTlsFiles of server.h.
#include <fmt/format.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <cstdio>
#include <ctime>
#include <memory>

#include "controlplane/rpc/server.h"

namespace sluice::controlplane {
namespace {

template <typename T, void (*kFree)(T*)>
struct Freer {
  void operator()(T* value) const { kFree(value); }
};
using Certificate = std::unique_ptr<X509, Freer<X509, X509_free>>;
using Key = std::unique_ptr<EVP_PKEY, Freer<EVP_PKEY, EVP_PKEY_free>>;

struct FileCloser {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, FileCloser>;

absl::StatusOr<Certificate> ReadCertificate(const std::string& path, int64_t now_s) {
  const File file(std::fopen(path.c_str(), "r"));
  if (file == nullptr) return absl::NotFoundError(fmt::format("cannot read the certificate {}", path));
  Certificate certificate(PEM_read_X509(file.get(), nullptr, nullptr, nullptr));
  if (certificate == nullptr)
    return absl::InvalidArgumentError(fmt::format("{} is no PEM certificate", path));
  std::time_t now = now_s;
  if (X509_cmp_time(X509_get0_notAfter(certificate.get()), &now) < 0) {
    return absl::InvalidArgumentError(fmt::format("the certificate {} has expired; renew it", path));
  }
  if (X509_cmp_time(X509_get0_notBefore(certificate.get()), &now) > 0) {
    return absl::InvalidArgumentError(
        fmt::format("the certificate {} is not valid yet; check the clock", path));
  }
  return certificate;
}

}  // namespace

absl::Status CheckTlsFiles(const ServerOptions& options, int64_t now_s) {
  absl::StatusOr<Certificate> certificate = ReadCertificate(options.certificate, now_s);
  if (!certificate.ok()) return certificate.status();
  if (auto ca = ReadCertificate(options.agents_ca, now_s); !ca.ok()) return ca.status();
  const File file(std::fopen(options.key.c_str(), "r"));
  if (file == nullptr) return absl::NotFoundError(fmt::format("cannot read the key {}", options.key));
  // No password is asked for: an encrypted key is refused.
  const Key key(PEM_read_PrivateKey(file.get(), nullptr, [](char*, int, int, void*) { return 0; }, nullptr));
  if (key == nullptr)
    return absl::InvalidArgumentError(fmt::format("{} is no PEM key without a password", options.key));
  if (X509_check_private_key(certificate->get(), key.get()) != 1) {
    return absl::InvalidArgumentError(
        fmt::format("the key {} does not belong to the certificate {}", options.key, options.certificate));
  }
  return absl::OkStatus();
}

}  // namespace sluice::controlplane
