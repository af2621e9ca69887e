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

  // One request, sent again with growing pauses while the server is out of reach, answers 5xx or 429, until
  // retry_time has passed: for what may be repeated only, as everything that we ask of a registry. An answer
  // of 5xx in the end is an answer. UNAVAILABLE: never reached. DEADLINE_EXCEEDED: sent, but no answer.
  // RESOURCE_EXHAUSTED: an answer of over 8 MiB. CANCELLED: stopped.
  absl::StatusOr<Response> Do(const Request& request);

  bool Pause(std::chrono::milliseconds time);  // false: stopped
  void Stop();

 private:
  class Handle;
  std::unique_ptr<Handle> Take();
  void Return(std::unique_ptr<Handle> handle);

  const RegistryOptions options_;
  std::atomic<bool> stopped_ = false;
  std::mutex mutex_;
  std::condition_variable stop_;
  std::vector<std::unique_ptr<Handle>> idle_;  // with their open connections
};

}  // namespace sluice::agent::registry
