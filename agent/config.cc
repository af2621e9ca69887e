#include "agent/config.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <google/protobuf/util/time_util.h>

#include <utility>
#include <vector>

#include "common/manifest/manifest.h"

namespace sluice::agent {
namespace {

namespace v1 = sluice::internal::v1;
using std::chrono::microseconds;

constexpr microseconds kDefaultResync = std::chrono::seconds(60);
constexpr microseconds kDefaultOfflineAge = std::chrono::hours(24 * 7);
constexpr microseconds kLeastResync = std::chrono::seconds(1);
constexpr microseconds kMostResync = std::chrono::hours(24);
constexpr size_t kMaxPem = 1u << 20;

using Problems = std::vector<std::string>;

void CheckPem(const char* field, const std::string& file, Problems& problems) {
  auto text = manifest::ReadLocalFile(file, kMaxPem);
  if (!text.ok()) {
    problems.push_back(
        fmt::format("{}: {} cannot be read: {}", field, file, std::string(text.status().message())));
  } else if (text->find("-----BEGIN ") == std::string::npos) {
    problems.push_back(fmt::format("{}: {} is not a PEM file", field, file));
  }
}

// A certificate and its key go together; a CA may stand alone.
void CheckTls(const std::string& field, const v1::TlsFiles& tls, bool required, Problems& problems) {
  if (required && (tls.certificate().empty() || tls.key().empty() || tls.ca().empty())) {
    problems.push_back(fmt::format("{}: certificate, key and ca are required", field));
  }
  if (tls.certificate().empty() != tls.key().empty())
    problems.push_back(fmt::format("{}: certificate and key go together", field));
  if (!tls.certificate().empty()) CheckPem((field + ".certificate").c_str(), tls.certificate(), problems);
  if (!tls.key().empty()) CheckPem((field + ".key").c_str(), tls.key(), problems);
  if (!tls.ca().empty()) CheckPem((field + ".ca").c_str(), tls.ca(), problems);
}

microseconds DurationOr(bool set, const google::protobuf::Duration& duration, microseconds otherwise) {
  return set ? microseconds(google::protobuf::util::TimeUtil::DurationToMicroseconds(duration)) : otherwise;
}

void CheckGuard(const v1::Guard& guard, const std::string& file, Problems& problems) {
  if (guard.destructive_budget() < 0) {
    problems.push_back(
        fmt::format("{}: destructive_budget is 0 or more (got {})", file, guard.destructive_budget()));
  }
  for (const std::string& prefix : guard.denied_prefixes()) {
    if (prefix.empty())
      problems.push_back(fmt::format("{}: an empty denied prefix denies everything; remove it", file));
  }
  for (const std::string& principal : guard.forbidden_principals()) {
    if (principal.rfind("User:", 0) == 0) {
      problems.push_back(
          fmt::format("{}: forbidden_principals are users without 'User:' (got '{}')", file, principal));
    }
  }
}

}  // namespace

absl::StatusOr<AgentOptions> LoadOptions(const std::string& path) {
  AgentOptions options;
  v1::AgentConfig& config = options.config;
  if (absl::Status status = manifest::LoadConfig(path, config); !status.ok()) return status;
  Problems problems;
  CheckTls("tls", config.tls(), /*required=*/true, problems);
  CheckTls("kafka.tls", config.kafka().tls(), /*required=*/false, problems);
  CheckTls("registry.tls", config.registry().tls(), /*required=*/false, problems);
  if (config.kafka().bootstrap_servers().empty()) problems.push_back("kafka.bootstrap_servers: is required");
  if (!(config.kafka().partition_mutation_rate() >= 0))
    problems.push_back("kafka.partition_mutation_rate: is 0 (no limit) or more");
  options.resync_interval =
      DurationOr(config.has_resync_interval(), config.resync_interval(), kDefaultResync);
  if (options.resync_interval < kLeastResync || options.resync_interval > kMostResync) {
    problems.push_back("resync_interval: is between 1s and 24h");
  }
  options.max_offline_age =
      DurationOr(config.has_max_offline_age(), config.max_offline_age(), kDefaultOfflineAge);
  if (options.max_offline_age < options.resync_interval) {
    problems.push_back("max_offline_age: is not shorter than resync_interval");
  }
  if (!config.guard_file().empty()) {
    v1::Guard guard;
    if (absl::Status status = manifest::LoadConfig(config.guard_file(), guard); !status.ok()) {
      problems.push_back(std::string(status.message()));
    }
    CheckGuard(guard, config.guard_file(), problems);
    options.guard = FromProto(guard);
  }
  if (problems.empty()) return options;
  for (std::string& problem : problems) {
    if (problem.rfind(config.guard_file(), 0) != 0 || config.guard_file().empty())
      problem = fmt::format("{}: {}", path, problem);
  }
  return absl::InvalidArgumentError(fmt::format("{}", fmt::join(problems, "\n")));
}

}  // namespace sluice::agent
