#include "agent/registry/http.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <httplib.h>

#include <atomic>
#include <mutex>
#include <set>
#include <thread>

namespace sluice::agent::registry {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(Encode, LeavesNothingThatCouldChangeAPath) {
  EXPECT_EQ(Encode("acme.a-b_c~value"), "acme.a-b_c~value");
  EXPECT_EQ(Encode("a/../b?c#d e%\n"), "a%2F..%2Fb%3Fc%23d%20e%25%0A");
  EXPECT_EQ(Encode("ü"), "%C3%BC");
}

// A server on a free port of the loopback, answered by `handler`.
class Server {
 public:
  explicit Server(httplib::Server::Handler handler) {
    server_.Get(".*", handler);
    server_.Post(".*", handler);
    server_.set_tcp_nodelay(true);
    server_.set_keep_alive_max_count(100);
    port_ = server_.bind_to_any_port("127.0.0.1");
    thread_ = std::thread([this] { server_.listen_after_bind(); });
  }
  ~Server() {
    server_.stop();
    thread_.join();
  }
  RegistryOptions Options() const {
    RegistryOptions options;
    options.url = "http://127.0.0.1:" + std::to_string(port_);
    options.request_timeout = seconds(10);
    options.retry_time = seconds(30);
    return options;
  }

 private:
  httplib::Server server_;
  int port_ = 0;
  std::thread thread_;
};

TEST(Http, KeepsItsConnection) {
  std::set<int> ports;
  const Server server([&](const httplib::Request& request, httplib::Response& response) {
    ports.insert(request.remote_port);
    response.set_content(request.body, "text/plain");
  });
  Http http(server.Options());
  for (int i = 0; i < 3; ++i) {
    const auto response = http.Do({"POST", "/x", "body"});
    ASSERT_TRUE(response.ok()) << response.status();
    EXPECT_EQ(response->body, "body");
    EXPECT_TRUE(http.Do({"GET", "/x", ""}).ok());
  }
  EXPECT_EQ(ports.size(), 1U);
}

TEST(Http, TriesAgainWhileTheServerIsInTrouble) {
  std::atomic<int> asked = 0;
  const Server server([&](const httplib::Request&, httplib::Response& response) {
    response.status = ++asked < 3 ? 503 : 200;
  });
  Http http(server.Options());
  const auto response = http.Do({"GET", "/", ""});
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->code, 200);
  EXPECT_EQ(asked, 3);
}

TEST(Http, ReturnsTheLastTroubleWhenTimeIsOver) {
  const Server server([&](const httplib::Request&, httplib::Response& response) { response.status = 500; });
  RegistryOptions options = server.Options();
  options.retry_time = milliseconds(1);
  Http http(options);
  const auto response = http.Do({"GET", "/", ""});
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->code, 500);
}

TEST(Http, RefusesAnAnswerThatIsTooBig) {
  const Server server([&](const httplib::Request&, httplib::Response& response) {
    response.set_content(std::string(kMaxResponse + 1, 'x'), "text/plain");
  });
  Http http(server.Options());
  EXPECT_TRUE(absl::IsResourceExhausted(http.Do({"GET", "/", ""}).status()));
}

TEST(Http, TellsUnreachableFromUnanswered) {
  std::mutex gate;
  std::unique_lock closed(gate);
  {
    const Server server([&](const httplib::Request&, httplib::Response&) { std::lock_guard wait(gate); });
    RegistryOptions options = server.Options();
    options.request_timeout = milliseconds(200);
    options.retry_time = milliseconds(1);
    Http http(options);
    EXPECT_TRUE(absl::IsDeadlineExceeded(http.Do({"GET", "/", ""}).status()));
    closed.unlock();
  }
  RegistryOptions options;
  options.url = "http://127.0.0.1:1";  // nobody may listen there
  options.retry_time = milliseconds(1);
  Http http(options);
  EXPECT_TRUE(absl::IsUnavailable(http.Do({"GET", "/", ""}).status()));
}

TEST(Http, StopEndsRetries) {
  std::atomic<Http*> http = nullptr;
  std::atomic<int> asked = 0;
  const Server server([&](const httplib::Request&, httplib::Response& response) {
    ++asked;
    response.status = 503;
    http.load()->Stop();
  });
  RegistryOptions options = server.Options();
  options.retry_time = std::chrono::hours(1);
  Http client(options);
  http = &client;
  (void)client.Do({"GET", "/", ""});
  EXPECT_TRUE(absl::IsCancelled(client.Do({"GET", "/", ""}).status()));
  EXPECT_EQ(asked, 1);
}

}  // namespace
}  // namespace sluice::agent::registry
