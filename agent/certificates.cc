#include "agent/certificates.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <fstream>
#include <memory>

namespace sluice::agent {
namespace {

constexpr size_t kMaxPem = 1u << 20;

template <typename T, void (*kFree)(T*)>
struct Freer {
  void operator()(T* object) const { kFree(object); }
};
using X509Ptr = std::unique_ptr<X509, Freer<X509, X509_free>>;
using BioPtr = std::unique_ptr<BIO, Freer<BIO, BIO_free_all>>;
using KeyPtr = std::unique_ptr<EVP_PKEY, Freer<EVP_PKEY, EVP_PKEY_free>>;
using NamesPtr = std::unique_ptr<GENERAL_NAMES, Freer<GENERAL_NAMES, GENERAL_NAMES_free>>;

absl::StatusOr<std::string> ReadPem(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return absl::InvalidArgumentError(fmt::format("{} cannot be read", path));
  std::string text(kMaxPem + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<size_t>(file.gcount()));
  if (text.size() > kMaxPem) return absl::InvalidArgumentError(fmt::format("{} is over 1 MiB", path));
  return text;
}

absl::StatusOr<std::vector<X509Ptr>> ParseAll(const std::string& path) {
  const absl::StatusOr<std::string> text = ReadPem(path);
  if (!text.ok()) return text.status();
  const BioPtr bio(BIO_new_mem_buf(text->data(), static_cast<int>(text->size())));
  std::vector<X509Ptr> all;
  ERR_clear_error();
  while (X509* one = PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)) all.emplace_back(one);
  const unsigned long error = ERR_peek_last_error();
  ERR_clear_error();
  if (ERR_GET_REASON(error) != PEM_R_NO_START_LINE)  // how the end is told
    return absl::InvalidArgumentError(fmt::format("{} holds a certificate that is broken", path));
  if (all.empty()) return absl::InvalidArgumentError(fmt::format("{} holds no certificate", path));
  return all;
}

std::string SubjectOf(const X509* certificate) {
  const BioPtr bio(BIO_new(BIO_s_mem()));
  X509_NAME_print_ex(bio.get(), X509_get_subject_name(certificate), 0,
                     XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB);
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return {data, static_cast<size_t>(std::max(size, 0L))};
}

Time ToTime(const ASN1_TIME* time) {
  std::tm parts{};
  if (ASN1_TIME_to_tm(time, &parts) != 1) return Time{};
  return Time(std::chrono::seconds(timegm(&parts)));
}

std::vector<std::string> UrisOf(const X509* certificate) {
  std::vector<std::string> uris;
  const NamesPtr names(
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
  for (int i = 0; names != nullptr && i < sk_GENERAL_NAME_num(names.get()); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), i);
    if (name->type != GEN_URI) continue;
    const ASN1_IA5STRING* uri = name->d.uniformResourceIdentifier;
    uris.emplace_back(reinterpret_cast<const char*>(ASN1_STRING_get0_data(uri)),
                      static_cast<size_t>(ASN1_STRING_length(uri)));
  }
  return uris;
}

// A key with a passphrase is not asked for one.
int NoPassphrase(char*, int, int, void*) { return 0; }

}  // namespace

std::vector<CertificateFile> CertificateFilesOf(const sluice::internal::v1::AgentConfig& config) {
  std::vector<CertificateFile> files;
  const auto add = [&](const std::string& use, const sluice::internal::v1::TlsFiles& tls) {
    if (!tls.certificate().empty()) files.push_back({use + ".certificate", tls.certificate(), tls.key()});
    if (!tls.ca().empty()) files.push_back({use + ".ca", tls.ca(), ""});
  };
  add("tls", config.tls());
  add("kafka.tls", config.kafka().tls());
  add("registry.tls", config.registry().tls());
  return files;
}

absl::StatusOr<std::vector<Certificate>> ReadCertificates(const std::string& path) {
  const auto all = ParseAll(path);
  if (!all.ok()) return all.status();
  std::vector<Certificate> certificates;
  for (const X509Ptr& one : *all) {
    Certificate certificate;
    certificate.subject = SubjectOf(one.get());
    certificate.uris = UrisOf(one.get());
    certificate.not_before = ToTime(X509_get0_notBefore(one.get()));
    certificate.not_after = ToTime(X509_get0_notAfter(one.get()));
    certificate.is_ca = X509_check_ca(one.get()) != 0;
    certificates.push_back(std::move(certificate));
  }
  return certificates;
}

absl::Status CheckChainAndKey(const std::string& path, const std::string& key_path) {
  const auto all = ParseAll(path);
  if (!all.ok()) return all.status();
  const absl::StatusOr<std::string> text = ReadPem(key_path);
  if (!text.ok()) return text.status();
  const BioPtr bio(BIO_new_mem_buf(text->data(), static_cast<int>(text->size())));
  const KeyPtr key(PEM_read_bio_PrivateKey(bio.get(), nullptr, &NoPassphrase, nullptr));
  ERR_clear_error();
  if (key == nullptr)
    return absl::InvalidArgumentError(fmt::format("{} holds no private key without passphrase", key_path));
  const bool matches = X509_check_private_key(all->front().get(), key.get()) == 1;
  ERR_clear_error();
  if (!matches)
    return absl::InvalidArgumentError(fmt::format("the key in {} is not that of {}", key_path, path));
  for (size_t i = 0; i + 1 < all->size(); ++i) {
    const bool signs = X509_verify((*all)[i].get(), X509_get0_pubkey((*all)[i + 1].get())) == 1;
    ERR_clear_error();
    if (!signs) {
      return absl::InvalidArgumentError(
          fmt::format("certificate {} in {} is not signed by the one after it", i + 1, path));
    }
  }
  return absl::OkStatus();
}

bool ExpiresSoon(const Certificate& certificate, Time now) {
  constexpr std::chrono::microseconds kMonth = std::chrono::hours(24 * 30);
  const std::chrono::microseconds third = (certificate.not_after - certificate.not_before) / 3;
  return certificate.not_after <= now + std::min(kMonth, third);
}

const Certificate& FirstToExpire(const std::vector<Certificate>& certificates) {
  return *std::min_element(
      certificates.begin(), certificates.end(),
      [](const Certificate& a, const Certificate& b) { return a.not_after < b.not_after; });
}

std::string DayOf(Time time) {
  return fmt::format("{:%Y-%m-%d}", fmt::gmtime(std::chrono::system_clock::to_time_t(
                                        std::chrono::time_point_cast<std::chrono::seconds>(time))));
}

}  // namespace sluice::agent
