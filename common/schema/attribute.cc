#include "common/schema/attribute.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>

#include "common/schema/format.h"

namespace sluice::schema {
namespace {

// One code point at the front of `text`, which is not empty, and its length; length 0: no UTF-8 (RFC 3629).
struct CodePoint {
  uint32_t value = 0;
  size_t length = 0;
};

CodePoint First(std::string_view text) {
  const auto byte = [text](size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(0);
  if (lead < 0x80) return {lead, 1};
  const size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || text.size() < length) return {};
  uint32_t value = lead & (0xFFu >> (length + 1));
  for (size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return {};
    value = value << 6 | (byte(i) & 0x3Fu);
  }
  const bool overlong = (length == 3 && value < 0x800) || (length == 4 && value < 0x10000);
  const bool surrogate = value >= 0xD800 && value <= 0xDFFF;
  if (overlong || surrogate || value > 0x10FFFF) return {};
  return {value, length};
}

bool IsControl(uint32_t c) { return c <= 0x1F || (c >= 0x7F && c <= 0x9F); }
bool IsNoncharacter(uint32_t c) { return (c >= 0xFDD0 && c <= 0xFDEF) || (c & 0xFFFE) == 0xFFFE; }

int TwoDigits(std::string_view text, size_t at) { return (text[at] - '0') * 10 + (text[at + 1] - '0'); }

int DaysOf(int year, int month) {
  constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  return month == 2 && leap ? 29 : kDays[month - 1];
}

// Whether the UTC day of a timestamp at 23:59:60 UTC is the last of its month.
bool EndsMonth(std::string_view text) {
  const int day = TwoDigits(text, 8);
  const bool east = text[text.size() - 6] == '+' && !text.ends_with("00:00");
  if (east) return day == 1;  // where it is written, the next day has begun
  return day == DaysOf(TwoDigits(text, 0) * 100 + TwoDigits(text, 2), TwoDigits(text, 5));
}

}  // namespace

bool IsAttributeName(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
  });
}

std::optional<std::string> IllegalCharacter(std::string_view text) {
  while (!text.empty()) {
    const CodePoint c = First(text);
    if (c.length == 0)
      return fmt::format("the byte 0x{:02X}, which is no UTF-8", static_cast<unsigned char>(text[0]));
    if (IsControl(c.value)) return fmt::format("the control character U+{:04X}", c.value);
    if (IsNoncharacter(c.value)) return fmt::format("the noncharacter U+{:04X}", c.value);
    text.remove_prefix(c.length);
  }
  return std::nullopt;
}

bool IsTimestamp(std::string_view text) {
  if (!IsOfFormat("date-time", text).value_or(false)) return false;
  return text.substr(17, 2) != "60" || EndsMonth(text);
}

bool IsUriReference(std::string_view text) { return IsOfFormat("uri-reference", text).value_or(false); }

bool IsAbsoluteUri(std::string_view text) {
  return text.find('#') == std::string_view::npos && IsOfFormat("uri", text).value_or(false);
}

bool IsBase64(std::string_view text) {
  if (text.size() % 4 != 0) return false;
  for (int padding = 0; padding < 2 && text.ends_with('='); ++padding) text.remove_suffix(1);
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '/';
  });
}

std::string Quoted(std::string_view text) {
  constexpr size_t kMost = 60;
  std::string quoted = "\"";
  while (!text.empty() && quoted.size() <= kMost) {
    const CodePoint c = First(text);
    const size_t length = std::max<size_t>(c.length, 1);
    if (c.length == 0 || IsControl(c.value) || IsNoncharacter(c.value)) {
      for (size_t i = 0; i < length; ++i)
        quoted += fmt::format("\\x{:02x}", static_cast<unsigned char>(text[i]));
    } else {
      quoted += text.substr(0, length);
    }
    text.remove_prefix(length);
  }
  return quoted + (text.empty() ? "\"" : "…\"");
}

}  // namespace sluice::schema
