#include "controlplane/sync/live_agents.h"

#include <fmt/format.h>

namespace sluice::controlplane {
namespace {

constexpr int kMaxClaims =
    4;  // streams of one incarnation: the present one, and former ones that nobody has noticed the end of

}  // namespace

absl::StatusOr<std::shared_ptr<void>> LiveAgents::Claim(const std::string& cluster,
                                                        const std::string& incarnation) {
  std::lock_guard lock(mutex_);
  if (auto status = CheckLocked(cluster, incarnation); !status.ok()) return status;
  Holder& holder = holders_[cluster];
  if (holder.claims >= kMaxClaims) {
    return absl::ResourceExhaustedError(
        fmt::format("an agent opens one stream ({} are open on {}); close them", holder.claims, cluster));
  }
  holder.incarnation = incarnation;
  ++holder.claims;
  return std::shared_ptr<void>(nullptr, [this, cluster](void*) { Release(cluster); });
}

absl::Status LiveAgents::Check(const std::string& cluster, const std::string& incarnation) const {
  std::lock_guard lock(mutex_);
  return CheckLocked(cluster, incarnation);
}

bool LiveAgents::IsConnected(const std::string& cluster) const {
  std::lock_guard lock(mutex_);
  return holders_.contains(cluster);
}

void LiveAgents::Release(const std::string& cluster) {
  std::lock_guard lock(mutex_);
  const auto holder = holders_.find(cluster);
  if (--holder->second.claims == 0) holders_.erase(holder);
}

absl::Status LiveAgents::CheckLocked(const std::string& cluster, const std::string& incarnation) const {
  const auto holder = holders_.find(cluster);
  if (holder == holders_.end() || holder->second.incarnation == incarnation) return absl::OkStatus();
  return absl::AlreadyExistsError(fmt::format(
      "one agent at a time serves a cluster ({} is served by another incarnation); stop that one first",
      cluster));
}

}  // namespace sluice::controlplane
