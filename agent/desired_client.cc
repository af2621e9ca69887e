#include "agent/desired_client.h"

#include <fmt/format.h>

#include <utility>

#include "agent/backoff.h"
#include "agent/channel.h"
#include "common/log/log.h"

namespace sluice::agent {
namespace {

namespace v1 = sluice::v1;

constexpr std::chrono::microseconds kRetryBase = std::chrono::milliseconds(200);
constexpr std::chrono::microseconds kRetryMost = std::chrono::seconds(5);

// Whether an answer means us, rather than the moment or the way.
bool IsRefusal(const absl::Status& status) {
  return absl::IsFailedPrecondition(status) || absl::IsUnauthenticated(status) || absl::IsPermissionDenied(status) ||
         absl::IsNotFound(status) || absl::IsUnimplemented(status);
}

}  // namespace

DesiredClient::DesiredClient(AgentIdentity identity, std::shared_ptr<grpc::Channel> channel,
                             std::unique_ptr<Cache> cache, Clock& clock, DesiredListener listener)
    : identity_(std::move(identity)),
      stub_(v1::AgentService::NewStub(std::move(channel))),
      cache_(std::move(cache)),
      clock_(clock),
      listener_(std::move(listener)),
      random_(std::hash<std::string>()(identity_.incarnation)) {}

DesiredClient::~DesiredClient() { Stop(); }

void DesiredClient::Start(Ask ask, HistoryPoint known) {
  ask_ = ask;
  known_ = std::move(known);
  thread_ = std::thread([this] { Run(); });
}

void DesiredClient::Stop() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
    if (context_ != nullptr) context_->TryCancel();
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void DesiredClient::KeepCache() {
  if (!cache_->Deleted()) return;
  std::lock_guard lock(mutex_);
  cache_deleted_ = true;
  if (context_ != nullptr) context_->TryCancel();
}

absl::Status DesiredClient::OpenCacheAgain() {
  ask_ = Ask::kEverything;
  const absl::Status status = cache_->OpenAgain();
  return status.ok() ? absl::UnavailableError("the cache was deleted and is filled again") : status;
}

bool DesiredClient::Pause(std::chrono::microseconds time) {
  std::unique_lock lock(mutex_);
  const auto deadline = clock_.Steady() + time;
  while (!stopping_ && clock_.Steady() < deadline) clock_.WaitUntil(wake_, lock, deadline);
  return !stopping_;
}

void DesiredClient::Run() {
  for (int attempt = 0;; ++attempt) {
    progressed_ = false;
    const absl::Status status = cache_deleted_.exchange(false) ? OpenCacheAgain() : Watch();
    cache_->Abandon();
    listener_.connected(false);
    listener_.cache_writes(cache_->writes());
    if (absl::IsAlreadyExists(status)) listener_.stands(Standing::kSecond);
    if (IsRefusal(status)) listener_.refused(status);
    if (progressed_) attempt = 0;
    const auto delay = Delay(attempt, kRetryBase, kRetryMost, random_);
    // The same again is said once.
    if (progressed_ || status != last_error_) {
      log::Warn("the stream of the desired state ended; it is opened again until it lasts",
                {{"error", status.ToString()}});
    }
    last_error_ = status;
    if (!Pause(delay)) return;
  }
}

absl::Status DesiredClient::Watch() {
  grpc::ClientContext context;
  // A channel makes progress only while a call waits on it: one that fails at once never sees the connection
  // come.
  context.set_wait_for_ready(true);
  {
    std::lock_guard lock(mutex_);
    if (stopping_) return absl::CancelledError("the agent stops");
    context_ = &context;
  }
  v1::WatchDesiredRequest request;
  request.set_cluster(identity_.cluster);
  request.set_incarnation(identity_.incarnation);
  request.set_agent_version(identity_.version);
  request.set_protocol_version(kProtocolVersion);
  const bool holds_something = cache_->state()->revision > 0;
  if (holds_something) known_ = {cache_->state()->revision, cache_->state()->history_hash};
  request.set_revision(known_.revision);
  request.set_history_hash(known_.hash);
  request.set_everything(!holds_something || ask_ == Ask::kEverything);
  auto reader = stub_->WatchDesired(&context, request);
  v1::WatchDesiredResponse message;
  absl::Status status;
  while (status.ok() && reader->Read(&message)) status = Take(message);
  if (!status.ok()) context.TryCancel();
  while (reader->Read(&message)) {  // a cancelled stream ends at once
  }
  const grpc::Status finished = reader->Finish();
  {
    std::lock_guard lock(mutex_);
    context_ = nullptr;
  }
  if (absl::IsDataLoss(status)) ask_ = Ask::kEverything;
  return status.ok() ? ToAbsl(finished) : status;
}

absl::Status DesiredClient::Take(v1::WatchDesiredResponse& message) {
  switch (message.message_case()) {
    case v1::WatchDesiredResponse::kBegin:
      return TakeBegin(message.begin());
    case v1::WatchDesiredResponse::kOwned:
      return TakeOwned(message.owned());
    case v1::WatchDesiredResponse::kChunk:
      return TakeChunk(*message.mutable_chunk());
    case v1::WatchDesiredResponse::kGone:
      return history_unknown_ ? absl::OkStatus() : cache_->Remove(message.gone().key());
    case v1::WatchDesiredResponse::kBookmark:
      return TakeBookmark(message.bookmark());
    default:
      return absl::OkStatus();  // what a newer control plane says beside the protocol
  }
}

absl::Status DesiredClient::TakeBegin(const v1::Begin& begin) {
  listener_.connected(true);
  listener_.stands(Standing::kServing);
  listener_.refused(absl::OkStatus());
  key_.clear();
  body_.clear();
  owned_ = {};
  history_unknown_ = begin.history_unknown();
  if (history_unknown_) {
    log::Error("the control plane does not know the state that is held here; nothing is changed",
               {{"revision", cache_->state()->revision}});
    auto update = cache_->MarkHistoryUnknown();
    if (!update.ok()) return update.status();
    listener_.updated(*std::move(update));
    return absl::OkStatus();
  }
  Cache::Header header;
  header.full = begin.full();
  header.may_apply = begin.may_apply();
  header.reserved_principals.insert(begin.reserved_principals().begin(), begin.reserved_principals().end());
  return cache_->Begin(header);
}

absl::Status DesiredClient::TakeOwned(const v1::Owned& owned) {
  for (const v1::OwnedTopic& topic : owned.topics()) owned_.topics[topic.name()].id = topic.topic_id();
  owned_.subjects.insert(owned.subjects().begin(), owned.subjects().end());
  return absl::OkStatus();
}

absl::Status DesiredClient::TakeChunk(v1::SliceChunk& chunk) {
  if (history_unknown_) return absl::OkStatus();
  if (!key_.empty() && key_ != chunk.key()) {
    return absl::InvalidArgumentError(
        fmt::format("a piece of {} came before the last piece of {}", chunk.key(), key_));
  }
  key_ = chunk.key();
  if (body_.size() + chunk.data().size() > kMaxSliceBytes) {
    return absl::ResourceExhaustedError(
        fmt::format("slice {} is larger than {} bytes", key_, kMaxSliceBytes));
  }
  body_ += chunk.data();
  if (!chunk.last()) return absl::OkStatus();
  const std::string body = std::exchange(body_, {});
  return cache_->Put(std::exchange(key_, {}), chunk.generation(), chunk.digest(), body);
}

absl::Status DesiredClient::TakeBookmark(const v1::Bookmark& bookmark) {
  progressed_ = true;
  if (history_unknown_) return absl::OkStatus();
  if (!key_.empty())
    return absl::InvalidArgumentError(fmt::format("the bookmark came before the last piece of {}", key_));
  auto update = cache_->Commit(bookmark.revision(), bookmark.history_hash());
  if (!update.ok()) return update.status();
  listener_.cache_writes(cache_->writes());
  if (update->full) ask_ = Ask::kChanges;
  update->owned = std::exchange(owned_, {});
  log::Info("desired state", {{"revision", bookmark.revision()},
                              {"changed", update->changed.size()},
                              {"full", update->full ? "true" : "false"}});
  listener_.updated(*std::move(update));
  return absl::OkStatus();
}

}  // namespace sluice::agent
