// Configuration of sluice-agent: the file, checked, with defaults and the guard file in place.
#pragma once

#include <absl/status/statusor.h>

#include <chrono>
#include <string>

#include "agent/guard.h"
#include "sluice/internal/v1/config.pb.h"

namespace sluice::agent {

struct AgentOptions {
  sluice::internal::v1::AgentConfig config;
  GuardRules guard;
  std::chrono::microseconds resync_interval{};
  std::chrono::microseconds max_offline_age{};
};

// Reads the configuration file and the guard file that it names. INVALID_ARGUMENT: every problem, one a line.
absl::StatusOr<AgentOptions> LoadOptions(const std::string& path);

}  // namespace sluice::agent
