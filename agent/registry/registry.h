// A Confluent-compatible schema registry as a target of the agent, over HTTPS (libcurl).
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "agent/target.h"

namespace sluice::agent {

struct RegistryOptions {
  std::string url;  // `https://registry.example:8081`, with the path of the API where it has one
  // PEM files, read again for new connections when they change. Without a CA the system's are trusted.
  std::string ca_file;
  std::string certificate_file;
  std::string key_file;
  // Basic (user and password) or bearer credentials, or none; files are read again when they change and after
  // a 401. Over `https://` or the loopback only.
  std::string username;
  std::string password_file;
  std::string bearer_token_file;
  std::chrono::milliseconds request_timeout{10000};  // of each request, 100 ms to 5 min
  std::chrono::milliseconds retry_time{
      10000};                         // how long a request is tried while the registry is in trouble
  std::chrono::milliseconds pace{2};  // pause between the subjects of a look
};

// Connects on first use and keeps connections. INVALID_ARGUMENT: the options cannot be used.
absl::StatusOr<std::unique_ptr<RegistryTarget>> OpenRegistry(const RegistryOptions& options);

}  // namespace sluice::agent
