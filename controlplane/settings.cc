#include "controlplane/settings.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "common/log/log.h"
#include "common/manifest/manifest.h"
#include "sluice/internal/v1/config.pb.h"

namespace sluice::controlplane {
namespace {

constexpr int64_t kMaxDrainSeconds = 600;

template <typename List>
absl::Status AddHolders(core::Role role, const char* field, const List& holders, core::RoleHolders& roles) {
  for (const std::string& holder : holders) {
    const bool known = holder.rfind("group:", 0) == 0 || holder.rfind("user:", 0) == 0;
    if (!known || holder.size() <= holder.find(':') + 1) {
      return absl::InvalidArgumentError(
          fmt::format("roles.{}: holders are written group:NAME or user:SUBJECT (got '{}')", field, holder));
    }
    roles[role].push_back(holder);
  }
  return absl::OkStatus();
}

absl::StatusOr<core::RoleHolders> ReadRoles(const sluice::internal::v1::RoleHolders& config) {
  core::RoleHolders roles;
  absl::Status status = AddHolders(core::Role::kReviewBoard, "review_board", config.review_board(), roles);
  status.Update(
      AddHolders(core::Role::kDataProductsTeam, "data_products_team", config.data_products_team(), roles));
  status.Update(
      AddHolders(core::Role::kPlatformOperator, "platform_operator", config.platform_operator(), roles));
  status.Update(AddHolders(core::Role::kAuditor, "auditor", config.auditor(), roles));
  if (!status.ok()) return status;
  return roles;
}

TokenTrust ReadTrust(const sluice::internal::v1::TokenTrust& config) {
  TokenTrust trust;
  trust.issuer = config.issuer();
  trust.audience = config.audience();
  trust.jwks_file = config.jwks_file();
  trust.jwks_url = config.jwks_url();
  trust.jwks_ca = config.jwks_ca();
  if (config.has_jwks_refresh()) trust.jwks_refresh = std::chrono::seconds(config.jwks_refresh().seconds());
  if (!config.algorithms().empty())
    trust.algorithms = {config.algorithms().begin(), config.algorithms().end()};
  if (!config.groups_claim().empty()) trust.groups_claim = config.groups_claim();
  return trust;
}

absl::Status CheckDataDirectory(const std::string& path) {
  std::error_code error;
  const std::filesystem::path directory(path);
  if (std::filesystem::exists(directory, error)) {
    if (std::filesystem::is_directory(directory, error) && access(path.c_str(), R_OK | W_OK | X_OK) == 0)
      return absl::OkStatus();
    return absl::InvalidArgumentError(
        fmt::format("data_directory {} is no directory that can be written", path));
  }
  const std::filesystem::path parent = std::filesystem::absolute(directory, error).parent_path();
  if (std::filesystem::is_directory(parent, error) && access(parent.c_str(), W_OK | X_OK) == 0)
    return absl::OkStatus();
  return absl::InvalidArgumentError(
      fmt::format("data_directory {} cannot be made; make its parent and give access", path));
}

}  // namespace

absl::StatusOr<Settings> LoadSettings(const Flags& flags) {
  sluice::internal::v1::ControlPlaneConfig config;
  if (absl::Status status = manifest::LoadConfig(flags.config, config); !status.ok()) return status;
  Settings settings;
  settings.data_directory = flags.data_directory.empty() ? config.data_directory() : flags.data_directory;
  settings.server = {.listen = flags.listen.empty() ? config.listen() : flags.listen,
                     .certificate = config.tls().certificate(),
                     .key = config.tls().key(),
                     .agents_ca = config.agents_ca()};
  settings.tokens = ReadTrust(config.tokens());
  settings.metrics_listen = config.metrics_listen();
  settings.log_level = config.log_level().empty() ? "info" : config.log_level();
  settings.address_file = config.address_file();
  absl::StatusOr<core::RoleHolders> roles = ReadRoles(config.roles());
  if (!roles.ok()) return roles.status();
  settings.roles = *std::move(roles);
  if (config.has_drain_timeout())
    settings.drain_timeout = std::chrono::seconds(config.drain_timeout().seconds());
  if (settings.drain_timeout.count() < 0 || settings.drain_timeout.count() > kMaxDrainSeconds) {
    return absl::InvalidArgumentError(fmt::format("drain_timeout is 0s to {}s", kMaxDrainSeconds));
  }
  return settings;
}

absl::Status CheckSettings(const Settings& settings, const Clock& clock) {
  if (!log::SetLevel(settings.log_level)) {
    return absl::InvalidArgumentError(
        fmt::format("log_level is debug, info, warn or error (got '{}')", settings.log_level));
  }
  const int64_t now =
      std::chrono::duration_cast<std::chrono::seconds>(clock.Now().time_since_epoch()).count();
  if (absl::Status status = CheckTlsFiles(settings.server, now); !status.ok()) return status;
  if (absl::Status status = CheckTokenTrust(settings.tokens); !status.ok()) return status;
  return CheckDataDirectory(settings.data_directory);
}

}  // namespace sluice::controlplane
