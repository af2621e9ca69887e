// The keys of tokens by HTTPS, from a real server that comes, goes and changes its keys.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <httplib.h>

#include <atomic>
#include <mutex>
#include <thread>

#include "controlplane/rpc/key_source.h"
#include "controlplane/rpc/token.h"
#include "controlplane/testing.h"

namespace sluice::controlplane {
namespace {

using absl::StatusCode;
using std::chrono::seconds;
using ::testing::HasSubstr;

constexpr Time kNow{seconds(1'800'000'000)};
constexpr char kIssuer[] = "https://issuer.example";

std::string SetOf(const std::vector<const TestKey*>& keys) {
  std::string text = R"({"keys":[)";
  for (const TestKey* key : keys) text += (key == keys.front() ? "" : ",") + key->PublicJwk();
  return text + "]}";
}

// A provider of keys on a port of its own, which it keeps.
class Provider {
 public:
  Provider() { Start(0); }
  ~Provider() { Stop(); }

  void Start(int port) {
    server_ = std::make_unique<httplib::SSLServer>(CertificateFile("server/controlplane.crt").c_str(),
                                                   CertificateFile("server/controlplane.key").c_str());
    server_->Get("/keys", [this](const httplib::Request&, httplib::Response& response) {
      std::lock_guard lock(mutex_);
      ++asked_;
      response.status = status_;
      response.set_content(body_, "application/json");
    });
    server_->Get("/elsewhere", [](const httplib::Request&, httplib::Response& response) {
      response.set_redirect("/keys");
    });
    if (port == 0)
      port_ = server_->bind_to_any_port("127.0.0.1");
    else
      ASSERT_TRUE(server_->bind_to_port("127.0.0.1", port));
    thread_ = std::thread([this] { server_->listen_after_bind(); });
    while (!server_->is_running()) std::this_thread::yield();
  }
  void Stop() {
    server_->stop();
    if (thread_.joinable()) thread_.join();
  }
  void StartAgain() { Start(port_); }

  void Answer(const std::string& body, int status = 200) {
    std::lock_guard lock(mutex_);
    body_ = body;
    status_ = status;
  }
  int asked() {
    std::lock_guard lock(mutex_);
    return asked_;
  }
  std::string Url(const std::string& path = "/keys") const {
    return fmt::format("https://127.0.0.1:{}{}", port_, path);
  }

 private:
  std::unique_ptr<httplib::SSLServer> server_;
  std::thread thread_;
  int port_ = 0;
  std::mutex mutex_;
  std::string body_;
  int status_ = 200, asked_ = 0;
};

class JwksUrl : public ::testing::Test {
 protected:
  JwksUrl() { provider.Answer(SetOf({&old_key})); }

  TokenTrust Trust() const {
    TokenTrust trust;
    trust.issuer = kIssuer;
    trust.audience = "sluice";
    trust.jwks_url = provider.Url();
    trust.jwks_ca = CertificateFile("dev-ca.crt");
    return trust;
  }
  void Open() {
    auto opened = OpenTokenVerifier(Trust(), clock);
    ASSERT_TRUE(opened.ok()) << opened.status();
    verifier = *std::move(opened);
  }
  absl::Status Verify(const TestKey& key) {
    return verifier
        ->Verify(key.Sign(
            "ES256", fmt::format(R"({{"iss":"{}","sub":"a","aud":"sluice","exp":1900000000}})", kIssuer)))
        .status();
  }
  // Asks, and lets time pass, until the answer is no longer that keys are on their way.
  absl::Status VerifyUntilSettled(const TestKey& key) {
    absl::Status status = Verify(key);
    while (absl::IsUnavailable(status)) {
      std::this_thread::yield();
      status = Verify(key);
    }
    return status;
  }

  TestKey old_key{TestKey::Type::kEc, "old"}, new_key{TestKey::Type::kEc, "new"},
      strange{TestKey::Type::kEc, "strange"};
  Provider provider;
  FakeClock clock{kNow};
  std::unique_ptr<TokenVerifier> verifier;
};

TEST_F(JwksUrl, KeysAreFetchedOnceForManyTokens) {
  Open();
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(Verify(old_key).ok());
  EXPECT_EQ(provider.asked(), 1);
  EXPECT_EQ(verifier->KeysReadAt(), kNow);
}

TEST_F(JwksUrl, AnUnknownKeyIsAskedForOnceInAWhile) {
  Open();
  clock.Advance(kMinKeyFetchInterval);
  provider.Answer(SetOf({&old_key, &new_key}));
  const absl::Status first = Verify(new_key);
  EXPECT_EQ(first.code(), StatusCode::kUnavailable) << "whoever asks does not wait: " << first;
  EXPECT_TRUE(VerifyUntilSettled(new_key).ok());
  EXPECT_TRUE(Verify(old_key).ok());
  EXPECT_EQ(provider.asked(), 2);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(Verify(strange).code(), StatusCode::kUnauthenticated);
  EXPECT_EQ(provider.asked(), 2) << "not again within ten seconds, whoever sends what";
}

TEST_F(JwksUrl, RotatedOutKeysOpenNothingAfterTheNextFetch) {
  Open();
  EXPECT_TRUE(Verify(old_key).ok());
  provider.Answer(SetOf({&new_key}));
  while (provider.asked() < 2) clock.Advance(seconds(10));
  EXPECT_TRUE(VerifyUntilSettled(new_key).ok());
  EXPECT_EQ(VerifyUntilSettled(old_key).code(), StatusCode::kUnauthenticated);
}

TEST_F(JwksUrl, WhileTheProviderIsAwayTheLastKeysStay) {
  Open();
  provider.Stop();
  clock.Advance(seconds(3600));
  for (int i = 0; i < 10; ++i) {
    EXPECT_TRUE(Verify(old_key).ok());
    clock.Advance(seconds(60));
  }
  EXPECT_EQ(verifier->KeysReadAt(), kNow) << "how old they are can be seen";
  for (const auto& [body, status] : std::vector<std::pair<std::string, int>>{
           {"oops", 500}, {"not json", 200}, {R"({"keys":[]})", 200}, {std::string(2 << 20, 'x'), 200}}) {
    provider.StartAgain();
    provider.Answer(body, status);
    const int before = provider.asked();
    while (provider.asked() == before) clock.Advance(seconds(10));
    EXPECT_TRUE(Verify(old_key).ok()) << status << body.substr(0, 20);
    provider.Stop();
  }
}

TEST_F(JwksUrl, AControlPlaneStartsWhileTheProviderIsAwayAndHealsAlone) {
  provider.Stop();
  Open();
  const absl::Status before = Verify(old_key);
  EXPECT_EQ(before.code(), StatusCode::kUnavailable);
  EXPECT_THAT(std::string(before.message()), HasSubstr("could not be fetched yet"));
  EXPECT_EQ(verifier->KeysReadAt(), std::nullopt);
  provider.StartAgain();
  while (!Verify(old_key).ok()) clock.Advance(seconds(1));
}

TEST_F(JwksUrl, OneFetchSaysWhatIsWrong) {
  const auto fetch = [&](const std::string& url, const std::string& ca) {
    return std::string(FetchKeys({.url = url, .ca_file = ca}).status().message());
  };
  const std::string ca = CertificateFile("dev-ca.crt");
  EXPECT_EQ(fetch(provider.Url(), ca), "");
  EXPECT_THAT(fetch(provider.Url(), CertificateFile("agents-ca.crt")), HasSubstr("tokens.jwks_ca"));
  EXPECT_THAT(fetch(provider.Url("/none"), ca), HasSubstr("HTTP status 404"));
  EXPECT_THAT(fetch(provider.Url("/elsewhere"), ca), HasSubstr("HTTP status 302")) << "nobody is followed";
  provider.Answer(std::string(2 << 20, 'x'));
  EXPECT_THAT(fetch(provider.Url(), ca), HasSubstr("larger than 1 MiB"));
  provider.Answer("not json");
  EXPECT_THAT(fetch(provider.Url(), ca), HasSubstr("no JSON Web Key Set"));
}

TEST_F(JwksUrl, SettingsAreHeldToOneHttpsSource) {
  const auto refusal = [&](TokenTrust trust) { return std::string(CheckTokenTrust(trust).message()); };
  EXPECT_TRUE(CheckTokenTrust(Trust()).ok());
  TokenTrust trust = Trust();
  trust.jwks_file = "keys.json";
  EXPECT_THAT(refusal(trust), HasSubstr("give one of them"));
  trust = Trust();
  trust.jwks_url.clear();
  EXPECT_THAT(refusal(trust), HasSubstr("give one of them"));
  for (const char* url :
       {"http://issuer.example/keys", "http://127.0.0.1/keys", "https://", "https:///keys",
        "file:///etc/passwd", "https://user:secret@issuer.example/keys", "issuer.example"}) {
    trust = Trust();
    trust.jwks_url = url;
    EXPECT_THAT(refusal(trust), HasSubstr("is an https:// address")) << url;
  }
  for (const int refresh : {0, 9, 86401}) {
    trust = Trust();
    trust.jwks_refresh = seconds(refresh);
    EXPECT_THAT(refusal(trust), HasSubstr("tokens.jwks_refresh is 10s to 86400s")) << refresh;
  }
  trust = Trust();
  trust.jwks_ca = "/none";
  EXPECT_THAT(refusal(trust), HasSubstr("cannot read tokens.jwks_ca"));
}

}  // namespace
}  // namespace sluice::controlplane
