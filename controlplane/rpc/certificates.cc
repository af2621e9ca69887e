#include "controlplane/rpc/certificates.h"

#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <ctime>
#include <memory>

namespace sluice::controlplane {
namespace {

template <typename T, void (*kFree)(T*)>
struct Freer {
  void operator()(T* value) const { kFree(value); }
};
struct BioFreer {
  void operator()(BIO* bio) const { BIO_free(bio); }
};
using Certificate = std::unique_ptr<X509, Freer<X509, X509_free>>;
using Key = std::unique_ptr<EVP_PKEY, Freer<EVP_PKEY, EVP_PKEY_free>>;
using Bio = std::unique_ptr<BIO, BioFreer>;

Bio Over(std::string_view pem) { return Bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()))); }

Certificate ReadCertificate(std::string_view pem) {
  return Certificate(PEM_read_bio_X509(Over(pem).get(), nullptr, nullptr, nullptr));
}

}  // namespace

absl::Status CheckPair(std::string_view certificate_pem, std::string_view key_pem) {
  const Certificate certificate = ReadCertificate(certificate_pem);
  if (certificate == nullptr) return absl::InvalidArgumentError("the certificate is no PEM certificate");
  const Key key(PEM_read_bio_PrivateKey(
      Over(key_pem).get(), nullptr, [](char*, int, int, void*) { return 0; }, nullptr));
  if (key == nullptr) return absl::InvalidArgumentError("the key is no PEM key without a password");
  if (X509_check_private_key(certificate.get(), key.get()) == 1) return absl::OkStatus();
  return absl::InvalidArgumentError("the key does not belong to the certificate; replace both");
}

absl::StatusOr<int64_t> CertificateEnd(std::string_view pem) {
  const Certificate certificate = ReadCertificate(pem);
  std::tm end{};
  if (certificate == nullptr || ASN1_TIME_to_tm(X509_get0_notAfter(certificate.get()), &end) != 1)
    return absl::InvalidArgumentError("there is no PEM certificate");
  return static_cast<int64_t>(timegm(&end));
}

}  // namespace sluice::controlplane
