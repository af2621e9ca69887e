#include "agent/registry/http.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <set>

#include "agent/registry/test_server.h"
#include "agent/temporary_directory.h"

namespace sluice::agent::registry {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::HasSubstr;
using ::testing::Not;

std::string Text(const absl::Status& status) { return std::string(status.message()); }

TEST(Encode, LeavesNothingThatCouldChangeAPath) {
  EXPECT_EQ(Encode("acme.a-b_c~value"), "acme.a-b_c~value");
  EXPECT_EQ(Encode("a/../b?c#d e%\n"), "a%2F..%2Fb%3Fc%23d%20e%25%0A");
  EXPECT_EQ(Encode("ü"), "%C3%BC");
}

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

TEST(Http, WaitsAsLongAsTheServerAsks) {
  std::atomic<int> asked = 0;
  const Server server([&](const httplib::Request&, httplib::Response& response) {
    response.status = ++asked == 1 ? 429 : 200;
    if (asked == 1) response.set_header("Retry-After", "1");
  });
  Http http(server.Options());
  const auto began = std::chrono::steady_clock::now();
  EXPECT_EQ(http.Do({"GET", "/", ""})->code, 200);
  EXPECT_GE(std::chrono::steady_clock::now() - began, seconds(1));
  EXPECT_EQ(asked, 2);
}

TEST(Http, LeavesAServerAloneThatAsksForMoreTimeThanThereIs) {
  std::atomic<int> asked = 0;
  const Server server([&](const httplib::Request&, httplib::Response& response) {
    ++asked;
    response.status = 429;
    response.set_header("Retry-After", "120");
  });
  Http http(server.Options());
  EXPECT_EQ(http.Do({"GET", "/", ""})->code, 429);
  const absl::Status quiet = http.Do({"GET", "/", ""}).status();
  EXPECT_TRUE(absl::IsUnavailable(quiet)) << quiet;
  EXPECT_THAT(Text(quiet), HasSubstr("left alone for 120 s"));
  EXPECT_EQ(asked, 1) << "nothing was sent";
}

TEST(Http, AnAnswerThatIsCutIsNoAnswer) {
  const Server server([&](const httplib::Request&, httplib::Response& response) {
    response.set_content_provider(100, "application/json", [](size_t, size_t, httplib::DataSink& sink) {
      sink.write("[1,2", 4);
      return false;
    });
  });
  RegistryOptions options = server.Options();
  options.retry_time = milliseconds(1);
  EXPECT_TRUE(absl::IsDeadlineExceeded(Http(options).Do({"GET", "/", ""}).status()));
}

TEST(Http, FollowsNoRedirectAndSaysWhereItLeads) {
  std::atomic<int> asked = 0;
  const Server server([&](const httplib::Request&, httplib::Response& response) {
    ++asked;
    response.set_redirect("https://elsewhere.example/login", 302);
  });
  const auto response = Http(server.Options()).Do({"GET", "/", ""});
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->code, 302);
  EXPECT_EQ(response->location, "https://elsewhere.example/login");
  EXPECT_EQ(asked, 1);
}

TEST(Http, TellsTheServersTime) {
  const Server server([](const httplib::Request&, httplib::Response& response) {
    response.set_header("Date", "Sun, 22 Nov 2026 08:29:32 GMT");
  });
  EXPECT_EQ(Http(server.Options()).Do({"GET", "/", ""})->date, "Sun, 22 Nov 2026 08:29:32 GMT");
}

// A server that knows one secret, and the file that the client reads its own from.
class SecretTest : public ::testing::Test {
 protected:
  SecretTest()
      : server_([this](const httplib::Request& request, httplib::Response& response) {
          ++asked_;
          std::lock_guard lock(mutex_);
          response.status = request.get_header_value("Authorization") == expected_ ? 200 : 401;
        }) {}

  void Expect(std::string authorization) {
    std::lock_guard lock(mutex_);
    expected_ = std::move(authorization);
  }
  std::string Write(const std::string& text) {
    const std::string path = directory_.path() + "/secret";
    std::ofstream(path) << text;
    return path;
  }
  RegistryOptions Bearer(const std::string& token) {
    RegistryOptions options = server_.Options();
    options.bearer_token_file = Write(token);
    return options;
  }

  TemporaryDirectory directory_;
  std::atomic<int> asked_ = 0;
  std::mutex mutex_;
  std::string expected_;
  const Server server_;
};

TEST_F(SecretTest, ShowsUserAndPassword) {
  RegistryOptions options = server_.Options();
  options.username = "agent";
  options.password_file = Write("pass:word\n");
  Expect("Basic YWdlbnQ6cGFzczp3b3Jk");
  EXPECT_EQ(Http(options).Do({"GET", "/", ""})->code, 200);
}

TEST_F(SecretTest, ShowsABearerTokenAndReadsItAgainWhenItsFileChanges) {
  Expect("Bearer first");
  Http http(Bearer("first\n"));
  EXPECT_EQ(http.Do({"GET", "/", ""})->code, 200);
  Write("the second one");
  Expect("Bearer the second one");
  EXPECT_EQ(http.Do({"GET", "/", ""})->code, 200);
  EXPECT_EQ(asked_, 2) << "without a refusal in between";
}

TEST_F(SecretTest, ReadsItAgainAfterARefusalThoughTheFileLooksTheSame) {
  Expect("Bearer one");
  const RegistryOptions options = Bearer("one");
  Http http(options);
  EXPECT_EQ(http.Do({"GET", "/", ""})->code, 200);
  const auto time = std::filesystem::last_write_time(options.bearer_token_file);
  Write("two");  // as long as the first
  std::filesystem::last_write_time(options.bearer_token_file, time);
  Expect("Bearer two");
  EXPECT_EQ(http.Do({"GET", "/", ""})->code, 200);
  EXPECT_EQ(asked_, 3);
}

TEST_F(SecretTest, ARefusalIsAnAnswerAndIsNotAskedForTwice) {
  Expect("Bearer right");
  EXPECT_EQ(Http(Bearer("wrong")).Do({"GET", "/", ""})->code, 401);
  EXPECT_EQ(asked_, 1);
}

TEST_F(SecretTest, AFileThatCannotBeUsedIsNamedAndNotRepeated) {
  for (const std::string text : {"", "\n", "two\nlines-of-it", "bell\a", "\n\nlead"}) {
    const absl::Status status = Http(Bearer(text)).Do({"GET", "/", ""}).status();
    EXPECT_TRUE(absl::IsFailedPrecondition(status)) << status;
    EXPECT_THAT(Text(status), HasSubstr(directory_.path() + "/secret"));
    EXPECT_THAT(Text(status), Not(HasSubstr("lines-of-it")));
  }
  EXPECT_EQ(asked_, 0);
}

TEST_F(SecretTest, IsInNoErrorAboutAServerThatIsAway) {
  RegistryOptions options = Bearer("very-secret");
  options.url = "http://127.0.0.1:1";
  options.retry_time = milliseconds(1);
  const absl::Status status = Http(options).Do({"GET", "/", ""}).status();
  EXPECT_TRUE(absl::IsUnavailable(status));
  EXPECT_THAT(Text(status), Not(HasSubstr("very-secret")));
}

TEST(CheckCredentials, AreSentOverTlsOrTheLoopbackOnlyAndOneKindAtATime) {
  const auto check = [](const std::string& url, const std::string& user, const std::string& password,
                        const std::string& token) {
    RegistryOptions options;
    options.url = url;
    options.username = user;
    options.password_file = password;
    options.bearer_token_file = token;
    return OpenRegistry(options).status();
  };
  for (const char* url : {"https://registry.example/path", "http://127.0.0.1:8081", "http://localhost:8081/x",
                          "http://[::1]:8081", "https://10.0.0.1"}) {
    EXPECT_TRUE(check(url, "u", "f", "").ok()) << url;
    EXPECT_TRUE(check(url, "", "", "t").ok()) << url;
  }
  for (const char* url : {"http://registry.example", "http://127.example:80", "http://localhost.example",
                          "http://[::2]", "http://127.0.0.1.example/"}) {
    EXPECT_TRUE(check(url, "", "", "").ok()) << url;
    EXPECT_TRUE(absl::IsInvalidArgument(check(url, "u", "f", ""))) << url;
    EXPECT_TRUE(absl::IsInvalidArgument(check(url, "", "", "t"))) << url;
  }
  EXPECT_FALSE(check("https://r", "u", "", "").ok());
  EXPECT_FALSE(check("https://r", "", "f", "").ok());
  EXPECT_FALSE(check("https://r", "u", "f", "t").ok());
  EXPECT_FALSE(check("https://r", "u:v", "f", "").ok());
  const absl::Status in_url = check("https://u:hidden@r/p", "", "", "");
  EXPECT_FALSE(in_url.ok());
  EXPECT_THAT(Text(in_url), Not(HasSubstr("hidden")));
  EXPECT_TRUE(check("https://r/p@2", "", "", "").ok());
}

}  // namespace
}  // namespace sluice::agent::registry
