#include "controlplane/control_plane.h"

#include <fmt/format.h>
#include <grpcpp/health_check_service_interface.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>

#include "common/log/log.h"
#include "controlplane/services/mount.h"
#include "controlplane/version.h"

namespace sluice::controlplane {
namespace {

constexpr size_t kHandlerThreads =
    32;  // they wait for the disk most of the time, and one commit takes many of them
constexpr size_t kHandlerQueue = 10000;  // calls that may wait for a thread

absl::Status MakeDirectory(const std::string& path) {
  if (mkdir(path.c_str(), 0700) == 0 || errno == EEXIST) return absl::OkStatus();
  return absl::InvalidArgumentError(
      fmt::format("cannot make the data directory {}: {}", path, std::strerror(errno)));
}

}  // namespace

absl::StatusOr<std::unique_ptr<ControlPlane>> ControlPlane::Open(const Settings& settings, Clock& clock) {
  std::unique_ptr<ControlPlane> control_plane(new ControlPlane(settings, clock));
  if (absl::Status status = control_plane->Start(); !status.ok()) return status;
  return control_plane;
}

ControlPlane::ControlPlane(const Settings& settings, Clock& clock) : settings_(settings), clock_(clock) {}

ControlPlane::~ControlPlane() { Drain(); }

absl::Status ControlPlane::OpenStore() {
  if (absl::Status status = MakeDirectory(settings_.data_directory); !status.ok()) return status;
  auto database = db::OpenSqlite(settings_.data_directory + "/sluice.db");
  if (!database.ok()) return database.status();
  auto store = Store::Open(*std::move(database), clock_);
  if (!store.ok()) return store.status();
  store_ = *std::move(store);
  return absl::OkStatus();
}

absl::Status ControlPlane::Start() {
  if (absl::Status status = CheckSettings(settings_, clock_); !status.ok()) return status;
  auto tokens = OpenTokenVerifier(settings_.tokens, clock_);
  if (!tokens.ok()) return tokens.status();
  if (absl::Status status = OpenStore(); !status.ok()) return status;
  authenticator_ = std::make_unique<Authenticator>(*std::move(tokens), settings_.roles,
                                                   [this] { return store_->Current()->catalog; });
  executor_ = std::make_unique<Executor>(kHandlerThreads, kHandlerQueue);
  gate_ = std::make_unique<Gate>(*authenticator_, *executor_, clock_, metrics_, AuditRefusalsIn(*store_));
  dependencies_ = std::unique_ptr<Dependencies>(
      new Dependencies{*store_, clock_, metrics_, streams_, settings_.roles,
                       [this](const std::string& cluster) { return live_.IsConnected(cluster); }, kVersion});
  deadlines_ = std::make_unique<Deadlines>(clock_);
  services_ = PublicServices(*dependencies_, *gate_, *deadlines_);
  agents_ = std::make_unique<AgentService>(*gate_, *store_, live_, *deadlines_);
  std::vector<grpc::Service*> services{agents_.get()};
  for (const auto& service : services_) services.push_back(service.get());
  absl::StatusOr<RunningServer> server = StartServer(settings_.server, services, clock_);
  if (!server.ok()) return server.status();
  server_ = *std::move(server);
  address_ = fmt::format("{}:{}", settings_.server.listen.substr(0, settings_.server.listen.rfind(':')),
                         server_.port);
  if (absl::Status status = StartMetrics(); !status.ok()) return status;
  return WriteAddress();
}

absl::Status ControlPlane::StartMetrics() {
  if (settings_.metrics_listen.empty()) return absl::OkStatus();
  auto refresh = [this] {
    const std::shared_ptr<const State> state = store_->Current();
    int64_t connected = 0;
    for (const auto& cluster : state->catalog.clusters.entries())
      connected += live_.IsConnected(cluster.name) ? 1 : 0;
    metrics_.Set(metrics::Id::kStoreRevision, static_cast<double>(state->revision));
    metrics_.Set(metrics::Id::kAgentsConnected, static_cast<double>(connected));
    metrics_.Set(metrics::Id::kStreamsOpen, static_cast<double>(streams_.size()));
    metrics_.Set(metrics::Id::kTokenKeysAge, KeysAge());
    metrics_.Set(metrics::Id::kServerCertificateEnd, static_cast<double>(server_.certificate->ends_at()));
  };
  auto endpoint = metrics::Serve(settings_.metrics_listen, metrics_, [this] { return Health(); }, refresh);
  if (!endpoint.ok()) return endpoint.status();
  endpoint_ = *std::move(endpoint);
  return absl::OkStatus();
}

double ControlPlane::KeysAge() const {
  if (settings_.tokens.jwks_url.empty()) return 0;
  const std::optional<Time> read = authenticator_->KeysReadAt();
  return read ? std::chrono::duration<double>(clock_.Now() - *read).count() : -1;
}

// By rename, so that a reader never sees half a line.
absl::Status ControlPlane::WriteAddress() const {
  if (settings_.address_file.empty()) return absl::OkStatus();
  const std::string temporary = settings_.address_file + ".tmp";
  std::ofstream file(temporary, std::ios::trunc);
  file << address_ << "\n";
  file.close();
  if (file && rename(temporary.c_str(), settings_.address_file.c_str()) == 0) return absl::OkStatus();
  return absl::InvalidArgumentError(fmt::format("cannot write address_file {}", settings_.address_file));
}

absl::Status ControlPlane::Health() const {
  if (draining_) return absl::UnavailableError("stopping");
  return store_->Health();
}

void ControlPlane::Drain() {
  if (draining_.exchange(true)) return;
  if (server_.server != nullptr) {
    if (auto* health = server_.server->GetHealthCheckService()) health->SetServingStatus(false);
    agents_->EndStreams();
    streams_.EndAll();
    const std::chrono::system_clock::time_point deadline =
        std::chrono::system_clock::now() + settings_.drain_timeout;
    server_.server->Shutdown(deadline);  // gRPC takes deadlines by the machine's clock
    server_.server->Wait();
  }
  endpoint_.reset();
  server_.server.reset();
  agents_.reset();
  services_.clear();
  deadlines_.reset();
  executor_.reset();
  gate_.reset();
  store_.reset();
  if (!settings_.address_file.empty()) unlink(settings_.address_file.c_str());
}

}  // namespace sluice::controlplane
