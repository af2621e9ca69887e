// TailAuditEntries: a stream that follows the audit log.
#include <atomic>
#include <deque>
#include <mutex>

#include "controlplane/services/audit.h"

namespace sluice::controlplane {
namespace {

using sluice::v1::AuditEntry;
using sluice::v1::TailAuditEntriesResponse;

constexpr int kBatch = 20;  // what one who does not read holds up: with a thousand of them, some 50 MB

// Lives until OnDone and until no read is under way; the last of both frees it.
class Tail final : public grpc::ServerWriteReactor<TailAuditEntriesResponse>,
                   public std::enable_shared_from_this<Tail> {
 public:
  Tail(const Dependencies& server, Gate& gate, const StreamParts& parts, grpc::CallbackServerContext* context)
      : server_(server), gate_(gate), parts_(parts), context_(context) {}

  void Start(std::shared_ptr<Tail> self, const sluice::v1::TailAuditEntriesRequest& request) {
    self_ = std::move(self);
    absl::StatusOr<Gate::Call> call = gate_.Admit(*context_, "/sluice.v1.AuditService/TailAuditEntries");
    if (!call.ok()) return End(call.status());
    call_ = *std::move(call);
    absl::StatusOr<std::optional<sluice::v1::AuditFilter>> filter =
        Visible({server_, call_->caller}, request.filter());
    if (!filter.ok()) return End(filter.status());
    filter_ = *std::move(filter);
    absl::Status status = FindStart(request.start_seq());
    if (!status.ok()) return End(status);
    std::weak_ptr<Tail> weak = self_;
    auto stopper = server_.streams.Add(call_->caller.Label(), [weak] {
      if (auto tail = weak.lock())
        tail->End(absl::UnavailableError("the control plane is stopping; follow again later"));
    });
    if (!stopper.ok()) return End(stopper.status());
    stopper_ = *std::move(stopper);
    expiry_ = parts_.deadlines.Add(call_->caller.good_until, [weak] {
      if (auto tail = weak.lock())
        tail->End(absl::UnauthenticatedError("the token has expired; follow again with a new one"));
    });
    if (!filter_) return;  // nothing to see, now or later: the stream stays silent until the caller leaves
    waker_ = server_.store.OnCommit([weak] {
      if (auto tail = weak.lock()) tail->Wake();
    });
    Wake();
  }

  void OnWriteDone(bool ok) override {
    bool finish = false;
    {
      std::lock_guard lock(mutex_);
      writing_ = false;
      finish = ended_;
    }
    if (finish) return Finish(ToGrpc(end_, *context_));  // End waited for this write
    if (!ok) return End(absl::CancelledError("the caller left"));
    WriteNext();
  }

  void OnCancel() override { End(absl::CancelledError("the caller left")); }

  void OnDone() override {
    waker_.reset();
    stopper_.reset();
    expiry_.reset();
    if (call_) gate_.Finished(*call_, end_);
    self_.reset();
  }

 private:
  absl::Status FindStart(int64_t start_seq) {
    if (start_seq < 0) return absl::InvalidArgumentError("start_seq is 0 or more");
    next_seq_ = start_seq;
    if (start_seq > 0) return absl::OkStatus();
    absl::StatusOr<AuditPage> last = server_.store.ListAudit({}, "", 1);
    if (!last.ok()) return last.status();
    next_seq_ = last->entries.empty() ? 1 : last->entries.front().seq() + 1;
    return absl::OkStatus();
  }

  // From the store's writer thread: quick. A wake while reading makes it read once more.
  void Wake() {
    {
      std::lock_guard lock(mutex_);
      stale_ = true;
      if (ended_ || reading_ || !queue_.empty()) return;
      reading_ = true;
    }
    ReadSoon();
  }

  void ReadSoon() {
    const bool taken = parts_.pumps.Run([self = shared_from_this()] { self->Read(); });
    if (!taken) End(absl::ResourceExhaustedError("the server has too much to do; follow again in a moment"));
  }

  void Read() {
    {
      std::lock_guard lock(mutex_);
      stale_ = false;
    }
    if (server_.clock.Now() > call_->caller.good_until) {
      return End(absl::UnauthenticatedError("the token has expired; follow again with a new one"));
    }
    absl::StatusOr<std::vector<AuditEntry>> entries = server_.store.ReadAudit(next_seq_, *filter_, kBatch);
    if (!entries.ok()) return End(entries.status());
    {
      std::lock_guard lock(mutex_);
      reading_ = false;
      if (entries->size() == kBatch) stale_ = true;  // there may be more
      for (AuditEntry& entry : *entries) {
        next_seq_ = entry.seq() + 1;
        queue_.push_back(std::move(entry));
      }
    }
    WriteNext();
  }

  // Writes the next entry of the batch, or reads the next batch if there is news.
  void WriteNext() {
    std::unique_lock lock(mutex_);
    if (ended_ || writing_ || reading_) return;
    if (!queue_.empty()) {
      response_.mutable_entry()->Swap(&queue_.front());
      queue_.pop_front();
      writing_ = true;
      lock.unlock();
      StartWrite(&response_);
      return;
    }
    if (!stale_) return;
    reading_ = true;
    lock.unlock();
    ReadSoon();
  }

  void End(const absl::Status& status) {
    {
      std::lock_guard lock(mutex_);
      if (ended_) return;
      ended_ = true;
      end_ = status;
      if (writing_) return;  // OnWriteDone finishes
    }
    Finish(ToGrpc(status, *context_));
  }

  const Dependencies& server_;
  Gate& gate_;
  const StreamParts parts_;
  grpc::CallbackServerContext* const context_;
  std::shared_ptr<Tail> self_;  // until OnDone
  std::optional<Gate::Call> call_;
  std::optional<sluice::v1::AuditFilter> filter_;
  std::shared_ptr<void> waker_;  // these are made by Start and freed by OnDone
  std::shared_ptr<void> stopper_;
  std::shared_ptr<void> expiry_;
  int64_t next_seq_ = 1;  // only the one read under way touches it
  std::mutex mutex_;
  std::deque<AuditEntry> queue_;       // guarded by mutex_
  TailAuditEntriesResponse response_;  // of the one write under way
  bool reading_ = false;               // guarded by mutex_
  bool writing_ = false;               // guarded by mutex_
  bool stale_ = false;                 // guarded by mutex_: a commit came since the last read began
  bool ended_ = false;                 // guarded by mutex_
  absl::Status end_;                   // set once, before Finish
};

}  // namespace

grpc::ServerWriteReactor<TailAuditEntriesResponse>* TailAuditEntries(
    const Dependencies& server, Gate& gate, const StreamParts& parts, grpc::CallbackServerContext* context,
    const sluice::v1::TailAuditEntriesRequest& request) {
  auto tail = std::make_shared<Tail>(server, gate, parts, context);
  tail->Start(tail, request);
  return tail.get();
}

}  // namespace sluice::controlplane
