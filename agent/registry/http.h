// Http: requests to one server over kept connections.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "agent/registry/credentials.h"
#include "agent/registry/registry.h"

namespace sluice::agent::registry {

inline constexpr size_t kMaxResponse = size_t{8} << 20U;

struct Request {
  std::string method = "GET";
  std::string path;  // below the URL, encoded, with its leading slash
  std::string body;  // JSON; empty: none
};

struct Response {
  int code = 0;  // HTTP status
  std::string body;
  std::string location;                 // where a redirect leads; never followed
  std::string date;                     // the server's time, as it says it (RFC 9110); empty: it does not
  std::chrono::seconds retry_after{0};  // how long the server wants to be left alone; 0: it does not say
};

// How often a request may be sent.
enum class Effort {
  kPatient,  // again, until retry_time has passed
  kOnce,
};

// Percent-encodes everything but RFC 3986's unreserved letters.
std::string Encode(const std::string& segment);

// Thread safety: all members may be called from any thread.
class Http {
 public:
  explicit Http(RegistryOptions options);
  ~Http();
  Http(const Http&) = delete;
  Http& operator=(const Http&) = delete;

  // One request, sent again with growing pauses (or the server's Retry-After) while the server is out of
  // reach, answers 5xx or 429, or cuts its answer short, until retry_time has passed: for what may be
  // repeated only, as everything that we ask of a registry. After a 401 the credentials are read again, and
  // if they are others the request is sent once more. An answer of 5xx in the end is an answer.
  //
  // UNAVAILABLE: never reached, or the server asked to be left alone and the time is not over (nothing is
  // sent then). DEADLINE_EXCEEDED: sent, but no whole answer. FAILED_PRECONDITION: our credentials' file
  // cannot be used. RESOURCE_EXHAUSTED: an answer of over 8 MiB. CANCELLED: stopped.
  absl::StatusOr<Response> Do(const Request& request, Effort effort = Effort::kPatient);

  bool Pause(std::chrono::milliseconds time);  // false: stopped
  void Stop();

 private:
  class Handle;
  using Steady = std::chrono::steady_clock::time_point;
  std::unique_ptr<Handle> Take();
  void Return(std::unique_ptr<Handle> handle);
  absl::StatusOr<Response> SendOnce(const Request& request, const Secret& secret);
  absl::StatusOr<Response> SendKnown(const Request& request);
  absl::Status LeftAlone();
  std::string TlsStamp() const;

  const RegistryOptions options_;
  Credentials credentials_;
  std::atomic<bool> stopped_ = false;
  std::mutex mutex_;
  std::condition_variable stop_;
  std::vector<std::unique_ptr<Handle>> idle_;  // with their open connections
  std::string tls_stamp_;                      // of the files that they were opened with
  Steady quiet_until_{};                       // the server asked to be left alone
};

}  // namespace sluice::agent::registry
