#include "controlplane/rpc/server.h"

#include <fmt/format.h>
#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/security/tls_certificate_provider.h>
#include <grpcpp/security/tls_credentials_options.h>

namespace sluice::controlplane {
namespace {

constexpr int kMaxReceive = 17 << 20;            // a change has at most 16 MiB; the rest is its envelope
constexpr size_t kMaxBuffers = size_t{1} << 30;  // of all connections; gRPC sheds streams beyond it
constexpr int kMaxIdleMs = 300'000;              // connections without a call
constexpr int kMaxMetadata = 64 << 10;           // bearer tokens with many groups
constexpr int kMaxStreams = 1000;                // calls at a time on one connection
constexpr unsigned kReloadSeconds = 1;           // certificates
constexpr int kMinPingIntervalMs = 1000;         // agents ping every few seconds, also without calls

std::shared_ptr<grpc::ServerCredentials> Credentials(const CertificateFiles& files) {
  auto provider = std::make_shared<grpc::experimental::FileWatcherCertificateProvider>(
      files.key, files.certificate, files.ca, kReloadSeconds);
  grpc::experimental::TlsServerCredentialsOptions tls(provider);
  tls.watch_root_certs();
  tls.watch_identity_key_cert_pairs();
  tls.set_cert_request_type(GRPC_SSL_REQUEST_CLIENT_CERTIFICATE_AND_VERIFY);
  return grpc::experimental::TlsServerCredentials(tls);
}

void SetLimits(const ServerOptions& options, grpc::ServerBuilder& builder) {
  builder.SetMaxReceiveMessageSize(kMaxReceive);
  builder.SetResourceQuota(grpc::ResourceQuota("control plane").Resize(kMaxBuffers));
  builder.AddChannelArgument(GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS,
                             static_cast<int>(options.handshake_timeout.count()));
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_IDLE_MS, kMaxIdleMs);
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT,
                             0);  // else a second server would silently share the port
  builder.AddChannelArgument(GRPC_ARG_MAX_METADATA_SIZE, kMaxMetadata);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, kMaxStreams);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, kMinPingIntervalMs);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, 10000);  // notices agents that are cut off silently
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 5000);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
}

}  // namespace

absl::StatusOr<RunningServer> StartServer(const ServerOptions& options,
                                          const std::vector<grpc::Service*>& services, Clock& clock) {
  grpc::EnableDefaultHealthCheckService(true);
  grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  RunningServer running;
  grpc::ServerBuilder builder;
  auto certificate = ServedCertificate::Open(
      {.certificate = options.certificate, .key = options.key, .ca = options.agents_ca}, clock);
  if (!certificate.ok()) return certificate.status();
  running.certificate = *std::move(certificate);
  SetLimits(options, builder);
  builder.AddListeningPort(options.listen, Credentials(running.certificate->paths()), &running.port);
  for (grpc::Service* service : services) builder.RegisterService(service);
  running.server = builder.BuildAndStart();
  if (running.server == nullptr || running.port == 0) {
    return absl::UnavailableError(
        fmt::format("cannot listen on {}; is it taken, or not an address?", options.listen));
  }
  return running;
}

}  // namespace sluice::controlplane
