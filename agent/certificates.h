// Certificates: what a PEM file of an agent's TLS identity holds, as far as it can go wrong.
// Thread safety: free functions over files; any thread.
#pragma once

#include <absl/status/statusor.h>

#include <string>
#include <vector>

#include "common/clock/clock.h"
#include "sluice/internal/v1/config.pb.h"

namespace sluice::agent {

struct Certificate {
  std::string subject;            // `CN=eu-prod`
  std::vector<std::string> uris;  // its URI SANs
  Time not_before, not_after;
  bool is_ca = false;
};

// What belongs together: a certificate chain with its key, or CA certificates.
struct CertificateFile {
  std::string use;  // `tls.certificate`, `kafka.tls.ca` …
  std::string path;
  std::string key;  // path of its key; empty: CA certificates
};

// The certificate files that a configuration names.
std::vector<CertificateFile> CertificateFilesOf(const sluice::internal::v1::AgentConfig& config);

// Every certificate in a PEM file, in its order; at most 1 MiB. INVALID_ARGUMENT: it holds none, or one that
// is broken.
absl::StatusOr<std::vector<Certificate>> ReadCertificates(const std::string& path);

// OK: the key in `key_path` is that of the first certificate in `path`, and each certificate there is signed
// by the next one.
absl::Status CheckChainAndKey(const std::string& path, const std::string& key_path);

// Whether a certificate expires within 30 days or, if it is a short-lived one, within the last third of its
// life.
bool ExpiresSoon(const Certificate& certificate, Time now);

// The one that expires first.
const Certificate& FirstToExpire(const std::vector<Certificate>& certificates);  // precondition: not empty

std::string DayOf(Time time);  // `2026-11-22`

}  // namespace sluice::agent
