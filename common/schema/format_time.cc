#include <cstddef>
#include <optional>
#include <string_view>

#include "common/schema/format_parts.h"

namespace sluice::schema {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// The number that the first `digits` characters are.
std::optional<int> Digits(std::string_view text, size_t digits) {
  if (text.size() < digits) return std::nullopt;
  int number = 0;
  for (size_t i = 0; i < digits; ++i) {
    if (!IsDigit(text[i])) return std::nullopt;
    number = number * 10 + (text[i] - '0');
  }
  return number;
}

// Minutes east of UTC; nullopt: `text` is no offset.
std::optional<int> Offset(std::string_view text) {
  if (text == "Z" || text == "z") return 0;
  if (text.size() != 6 || (text[0] != '+' && text[0] != '-') || text[3] != ':') return std::nullopt;
  const std::optional<int> hours = Digits(text.substr(1), 2);
  const std::optional<int> minutes = Digits(text.substr(4), 2);
  if (!hours || !minutes || *hours > 23 || *minutes > 59) return std::nullopt;
  return (text[0] == '-' ? -1 : 1) * (*hours * 60 + *minutes);
}

// Takes a number and one of `units`; its place among them, nullopt when that does not stand there.
std::optional<size_t> TakeUnit(std::string_view& text, std::string_view units) {
  size_t digits = 0;
  while (digits < text.size() && IsDigit(text[digits])) ++digits;
  const size_t unit = digits > 0 && digits < text.size() ? units.find(text[digits]) : std::string_view::npos;
  if (unit == std::string_view::npos) return std::nullopt;
  text.remove_prefix(digits + 1);
  return unit;
}

// One or more of `units`, each the next one of that before.
bool TakeUnits(std::string_view& text, std::string_view units) {
  std::optional<size_t> unit = TakeUnit(text, units);
  if (!unit) return false;
  units.remove_prefix(*unit + 1);
  while (!units.empty() && !text.empty() && IsDigit(text[0])) {
    if (TakeUnit(text, units.substr(0, 1)) != 0) return false;
    units.remove_prefix(1);
  }
  return true;
}

}  // namespace

bool IsDate(std::string_view text) {
  constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return false;
  const std::optional<int> year = Digits(text, 4);
  const std::optional<int> month = Digits(text.substr(5), 2);
  const std::optional<int> day = Digits(text.substr(8), 2);
  if (!year || !month || !day || *month < 1 || *month > 12 || *day < 1) return false;
  const bool leap = *year % 4 == 0 && (*year % 100 != 0 || *year % 400 == 0);
  return *day <= (*month == 2 && leap ? 29 : kDays[*month - 1]);
}

bool IsTime(std::string_view text) {
  if (text.size() < 9 || text[2] != ':' || text[5] != ':') return false;
  const std::optional<int> hour = Digits(text, 2);
  const std::optional<int> minute = Digits(text.substr(3), 2);
  const std::optional<int> second = Digits(text.substr(6), 2);
  if (!hour || !minute || !second || *hour > 23 || *minute > 59 || *second > 60) return false;
  size_t at = 8;
  if (text[at] == '.') {
    const size_t begin = ++at;
    while (at < text.size() && IsDigit(text[at])) ++at;
    if (at == begin) return false;
  }
  const std::optional<int> offset = Offset(text.substr(at));
  if (!offset) return false;
  constexpr int kDay = 24 * 60;
  return *second < 60 || (*hour * 60 + *minute - *offset + kDay) % kDay == kDay - 1;
}

bool IsDateTime(std::string_view text) {
  return text.size() > 11 && (text[10] == 'T' || text[10] == 't') && IsDate(text.substr(0, 10)) &&
         IsTime(text.substr(11));
}

bool IsDuration(std::string_view text) {
  if (text.substr(0, 1) != "P" || text.size() < 3) return false;
  text.remove_prefix(1);
  if (text.back() == 'W') return TakeUnit(text, "W").has_value() && text.empty();
  if (text[0] != 'T' && !TakeUnits(text, "YMD")) return false;
  if (text.empty()) return true;
  if (text[0] != 'T') return false;
  text.remove_prefix(1);
  return TakeUnits(text, "HMS") && text.empty();
}

}  // namespace sluice::schema
