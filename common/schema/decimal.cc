#include "common/schema/decimal.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <vector>

namespace sluice::schema {
namespace {

constexpr int kSmallDigits = 18;
constexpr uint64_t kSmallBound = 1'000'000'000'000'000'000;  // 10^kSmallDigits: small_ is less

// A natural number in base 10^9, least limb first, without leading zero limbs; zero is empty.
using Limbs = std::vector<uint32_t>;
constexpr uint32_t kBase = 1'000'000'000;

void Trim(Limbs& a) {
  while (!a.empty() && a.back() == 0) a.pop_back();
}

// `digits` times 10^zeros.
Limbs ToLimbs(std::string digits, size_t zeros) {
  digits.append(zeros, '0');
  Limbs limbs;
  for (size_t end = digits.size(); end > 0;) {
    const size_t begin = end > 9 ? end - 9 : 0;
    uint32_t limb = 0;
    for (size_t i = begin; i < end; ++i) limb = limb * 10 + static_cast<uint32_t>(digits[i] - '0');
    limbs.push_back(limb);
    end = begin;
  }
  Trim(limbs);
  return limbs;
}

std::string ToDigits(const Limbs& limbs) {
  std::string digits;
  for (size_t i = limbs.size(); i-- > 0;) {
    const std::string limb = std::to_string(limbs[i]);
    if (!digits.empty()) digits.append(9 - limb.size(), '0');
    digits += limb;
  }
  return digits;
}

std::strong_ordering Order(const Limbs& a, const Limbs& b) {
  if (a.size() != b.size()) return a.size() <=> b.size();
  for (size_t i = a.size(); i-- > 0;) {
    if (a[i] != b[i]) return a[i] <=> b[i];
  }
  return std::strong_ordering::equal;
}

Limbs Sum(const Limbs& a, const Limbs& b) {
  Limbs sum;
  uint32_t carry = 0;
  for (size_t i = 0; i < std::max(a.size(), b.size()) || carry != 0; ++i) {
    const uint32_t limb = carry + (i < a.size() ? a[i] : 0) + (i < b.size() ? b[i] : 0);
    sum.push_back(limb % kBase);
    carry = limb / kBase;
  }
  return sum;
}

// a - b, where a >= b.
Limbs Difference(const Limbs& a, const Limbs& b) {
  Limbs difference(a.size());
  int64_t borrow = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    int64_t limb = int64_t{a[i]} - borrow - (i < b.size() ? b[i] : 0);
    borrow = limb < 0 ? 1 : 0;
    difference[i] = static_cast<uint32_t>(limb + borrow * kBase);
  }
  Trim(difference);
  return difference;
}

Limbs Scaled(const Limbs& a, uint32_t factor) {
  Limbs product;
  uint64_t carry = 0;
  for (const uint32_t limb : a) {
    carry += uint64_t{limb} * factor;
    product.push_back(static_cast<uint32_t>(carry % kBase));
    carry /= kBase;
  }
  if (carry != 0) product.push_back(static_cast<uint32_t>(carry));
  return product;
}

// Subtracts quotient * b from a at limb `at`; a quotient that was too great is mended (Knuth, TAOCP 2, 4.3.1,
// D4 to D6).
void SubtractMultiple(Limbs& a, const Limbs& b, uint64_t quotient, size_t at) {
  int64_t borrow = 0;
  for (size_t i = 0; i <= b.size(); ++i) {
    const int64_t part = borrow + static_cast<int64_t>(i < b.size() ? quotient * b[i] : 0);
    int64_t limb = int64_t{a[at + i]} - part % kBase;
    borrow = part / kBase;
    if (limb < 0) {
      limb += kBase;
      ++borrow;
    }
    a[at + i] = static_cast<uint32_t>(limb);
  }
  while (borrow != 0) {
    uint32_t carry = 0;
    for (size_t i = 0; i <= b.size(); ++i) {
      const uint32_t limb = a[at + i] + (i < b.size() ? b[i] : 0) + carry;
      a[at + i] = limb % kBase;
      carry = limb / kBase;
    }
    borrow -= carry;
  }
}

// a mod b for b > 0: long division (Knuth's algorithm D), of which only the remainder is kept.
Limbs Remainder(Limbs a, Limbs b) {
  if (Order(a, b) == std::strong_ordering::less) return a;
  if (b.size() == 1) {
    uint64_t rest = 0;
    for (size_t i = a.size(); i-- > 0;) rest = (rest * kBase + a[i]) % b[0];
    return rest == 0 ? Limbs{} : Limbs{static_cast<uint32_t>(rest)};
  }
  const uint32_t factor = kBase / (b.back() + 1);
  a = Scaled(a, factor);
  b = Scaled(b, factor);
  a.push_back(0);
  if (a.size() == b.size()) a.push_back(0);
  const uint64_t head = b.back();
  for (size_t at = a.size() - b.size(); at-- > 0;) {
    const uint64_t top = uint64_t{a[at + b.size()]} * kBase + a[at + b.size() - 1];
    SubtractMultiple(a, b, std::min<uint64_t>(top / head, kBase - 1), at);
  }
  Trim(a);
  uint64_t rest = 0;
  for (size_t i = a.size(); i-- > 0;) {
    rest = rest * kBase + a[i];
    a[i] = static_cast<uint32_t>(rest / factor);
    rest %= factor;
  }
  Trim(a);
  return a;
}

// small * 10^zeros, for up to kSmallDigits zeros.
unsigned __int128 Scaled(uint64_t small, int32_t zeros) {
  unsigned __int128 scaled = small;
  for (; zeros > 0; --zeros) scaled *= 10;
  return scaled;
}

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// The digits from `at` on; moves `at` behind them.
std::string_view TakeDigits(std::string_view text, size_t& at) {
  const size_t begin = at;
  while (at < text.size() && IsDigit(text[at])) ++at;
  return text.substr(begin, at - begin);
}

// The exponent from its `e` on; nullopt: there is none, or something follows it. Huge ones are cut to a value
// out of bounds.
std::optional<int64_t> ParseExponent(std::string_view text) {
  size_t at = 1;
  const bool negative = at < text.size() && text[at] == '-';
  if (at < text.size() && (text[at] == '-' || text[at] == '+')) ++at;
  const std::string_view digits = TakeDigits(text, at);
  if (digits.empty() || at != text.size()) return std::nullopt;
  int64_t exponent = 0;
  for (const char c : digits) exponent = std::min<int64_t>(exponent * 10 + (c - '0'), 1'000'000'000'000);
  return negative ? -exponent : exponent;
}

}  // namespace

Decimal::Decimal(int64_t value) {
  uint64_t size = value < 0 ? ~static_cast<uint64_t>(value) + 1 : static_cast<uint64_t>(value);
  if (size == 0) return;
  negative_ = value < 0;
  for (; size % 10 == 0; size /= 10) ++exponent_;
  if (size < kSmallBound) {
    small_ = size;
  } else {
    digits_ = std::make_shared<const std::string>(std::to_string(size));
  }
}

std::optional<Decimal> Decimal::Make(bool negative, std::string_view digits, int64_t exponent) {
  while (!digits.empty() && digits.front() == '0') digits.remove_prefix(1);
  while (!digits.empty() && digits.back() == '0') {
    digits.remove_suffix(1);
    ++exponent;
  }
  Decimal made;
  if (digits.empty()) return made;
  if (digits.size() > kMaxDigits || std::abs(exponent) > kMaxExponent) return std::nullopt;
  made.negative_ = negative;
  made.exponent_ = static_cast<int32_t>(exponent);
  if (digits.size() > kSmallDigits) {
    made.digits_ = std::make_shared<const std::string>(digits);
  } else {
    for (const char c : digits) made.small_ = made.small_ * 10 + static_cast<uint64_t>(c - '0');
  }
  return made;
}

std::optional<Decimal> Decimal::Parse(std::string_view text) {
  size_t at = 0;
  const bool negative = !text.empty() && text[0] == '-';
  if (negative) ++at;
  const std::string_view whole = TakeDigits(text, at);
  if (whole.empty() || (whole.size() > 1 && whole[0] == '0')) return std::nullopt;
  if (at == text.size()) return Make(negative, whole, 0);
  std::string_view fraction;
  if (text[at] == '.') {
    fraction = TakeDigits(text, ++at);
    if (fraction.empty()) return std::nullopt;
  }
  int64_t exponent = 0;
  if (at < text.size()) {
    if (text[at] != 'e' && text[at] != 'E') return std::nullopt;
    const std::optional<int64_t> parsed = ParseExponent(text.substr(at));
    if (!parsed) return std::nullopt;
    exponent = *parsed;
  }
  std::string digits(whole);
  digits += fraction;
  return Make(negative, digits, exponent - static_cast<int64_t>(fraction.size()));
}

std::string Decimal::Digits() const { return digits_ ? *digits_ : std::to_string(small_); }

bool Decimal::IsInteger() const { return exponent_ >= 0; }

std::optional<int64_t> Decimal::ToInt64() const {
  if (exponent_ == 0 && !digits_)
    return negative_ ? -static_cast<int64_t>(small_) : static_cast<int64_t>(small_);
  std::string text = negative_ ? "-" + Digits() : Digits();
  if (!IsInteger() || text.size() + static_cast<size_t>(exponent_) > 20) return std::nullopt;
  text.append(static_cast<size_t>(exponent_), '0');
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::string Decimal::ToString() const {
  const std::string digits = Digits();
  const int64_t count = static_cast<int64_t>(digits.size());
  const int64_t point = count + exponent_;  // digits before the point
  std::string text = negative_ ? "-" : "";
  if (IsZero()) return "0";
  if (count <= point && point <= 21)
    return text + digits + std::string(static_cast<size_t>(point - count), '0');
  if (0 < point && point <= 21) {
    return text + digits.substr(0, static_cast<size_t>(point)) + "." +
           digits.substr(static_cast<size_t>(point));
  }
  if (-6 < point && point <= 0) return text + "0." + std::string(static_cast<size_t>(-point), '0') + digits;
  text += digits[0];
  if (count > 1) text += "." + digits.substr(1);
  return text + (point > 0 ? "e+" : "e-") + std::to_string(std::abs(point - 1));
}

bool Decimal::IsMultipleOf(const Decimal& divisor) const {
  if (IsZero()) return true;
  // A significand has no trailing zero, so it is no multiple of 10.
  if (exponent_ < divisor.exponent_) return false;
  // Beyond the number of bits of the divisor's significand further factors of 2 and 5 make no difference.
  const size_t bits = divisor.digits_ ? divisor.digits_->size() * 10 / 3 + 1 : 60;
  const size_t zeros = std::min(static_cast<size_t>(exponent_ - divisor.exponent_), bits);
  if (!digits_ && !divisor.digits_) {
    unsigned __int128 rest = small_ % divisor.small_;
    for (size_t i = 0; i < zeros && rest != 0; ++i) rest = rest * 10 % divisor.small_;
    return rest == 0;
  }
  return Remainder(ToLimbs(Digits(), zeros), ToLimbs(divisor.Digits(), 0)).empty();
}

std::optional<Decimal> Decimal::CeilToMultiple(const Decimal& divisor) const {
  if (IsMultipleOf(divisor)) return *this;
  Decimal size = *this;
  size.negative_ = false;
  if (size < divisor) return negative_ ? Decimal() : divisor;
  const int32_t exponent = std::min(exponent_, divisor.exponent_);
  const size_t zeros = static_cast<size_t>(exponent_ - exponent);
  if (zeros > kMaxDigits) return std::nullopt;
  const Limbs number = ToLimbs(Digits(), zeros);
  const Limbs step = ToLimbs(divisor.Digits(), static_cast<size_t>(divisor.exponent_ - exponent));
  Limbs multiple = Difference(number, Remainder(number, step));
  if (!negative_) multiple = Sum(multiple, step);
  return Make(negative_, ToDigits(multiple), exponent);
}

std::optional<Decimal> Decimal::Plus(const Decimal& other) const {
  if (IsZero()) return other;
  if (other.IsZero()) return *this;
  const int32_t exponent = std::min(exponent_, other.exponent_);
  if (std::max(exponent_, other.exponent_) - exponent > 2 * kMaxDigits) return std::nullopt;
  const Limbs a = ToLimbs(Digits(), static_cast<size_t>(exponent_ - exponent));
  const Limbs b = ToLimbs(other.Digits(), static_cast<size_t>(other.exponent_ - exponent));
  if (negative_ == other.negative_) return Make(negative_, ToDigits(Sum(a, b)), exponent);
  if (Order(a, b) == std::strong_ordering::less)
    return Make(other.negative_, ToDigits(Difference(b, a)), exponent);
  return Make(negative_, ToDigits(Difference(a, b)), exponent);
}

Decimal Decimal::Negated() const {
  Decimal negated = *this;
  if (!IsZero()) negated.negative_ = !negative_;
  return negated;
}

std::strong_ordering operator<=>(const Decimal& a, const Decimal& b) {
  if (a.negative_ != b.negative_)
    return a.negative_ ? std::strong_ordering::less : std::strong_ordering::greater;
  if (a.IsZero() || b.IsZero()) return b.IsZero() <=> a.IsZero();
  const Decimal& smaller = a.negative_ ? b : a;  // by size, when a < b
  const Decimal& greater = a.negative_ ? a : b;
  if (!a.digits_ && !b.digits_ && std::abs(a.exponent_ - b.exponent_) <= kSmallDigits) {
    const int32_t exponent = std::min(a.exponent_, b.exponent_);
    return Scaled(smaller.small_, smaller.exponent_ - exponent) <=>
           Scaled(greater.small_, greater.exponent_ - exponent);
  }
  const std::string x = smaller.Digits();
  const std::string y = greater.Digits();
  const int64_t x_point = static_cast<int64_t>(x.size()) + smaller.exponent_;
  const int64_t y_point = static_cast<int64_t>(y.size()) + greater.exponent_;
  if (x_point != y_point) return x_point <=> y_point;
  return x <=> y;
}

bool operator==(const Decimal& a, const Decimal& b) {
  if (a.negative_ != b.negative_ || a.exponent_ != b.exponent_ || a.small_ != b.small_) return false;
  if (a.digits_ == b.digits_) return true;
  return a.digits_ && b.digits_ && *a.digits_ == *b.digits_;
}

}  // namespace sluice::schema
