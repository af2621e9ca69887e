// DesiredClient: keeps the cache at the approved state by the control plane's stream WatchDesired, in a
// thread of its own.
//
// Updates are staged in the cache and take effect at their bookmark, as one; a stream that breaks before
// leaves nothing. Broken streams are opened again with growing, jittered delays. A slice that does not match
// its digest breaks the stream; after that everything is asked for. Thread safety: all members may be called
// from any thread.
#pragma once

#include <absl/status/status.h>
#include <grpcpp/grpcpp.h>

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <thread>

#include "agent/cache.h"
#include "agent/desired.h"
#include "common/clock/clock.h"
#include "sluice/v1/agent.grpc.pb.h"

namespace sluice::agent {

inline constexpr int kProtocolVersion = 1;

// Who an agent says that it is.
struct AgentIdentity {
  std::string cluster;
  std::string incarnation;  // random, of this run
  std::string version;
};

// Whom a client tells; called from its thread.
struct DesiredListener {
  std::function<void(DesiredUpdate)> updated;
  std::function<void(bool connected)> connected;
  std::function<void(Standing)> stands = [](Standing) {};
  // The control plane does not serve this agent, and why (another protocol version, a certificate that ended or is bound
  // to nothing); OK: it does.
  std::function<void(const absl::Status&)> refused = [](const absl::Status&) {};
  // How the cache's last write ended.
  std::function<void(const absl::Status&)> cache_writes = [](const absl::Status&) {};
};

class DesiredClient {
 public:
  enum class Ask { kChanges, kEverything };

  // Takes the cache over. Starts with the first Start.
  DesiredClient(AgentIdentity identity, std::shared_ptr<grpc::Channel> channel, std::unique_ptr<Cache> cache,
                Clock& clock, DesiredListener listener);
  ~DesiredClient();  // stops

  // `ask` kEverything: whatever the cache holds, a full update is asked for first. `known`: what was held last as far as
  // is known elsewhere, should the cache have been lost: so a control plane that was restored from an older copy is
  // recognised also then.
  void Start(Ask ask, HistoryPoint known = {});
  void Stop();
  // If somebody deleted the cache's file, asks for everything again and writes a new one.
  void KeepCache();

 private:
  void Run();
  absl::Status Watch();
  absl::Status OpenCacheAgain();
  absl::Status Take(sluice::v1::WatchDesiredResponse& message);
  absl::Status TakeBegin(const sluice::v1::Begin& begin);
  absl::Status TakeOwned(const sluice::v1::Owned& owned);
  absl::Status TakeChunk(sluice::v1::SliceChunk& chunk);
  absl::Status TakeBookmark(const sluice::v1::Bookmark& bookmark);
  bool Pause(std::chrono::microseconds time);

  const AgentIdentity identity_;
  const std::unique_ptr<sluice::v1::AgentService::Stub> stub_;
  const std::unique_ptr<Cache> cache_;
  Clock& clock_;
  const DesiredListener listener_;

  std::mutex mutex_;  // guards stopping_ and context_
  std::condition_variable wake_;
  bool stopping_ = false;
  grpc::ClientContext* context_ = nullptr;
  std::atomic<bool> cache_deleted_ = false;

  // Of the thread alone.
  Ask ask_ = Ask::kChanges;
  HistoryPoint known_;
  bool history_unknown_ = false;  // of the update under way
  bool progressed_ = false;       // this stream brought a bookmark
  absl::Status last_error_;
  core::Ours owned_;
  std::string key_, body_;  // of the slice under way
  std::mt19937_64 random_;
  std::thread thread_;
};

}  // namespace sluice::agent
