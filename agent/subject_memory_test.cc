#include "agent/subject_memory.h"

#include <gtest/gtest.h>

namespace sluice::agent {
namespace {

using std::chrono::minutes;

constexpr SubjectMemory::Steady kStart{std::chrono::hours(1)};

core::Subject Wanted(const std::string& name, const std::string& schema = "{}") {
  return {name, "JSON", schema, "FORWARD"};
}

RegistryState Registered(const std::vector<core::Subject>& subjects) {
  RegistryState state;
  for (const core::Subject& subject : subjects) {
    core::ObservedSubject observed;
    observed.versions = 1;
    observed.registered = true;
    state.subjects[subject.name] = observed;
  }
  return state;
}

TEST(SubjectMemory, AsksAboutWhatIsNewChangedWrittenOrOld) {
  SubjectMemory memory;
  const std::vector<core::Subject> wanted = {Wanted("a"), Wanted("b")};
  EXPECT_EQ(memory.ToAsk(wanted, kStart), wanted);
  memory.Remember(wanted, Registered(wanted), kStart);
  EXPECT_TRUE(memory.ToAsk(wanted, kStart).empty());
  EXPECT_EQ(memory.ToAsk(wanted, kStart + minutes(1)), wanted) << "old";
  const std::vector<core::Subject> changed = {Wanted("a", "{\"type\":\"object\"}"), Wanted("b")};
  EXPECT_EQ(memory.ToAsk(changed, kStart), std::vector<core::Subject>{changed[0]});
  memory.Forget("b");
  EXPECT_EQ(memory.ToAsk(wanted, kStart), std::vector<core::Subject>{wanted[1]});
}

TEST(SubjectMemory, FillsInWhatWasNotAskedAndNothingElse) {
  SubjectMemory memory;
  const std::vector<core::Subject> wanted = {Wanted("a"), Wanted("b"), Wanted("c")};
  memory.Remember(wanted, Registered(wanted), kStart);
  RegistryState state;
  state.subjects["a"] = {};  // asked just now: it is gone
  state.unreadable["b"] = absl::InternalError("500");
  memory.Fill({wanted[0], wanted[1], Wanted("c", "another")}, state);
  EXPECT_FALSE(state.subjects.at("a").registered);
  EXPECT_EQ(state.subjects.count("b"), 0u);
  EXPECT_EQ(state.subjects.count("c"), 0u) << "what was seen is about another schema";
}

TEST(SubjectMemory, ForgetsWhatCouldNotBeReadAndWhatIsNotWanted) {
  SubjectMemory memory;
  const std::vector<core::Subject> wanted = {Wanted("a"), Wanted("b")};
  memory.Remember(wanted, Registered(wanted), kStart);
  memory.Remember({wanted[0]}, {}, kStart);
  EXPECT_EQ(memory.ToAsk(wanted, kStart).size(), 1u);
  memory.Keep({});
  EXPECT_EQ(memory.ToAsk(wanted, kStart).size(), 2u);
}

TEST(SubjectMemory, OldOnesAreAskedAboutInTurnsTheOldestFirst) {
  SubjectMemory memory;
  std::vector<core::Subject> wanted;
  for (int i = 0; i < 700; ++i) {
    wanted.push_back(Wanted("s" + std::to_string(i)));
    memory.Remember({wanted.back()}, Registered({wanted.back()}), kStart + std::chrono::seconds(700 - i));
  }
  const auto ask = memory.ToAsk(wanted, kStart + minutes(60));
  ASSERT_EQ(ask.size(), SubjectMemory::kMaxOld);
  EXPECT_EQ(ask.front().name, "s699");
}

}  // namespace
}  // namespace sluice::agent
