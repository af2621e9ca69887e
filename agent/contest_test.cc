#include "agent/contest.h"

#include <gmock/gmock.h>

namespace sluice::agent {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr char kConfig[] = "config retention.ms of topic t";
constexpr char kSlice[] = "product/a.b/acme";

class ContestTest : public ::testing::Test {
 protected:
  void PutRight() { contest_.PutRight(kConfig, kSlice, now_, wall_); }

  Contest contest_{seconds(60)};
  Contest::Steady now_{};
  Time wall_{std::chrono::hours(24)};
};

TEST_F(ContestTest, TwiceIsNoContest) {
  PutRight();
  now_ += seconds(60);
  PutRight();
  EXPECT_FALSE(contest_.Holds(kConfig));
  EXPECT_FALSE(contest_.Waits(kConfig, now_));
  EXPECT_THAT(contest_.All(), IsEmpty());
}

TEST_F(ContestTest, FromTheThirdTimeItWaitsLongerEachTimeAndNeverTooLong) {
  for (int i = 0; i < 3; ++i) PutRight();
  EXPECT_TRUE(contest_.Holds(kConfig));
  std::vector<int64_t> waits;
  for (int i = 0; i < 6; ++i) {
    const auto began = now_;
    while (contest_.Waits(kConfig, now_)) now_ += seconds(1);
    waits.push_back(std::chrono::duration_cast<seconds>(now_ - began).count());
    PutRight();
  }
  EXPECT_THAT(waits, ::testing::ElementsAre(120, 240, 480, 600, 600, 600));
  ASSERT_THAT(contest_.All(), SizeIs(1));
  EXPECT_EQ(contest_.All()[0].slice, kSlice);
  EXPECT_EQ(contest_.All()[0].resource, kConfig);
  EXPECT_THAT(contest_.All()[0].message, HasSubstr("put right 9 times since 1970-01-02T00:00:00Z"));
}

TEST_F(ContestTest, EndsWhenItStaysRight) {
  for (int i = 0; i < 3; ++i) PutRight();
  now_ += minutes(2) + Contest::kQuiet;
  contest_.Forget(now_);
  EXPECT_TRUE(contest_.Holds(kConfig));
  now_ += seconds(1);
  contest_.Forget(now_);
  EXPECT_FALSE(contest_.Holds(kConfig));
  PutRight();
  EXPECT_FALSE(contest_.Waits(kConfig, now_)) << "a new count begins";
}

TEST_F(ContestTest, OthersAreNotHeldUp) {
  for (int i = 0; i < 5; ++i) PutRight();
  EXPECT_FALSE(contest_.Waits("config cleanup.policy of topic t", now_));
}

}  // namespace
}  // namespace sluice::agent
