// ServedCertificate: the server's certificate, key and agents' CA as they are served: read again every second
// from their files, and taken only together and only when they fit, so that a pair that is being replaced, or
// was replaced by halves, stops no connection. What was good before stays in force meanwhile, and a line of
// the log says what is wrong.
//
// gRPC reads files; it is given files in memory, which only this process can name. Thread safety: all members
// may be called from any thread.
#pragma once

#include <absl/status/statusor.h>

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "common/clock/clock.h"

namespace sluice::controlplane {

struct CertificateFiles {
  std::string certificate, key, ca;  // paths of PEM files
  bool operator==(const CertificateFiles&) const = default;
};

class ServedCertificate {
 public:
  // `clock` outlives it. INVALID_ARGUMENT, NOT_FOUND: the files cannot be served now.
  static absl::StatusOr<std::unique_ptr<ServedCertificate>> Open(const CertificateFiles& files, Clock& clock);
  ~ServedCertificate();
  ServedCertificate(const ServedCertificate&) = delete;
  ServedCertificate& operator=(const ServedCertificate&) = delete;

  const CertificateFiles& paths() const { return paths_; }  // for gRPC
  int64_t ends_at() const;  // of the certificate that is served, seconds since 1970

 private:
  struct Contents {
    std::string certificate, key, ca;
    bool operator==(const Contents&) const = default;
  };
  ServedCertificate(CertificateFiles files, Clock& clock) : files_(std::move(files)), clock_(clock) {}
  absl::StatusOr<Contents> Read() const;
  absl::Status Publish(const Contents& contents);
  absl::Status Refresh();
  void Loop();

  const CertificateFiles files_;
  Clock& clock_;
  int certificate_fd_ = -1, key_fd_ = -1, ca_fd_ = -1;
  CertificateFiles paths_;
  Contents seen_;  // of Open, then of the thread
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  bool closed_ = false;  // guarded by mutex_
  int64_t ends_at_ = 0;  // guarded by mutex_
  std::thread thread_;
};

}  // namespace sluice::controlplane
