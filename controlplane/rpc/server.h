// Server: the gRPC server on its one TLS port, with health and reflection.
//
// Certificates, keys and the agents' CA are read again when their files change (served_certificate.h). A
// client certificate is asked for and, if given, must be signed by the agents' CA and valid now, else the
// handshake fails.
#pragma once

#include <absl/status/statusor.h>
#include <grpcpp/grpcpp.h>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "controlplane/rpc/served_certificate.h"

namespace sluice::controlplane {

struct ServerOptions {
  std::string listen;       // `127.0.0.1:7443`; port 0 takes a free one
  std::string certificate;  // PEM files
  std::string key;
  std::string agents_ca;
  std::chrono::milliseconds handshake_timeout{10'000};  // for a connection to be secured
};

struct RunningServer {
  std::unique_ptr<ServedCertificate> certificate;  // outlives the server
  std::unique_ptr<grpc::Server> server;
  int port = 0;
};

// Checks that the files are there, parse, belong together and are valid at `now_s` (seconds since 1970).
absl::Status CheckTlsFiles(const ServerOptions& options, int64_t now_s);

// `services` outlive the server. UNAVAILABLE: the address is taken.
absl::StatusOr<RunningServer> StartServer(const ServerOptions& options,
                                          const std::vector<grpc::Service*>& services, Clock& clock);

}  // namespace sluice::controlplane
