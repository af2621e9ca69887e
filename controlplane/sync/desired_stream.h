// DesiredStream: the messages that bring one agent from what it holds to what is approved, and keep it there.
//
// Each set (Begin … Bookmark) is exactly the state of one revision: contents are compiled from that
// revision's immutable State, also where a slice has changed again meanwhile. Such a slice carries the set's
// revision as its generation (its own is not recorded any more; what was approved then is not newer), and
// comes again with the next set. A key may come twice in a set, with the same content; the later one counts.
// So an agent never holds a mixture, and history hashes mean what they say after a restore.
//
// One message exists at a time; slices are compiled as they are asked for. An agent whose history the store
// does not know (its revision is above the store's, or the hash differs) gets Begin.history_unknown and
// nothing else for the life of the stream. One that holds nothing, asks for it, or holds less than it once
// reported (its disk was restored from a copy), gets everything, and is told in pieces what is its own.
//
// Thread safety: one thread at a time.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "controlplane/store/slice_source.h"
#include "controlplane/store/store.h"
#include "sluice/v1/agent.pb.h"

namespace sluice::controlplane {

inline constexpr int32_t kProtocolVersion = 1;
inline constexpr size_t kChunkBytes = 900 * 1024;  // data of a message; well below gRPC's limit of 4 MiB
inline constexpr int64_t kOwnedPerPiece = 5000;    // topics, and subjects

// FAILED_PRECONDITION: another protocol version. INVALID_ARGUMENT: no incarnation, negative revision.
absl::Status CheckWatchRequest(const sluice::v1::WatchDesiredRequest& request);

class DesiredStream {
 public:
  // `store` outlives the stream. `agent` is the URI SAN that the cluster is bound to. `request` was checked.
  DesiredStream(Store& store, std::string cluster, std::string agent,
                const sluice::v1::WatchDesiredRequest& request);

  // The next message; nullopt: the agent is up to date, ask again after a commit. NOT_FOUND: the cluster is
  // not registered. PERMISSION_DENIED: it is not bound to the agent any more.
  absl::StatusOr<std::optional<sluice::v1::WatchDesiredResponse>> Next();

 private:
  enum class Phase { kStart, kIdle, kOwned, kSlices, kUnknownHistory };
  // What of the cluster the agent is told with Begin.
  struct Terms {
    bool may_apply = false;
    std::vector<std::string> reserved_principals;
    bool operator==(const Terms&) const = default;
  };

  absl::StatusOr<std::optional<sluice::v1::WatchDesiredResponse>> Start();
  absl::StatusOr<std::optional<sluice::v1::WatchDesiredResponse>> BeginIfChanged();
  sluice::v1::WatchDesiredResponse MakeBegin();
  absl::StatusOr<std::optional<sluice::v1::WatchDesiredResponse>> NextOwned();
  absl::Status ReadMoreRows();
  absl::StatusOr<std::optional<sluice::v1::WatchDesiredResponse>> NextSlice();
  absl::StatusOr<sluice::v1::WatchDesiredResponse> MakeBookmark();
  std::optional<sluice::v1::WatchDesiredResponse> StartSlice(const SliceRow& row);
  sluice::v1::WatchDesiredResponse NextChunk();
  absl::StatusOr<Terms> CurrentTerms(const State& state) const;

  Store& store_;
  const std::string cluster_;
  const std::string agent_;
  const sluice::v1::WatchDesiredRequest request_;
  Phase phase_ = Phase::kStart;
  int64_t held_ = 0;  // the revision that the agent is at
  Terms terms_;       // what it was told last

  // The set that is being sent.
  std::shared_ptr<const State> state_;
  bool full_ = false;
  std::string last_owned_topic_, last_owned_subject_;  // that were told
  std::deque<SliceRow> rows_;    // read and not sent yet
  int64_t last_generation_ = 0;  // of the last row that was read
  std::string last_key_;         // empty: none was
  bool more_rows_ = false;
  SliceSource slices_;
  // The slice that is being sent.
  sluice::v1::SliceChunk header_;  // key, generation, digest
  std::string bytes_;              // empty: none
  size_t sent_ = 0;
};

}  // namespace sluice::controlplane
