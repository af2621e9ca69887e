// Client: one control plane as one caller. Every call has a deadline; one that could not reach the server is
// repeated with jittered backoff until a few seconds have passed, which is safe because reads have no effect
// and mutations carry a request ID. Thread safety: one thread at a time.
#pragma once

#include <absl/status/status.h>
#include <absl/status/statusor.h>
#include <grpcpp/grpcpp.h>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "sluice/internal/v1/config.pb.h"
#include "sluice/v1/common.pb.h"

namespace sluice::cli {

struct ClientOptions {
  std::string name;  // of the control plane in messages: `127.0.0.1:7443 (context 'dpo')`
  std::chrono::milliseconds timeout{30'000};  // of one call, repetitions included
  std::function<void(std::chrono::milliseconds)> sleep;
};

class Client {
 public:
  Client(std::shared_ptr<grpc::Channel> channel, ClientOptions options)
      : channel_(std::move(channel)), options_(std::move(options)) {}

  // Calls a method of a generated stub. The status carries the server's findings (FindingsOf).
  template <typename Stub, typename Request, typename Response>
  absl::StatusOr<Response> Call(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                                const Request& request) {
    Stub stub(channel_);
    Response response;
    absl::Status status = Repeat([&](grpc::ClientContext& context) {
      response.Clear();
      return (stub.*method)(&context, request, &response);
    });
    if (!status.ok()) return status;
    return response;
  }

  const std::shared_ptr<grpc::Channel>& channel() const { return channel_; }
  // A gRPC status as ours, with the findings in `trailers`, and a message that says which control plane it
  // was.
  absl::Status Convert(const grpc::Status& status, const grpc::ClientContext& context) const;

 private:
  absl::Status Repeat(const std::function<grpc::Status(grpc::ClientContext&)>& attempt) const;

  std::shared_ptr<grpc::Channel> channel_;
  ClientOptions options_;
};

// A channel with the context's CA and the caller's token as call credentials; nothing is sent in the clear.
absl::StatusOr<std::shared_ptr<grpc::Channel>> OpenChannel(const sluice::internal::v1::CliContext& context);

// The findings that a refusal carries; total 0: it carries none.
sluice::v1::FindingList FindingsOf(const absl::Status& status);

// 128 random bits in hexadecimal.
std::string NewRequestId();

}  // namespace sluice::cli
