// VerifiedTokens: remembers tokens whose signature was found good, so that a caller's next call costs a hash
// instead of a signature. Keyed by SHA-256, so that no token is kept. An entry counts only for the keys it
// was verified with and until its token ends.
//
// Thread safety: all members may be called from any thread.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

#include "common/clock/clock.h"
#include "controlplane/rpc/token.h"

namespace sluice::controlplane {

class VerifiedTokens {
 public:
  // `keys`: those that are trusted now; compared by identity.
  std::optional<TokenClaims> Find(const std::string& digest, const std::shared_ptr<const void>& keys,
                                  Time now) const {
    std::lock_guard lock(mutex_);
    const auto it = entries_.find(digest);
    if (it == entries_.end() || keys_ != keys || !(now < it->second.good_until)) return std::nullopt;
    return it->second;
  }

  void Add(const std::string& digest, const std::shared_ptr<const void>& keys, const TokenClaims& claims) {
    std::lock_guard lock(mutex_);
    if (keys_ != keys || entries_.size() >= kMaxEntries) entries_.clear();
    keys_ = keys;
    entries_.insert_or_assign(digest, claims);
  }

 private:
  static constexpr size_t kMaxEntries = 10'000;

  mutable std::mutex mutex_;
  std::shared_ptr<const void> keys_;                      // guarded by mutex_
  std::unordered_map<std::string, TokenClaims> entries_;  // guarded by mutex_
};

}  // namespace sluice::controlplane
