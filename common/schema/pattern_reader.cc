#include "common/schema/pattern_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace sluice::schema {
namespace {

// ECMA-262's WhiteSpace and LineTerminator, and everything else, for use inside a class.
constexpr std::string_view kSpace =
    R"(\x{9}-\x{d}\x{20}\x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}\x{feff})";
constexpr std::string_view kNoSpace =
    R"(\x{0}-\x{8}\x{e}-\x{1f}\x{21}-\x{9f}\x{a1}-\x{167f}\x{1681}-\x{1fff}\x{200b}-\x{2027}\x{202a}-\x{202e}\x{2030}-\x{205e})"
    R"(\x{2060}-\x{2fff}\x{3001}-\x{fefe}\x{ff00}-\x{10ffff})";

// General categories by their long names (UAX #44), which PCRE2 knows by the short ones only.
constexpr std::pair<std::string_view, std::string_view> kCategories[] = {{"Cased_Letter", "L&"},
                                                                         {"Close_Punctuation", "Pe"},
                                                                         {"Connector_Punctuation", "Pc"},
                                                                         {"Control", "Cc"},
                                                                         {"cntrl", "Cc"},
                                                                         {"Currency_Symbol", "Sc"},
                                                                         {"Dash_Punctuation", "Pd"},
                                                                         {"Decimal_Number", "Nd"},
                                                                         {"digit", "Nd"},
                                                                         {"Enclosing_Mark", "Me"},
                                                                         {"Final_Punctuation", "Pf"},
                                                                         {"Format", "Cf"},
                                                                         {"Initial_Punctuation", "Pi"},
                                                                         {"LC", "L&"},
                                                                         {"Letter", "L"},
                                                                         {"Letter_Number", "Nl"},
                                                                         {"Line_Separator", "Zl"},
                                                                         {"Lowercase_Letter", "Ll"},
                                                                         {"Mark", "M"},
                                                                         {"Combining_Mark", "M"},
                                                                         {"Math_Symbol", "Sm"},
                                                                         {"Modifier_Letter", "Lm"},
                                                                         {"Modifier_Symbol", "Sk"},
                                                                         {"Nonspacing_Mark", "Mn"},
                                                                         {"Number", "N"},
                                                                         {"Open_Punctuation", "Ps"},
                                                                         {"Other", "C"},
                                                                         {"Other_Letter", "Lo"},
                                                                         {"Other_Number", "No"},
                                                                         {"Other_Punctuation", "Po"},
                                                                         {"Other_Symbol", "So"},
                                                                         {"Paragraph_Separator", "Zp"},
                                                                         {"Private_Use", "Co"},
                                                                         {"Punctuation", "P"},
                                                                         {"punct", "P"},
                                                                         {"Separator", "Z"},
                                                                         {"Space_Separator", "Zs"},
                                                                         {"Spacing_Mark", "Mc"},
                                                                         {"Surrogate", "Cs"},
                                                                         {"Symbol", "S"},
                                                                         {"Titlecase_Letter", "Lt"},
                                                                         {"Unassigned", "Cn"},
                                                                         {"Uppercase_Letter", "Lu"}};

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

}  // namespace

bool PatternReader::Fail(std::string problem) {
  problem_ = std::move(problem);
  return false;
}

bool PatternReader::Take(std::string_view expected) {
  if (text_.substr(at_, expected.size()) != expected) return false;
  at_ += expected.size();
  return true;
}

bool PatternReader::SetEscape(std::string& set) {
  switch (Peek(1)) {
    case 'd':
    case 'D':
    case 'w':
    case 'W':
      set = text_.substr(at_, 2);
      break;
    case 's':
      set = kSpace;
      break;
    case 'S':
      set = kNoSpace;
      break;
    case 'p':
    case 'P':
      return Property(set);
    default:
      return false;
  }
  at_ += 2;
  return true;
}

bool PatternReader::Property(std::string& set) {
  const size_t end = text_.find('}', at_);
  if (Peek(2) != '{' || end == std::string_view::npos) return Fail("\\p without a property in braces");
  std::string_view name = text_.substr(at_ + 3, end - at_ - 3);
  for (const std::string_view prefix : {"General_Category=", "gc="}) {
    if (name.substr(0, prefix.size()) == prefix) name.remove_prefix(prefix.size());
  }
  const auto word = [](char c) { return IsLetter(c) || IsDigit(c) || c == '_' || c == '='; };
  if (name.empty() || !std::all_of(name.begin(), name.end(), word))
    return Fail("a property that there is not");
  const auto* category = std::find_if(std::begin(kCategories), std::end(kCategories),
                                      [&](const auto& c) { return c.first == name; });
  if (category != std::end(kCategories)) name = category->second;
  set = fmt::format("\\{}{{{}}}", Peek(1), name);
  at_ = end + 1;
  return true;
}

std::optional<uint32_t> PatternReader::CharacterEscape() {
  const char c = Peek(1);
  if (at_ + 1 >= text_.size()) return Refuse("a backslash at the end");
  constexpr std::string_view kNamed = "tnvfr";
  if (const size_t named = kNamed.find(c); named != std::string_view::npos)
    return Taken(2, static_cast<uint32_t>(9 + named));
  if (c == '0' && !IsDigit(Peek(2))) return Taken(2, 0);
  if (c == 'c' && IsLetter(Peek(2))) return Taken(3, static_cast<uint32_t>(Peek(2)) & 31U);
  if (c == 'x') return Hex(2, 2);
  if (c == 'u') return Unicode();
  if (IsLetter(c) || IsDigit(c) || c == '_' || static_cast<unsigned char>(c) >= 0x80) {
    return Refuse("an escape that ECMA-262 does not have");
  }
  return Taken(2, static_cast<uint32_t>(c));
}

std::optional<uint32_t> PatternReader::Refuse(std::string problem) {
  Fail(std::move(problem));
  return std::nullopt;
}

std::optional<uint32_t> PatternReader::Taken(size_t bytes, uint32_t character) {
  at_ += bytes;
  return character;
}

// `count` hexadecimal digits behind `skipped` bytes.
std::optional<uint32_t> PatternReader::Hex(size_t skipped, size_t count) {
  uint32_t value = 0;
  for (size_t i = 0; i < count; ++i) {
    const char c = Peek(skipped + i);
    const char lower = static_cast<char>(c | 0x20);
    if (!IsDigit(c) && (lower < 'a' || lower > 'f')) return Refuse("too few hexadecimal digits");
    value = value * 16 + static_cast<uint32_t>(IsDigit(c) ? c - '0' : lower - 'a' + 10);
  }
  return Taken(skipped + count, value);
}

// `\uXXXX`, two of them for a surrogate pair, or `\u{X…}`.
std::optional<uint32_t> PatternReader::Unicode() {
  if (Peek(2) == '{') {
    const size_t end = text_.find('}', at_);
    if (end == std::string_view::npos || end - at_ < 4 || end - at_ > 9)
      return Refuse("no code point in \\u{}");
    const std::optional<uint32_t> character = Hex(3, end - at_ - 3);
    if (!character || *character > 0x10FFFF) return Refuse("no code point in \\u{}");
    ++at_;
    return character;
  }
  const std::optional<uint32_t> high = Hex(2, 4);
  if (!high || *high < 0xD800 || *high >= 0xDC00 || Peek() != '\\' || Peek(1) != 'u') return high;
  const size_t behind = at_;
  const std::optional<uint32_t> low = Hex(2, 4);
  if (low && *low >= 0xDC00 && *low < 0xE000) return 0x10000 + ((*high - 0xD800) << 10) + (*low - 0xDC00);
  at_ = behind;
  problem_.clear();
  return high;
}

uint32_t PatternReader::Decode() {
  const unsigned char first = static_cast<unsigned char>(text_[at_++]);
  if (first < 0x80) return first;
  uint32_t character = first >= 0xF0 ? first & 0x07U : first >= 0xE0 ? first & 0x0FU : first & 0x1FU;
  while (at_ < text_.size() && (text_[at_] & 0xC0) == 0x80) {
    character = (character << 6) | (static_cast<unsigned char>(text_[at_++]) & 0x3FU);
  }
  return character;
}

}  // namespace sluice::schema
