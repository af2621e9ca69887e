#include "controlplane/sync/desired_stream.h"

#include <fmt/format.h>

#include <algorithm>

#include "common/crypto/sha256.h"

namespace sluice::controlplane {
namespace {

using sluice::v1::WatchDesiredResponse;
using MaybeMessage = absl::StatusOr<std::optional<WatchDesiredResponse>>;

constexpr int64_t kRowsPerRead = 500;  // slices known to a stream at a time
constexpr size_t kMaxIncarnation = 64;

}  // namespace

absl::Status CheckWatchRequest(const sluice::v1::WatchDesiredRequest& request) {
  if (request.protocol_version() != kProtocolVersion) {
    const bool newer = request.protocol_version() > kProtocolVersion;
    return absl::FailedPreconditionError(fmt::format(
        "agent and control plane speak one protocol version (agent: {}, control plane: {}); upgrade the {}, until then "
        "the agent keeps what it has",
        request.protocol_version(), kProtocolVersion, newer ? "control plane" : "agent"));
  }
  if (request.incarnation().empty() || request.incarnation().size() > kMaxIncarnation ||
      request.revision() < 0) {
    return absl::InvalidArgumentError(
        "an agent names its incarnation (1 to 64 characters) and a revision from 0 on; send both");
  }
  return absl::OkStatus();
}

DesiredStream::DesiredStream(Store& store, std::string cluster, std::string agent,
                             const sluice::v1::WatchDesiredRequest& request)
    : store_(store), cluster_(std::move(cluster)), agent_(std::move(agent)), request_(request) {}

MaybeMessage DesiredStream::Next() {
  switch (phase_) {
    case Phase::kStart:
      return Start();
    case Phase::kIdle:
      return BeginIfChanged();
    case Phase::kOwned:
      return NextOwned();
    case Phase::kSlices:
      return NextSlice();
    case Phase::kUnknownHistory:
      break;
  }
  return std::nullopt;
}

absl::StatusOr<DesiredStream::Terms> DesiredStream::CurrentTerms(const State& state) const {
  const core::Cluster* cluster = state.catalog.clusters.Find(cluster_);
  if (cluster == nullptr) {
    return absl::NotFoundError(
        fmt::format("an agent serves a registered cluster ({} is none); register it", cluster_));
  }
  if (std::find(cluster->agents.begin(), cluster->agents.end(), agent_) == cluster->agents.end()) {
    return absl::PermissionDeniedError(
        fmt::format("{} is not bound to {} any more; list it under the cluster's agents", agent_, cluster_));
  }
  return Terms{cluster->mode == core::Mode::kActive, cluster->reserved_principals};
}

MaybeMessage DesiredStream::Start() {
  state_ = store_.Current();
  auto terms = CurrentTerms(*state_);
  if (!terms.ok()) return terms.status();
  terms_ = *std::move(terms);
  const bool holds_something = request_.revision() > 0 && !request_.history_hash().empty();
  full_ = !holds_something || request_.everything();
  if (holds_something) {
    auto known = store_.HistoryHash(cluster_, request_.revision());
    if (!known.ok()) return known.status();
    if (request_.revision() > state_->revision || *known != request_.history_hash()) {
      phase_ = Phase::kUnknownHistory;
      WatchDesiredResponse response;
      response.mutable_begin()->set_history_unknown(true);
      response.mutable_begin()->mutable_reserved_principals()->Add(terms_.reserved_principals.begin(),
                                                                   terms_.reserved_principals.end());
      return response;
    }
    // An older disk than the agent last reported from knows less of what is ours than we do.
    auto agent = store_.GetAgent(cluster_);
    if (!agent.ok()) return agent.status();
    full_ |= agent->has_value() && (*agent)->revision > request_.revision();
    if (!full_) held_ = request_.revision();
  }
  return MakeBegin();
}

MaybeMessage DesiredStream::BeginIfChanged() {
  std::shared_ptr<const State> state = store_.Current();
  if (state == state_) return std::nullopt;
  auto terms = CurrentTerms(*state);
  if (!terms.ok()) return terms.status();
  auto changed = store_.SlicesChangedSince(cluster_, held_, "", 1);
  if (!changed.ok()) return changed.status();
  state_ = std::move(state);
  // A change that was committed after `state` was taken is found after its own commit wakes this stream.
  const bool slices = !changed->empty() && changed->front().generation <= state_->revision;
  if (!slices && *terms == terms_) {
    // Nothing of this cluster: its state and hash are the same at the new revision.
    if (changed->empty()) held_ = state_->revision;
    return std::nullopt;
  }
  terms_ = *std::move(terms);
  full_ = false;
  return MakeBegin();
}

WatchDesiredResponse DesiredStream::MakeBegin() {
  WatchDesiredResponse response;
  auto* begin = response.mutable_begin();
  begin->set_full(full_);
  begin->set_may_apply(terms_.may_apply);
  begin->mutable_reserved_principals()->Add(terms_.reserved_principals.begin(),
                                            terms_.reserved_principals.end());
  last_owned_topic_.clear();
  last_owned_subject_.clear();
  rows_.clear();
  last_generation_ = held_;
  last_key_.clear();
  more_rows_ = true;
  phase_ = full_ ? Phase::kOwned : Phase::kSlices;
  return response;
}

MaybeMessage DesiredStream::NextOwned() {
  auto topics = store_.OwnedTopics(cluster_, last_owned_topic_, kOwnedPerPiece);
  if (!topics.ok()) return topics.status();
  auto subjects = store_.OwnedSubjects(cluster_, last_owned_subject_, kOwnedPerPiece);
  if (!subjects.ok()) return subjects.status();
  if (topics->empty() && subjects->empty()) {
    phase_ = Phase::kSlices;
    return NextSlice();
  }
  if (!topics->empty()) last_owned_topic_ = topics->back().name();
  if (!subjects->empty()) last_owned_subject_ = subjects->back();
  WatchDesiredResponse response;
  response.mutable_owned()->mutable_topics()->Add(topics->begin(), topics->end());
  response.mutable_owned()->mutable_subjects()->Add(subjects->begin(), subjects->end());
  return response;
}

// Rows come in the order of (generation, key); one that changes meanwhile moves to the end, where it is met
// again.
absl::Status DesiredStream::ReadMoreRows() {
  auto rows = store_.SlicesChangedSince(cluster_, last_generation_, last_key_, kRowsPerRead);
  if (!rows.ok()) return rows.status();
  more_rows_ = static_cast<int64_t>(rows->size()) == kRowsPerRead;
  if (rows->empty()) return absl::OkStatus();
  last_generation_ = rows->back().generation;
  last_key_ = rows->back().key;
  rows_.assign(rows->begin(), rows->end());
  return absl::OkStatus();
}

MaybeMessage DesiredStream::NextSlice() {
  if (!bytes_.empty()) return NextChunk();
  for (;;) {
    if (rows_.empty() && more_rows_) {
      if (auto status = ReadMoreRows(); !status.ok()) return status;
    }
    if (rows_.empty()) return MakeBookmark();
    const SliceRow row = std::move(rows_.front());
    rows_.pop_front();
    if (auto message = StartSlice(row)) return message;
  }
}

std::optional<WatchDesiredResponse> DesiredStream::StartSlice(const SliceRow& row) {
  auto bytes = slices_.Bytes(*state_, cluster_, row.key);
  if (!bytes.ok()) {  // gone, or not there yet, at this set's revision
    if (full_) return std::nullopt;
    WatchDesiredResponse response;
    response.mutable_gone()->set_key(row.key);
    return response;
  }
  bytes_ = *std::move(bytes);
  sent_ = 0;
  header_.Clear();
  header_.set_key(row.key);
  header_.set_generation(std::min(row.generation, state_->revision));
  header_.set_digest(Sha256Hex(bytes_));
  return NextChunk();
}

WatchDesiredResponse DesiredStream::NextChunk() {
  WatchDesiredResponse response;
  auto* chunk = response.mutable_chunk();
  *chunk = header_;
  const size_t size = std::min(kChunkBytes, bytes_.size() - sent_);
  chunk->set_data(bytes_.data() + sent_, size);
  sent_ += size;
  chunk->set_last(sent_ == bytes_.size());
  if (chunk->last()) bytes_.clear();
  return response;
}

absl::StatusOr<WatchDesiredResponse> DesiredStream::MakeBookmark() {
  auto hash = store_.HistoryHash(cluster_, state_->revision);
  if (!hash.ok()) return hash.status();
  WatchDesiredResponse response;
  response.mutable_bookmark()->set_revision(state_->revision);
  response.mutable_bookmark()->set_history_hash(*hash);
  held_ = state_->revision;
  phase_ = Phase::kIdle;
  return response;
}

}  // namespace sluice::controlplane
