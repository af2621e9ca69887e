#include "common/metrics/endpoint.h"

#include <fmt/format.h>
#include <httplib.h>

#include <charconv>
#include <thread>

namespace sluice::metrics {
namespace {

class HttpEndpoint final : public Endpoint {
 public:
  HttpEndpoint(const Metrics& metrics, std::function<absl::Status()> health, std::function<void()> refresh) {
    server_.set_tcp_nodelay(true);
    server_.set_payload_max_length(4096);
    server_.set_read_timeout(5);
    server_.new_task_queue = [] { return new httplib::ThreadPool(2); };
    server_.Get("/metrics", [&metrics, refresh = std::move(refresh)](const httplib::Request&,
                                                                     httplib::Response& response) {
      if (refresh) refresh();
      response.set_content(metrics.Text(), "text/plain; version=0.0.4");
    });
    server_.Get(
        "/healthz", [health = std::move(health)](const httplib::Request&, httplib::Response& response) {
          const absl::Status status = health();
          response.status = status.ok() ? 200 : 503;
          response.set_content((status.ok() ? "ok" : std::string(status.message())) + "\n", "text/plain");
        });
  }

  ~HttpEndpoint() override {
    server_.stop();
    if (thread_.joinable()) thread_.join();
  }

  absl::Status Start(const std::string& host, int port) {
    if (port == 0) {
      port_ = server_.bind_to_any_port(host.c_str());
    } else {
      port_ = server_.bind_to_port(host.c_str(), port) ? port : -1;
    }
    if (port_ < 0)
      return absl::UnavailableError(fmt::format("cannot listen on {}:{}; is it taken?", host, port));
    thread_ = std::thread([this] { server_.listen_after_bind(); });
    while (!server_.is_running()) std::this_thread::yield();  // stop() before that would be lost
    return absl::OkStatus();
  }

  int port() const override { return port_; }

 private:
  httplib::Server server_;
  std::thread thread_;
  int port_ = -1;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Endpoint>> Serve(const std::string& listen, const Metrics& metrics,
                                                std::function<absl::Status()> health,
                                                std::function<void()> refresh) {
  const size_t colon = listen.rfind(':');
  int port = -1;
  if (colon != std::string::npos && colon + 1 < listen.size()) {
    const char* end = listen.data() + listen.size();
    if (std::from_chars(listen.data() + colon + 1, end, port).ptr != end) port = -1;
  }
  if (port < 0 || port > 65535 || colon == 0) {
    return absl::InvalidArgumentError(fmt::format("metrics_listen is HOST:PORT (got '{}')", listen));
  }
  auto endpoint = std::make_unique<HttpEndpoint>(metrics, std::move(health), std::move(refresh));
  if (absl::Status status = endpoint->Start(listen.substr(0, colon), port); !status.ok()) return status;
  return endpoint;
}

}  // namespace sluice::metrics
