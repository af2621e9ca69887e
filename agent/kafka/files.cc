#include "agent/kafka/files.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <sys/stat.h>

#include <cstdio>
#include <ctime>
#include <memory>
#include <vector>

namespace sluice::agent::kafka {
namespace {

template <typename T, auto kFree>
struct Freer {
  void operator()(T* object) const { kFree(object); }
};
using File = std::unique_ptr<std::FILE, Freer<std::FILE, std::fclose>>;
using Certificate = std::unique_ptr<X509, Freer<X509, X509_free>>;

std::string Property(const KafkaOptions& options, const char* name) {
  const auto found = options.properties.find(name);
  return found == options.properties.end() ? "" : found->second;
}

std::string CertificateFile(const KafkaOptions& options) {
  const std::string named = Property(options, "ssl.certificate.location");
  return named.empty() ? options.certificate_file : named;
}

}  // namespace

std::string StampOfFiles(const KafkaOptions& options) {
  std::string stamp;
  for (const std::string& path :
       {CertificateFile(options), options.key_file, options.ca_file, Property(options, "ssl.key.location"),
        Property(options, "ssl.ca.location"), Property(options, "ssl.keystore.location")}) {
    struct stat file{};
    if (path.empty() || stat(path.c_str(), &file) != 0) {
      stamp += "-;";
      continue;
    }
    stamp +=
        fmt::format("{}.{}.{}.{};", file.st_ino, file.st_size, file.st_mtim.tv_sec, file.st_mtim.tv_nsec);
  }
  return stamp;
}

std::string ExpiredCertificate(const KafkaOptions& options) {
  const std::string path = CertificateFile(options);
  const File file(path.empty() ? nullptr : std::fopen(path.c_str(), "r"));
  if (file == nullptr) return "";
  const Certificate certificate(PEM_read_X509(file.get(), nullptr, nullptr, nullptr));
  if (certificate == nullptr) return "";
  std::tm end{};
  if (X509_cmp_current_time(X509_get0_notAfter(certificate.get())) >= 0 ||
      ASN1_TIME_to_tm(X509_get0_notAfter(certificate.get()), &end) != 1)
    return "";
  return fmt::format(
      "the certificate {} is out of date since {:%Y-%m-%dT%H:%M:%SZ}; write a new one and its key there, "
      "it is taken without a restart",
      path, end);
}

}  // namespace sluice::agent::kafka
