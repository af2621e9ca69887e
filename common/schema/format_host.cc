#include <algorithm>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/schema/format_parts.h"
#include "common/schema/pattern.h"

namespace sluice::schema {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool IsHexDigit(char c) { return IsDigit(c) || (IsLetter(c) && (c | 0x20) <= 'f'); }
bool IsNotAscii(char c) { return static_cast<unsigned char>(c) >= 0x80; }

// Contextual rules of RFC 5892, appendix A, and some of its DISALLOWED: an expression for each thing that no
// label has.
constexpr std::string_view kForbidden[] = {
    R"(^\p{M})",                         // begins with a combining mark (RFC 5891, section 4.2.3.2)
    R"(^..--)",                          // 4.2.3.1
    R"((?<!l)\u00b7|\u00b7(?!l))",       // A.3, middle dot
    R"(\u0375(?!\p{Greek}))",            // A.4
    R"((?<!\p{Hebrew})[\u05f3\u05f4])",  // A.5, A.6
    R"(^[^\p{Hiragana}\p{Katakana}\p{Han}]*\u30fb[^\p{Hiragana}\p{Katakana}\p{Han}]*$)",   // A.7
    R"([\u0660-\u0669].*[\u06f0-\u06f9]|[\u06f0-\u06f9].*[\u0660-\u0669])",                // A.8, A.9
    R"((?<![\u094d\u09cd\u0a4d\u0acd\u0b4d\u0bcd\u0c4d\u0ccd\u0d4d\u0dca\u1039])\u200d)",  // A.2, joiner
                                                                                           // behind a virama
    R"([\u302e\u302f\u0640\u07fa\u3031-\u3035\u303b\s\u200b])"};

bool IsForbidden(std::string_view label) {
  static const std::vector<std::shared_ptr<const Pattern>> patterns = [] {
    std::vector<std::shared_ptr<const Pattern>> made;
    for (const std::string_view text : kForbidden) made.push_back(*Pattern::Make(text));
    return made;
  }();
  return std::any_of(patterns.begin(), patterns.end(),
                     [&](const auto& pattern) { return pattern->Matches(label) != false; });
}

bool IsLabel(std::string_view label, Alphabet alphabet) {
  if (label.empty() || label.size() > 63 || label.front() == '-' || label.back() == '-') return false;
  // RFC 5890, section 2.3.1: hyphens in third and fourth place are for A-labels.
  const bool reserved = label.size() >= 4 && label[2] == '-' && label[3] == '-';
  if (reserved && (label.size() < 6 || (label.substr(0, 4) != "xn--" && label.substr(0, 4) != "XN--")))
    return false;
  const bool ascii = std::none_of(label.begin(), label.end(), IsNotAscii);
  if (!ascii && (alphabet == Alphabet::kAscii || IsForbidden(label))) return false;
  return std::all_of(label.begin(), label.end(),
                     [&](char c) { return IsDigit(c) || IsLetter(c) || c == '-' || IsNotAscii(c); });
}

bool IsHextet(std::string_view text) {
  return !text.empty() && text.size() <= 4 && std::all_of(text.begin(), text.end(), IsHexDigit);
}

// The groups of 16 bits in a half of an IPv6 address; -1: it is none. The last one may be an IPv4 address,
// which counts as two.
int CountGroups(std::string_view text, bool last_half) {
  if (text.empty()) return 0;
  int groups = 0;
  for (;;) {
    const size_t colon = text.find(':');
    const std::string_view group = text.substr(0, colon);
    if (colon == std::string_view::npos && last_half && IsIpv4(group)) return groups + 2;
    if (!IsHextet(group)) return -1;
    ++groups;
    if (colon == std::string_view::npos) return groups;
    text.remove_prefix(colon + 1);
  }
}

bool IsAtomText(std::string_view text, Alphabet alphabet) {
  constexpr std::string_view kMarks = "!#$%&'*+-/=?^_`{|}~";
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
    return IsDigit(c) || IsLetter(c) || kMarks.find(c) != std::string_view::npos ||
           (alphabet == Alphabet::kUnicode && IsNotAscii(c));
  });
}

bool IsDotAtom(std::string_view text, Alphabet alphabet) {
  for (;;) {
    const size_t dot = text.find('.');
    if (!IsAtomText(text.substr(0, dot), alphabet)) return false;
    if (dot == std::string_view::npos) return true;
    text.remove_prefix(dot + 1);
  }
}

bool IsQuotedString(std::string_view text, Alphabet alphabet) {
  if (text.size() < 2 || text.front() != '"' || text.back() != '"') return false;
  for (size_t i = 1; i + 1 < text.size(); ++i) {
    if (text[i] == '\\' && ++i + 1 >= text.size()) return false;
    const bool escaped = text[i - 1] == '\\' && i > 1;
    if (text[i] == '"' && !escaped) return false;
    const bool printable = text[i] >= ' ' && text[i] <= '~';
    if (!printable && !(alphabet == Alphabet::kUnicode && IsNotAscii(text[i]))) return false;
  }
  return true;
}

}  // namespace

bool IsIpv4(std::string_view text) {
  int parts = 0;
  for (;;) {
    const size_t dot = text.find('.');
    const std::string_view part = text.substr(0, dot);
    if (part.empty() || part.size() > 3 || !std::all_of(part.begin(), part.end(), IsDigit)) return false;
    if ((part.size() > 1 && part[0] == '0') || (part.size() == 3 && part > "255")) return false;
    ++parts;
    if (dot == std::string_view::npos) return parts == 4;
    text.remove_prefix(dot + 1);
  }
}

bool IsIpv6(std::string_view text) {
  const size_t gap = text.find("::");
  if (gap == std::string_view::npos) return CountGroups(text, true) == 8;
  const int before = CountGroups(text.substr(0, gap), false);
  const int behind = CountGroups(text.substr(gap + 2), true);
  return before >= 0 && behind >= 0 && before + behind <= 7;
}

bool IsHostname(std::string_view text, Alphabet alphabet) {
  if (text.empty() || text.size() > 253) return false;
  std::string dotted(text);
  if (alphabet == Alphabet::kUnicode) {  // RFC 3490, section 3.1: these are dots, too
    for (const std::string_view dot : {"\u3002", "\uff0e", "\uff61"}) {
      for (size_t at = 0; (at = dotted.find(dot, at)) != std::string::npos;)
        dotted.replace(at, dot.size(), ".");
    }
  }
  std::string_view rest = dotted;
  for (;;) {
    const size_t dot = rest.find('.');
    if (!IsLabel(rest.substr(0, dot), alphabet)) return false;
    if (dot == std::string_view::npos) return true;
    rest.remove_prefix(dot + 1);
  }
}

bool IsEmail(std::string_view text, Alphabet alphabet) {
  const size_t at = text.rfind('@');
  if (at == std::string_view::npos || at > 64) return false;
  const std::string_view local = text.substr(0, at);
  const std::string_view domain = text.substr(at + 1);
  if (!IsDotAtom(local, alphabet) && !IsQuotedString(local, alphabet)) return false;
  if (domain.size() < 2 || domain.front() != '[' || domain.back() != ']') return IsHostname(domain, alphabet);
  const std::string_view literal = domain.substr(1, domain.size() - 2);
  return literal.substr(0, 5) == "IPv6:" ? IsIpv6(literal.substr(5)) : IsIpv4(literal);
}

}  // namespace sluice::schema
