// Channel: the agent's mutually authenticated connection to the control plane.
#pragma once

#include <absl/status/status.h>
#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>

#include "sluice/internal/v1/config.pb.h"

namespace sluice::agent {

// TLS with the agent's certificate; the files are read again when they change, with streams open. A silent
// cut is noticed in about 7 s.
std::shared_ptr<grpc::Channel> MakeChannel(const std::string& address,
                                           const sluice::internal::v1::TlsFiles& tls);

absl::Status ToAbsl(const grpc::Status& status);

}  // namespace sluice::agent
