#include "agent/drift_log.h"

#include <gtest/gtest.h>

namespace sluice::agent {
namespace {

sluice::v1::DriftEvent Event(const std::string& slice, const std::string& resource,
                             const std::string& reaction) {
  sluice::v1::DriftEvent event;
  event.set_slice(slice);
  event.set_resource(resource);
  event.set_reaction(reaction);
  return event;
}

// Plays rounds against what is open, as the journal keeps it.
class DriftLogTest : public ::testing::Test {
 protected:
  size_t Tell(const std::vector<sluice::v1::DriftEvent>& events, const std::set<std::string>& covered = {"s"},
              bool everything = false, Foreigners foreigners = Foreigners::kTell) {
    const DriftNews news = NewDrift(events, open_, covered, everything, foreigners);
    for (const auto& [key, reaction] : news.record) {
      if (reaction.empty()) {
        open_.erase(key);
      } else {
        open_[key] = reaction;
      }
    }
    return news.tell.size();
  }
  std::map<std::string, std::string> open_;
};

TEST_F(DriftLogTest, TellsAnAppearanceOnceUntilItHasEnded) {
  EXPECT_EQ(Tell({Event("s", "x", "flagged")}), 1u);
  EXPECT_EQ(Tell({Event("s", "x", "flagged")}), 0u);
  EXPECT_EQ(Tell({}, {"t"}), 0u);  // another slice says nothing about this one
  EXPECT_EQ(Tell({Event("s", "x", "flagged")}), 0u);
  EXPECT_EQ(Tell({}), 0u);
  EXPECT_TRUE(open_.empty());
  EXPECT_EQ(Tell({Event("s", "x", "flagged")}), 1u) << "it came back";
}

TEST_F(DriftLogTest, TellsWhenItIsHealedAtLast) {
  EXPECT_EQ(Tell({Event("s", "x", "flagged")}), 1u);
  EXPECT_EQ(Tell({Event("s", "x", "healed")}), 1u);
  EXPECT_TRUE(open_.empty());
  EXPECT_EQ(Tell({Event("s", "x", "healed")}), 1u) << "each healing is an appearance of its own";
}

TEST_F(DriftLogTest, ForeignersEndOnlyWhenEverythingWasLookedAt) {
  EXPECT_EQ(Tell({Event("", "topic f", "left alone")}, {}, true), 1u);
  EXPECT_EQ(Tell({}, {"s"}, false), 0u);
  EXPECT_EQ(open_.size(), 1u);
  EXPECT_EQ(Tell({}, {}, true), 0u);
  EXPECT_TRUE(open_.empty());
}

TEST_F(DriftLogTest, TheBaselineIsRecordedAndNotTold) {
  EXPECT_EQ(Tell({Event("", "topic f", "left alone"), Event("s", "acl", "flagged")}, {"s"}, true,
                 Foreigners::kBaseline),
            1u);
  EXPECT_EQ(Tell({Event("", "topic f", "left alone"), Event("s", "acl", "flagged")}, {"s"}, true), 0u);
}

TEST_F(DriftLogTest, IsBounded) {
  std::vector<sluice::v1::DriftEvent> many;
  for (size_t i = 0; i < kMaxOpenDrift + 10; ++i) many.push_back(Event("s", std::to_string(i), "flagged"));
  EXPECT_EQ(Tell(many), kMaxOpenDrift);
  EXPECT_EQ(open_.size(), kMaxOpenDrift);
}

}  // namespace
}  // namespace sluice::agent
