#include "agent/channel.h"

#include <grpcpp/security/credentials.h>
#include <grpcpp/security/tls_certificate_provider.h>
#include <grpcpp/security/tls_credentials_options.h>

namespace sluice::agent {
namespace {

constexpr unsigned kReloadSeconds = 10;
constexpr int kIdleMs = 1000;
constexpr int kKeepaliveMs = 4000;
constexpr int kKeepaliveTimeoutMs = 3000;
constexpr int kMaxMessage = 64 << 20;  // Begin names every topic that is ours: 12 MB for 100,000
constexpr int kFirstReconnectMs = 200;
constexpr int kMaxReconnectMs = 5'000;
constexpr int kConnectTimeoutMs =
    10'000;  // of one attempt, handshake included (gRPC calls it the minimum of the backoff)

}  // namespace

std::shared_ptr<grpc::Channel> MakeChannel(const std::string& address,
                                           const sluice::internal::v1::TlsFiles& tls) {
  auto provider = std::make_shared<grpc::experimental::FileWatcherCertificateProvider>(
      tls.key(), tls.certificate(), tls.ca(), kReloadSeconds);
  grpc::experimental::TlsChannelCredentialsOptions options;
  options.set_certificate_provider(provider);
  options.watch_root_certs();
  options.watch_identity_key_cert_pairs();
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, kKeepaliveMs);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, kKeepaliveTimeoutMs);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  arguments.SetInt(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
  arguments.SetMaxReceiveMessageSize(kMaxMessage);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, kFirstReconnectMs);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, kConnectTimeoutMs);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, kMaxReconnectMs);
  // A connection is as good as the certificate that it began with. When the control plane ends the stream because that
  // one has expired, the connection goes, too, and the next begins with what the file holds then.
  arguments.SetInt(GRPC_ARG_CLIENT_IDLE_TIMEOUT_MS, kIdleMs);
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  return grpc::CreateCustomChannel(address, grpc::experimental::TlsCredentials(options), arguments);
}

absl::Status ToAbsl(const grpc::Status& status) {
  return absl::Status(static_cast<absl::StatusCode>(status.error_code()), status.error_message());
}

}  // namespace sluice::agent
