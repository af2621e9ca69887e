// Durations and sizes as manifests write them.
#include <array>
#include <charconv>
#include <limits>

#include "common/wire/wire.h"

namespace sluice::wire {
namespace {

struct Unit {
  std::string_view name;
  int64_t factor;
};

// Largest first: parts of a duration come in this order, each at most once.
constexpr std::array<Unit, 5> kDurationUnits = {
    {{"d", 86'400'000}, {"h", 3'600'000}, {"m", 60'000}, {"s", 1'000}, {"ms", 1}}};
constexpr std::array<Unit, 4> kByteUnits = {{{"TiB", int64_t{1} << 40},
                                             {"GiB", int64_t{1} << 30},
                                             {"MiB", int64_t{1} << 20},
                                             {"KiB", int64_t{1} << 10}}};

// Takes the digits at the front of `text`.
std::optional<int64_t> TakeNumber(std::string_view& text) {
  int64_t number = 0;
  if (text.empty() || text[0] < '0' || text[0] > '9') return std::nullopt;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc()) return std::nullopt;
  text.remove_prefix(static_cast<size_t>(end - text.data()));
  return number;
}

std::string_view TakeUnit(std::string_view& text) {
  size_t end = 0;
  while (end < text.size() && (text[end] < '0' || text[end] > '9')) ++end;
  std::string_view unit = text.substr(0, end);
  text.remove_prefix(end);
  return unit;
}

// `total + number * factor`; false: it does not fit.
bool Add(int64_t& total, int64_t number, int64_t factor) {
  int64_t product = 0;
  return !__builtin_mul_overflow(number, factor, &product) && !__builtin_add_overflow(total, product, &total);
}

}  // namespace

std::optional<int64_t> ParseDurationMs(std::string_view text) {
  std::optional<int64_t> number = TakeNumber(text);
  if (!number || text.empty()) return number;
  int64_t total = 0;
  size_t next = 0;  // first unit that may still come
  while (number) {
    std::string_view unit = TakeUnit(text);
    while (next < kDurationUnits.size() && kDurationUnits[next].name != unit) ++next;
    if (next == kDurationUnits.size() || !Add(total, *number, kDurationUnits[next].factor))
      return std::nullopt;
    ++next;
    if (text.empty()) return total;
    number = TakeNumber(text);
  }
  return std::nullopt;
}

std::optional<int64_t> ParseBytes(std::string_view text) {
  std::optional<int64_t> number = TakeNumber(text);
  if (!number || text.empty()) return number;
  for (const Unit& unit : kByteUnits) {
    int64_t total = 0;
    if (unit.name == text && Add(total, *number, unit.factor)) return total;
  }
  return std::nullopt;
}

std::string FormatDurationMs(int64_t milliseconds) {
  if (milliseconds == 0) return "0s";
  std::string text;
  for (const Unit& unit : kDurationUnits) {
    if (milliseconds < unit.factor) continue;
    text += std::to_string(milliseconds / unit.factor) + std::string(unit.name);
    milliseconds %= unit.factor;
  }
  return text;
}

std::string FormatBytes(int64_t bytes) {
  for (const Unit& unit : kByteUnits) {
    if (bytes != 0 && bytes % unit.factor == 0)
      return std::to_string(bytes / unit.factor) + std::string(unit.name);
  }
  return std::to_string(bytes);
}

}  // namespace sluice::wire
