// An AgentService in this process, for tests: sends what it is told to, and keeps what it is sent.
#pragma once

#include <grpcpp/grpcpp.h>

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "common/crypto/sha256.h"
#include "common/wire/wire.h"
#include "sluice/v1/agent.grpc.pb.h"

namespace sluice::agent {

class FakeControlPlane final : public sluice::v1::AgentService::Service {
 public:
  FakeControlPlane() { Start(0); }
  ~FakeControlPlane() override { Stop(); }

  std::shared_ptr<grpc::Channel> Channel() const {
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 50);
    arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 50);
    arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 200);
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    return grpc::CreateCustomChannel("127.0.0.1:" + std::to_string(port_), grpc::InsecureChannelCredentials(),
                                     arguments);
  }

  // Ends every call and listens no more.
  void Stop() {
    {
      std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    changed_.notify_all();
    if (server_ != nullptr) server_->Shutdown(std::chrono::system_clock::now() + std::chrono::seconds(1));
    server_.reset();
  }
  // Listens on the same port again.
  void Restart() { Start(port_); }

  // Messages of the next stream, or of the present one.
  void Send(std::vector<sluice::v1::WatchDesiredResponse> messages) {
    std::lock_guard lock(mutex_);
    for (auto& message : messages) outbox_.push_back(std::move(message));
    changed_.notify_all();
  }
  // Ends the present stream with `status` when the outbox is empty.
  void EndStream(grpc::Status status) {
    std::lock_guard lock(mutex_);
    end_ = status;
    changed_.notify_all();
  }
  // What the next reports are answered with; then OK.
  void AnswerReports(std::deque<grpc::Status> answers) {
    std::lock_guard lock(mutex_);
    answers_ = std::move(answers);
  }

  // Waits until `condition`, which is called under the lock, holds; false after 30 s. It may be about the
  // world outside, which wakes nobody, so it is asked now and then.
  bool WaitFor(const std::function<bool()>& condition) {
    std::unique_lock lock(mutex_);
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (!condition() && std::chrono::steady_clock::now() < deadline)
      changed_.wait_for(lock, std::chrono::milliseconds(20));
    return condition();
  }
  void Poke() { changed_.notify_all(); }
  std::mutex& mutex() { return mutex_; }

  // Under the lock.
  std::vector<sluice::v1::WatchDesiredRequest> watches;
  std::vector<sluice::v1::ReportStatusRequest> reports;  // that were taken
  std::vector<sluice::v1::ReportStatusRequest> refused;

 private:
  void Start(int port) {
    stopping_ = false;
    grpc::ServerBuilder builder;
    builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
    builder.AddListeningPort("127.0.0.1:" + std::to_string(port), grpc::InsecureServerCredentials(), &port_);
    builder.RegisterService(this);
    server_ = builder.BuildAndStart();
  }

  grpc::Status WatchDesired(grpc::ServerContext* context, const sluice::v1::WatchDesiredRequest* request,
                            grpc::ServerWriter<sluice::v1::WatchDesiredResponse>* writer) override {
    std::unique_lock lock(mutex_);
    watches.push_back(*request);
    const size_t number = watches.size();
    end_.reset();
    changed_.notify_all();
    for (;;) {
      // A stream that a later one followed is dead, though its call may not know yet.
      while (!outbox_.empty() && number == watches.size()) {
        writer->Write(outbox_.front());
        outbox_.pop_front();
      }
      if (end_) return *end_;
      if (stopping_ || context->IsCancelled()) return grpc::Status(grpc::StatusCode::UNAVAILABLE, "ended");
      // A cancelled call wakes nobody.
      changed_.wait_for(lock, std::chrono::milliseconds(20));
    }
  }

  grpc::Status ReportStatus(grpc::ServerContext*, const sluice::v1::ReportStatusRequest* request,
                            sluice::v1::ReportStatusResponse*) override {
    std::lock_guard lock(mutex_);
    grpc::Status answer;
    if (!answers_.empty()) {
      answer = answers_.front();
      answers_.pop_front();
    }
    (answer.ok() ? reports : refused).push_back(*request);
    changed_.notify_all();
    return answer;
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopping_ = false;
  std::deque<sluice::v1::WatchDesiredResponse> outbox_;
  std::optional<grpc::Status> end_;
  std::deque<grpc::Status> answers_;
  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
};

inline sluice::v1::WatchDesiredResponse MakeBegin(bool full, bool history_unknown = false) {
  sluice::v1::WatchDesiredResponse message;
  message.mutable_begin()->set_full(full);
  message.mutable_begin()->set_may_apply(true);
  message.mutable_begin()->set_history_unknown(history_unknown);
  return message;
}

// A slice in pieces of `piece` bytes.
inline std::vector<sluice::v1::WatchDesiredResponse> MakeChunks(const core::Slice& slice, int64_t generation,
                                                                size_t piece) {
  const std::string body = wire::Serialize(wire::ToProto(slice));
  std::vector<sluice::v1::WatchDesiredResponse> messages;
  for (size_t from = 0; from < body.size(); from += piece) {
    auto& chunk = *messages.emplace_back().mutable_chunk();
    chunk.set_key(slice.key);
    chunk.set_generation(generation);
    chunk.set_digest(Sha256Hex(body));
    chunk.set_data(body.substr(from, piece));
    chunk.set_last(from + piece >= body.size());
  }
  return messages;
}

inline sluice::v1::WatchDesiredResponse MakeGone(const std::string& key) {
  sluice::v1::WatchDesiredResponse message;
  message.mutable_gone()->set_key(key);
  return message;
}

inline sluice::v1::WatchDesiredResponse MakeBookmark(int64_t revision, const std::string& hash) {
  sluice::v1::WatchDesiredResponse message;
  message.mutable_bookmark()->set_revision(revision);
  message.mutable_bookmark()->set_history_hash(hash);
  return message;
}

}  // namespace sluice::agent
