#include <gtest/gtest.h>

#include "common/wire/wire.h"

namespace sluice::wire {
namespace {

TEST(ParseDurationMs, ReadsUnitsAndPlainNumbers) {
  EXPECT_EQ(ParseDurationMs("7d"), 604'800'000);
  EXPECT_EQ(ParseDurationMs("1h30m"), 5'400'000);
  EXPECT_EQ(ParseDurationMs("500ms"), 500);
  EXPECT_EQ(ParseDurationMs("5s"), 5'000);
  EXPECT_EQ(ParseDurationMs("604800000"), 604'800'000);
  EXPECT_EQ(ParseDurationMs("0"), 0);
}

TEST(ParseDurationMs, RefusesEverythingElse) {
  for (const char* text : {"", "d", "-1", "7 d", "1m1h", "1h1h", "1.5h", "7w", "1h30", "99999999999999999999",
                           "300000000000000d"}) {
    EXPECT_EQ(ParseDurationMs(text), std::nullopt) << text;
  }
}

TEST(ParseBytes, ReadsBinaryUnitsAndPlainNumbers) {
  EXPECT_EQ(ParseBytes("1MiB"), 1'048'576);
  EXPECT_EQ(ParseBytes("64KiB"), 65'536);
  EXPECT_EQ(ParseBytes("2GiB"), int64_t{2} << 30);
  EXPECT_EQ(ParseBytes("1048576"), 1'048'576);
  for (const char* text : {"", "1MB", "1 MiB", "MiB", "-1", "1.5MiB", "9999999999TiB"}) {
    EXPECT_EQ(ParseBytes(text), std::nullopt) << text;
  }
}

TEST(Format, IsReadBackExactly) {
  for (int64_t value : {int64_t{0}, int64_t{1}, int64_t{999}, int64_t{5'400'000}, int64_t{604'800'000},
                        int64_t{604'800'001}}) {
    EXPECT_EQ(ParseDurationMs(FormatDurationMs(value)), value);
    EXPECT_EQ(ParseBytes(FormatBytes(value)), value);
  }
  EXPECT_EQ(FormatDurationMs(604'800'000), "7d");
  EXPECT_EQ(FormatDurationMs(5'400'000), "1h30m");
  EXPECT_EQ(FormatDurationMs(0), "0s");
  EXPECT_EQ(FormatBytes(1'048'576), "1MiB");
  EXPECT_EQ(FormatBytes(1500), "1500");
}

}  // namespace
}  // namespace sluice::wire
