// How much a look at many subjects asks: one list tells which of them exist.
#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <vector>

#include "agent/registry/test_server.h"

namespace sluice::agent::registry {
namespace {

core::Subject Subject(const std::string& name) { return {name, "JSON", "{}", "FORWARD_TRANSITIVE"}; }

std::vector<core::Subject> Many(int count) {
  std::vector<core::Subject> subjects;
  for (int i = 0; i < count; ++i) subjects.push_back(Subject("s" + std::to_string(i)));
  return subjects;
}

// A registry that holds s0 alone.
class ManySubjects : public ::testing::Test {
 protected:
  ManySubjects()
      : server_([this](const httplib::Request& request, httplib::Response& response) {
          ++asked_;
          const bool s0 = request.path.find("/s0") != std::string::npos;
          const bool list =
              request.path.size() >= 9 && request.path.substr(request.path.size() - 9) == "/subjects";
          if (list) {
            response.set_content(list_, "application/json");
          } else if (request.method == "PUT") {
            response.set_content(R"({"compatibility":"FORWARD_TRANSITIVE"})", "application/json");
          } else if (!s0) {
            response.status = 404;
            response.set_content(R"({"error_code":40401,"message":"Subject not found"})", "application/json");
          } else if (request.path.find("/config/") != std::string::npos) {
            response.set_content(R"({"compatibilityLevel":"FORWARD_TRANSITIVE"})", "application/json");
          } else {
            response.set_content(request.method == "GET" ? "[1]" : R"({"version":1,"id":7})",
                                 "application/json");
          }
        }),
        target_(*OpenRegistry(server_.Options())) {}

  std::atomic<int> asked_ = 0;
  std::string list_ = R"(["s0"])";
  const Server server_;
  const std::unique_ptr<RegistryTarget> target_;
};

TEST_F(ManySubjects, NothingIsAskedOfThoseThatDoNotExist) {
  const auto state = target_->Observe(Many(200));
  ASSERT_TRUE(state.ok()) << state.status();
  EXPECT_EQ(state->subjects.size(), 200u);
  EXPECT_TRUE(state->subjects.at("s0").latest);
  EXPECT_EQ(state->subjects.at("s1"), core::ObservedSubject());
  EXPECT_LE(asked_, 1 + 4) << "the list, and what there is to ask about s0";
}

TEST_F(ManySubjects, OneThatWasGivenALevelIsAskedForIt) {
  core::Step step;
  step.kind = core::StepKind::kSetLevel;
  step.subject = Subject("s1");
  ASSERT_EQ(target_->Apply({step}).front().outcome, Outcome::kDone);
  asked_ = 0;
  ASSERT_TRUE(target_->Observe(Many(200)).ok());
  EXPECT_GT(asked_, 1 + 4);
}

TEST_F(ManySubjects, WithoutAListEachIsAskedAbout) {
  for (const char* list : {"<html>", "{}", "[1]", "null", "[\"s0\""}) {
    list_ = list;
    asked_ = 0;
    const auto state = target_->Observe(Many(30));
    ASSERT_TRUE(state.ok()) << state.status();
    EXPECT_TRUE(state->subjects.at("s0").latest) << list;
    EXPECT_GE(asked_, 1 + 30 * 2) << list;
  }
}

TEST_F(ManySubjects, FewNeedNoList) {
  ASSERT_TRUE(target_->Observe({Subject("s0")}).ok());
  EXPECT_LE(asked_, 4);
}

}  // namespace
}  // namespace sluice::agent::registry
