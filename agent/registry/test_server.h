// A server on a free port of the loopback, answered by a handler, for tests.
#pragma once

#include <httplib.h>

#include <string>
#include <thread>

#include "agent/registry/registry.h"

namespace sluice::agent::registry {

class Server {
 public:
  explicit Server(const httplib::Server::Handler& handler) {
    server_.Get(".*", handler);
    server_.Post(".*", handler);
    server_.Put(".*", handler);
    server_.set_tcp_nodelay(true);
    server_.set_keep_alive_max_count(1000);
    port_ = server_.bind_to_any_port("127.0.0.1");
    thread_ = std::thread([this] { server_.listen_after_bind(); });
    while (!server_.is_running()) std::this_thread::yield();  // or a stop before that would be lost
  }
  ~Server() {
    server_.stop();
    thread_.join();
  }
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // Of a client that is patient enough for a slow machine.
  RegistryOptions Options() const {
    RegistryOptions options;
    options.url = "http://127.0.0.1:" + std::to_string(port_);
    options.request_timeout = std::chrono::seconds(10);
    options.retry_time = std::chrono::seconds(30);
    return options;
  }

 private:
  httplib::Server server_;
  int port_ = 0;
  std::thread thread_;
};

}  // namespace sluice::agent::registry
