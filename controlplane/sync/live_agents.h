// LiveAgents: which incarnation of an agent holds the stream of a cluster. A second one is refused while the
// first one lives. Thread safety: all members may be called from any thread.
#pragma once

#include <absl/status/statusor.h>

#include <map>
#include <memory>
#include <mutex>
#include <string>

namespace sluice::controlplane {

class LiveAgents {
 public:
  // Holds `cluster` for `incarnation` until the claim is destroyed. The same incarnation may claim again,
  // because its former stream can outlive its connection. ALREADY_EXISTS: another incarnation holds it.
  // RESOURCE_EXHAUSTED: it claims over and over.
  absl::StatusOr<std::shared_ptr<void>> Claim(const std::string& cluster, const std::string& incarnation);
  // ALREADY_EXISTS while another incarnation holds `cluster`.
  absl::Status Check(const std::string& cluster, const std::string& incarnation) const;
  bool IsConnected(const std::string& cluster) const;

 private:
  struct Holder {
    std::string incarnation;
    int claims = 0;
  };
  void Release(const std::string& cluster);
  absl::Status CheckLocked(const std::string& cluster, const std::string& incarnation) const;

  mutable std::mutex mutex_;
  std::map<std::string, Holder> holders_;  // by cluster; guarded by mutex_
};

}  // namespace sluice::controlplane
