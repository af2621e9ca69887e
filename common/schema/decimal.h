// Decimal: an exact decimal number, as JSON writes one. JSON Schema's arithmetic (`minimum`, `multipleOf`,
// equality: 1.0 is 1) is defined on numbers, not on doubles (JSON Schema Core, 4.2.3), so nothing here is
// ever rounded.
//
// Bounded: at most kMaxDigits significant digits and an exponent of at most kMaxExponent either way; what is
// beyond is refused when it is read, so that no operation costs more than a few microseconds for each hundred
// digits. Thread safety: a plain value.
#pragma once

#include <compare>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace sluice::schema {

class Decimal {
 public:
  static constexpr int kMaxDigits = 1'000;
  static constexpr int kMaxExponent = 100'000;

  Decimal() = default;
  Decimal(int64_t value);  // NOLINT: an integer is a number

  // `text` by the grammar of RFC 8259, section 6; nullopt for anything else and for what is out of bounds.
  static std::optional<Decimal> Parse(std::string_view text);

  bool IsInteger() const;
  bool IsZero() const { return small_ == 0 && digits_ == nullptr; }
  bool IsNegative() const { return negative_; }
  std::optional<int64_t> ToInt64() const;  // nullopt: not an integer, or too big
  // Canonical: equal numbers have equal texts. `12`, `-0.5`, `1e+400` from 21 digits before the point on,
  // `1e-7`.
  std::string ToString() const;

  // Whether this is an integer multiple of `divisor`, which is not zero.
  bool IsMultipleOf(const Decimal& divisor) const;
  // The smallest multiple of `divisor` (> 0) that is at least this; nullopt when it is out of bounds.
  std::optional<Decimal> CeilToMultiple(const Decimal& divisor) const;
  std::optional<Decimal> Plus(const Decimal& other) const;  // nullopt when the sum is out of bounds
  Decimal Negated() const;

  friend std::strong_ordering operator<=>(const Decimal& a, const Decimal& b);
  friend bool operator==(const Decimal& a, const Decimal& b);

  template <typename H>
  friend H AbslHashValue(H h, const Decimal& d) {
    return H::combine(std::move(h), d.negative_, d.exponent_, d.small_,
                      d.digits_ ? *d.digits_ : std::string());
  }

 private:
  // The number with these digits (leading and trailing zeros allowed) before `exponent`; nullopt: out of
  // bounds.
  static std::optional<Decimal> Make(bool negative, std::string_view digits, int64_t exponent);
  std::string Digits() const;

  // The number is (negative_ ? -1 : 1) * significand * 10^exponent_, its significand without trailing zeros:
  // `small_` when it has up to 18 digits, else `digits_` (shared by copies). Zero has the exponent 0 and no
  // sign.
  bool negative_ = false;
  int32_t exponent_ = 0;
  uint64_t small_ = 0;
  std::shared_ptr<const std::string> digits_;
};

}  // namespace sluice::schema
