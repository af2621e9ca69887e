#include "agent/state_age.h"

#include <gtest/gtest.h>

namespace sluice::agent {
namespace {

using std::chrono::hours;
using Steady = std::chrono::steady_clock::time_point;

// The wall clock at `wall` hours (of some epoch) and the machine up for `up` hours.
StateAge::Moment At(int wall, int up) { return {Time(hours(wall)), Steady(hours(up))}; }

TEST(StateAge, CountsTheTimeThatPassed) {
  StateAge age("boot", "", Time{});
  EXPECT_EQ(age.At(At(100, 1)), StateAge::kUnknown) << "there was no contact";
  EXPECT_EQ(age.Record(At(100, 1)), "");
  age.Heard(At(100, 1));
  EXPECT_EQ(age.At(At(103, 4)), hours(3));
}

TEST(StateAge, AWallClockThatIsSetBackMakesNoOldStateYoung) {
  StateAge age("boot", "", Time{});
  age.Heard(At(1000, 1));
  EXPECT_EQ(age.At(At(10, 201)), hours(200));
  StateAge restarted("boot", age.Record(At(10, 201)), Time(hours(1000)));
  EXPECT_EQ(restarted.At(At(1, 211)), hours(210));
}

TEST(StateAge, AWallClockThatIsSetForwardMakesNoYoungStateOld) {
  StateAge age("boot", "", Time{});
  age.Heard(At(1000, 1));
  EXPECT_EQ(age.At(At(99'000, 2)), hours(1));
  StateAge restarted("boot", age.Record(At(99'000, 2)), Time(hours(1000)));
  EXPECT_EQ(restarted.At(At(999'000, 3)), hours(2));
}

TEST(StateAge, TheTimeThatTheMachineWasOffCounts) {
  StateAge age("boot", "", Time{});
  age.Heard(At(1000, 500));
  StateAge restarted("another", age.Record(At(1002, 502)), Time{});
  EXPECT_EQ(restarted.At(At(1012, 1)), hours(12));
  EXPECT_EQ(restarted.At(At(10, 3)), hours(14)) << "from then on the monotonic clock counts";
}

TEST(StateAge, IsUnknownAfterTheClockWentBackOverARestartOfTheMachine) {
  StateAge age("boot", "", Time{});
  age.Heard(At(1000, 500));
  StateAge restarted("another", age.Record(At(1002, 502)), Time(hours(1000)));
  EXPECT_EQ(restarted.At(At(0, 1)), StateAge::kUnknown);
  EXPECT_EQ(restarted.Record(At(0, 1)), "") << "nothing better than what is there already";
  EXPECT_EQ(restarted.At(At(1003, 2)), hours(3)) << "set right meanwhile";
}

TEST(StateAge, IsNewAsSoonAsTheControlPlaneIsHeard) {
  StateAge age("another", "3600000000 3600000000 3600000000 boot", Time{});
  EXPECT_EQ(age.At(At(0, 1)), StateAge::kUnknown);
  age.Heard(At(0, 1));
  EXPECT_EQ(age.At(At(0, 2)), hours(1));
  age.Heard(At(5, 1));
  EXPECT_EQ(age.At(At(5, 2)), hours(1)) << "older news changes nothing";
}

TEST(StateAge, GoesByTheCacheWhereTheJournalSaysNothing) {
  for (const char* record : {"", "x", "-1 0 0 boot", "1 2"}) {
    StateAge age("boot", record, Time(hours(1000)));
    EXPECT_EQ(age.At(At(1005, 1)), hours(5)) << record;
  }
}

TEST(StateAge, OneBootIsToldFromAnotherEvenUnderTheSameName) {
  StateAge age("boot", "", Time{});
  age.Heard(At(1000, 500));
  StateAge restarted("boot", age.Record(At(1000, 500)), Time{});
  EXPECT_EQ(restarted.At(At(1007, 2)), hours(7));
}

TEST(BootId, IsTheSameAsLongAsTheMachineRuns) { EXPECT_EQ(BootId(), BootId()); }

}  // namespace
}  // namespace sluice::agent
