// KeySource: where the trusted keys come from, always with an answer at once.
//
// A file is read again when it changes. A URL (HTTPS only, no redirects, at most 1 MiB, 10 s) is fetched by a
// thread of the source: at the start, every `refresh` (jittered), soon again after a failure, and at most
// every 10 s for a key that is asked for and unknown. Whatever cannot be read, the last good set stays.
// Thread safety: all members may be called from any thread.
#pragma once

#include <absl/status/statusor.h>

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "common/clock/clock.h"
#include "controlplane/rpc/key_set.h"

namespace sluice::controlplane {

inline constexpr std::chrono::seconds kMinKeyFetchInterval{10};

class KeySource {
 public:
  virtual ~KeySource() = default;
  // The last good set; null: there was none yet.
  virtual std::shared_ptr<const KeySet> Keys() = 0;
  // A key was wanted that `seen`, which Keys returned, has not. True: ask again in a moment, because the set is being
  // fetched or has come meanwhile. False: what Keys returns is all there is.
  virtual bool Miss(const KeySet* seen) = 0;
  // When the set was last read or confirmed; nullopt: never.
  virtual std::optional<Time> ReadAt() = 0;
};

// NOT_FOUND, INVALID_ARGUMENT: the file cannot be used now.
absl::StatusOr<std::unique_ptr<KeySource>> OpenKeyFile(const std::string& path, const Clock& clock);

struct KeyUrl {
  std::string url;
  std::string ca_file;  // empty: the system's
  std::chrono::seconds refresh{300};
};
// Waits for the first fetch, but never fails for it: a control plane starts while its provider is away.
std::unique_ptr<KeySource> OpenKeyUrl(const KeyUrl& from, Clock& clock);

// One fetch. UNAVAILABLE: no answer, or another than 200; INVALID_ARGUMENT: no usable key set.
absl::StatusOr<std::shared_ptr<const KeySet>> FetchKeys(const KeyUrl& from);
// INVALID_ARGUMENT: not `https://HOST…`.
absl::Status CheckKeyUrl(const std::string& url);

}  // namespace sluice::controlplane
