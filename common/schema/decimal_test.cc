#include "common/schema/decimal.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <string>

namespace sluice::schema {
namespace {

Decimal D(const std::string& text) { return *Decimal::Parse(text); }

TEST(Decimal, TextIsCanonical) {
  const char* cases[][2] = {{"12", "12"},
                            {"-0.50", "-0.5"},
                            {"0", "0"},
                            {"-0", "0"},
                            {"0.0e5", "0"},
                            {"1e2", "100"},
                            {"1.50e1", "15"},
                            {"1e20", "100000000000000000000"},
                            {"1e21", "1e+21"},
                            {"123e19", "1.23e+21"},
                            {"0.000001", "0.000001"},
                            {"0.0000001", "1e-7"},
                            {"1.5e-9", "1.5e-9"},
                            {"123456789012345678901", "123456789012345678901"},
                            {"1234567890123456789012", "1.234567890123456789012e+21"},
                            {"-1e-400", "-1e-400"}};
  for (const auto& [text, canonical] : cases) EXPECT_EQ(D(text).ToString(), canonical) << text;
}

TEST(Decimal, ReadsIntegers) {
  EXPECT_EQ(Decimal(int64_t{-42}).ToString(), "-42");
  EXPECT_EQ(Decimal(std::numeric_limits<int64_t>::min()).ToInt64(), std::numeric_limits<int64_t>::min());
  EXPECT_EQ(Decimal(std::numeric_limits<int64_t>::max()).ToInt64(), std::numeric_limits<int64_t>::max());
  EXPECT_EQ(D("9223372036854775808").ToInt64(), std::nullopt);
  EXPECT_EQ(D("1.5").ToInt64(), std::nullopt);
  EXPECT_EQ(D("1e3").ToInt64(), 1000);
  EXPECT_EQ(D("1e30").ToInt64(), std::nullopt);
  EXPECT_TRUE(D("1.0").IsInteger());
  EXPECT_FALSE(D("0.1").IsInteger());
}

TEST(Decimal, Orders) {
  const char* ascending[] = {"-1e300",
                             "-100",
                             "-2",
                             "-1.5",
                             "-1e-9",
                             "0",
                             "1e-9",
                             "0.1",
                             "0.11",
                             "1",
                             "9",
                             "10",
                             "123456789012345678",
                             "1234567890123456789",
                             "1234567890123456789.1",
                             "2e18",
                             "1e300"};
  for (size_t i = 0; i < std::size(ascending); ++i) {
    for (size_t j = 0; j < std::size(ascending); ++j) {
      EXPECT_EQ(D(ascending[i]) <=> D(ascending[j]), i <=> j) << ascending[i] << " " << ascending[j];
      EXPECT_EQ(D(ascending[i]) == D(ascending[j]), i == j);
    }
  }
}

TEST(Decimal, MultiplesAreExact) {
  EXPECT_TRUE(D("0.3").IsMultipleOf(D("0.1")));
  EXPECT_TRUE(D("19.99").IsMultipleOf(D("0.01")));
  EXPECT_FALSE(D("0.35").IsMultipleOf(D("0.1")));
  EXPECT_TRUE(D("1e308").IsMultipleOf(D("0.123456789e-300")) == false);
  EXPECT_TRUE(D("1e100000").IsMultipleOf(D("0.5")));
  EXPECT_TRUE(D("1e100000").IsMultipleOf(D("1e-100000")));
  EXPECT_FALSE(D("1").IsMultipleOf(D("10")));
  EXPECT_TRUE(D("0").IsMultipleOf(D("7")));
  EXPECT_TRUE(D("-21").IsMultipleOf(D("7")));
  const std::string big = "123456789012345678901234567890123456789";
  EXPECT_TRUE(D(big + "000").IsMultipleOf(D(big)));
  EXPECT_FALSE(D(big + "001").IsMultipleOf(D(big)));
  EXPECT_TRUE(
      D("340282366920938463463374607431768211456").IsMultipleOf(D("18446744073709551616")));  // 2^128, 2^64
  EXPECT_FALSE(D("340282366920938463463374607431768211457").IsMultipleOf(D("18446744073709551616")));
  EXPECT_TRUE(D("1e70").IsMultipleOf(D("18446744073709551616")));
  EXPECT_FALSE(D("1e63").IsMultipleOf(D("18446744073709551616")));
}

TEST(Decimal, CeilsToMultiples) {
  const char* cases[][3] = {{"7", "5", "10"},
                            {"-7", "5", "-5"},
                            {"10", "5", "10"},
                            {"0.25", "0.1", "0.3"},
                            {"-3", "5", "0"},
                            {"1e-9", "3", "3"},
                            {"1e30", "7", "1000000000000000000000000000006"},
                            {"4", "1e20", "1e20"},
                            {"0", "3", "0"},
                            {"12.5", "2.5", "12.5"}};
  for (const auto& [number, divisor, multiple] : cases) {
    EXPECT_EQ(D(number).CeilToMultiple(D(divisor)), D(multiple)) << number << " " << divisor;
  }
  EXPECT_EQ(D("1e50000").CeilToMultiple(D("7")), std::nullopt);
}

TEST(Decimal, Adds) {
  EXPECT_EQ(D("0.1").Plus(D("0.2")), D("0.3"));
  EXPECT_EQ(D("5").Plus(D("-5")), Decimal());
  EXPECT_EQ(D("-5").Plus(D("3")), D("-2"));
  EXPECT_EQ(D("999999999999999999999").Plus(D("1")), D("1e21"));
  EXPECT_EQ(D("1e900").Plus(D("1")), D("1" + std::string(899, '0') + "1"));
  EXPECT_EQ(D("1e5000").Plus(D("1")), std::nullopt);
  EXPECT_EQ(D("7").Negated(), D("-7"));
  EXPECT_EQ(Decimal().Negated(), Decimal());
}

// a + b - b = a and (a rounded up to a multiple) is a multiple, on numbers of many sizes.
TEST(Decimal, LawsHoldOnManyNumbers) {
  uint64_t state = 1;
  const auto digits = [&state](size_t count) {
    std::string text = "1";
    while (text.size() < count) {
      state = state * 6364136223846793005U + 1442695040888963407U;
      text += static_cast<char>('0' + (state >> 60) % 10);
    }
    return text;
  };
  for (size_t a = 1; a < 60; a += 3) {
    for (size_t b = 1; b < 60; b += 2) {
      const Decimal x = D(digits(a) + "e-" + std::to_string(a / 2));
      const Decimal y = D(digits(b));
      EXPECT_EQ(x.Plus(y)->Plus(y.Negated()), x);
      const std::optional<Decimal> multiple = x.CeilToMultiple(y);
      ASSERT_TRUE(multiple);
      EXPECT_TRUE(multiple->IsMultipleOf(y));
      EXPECT_TRUE(*multiple >= x && multiple->Plus(y.Negated()) < x);
    }
  }
}

}  // namespace
}  // namespace sluice::schema
