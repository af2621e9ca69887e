// Cache: the last approved state on disk, so that an agent goes on from it when the control plane is away.
//
// An update (Begin, Put and Remove, Commit) takes effect as one, durably, or not at all; what was staged
// before a crash or an Abandon leaves no trace. Everything is verified when it is loaded: each slice against
// its SHA-256, the set of slices and the bookmark against a checksum. What is corrupted is never acted on:
// the file is set aside as `{path}.corrupt`, `problem` says why, and the state is empty (revision 0), which
// asks the control plane for everything. So is a file that cannot be opened or that a newer version wrote. A
// disk that is full sets nothing aside: what is held stays held, there and here.
//
// Errors: DATA_LOSS for a slice whose bytes do not match its digest; those of Database otherwise.
// Thread safety: belongs to one thread at a time.
#pragma once

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include <memory>
#include <set>
#include <string>
#include <string_view>

#include "agent/desired.h"
#include "agent/store_file.h"
#include "common/clock/clock.h"

namespace sluice::agent {

inline constexpr size_t kMaxSliceBytes = 64u << 20;  // far above what a change may hold (16 MiB)
inline constexpr size_t kMaxSlices = 2'000'000;

class Cache {
 public:
  // `path` is the SQLite file. FAILED_PRECONDITION: another process holds it.
  static absl::StatusOr<std::unique_ptr<Cache>> Open(const std::string& path, Clock& clock);
  ~Cache();

  const std::shared_ptr<const DesiredState>& state() const { return state_; }
  // What was wrong with the file when it was opened; empty: nothing. Cleared by the first full update.
  const std::string& problem() const { return problem_; }

  struct Header {
    bool full = false;
    bool may_apply = false;
    std::set<std::string> reserved_principals;
  };
  absl::Status Begin(const Header& header);
  absl::Status Put(const std::string& key, int64_t generation, const std::string& digest,
                   const std::string& body);
  absl::Status Remove(const std::string& key);
  // Returns the new state and the keys that differ from the former one. `owned` is left empty.
  absl::StatusOr<DesiredUpdate> Commit(int64_t revision, const std::string& history_hash);
  // Forgets what was staged. No effect outside an update.
  void Abandon();

  // Marks the state as one that the control plane does not know; the next Commit clears it. Not inside an
  // update.
  absl::StatusOr<DesiredUpdate> MarkHistoryUnknown();

  // How the last write ended. Not OK: the disk holds an older state than was sent.
  const absl::Status& writes() const { return writes_; }
  // Whether somebody deleted or replaced the file. From any thread.
  bool Deleted() const { return file_.Deleted(); }
  // Opens what is at the path now, a new file if there is none; the state is what that holds, mostly nothing.
  absl::Status OpenAgain();

 private:
  struct Staged;

  Cache(std::string path, Clock& clock);
  absl::Status Load();
  absl::Status SetAside(const absl::Status& why);
  absl::Status BeginStaged(const Header& header);
  absl::Status PutStaged(const std::string& key, int64_t generation, const std::string& digest,
                         const std::string& body);
  absl::StatusOr<DesiredUpdate> CommitStaged(int64_t revision, const std::string& history_hash);
  absl::Status Noted(absl::Status status);  // remembers how a write ended
  absl::Status WriteBookmark(const DesiredState& state, const std::string& fold);

  Clock& clock_;
  StoreFile file_;
  absl::Status writes_;
  std::shared_ptr<const DesiredState> state_;
  std::string fold_;  // order-independent digest of all slices held
  std::string problem_;
  std::unique_ptr<Staged> staged_;
};

}  // namespace sluice::agent
