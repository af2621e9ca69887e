// Credentials: how a registry knows the agent, read from files so that they can be rotated.
//
// Thread safety: all members may be called from any thread.
#pragma once

#include <mutex>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "agent/registry/registry.h"

namespace sluice::agent::registry {

// What one request shows. Never logged, never in a status.
struct Secret {
  std::string username, password;  // basic; empty: none
  std::string token;               // bearer; empty: none
  bool operator==(const Secret&) const = default;
};

// Identity of a file's content: changes when it is written or replaced. Empty: there is no such file.
std::string StampOf(const std::string& path);

class Credentials {
 public:
  explicit Credentials(const RegistryOptions& options);

  // The present ones; a file is read again when it changed. FAILED_PRECONDITION: a file cannot be used, with
  // its name.
  absl::StatusOr<Secret> Get();
  // The present ones, read again whatever the files' times say: after a refusal.
  absl::StatusOr<Secret> GetAgain();

 private:
  absl::StatusOr<Secret> Read();  // callers hold mutex_

  const std::string username_, file_;
  const bool bearer_;
  std::mutex mutex_;
  std::string stamp_;  // of the file that `secret_` was read from
  Secret secret_;
};

// Whether the options' credentials may be sent: they go together, and secrets over TLS or the loopback only.
absl::Status CheckCredentials(const RegistryOptions& options);

}  // namespace sluice::agent::registry
