// The real registry behind a proxy that asks for credentials over TLS, as companies run them. (Apicurio 3.0.9
// itself checks users only with an identity provider, and client certificates not at all.)
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <httplib.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <filesystem>
#include <functional>
#include <mutex>
#include <set>
#include <thread>

#include "agent/registry/http.h"
#include "agent/registry/registry.h"
#include "tests/support/dev_cluster.h"
#include "tests/support/process.h"

namespace sluice::testing {
namespace {

using agent::Outcome;
using agent::RegistryOptions;
using agent::RegistryTarget;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

RegistryOptions OptionsOf(const DevCluster& cluster) {
  RegistryOptions options;
  options.url = cluster.registry_url;
  options.ca_file = cluster.ca_file;
  options.request_timeout = std::chrono::seconds(30);
  return options;
}

// Subject of the certificate that a client showed; empty: none.
std::string ClientOf(const httplib::Request& request) {
  X509* const shown = SSL_get1_peer_certificate(request.ssl);
  if (shown == nullptr) return "";
  char text[256] = {};
  X509_NAME_get_text_by_NID(X509_get_subject_name(shown), NID_commonName, text, sizeof text);
  X509_free(shown);
  return text;
}

class Proxy {
 public:
  using Admits = std::function<bool(const httplib::Request&)>;

  // With `client_ca`: clients must show a certificate of that CA.
  Proxy(const DevCluster& cluster, Admits admits, const char* client_ca = nullptr)
      : server_((cluster.directory + "/pki/server/registry-" + cluster.name + ".crt").c_str(),
                (cluster.directory + "/pki/server/registry-" + cluster.name + ".key").c_str(), client_ca),
        behind_(OptionsOf(cluster)) {
    const auto handler = [this, admits = std::move(admits)](const httplib::Request& request,
                                                            httplib::Response& response) {
      if (!admits(request)) {
        response.status = 401;
        response.set_header("WWW-Authenticate", "Basic realm=\"registry\"");
        return;
      }
      const auto answer = behind_.Do({request.method, request.target, request.body});
      response.status = answer.ok() ? answer->code : 502;
      if (answer.ok()) response.set_content(answer->body, "application/json");
    };
    server_.Get(".*", handler);
    server_.Post(".*", handler);
    server_.Put(".*", handler);
    server_.Delete(".*", handler);
    server_.set_tcp_nodelay(true);
    server_.set_keep_alive_max_count(1000);
    port_ = server_.bind_to_any_port("127.0.0.1");
    thread_ = std::thread([this] { server_.listen_after_bind(); });
    while (!server_.is_running()) std::this_thread::yield();
  }
  ~Proxy() {
    server_.stop();
    thread_.join();
  }
  std::string url() const { return "https://127.0.0.1:" + std::to_string(port_); }

 private:
  httplib::SSLServer server_;
  agent::registry::Http behind_;
  int port_ = 0;
  std::thread thread_;
};

class RegistryBehindAProxy : public ::testing::Test {
 protected:
  RegistryOptions Options(const Proxy& proxy) {
    RegistryOptions options = OptionsOf(cluster_);
    options.url = proxy.url();
    options.retry_time = std::chrono::milliseconds(1);
    return options;
  }
  static std::unique_ptr<RegistryTarget> Open(const RegistryOptions& options) {
    auto target = agent::OpenRegistry(options);
    EXPECT_TRUE(target.ok()) << target.status();
    return target.ok() ? *std::move(target) : nullptr;
  }
  // Sets the level, registers, and looks: everything that an agent does.
  void ExpectWorks(RegistryTarget& target) {
    core::Step level, schema;
    level.kind = core::StepKind::kSetLevel;
    schema.kind = core::StepKind::kRegisterSchema;
    level.subject = schema.subject = {
        subject_, "JSON", R"({"$schema":"http://json-schema.org/draft-07/schema#","type":"object"})",
        "FORWARD_TRANSITIVE"};
    for (const auto& result : target.Apply({level, schema}))
      EXPECT_EQ(result.outcome, Outcome::kDone) << result.status;
    const auto state = target.Observe({schema.subject});
    ASSERT_TRUE(state.ok()) << state.status();
    EXPECT_TRUE(state->subjects.at(subject_).latest);
  }
  ~RegistryBehindAProxy() override {
    agent::registry::Http somebody(OptionsOf(cluster_));
    for (const char* how : {"", "?permanent=true"})
      (void)somebody.Do({"DELETE", "/subjects/" + subject_ + how, ""});
  }

  const DevCluster cluster_ = UseDevCluster();
  const std::string subject_ = UniqueName("proxy") + "-value";
  TempDir directory_;
};

TEST_F(RegistryBehindAProxy, TakesUserAndPasswordAndNewOnesWhenTheFileChanges) {
  std::mutex mutex;
  std::string password = "first";
  const Proxy proxy(cluster_, [&](const httplib::Request& request) {
    std::lock_guard lock(mutex);
    return request.get_header_value("Authorization") ==
           httplib::make_basic_authentication_header("agent", password).second;
  });
  RegistryOptions options = Options(proxy);
  options.username = "agent";
  options.password_file = directory_.Write("password", "first\n");
  const auto target = Open(options);
  ExpectWorks(*target);
  {
    std::lock_guard lock(mutex);
    password = "second";
  }
  const absl::Status refused = target->Observe({{subject_, "JSON", "{}", ""}}).status();
  EXPECT_TRUE(absl::IsUnauthenticated(refused)) << refused;
  EXPECT_THAT(std::string(refused.message()), HasSubstr("registry.password_file"));
  directory_.Write("password", "second\n");
  ExpectWorks(*target);
}

TEST_F(RegistryBehindAProxy, TakesABearerToken) {
  const Proxy proxy(cluster_, [](const httplib::Request& request) {
    return request.get_header_value("Authorization") == "Bearer a.b.c";
  });
  RegistryOptions options = Options(proxy);
  EXPECT_TRUE(absl::IsUnauthenticated(Open(options)->Observe({{subject_, "JSON", "{}", ""}}).status()));
  options.bearer_token_file = directory_.Write("token", "a.b.c");
  ExpectWorks(*Open(options));
}

TEST_F(RegistryBehindAProxy, ShowsItsNewClientCertificateWithoutARestart) {
  std::mutex mutex;
  std::set<std::string> clients;
  const Proxy proxy(
      cluster_,
      [&](const httplib::Request& request) {
        std::lock_guard lock(mutex);
        clients.insert(ClientOf(request));
        return true;
      },
      cluster_.ca_file.c_str());
  const auto put = [&](const std::string& name) {
    const ClientCertificate issued = IssueClientCertificate(cluster_, name);
    directory_.Write("client.crt", ReadFile(issued.certificate_file));
    directory_.Write("client.key", ReadFile(issued.key_file));
  };
  RegistryOptions options = Options(proxy);
  const auto without = Open(options)->Observe({{subject_, "JSON", "{}", ""}});
  EXPECT_TRUE(!without.ok() || without->unreadable.count(subject_) == 1) << "without a certificate";
  EXPECT_TRUE(clients.empty());
  put("proxy-old");
  options.certificate_file = directory_.File("client.crt");
  options.key_file = directory_.File("client.key");
  const auto target = Open(options);
  ExpectWorks(*target);
  EXPECT_THAT(clients, ElementsAre("proxy-old"));
  clients.clear();
  put("proxy-new");
  ExpectWorks(*target);
  EXPECT_THAT(clients, ElementsAre("proxy-new"));
}

}  // namespace
}  // namespace sluice::testing
