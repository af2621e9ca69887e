// Settings: the control plane's configuration, read, defaulted and checked. Nothing else reads flags or files
// of configuration.
#pragma once

#include <absl/status/statusor.h>

#include <chrono>
#include <string>

#include "common/clock/clock.h"
#include "common/core/assess.h"
#include "controlplane/rpc/server.h"
#include "controlplane/rpc/token.h"

namespace sluice::controlplane {

// What the command line says; empty: what the file says.
struct Flags {
  std::string config;  // path
  std::string listen;
  std::string data_directory;
  bool check = false;
};

struct Settings {
  std::string data_directory;
  ServerOptions server;
  TokenTrust tokens;
  core::RoleHolders roles;
  std::string metrics_listen;
  std::string log_level;
  std::string address_file;
  std::chrono::seconds drain_timeout{10};
};

// INVALID_ARGUMENT: every problem of the file, one a line.
absl::StatusOr<Settings> LoadSettings(const Flags& flags);

// Whether everything that the settings name is there and usable: certificates, keys, key set, data directory.
absl::Status CheckSettings(const Settings& settings, const Clock& clock);

}  // namespace sluice::controlplane
