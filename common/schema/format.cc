#include "common/schema/format.h"

#include <algorithm>
#include <utility>

#include "common/schema/format_parts.h"
#include "common/schema/pattern.h"
#include "common/schema/pointer.h"

namespace sluice::schema {
namespace {

bool IsHexDigit(char c) {
  const char lower = static_cast<char>(c | 0x20);
  return (c >= '0' && c <= '9') || (lower >= 'a' && lower <= 'f');
}

// RFC 4122, section 3.
bool IsUuid(std::string_view text) {
  if (text.size() != 36) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? text[i] != '-' : !IsHexDigit(text[i])) return false;
  }
  return true;
}

// A number without leading zeros; 0: there is none.
size_t NumberLength(std::string_view text) {
  size_t length = 0;
  while (length < text.size() && text[length] >= '0' && text[length] <= '9') ++length;
  return length > 1 && text[0] == '0' ? 0 : length;
}

bool IsJsonPointer(std::string_view text) { return SplitPointer(text).has_value(); }

// draft-bhutton-relative-json-pointer-00, section 3.
bool IsRelativeJsonPointer(std::string_view text) {
  const size_t up = NumberLength(text);
  if (up == 0) return false;
  text.remove_prefix(up);
  if (!text.empty() && (text[0] == '+' || text[0] == '-')) {
    const size_t moved = NumberLength(text.substr(1));
    if (moved == 0) return false;
    text.remove_prefix(moved + 1);
  }
  return text == "#" || IsJsonPointer(text);
}

bool IsRegex(std::string_view text) { return Pattern::Make(text).ok(); }

using Test = bool (*)(std::string_view);
constexpr std::pair<std::string_view, Test> kFormats[] = {
    {"date-time", IsDateTime},
    {"date", IsDate},
    {"time", IsTime},
    {"duration", IsDuration},
    {"email", [](std::string_view text) { return IsEmail(text, Alphabet::kAscii); }},
    {"idn-email", [](std::string_view text) { return IsEmail(text, Alphabet::kUnicode); }},
    {"hostname", [](std::string_view text) { return IsHostname(text, Alphabet::kAscii); }},
    {"idn-hostname", [](std::string_view text) { return IsHostname(text, Alphabet::kUnicode); }},
    {"ipv4", IsIpv4},
    {"ipv6", IsIpv6},
    {"uri", [](std::string_view text) { return IsUriText(text, Alphabet::kAscii); }},
    {"uri-reference", [](std::string_view text) { return IsUriReferenceText(text, Alphabet::kAscii); }},
    {"iri", [](std::string_view text) { return IsUriText(text, Alphabet::kUnicode); }},
    {"iri-reference", [](std::string_view text) { return IsUriReferenceText(text, Alphabet::kUnicode); }},
    {"uri-template", IsUriTemplate},
    {"uuid", IsUuid},
    {"json-pointer", IsJsonPointer},
    {"relative-json-pointer", IsRelativeJsonPointer},
    {"regex", IsRegex}};

}  // namespace

std::optional<bool> IsOfFormat(std::string_view format, std::string_view text) {
  const auto* known = std::find_if(std::begin(kFormats), std::end(kFormats),
                                   [&](const auto& f) { return f.first == format; });
  if (known == std::end(kFormats)) return std::nullopt;
  return known->second(text);
}

}  // namespace sluice::schema
