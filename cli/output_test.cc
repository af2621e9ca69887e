#include "cli/output.h"

#include <gtest/gtest.h>

namespace sluice::cli {
namespace {

constexpr Time kNow{std::chrono::microseconds(1'795'305'600'000'000)};  // 2026-11-22 00:00 UTC

google::protobuf::Timestamp Before(int64_t seconds) {
  google::protobuf::Timestamp time;
  time.set_seconds(1'795'305'600 - seconds);
  return time;
}

TEST(Table, ColumnsAreAsWideAsTheirWidestCell) {
  Table table({"NAME", "STATE", "WHAT"});
  table.Add({"a", "in sync", ""});
  table.Add({"långt", "x", "last"});
  EXPECT_EQ(table.Render(false), "NAME   STATE    WHAT\na      in sync\nlångt  x        last\n");
}

TEST(Table, ColourNeverChangesWidths) {
  Table table({"A", "B"});
  table.Add({Cell("ok", Style::kGood), "x"});
  EXPECT_EQ(table.Render(true), "A   B\n\x1b[32mok\x1b[0m  x\n");
}

TEST(Text, IsShortenedByCharacters) {
  EXPECT_EQ(Shortened("äöü", 3), "äöü");
  EXPECT_EQ(Shortened("äöüß", 3), "äö…");
  EXPECT_EQ(Shortened("a\nb", 5), "a b");
}

TEST(Text, NumbersAreGrouped) {
  EXPECT_EQ(Grouped(0), "0");
  EXPECT_EQ(Grouped(999), "999");
  EXPECT_EQ(Grouped(9812), "9,812");
  EXPECT_EQ(Grouped(-1234567), "-1,234,567");
  EXPECT_EQ(Counted(1, "topic"), "1 topic");
  EXPECT_EQ(Counted(2, "topic"), "2 topics");
}

TEST(Age, GoesFromSecondsToDays) {
  EXPECT_EQ(AgoText(kNow, Before(8)), "8 s ago");
  EXPECT_EQ(AgoText(kNow, Before(10 * 60)), "10 min ago");
  EXPECT_EQ(AgoText(kNow, Before(3 * 3600)), "3 h ago");
  EXPECT_EQ(AgoText(kNow, Before(50 * 3600)), "2 d ago");
  EXPECT_EQ(AgoText(kNow, Before(-5)), "0 s ago") << "a server's clock may be ahead";
  EXPECT_EQ(AgoText(kNow, {}), "never");
  EXPECT_EQ(TimeText(Before(0)), "2026-11-22 00:00:00");
}

TEST(ExitCodes, FollowTheStatus) {
  EXPECT_EQ(ExitCodeOf(absl::StatusCode::kOk), 0);
  EXPECT_EQ(ExitCodeOf(absl::StatusCode::kAborted), 1);
  EXPECT_EQ(ExitCodeOf(absl::StatusCode::kNotFound), 1);
  EXPECT_EQ(ExitCodeOf(absl::StatusCode::kInvalidArgument), 2);
  EXPECT_EQ(ExitCodeOf(absl::StatusCode::kPermissionDenied), 5);
  EXPECT_EQ(ExitCodeOf(absl::StatusCode::kUnauthenticated), 5);
  EXPECT_EQ(ExitCodeOf(absl::StatusCode::kUnavailable), 6);
  EXPECT_EQ(ExitCodeOf(absl::StatusCode::kDeadlineExceeded), 6);
}

}  // namespace
}  // namespace sluice::cli
