// The registry target against a registry that answers by halves: others go on, and nothing is concluded.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <future>

#include "agent/registry/test_server.h"

namespace sluice::agent::registry {
namespace {

using ::testing::HasSubstr;
using Answer = std::function<void(const httplib::Request&, httplib::Response&)>;

void Json(httplib::Response& response, int status, const std::string& body) {
  response.status = status;
  response.set_content(body, "application/json");
}

void Page(httplib::Response& response, int status) {
  response.status = status;
  response.set_content("<html><body>Please log in</body></html>", "text/html");
}

// A registry where each subject has the desired schema at FORWARD_TRANSITIVE and takes everything.
void Healthy(const httplib::Request& request, httplib::Response& response) {
  const bool versions = request.path.find("/versions") != std::string::npos;
  if (request.path.find("/config/") != std::string::npos) {
    Json(response, 200, R"({"compatibilityLevel":"FORWARD_TRANSITIVE"})");
  } else if (request.method == "GET") {
    Json(response, 200, "[1]");
  } else {
    Json(response, 200, versions ? R"({"id":7})" : R"({"version":1,"id":7})");
  }
}

core::Subject Subject(const std::string& name) { return {name, "JSON", "{}", "FORWARD_TRANSITIVE"}; }

core::Step Step(core::StepKind kind, const std::string& name) {
  core::Step step;
  step.kind = kind;
  step.subject = Subject(name);
  return step;
}
core::Step Register(const std::string& name) { return Step(core::StepKind::kRegisterSchema, name); }
core::Step SetLevel(const std::string& name) { return Step(core::StepKind::kSetLevel, name); }

class HalfAnswered : public ::testing::Test {
 protected:
  HalfAnswered()
      : server_([this](const httplib::Request& request, httplib::Response& response) {
          ++asked_;
          const bool ill = everything_ || request.path.find("/ill") != std::string::npos;
          ill&& answer_ ? answer_(request, response) : Healthy(request, response);
        }) {
    Open(std::chrono::seconds(30));  // a busy machine is not a registry that does not answer
  }

  void Open(std::chrono::milliseconds request_timeout) {
    RegistryOptions options = server_.Options();
    options.retry_time = std::chrono::milliseconds(1);
    options.request_timeout = request_timeout;
    target_ = *OpenRegistry(options);
  }

  // `ill` is answered so, and `well` as by a healthy registry: the one is unreadable, the other is seen.
  void ExpectUnreadable(const Answer& answer, absl::StatusCode code, const std::string& text) {
    answer_ = answer;
    const auto state = target_->Observe({Subject("ill"), Subject("well")});
    ASSERT_TRUE(state.ok()) << state.status();
    EXPECT_EQ(state->subjects.count("ill"), 0U) << "nothing is concluded";
    ASSERT_EQ(state->unreadable.count("ill"), 1U);
    EXPECT_EQ(state->unreadable.at("ill").code(), code) << state->unreadable.at("ill");
    EXPECT_THAT(std::string(state->unreadable.at("ill").message()), HasSubstr(text));
    ASSERT_EQ(state->subjects.count("well"), 1U);
    EXPECT_TRUE(state->subjects.at("well").latest);
  }
  // The whole look ends with this.
  void ExpectNothingKnown(const Answer& answer, absl::StatusCode code, const std::string& text) {
    answer_ = answer;
    everything_ = true;
    const absl::Status status =
        target_->Observe({Subject("a"), Subject("b"), Subject("c"), Subject("d")}).status();
    EXPECT_EQ(status.code(), code) << status;
    EXPECT_THAT(std::string(status.message()), HasSubstr(text));
  }

  Answer answer_;
  std::atomic<bool> everything_ = false;
  std::atomic<int> asked_ = 0;
  const Server server_;
  std::unique_ptr<RegistryTarget> target_;
};

TEST_F(HalfAnswered, ABodyThatIsCut) {
  ExpectUnreadable(
      [](const httplib::Request&, httplib::Response& response) {
        response.set_content_provider(50, "application/json", [](size_t, size_t, httplib::DataSink& sink) {
          sink.write("[1,", 3);
          return false;
        });
      },
      absl::StatusCode::kDeadlineExceeded, "does not answer");
}

TEST_F(HalfAnswered, JsonThatEndsInTheMiddle) {
  ExpectUnreadable([](const auto&, auto& response) { Json(response, 200, "[1,"); },
                   absl::StatusCode::kInternal, "not what its API promises");
}

TEST_F(HalfAnswered, JsonOfAnotherShape) {
  for (const char* body : {"null", "[]x", R"({"versions":[1]})", R"(["1"])", "3"}) {
    ExpectUnreadable(
        [body](const httplib::Request& request, httplib::Response& response) {
          request.path.find("/versions") == std::string::npos ? Healthy(request, response)
                                                              : Json(response, 200, body);
        },
        absl::StatusCode::kInternal, "about versions is not what its API promises");
  }
}

TEST_F(HalfAnswered, InternalErrorsForOneSubject) {
  ExpectUnreadable([](const auto&, auto& response) { Json(response, 500, R"({"message":"oops"})"); },
                   absl::StatusCode::kUnavailable, "500: oops");
}

TEST_F(HalfAnswered, ATimeoutForOneSubject) {
  Open(std::chrono::milliseconds(500));
  std::promise<void> gate;
  ExpectUnreadable([opened = gate.get_future().share()](const auto&, auto&) { opened.wait(); },
                   absl::StatusCode::kDeadlineExceeded, "does not answer");
  gate.set_value();
}

TEST_F(HalfAnswered, AMissingPageOfAProxyIsNotAMissingSubject) {
  ExpectUnreadable([](const auto&, auto& response) { Page(response, 404); }, absl::StatusCode::kNotFound,
                   "page of a proxy");
}

TEST_F(HalfAnswered, ARightThatIsMissingIsAboutThatSubject) {
  ExpectUnreadable(
      [](const auto&, auto& response) { Json(response, 403, R"({"error_code":40301,"message":"no"})"); },
      absl::StatusCode::kPermissionDenied, "40301: no");
}

TEST_F(HalfAnswered, APageOfAProxyForEverything) {
  ExpectNothingKnown([](const auto&, auto& response) { Page(response, 200); }, absl::StatusCode::kInternal,
                     "not what its API promises");
  EXPECT_EQ(asked_, 3) << "three subjects, and no more";
}

TEST_F(HalfAnswered, AGatewayInTroubleForEverything) {
  ExpectNothingKnown([](const auto&, auto& response) { Page(response, 502); }, absl::StatusCode::kUnavailable,
                     "502: an answer that is no JSON");
}

TEST_F(HalfAnswered, ARedirect) {
  ExpectNothingKnown([](const auto&, auto& response) { response.set_redirect("https://sso.example/x", 302); },
                     absl::StatusCode::kFailedPrecondition, "leads to https://sso.example/x");
  EXPECT_EQ(asked_, 1);
}

TEST_F(HalfAnswered, AnAgentThatItDoesNotKnow) {
  ExpectNothingKnown([](const auto&, auto& response) { Json(response, 401, R"({"message":"who?"})"); },
                     absl::StatusCode::kUnauthenticated, "check registry.username");
  EXPECT_EQ(asked_, 1);
}

TEST_F(HalfAnswered, TooManyRequests) {
  const Answer busy = [](const auto&, auto& response) {
    Json(response, 429, R"({"message":"slow down"})");
    response.set_header("Retry-After", "60");
  };
  ExpectNothingKnown(busy, absl::StatusCode::kUnavailable, "left alone for 60 s");
  EXPECT_EQ(asked_, 1) << "it asked to be left alone";
  const auto results = target_->Apply({Register("a")});
  EXPECT_EQ(results[0].outcome, Outcome::kNotTried);
  EXPECT_EQ(asked_, 1);
}

TEST_F(HalfAnswered, APageWithSuccessOnItIsNoSuccess) {
  everything_ = true;
  answer_ = [](const auto&, auto& response) { Page(response, 200); };
  for (const core::Step& step : {Register("a"), SetLevel("a")}) {
    const auto results = target_->Apply({step, Register("b")});
    EXPECT_EQ(results[0].outcome, Outcome::kUnknown) << "or a write grant would follow it";
    EXPECT_EQ(results[1].outcome, Outcome::kNotTried);
  }
}

TEST_F(HalfAnswered, ALevelOtherThanTheOneThatWasSetIsNoSuccess) {
  answer_ = [](const auto&, auto& response) { Json(response, 200, R"({"compatibility":"NONE"})"); };
  EXPECT_EQ(target_->Apply({SetLevel("ill")})[0].outcome, Outcome::kUnknown);
}

TEST_F(HalfAnswered, ARefusalOfOneSchemaStopsNoOther) {
  answer_ = [](const auto&, auto& response) {
    Json(response, 409, R"({"error_code":409,"message":"incompatible"})");
  };
  const auto results = target_->Apply({Register("ill"), Register("well")});
  EXPECT_EQ(results[0].outcome, Outcome::kRefused);
  EXPECT_EQ(results[1].outcome, Outcome::kDone) << results[1].status;
}

TEST_F(HalfAnswered, CredentialsThatAreRefusedStopTheRest) {
  everything_ = true;
  answer_ = [](const auto&, auto& response) { Json(response, 401, "{}"); };
  const auto results = target_->Apply({Register("a"), Register("b")});
  EXPECT_EQ(results[0].outcome, Outcome::kRefused);
  EXPECT_EQ(results[1].outcome, Outcome::kNotTried);
}

}  // namespace
}  // namespace sluice::agent::registry
