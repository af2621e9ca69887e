// Certificates: what PEM texts say. Pure.
#pragma once

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include <cstdint>
#include <string_view>

namespace sluice::controlplane {

// Whether a private key without a password and the first certificate of a chain belong together.
absl::Status CheckPair(std::string_view certificate_pem, std::string_view key_pem);

// Until when the first certificate is valid, seconds since 1970. INVALID_ARGUMENT: there is none.
absl::StatusOr<int64_t> CertificateEnd(std::string_view pem);

}  // namespace sluice::controlplane
