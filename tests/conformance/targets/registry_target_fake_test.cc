// RegistryTargetSuite on the registry in memory, and the errors that only that one makes on demand.
#include <gmock/gmock.h>

#include "agent/registry/fake.h"
#include "tests/conformance/targets/registry_target_suite.h"

namespace sluice::testing {
namespace {

using agent::FakeRegistry;
using agent::Outcome;
using core::Step;
using core::StepKind;

class FakeLab final : public RegistryLab {
 public:
  agent::RegistryTarget& target() override { return registry_; }
  void DeleteSubject(const std::string& subject) override {
    registry_.Change([&](FakeRegistry::World& world) { world.erase(subject); });
  }

 private:
  FakeRegistry registry_;
};

INSTANTIATE_TEST_SUITE_P(Fake, RegistryTargetSuite, ::testing::Values([]() -> std::unique_ptr<RegistryLab> {
                           return std::make_unique<FakeLab>();
                         }));

Step Register(const std::string& subject) {
  Step step;
  step.kind = StepKind::kRegisterSchema;
  step.subject = {subject, "JSON", "{}", "FORWARD_TRANSITIVE"};
  return step;
}

TEST(FakeRegistry, OutOfReachNothingHappensAndNothingIsKnown) {
  FakeRegistry registry;
  registry.SetReachable(false);
  EXPECT_TRUE(absl::IsUnavailable(registry.Observe({Register("a").subject}).status()));
  EXPECT_EQ(registry.Apply({Register("a")})[0].outcome, Outcome::kNotTried);
  EXPECT_TRUE(registry.Look().empty());
}

TEST(FakeRegistry, ALostAnswerIsAnUnknownOutcome) {
  FakeRegistry registry;
  registry.LoseAnswers(1);
  const auto results = registry.Apply({Register("a"), Register("b")});
  EXPECT_EQ(results[0].outcome, Outcome::kUnknown);
  EXPECT_EQ(results[1].outcome, Outcome::kNotTried);
  EXPECT_EQ(registry.Look().count("a"), 1U);
  EXPECT_EQ(registry.Look().count("b"), 0U);
}

TEST(FakeRegistry, ASubjectThatCannotBeReadIsNamedAndLeftOut) {
  FakeRegistry registry;
  registry.HideSubject("a", absl::PermissionDeniedError("403"));
  const auto state = registry.Observe({Register("a").subject, Register("b").subject});
  ASSERT_TRUE(state.ok());
  EXPECT_EQ(state->subjects.count("a"), 0U);
  EXPECT_EQ(state->subjects.count("b"), 1U);
  EXPECT_TRUE(absl::IsPermissionDenied(state->unreadable.at("a")));
}

TEST(FakeRegistry, RefusesWhatItIsToldToRefuse) {
  FakeRegistry registry;
  registry.Refuse("a", absl::FailedPreconditionError("409"));
  const auto results = registry.Apply({Register("a"), Register("b")});
  EXPECT_EQ(results[0].outcome, Outcome::kRefused);
  EXPECT_EQ(results[1].outcome, Outcome::kDone);
}

}  // namespace
}  // namespace sluice::testing
