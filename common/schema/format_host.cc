#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

#include "common/schema/format_parts.h"

namespace sluice::schema {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool IsHexDigit(char c) { return IsDigit(c) || (IsLetter(c) && (c | 0x20) <= 'f'); }
bool IsNotAscii(char c) { return static_cast<unsigned char>(c) >= 0x80; }

// RFC 5891, section 4.2.3: what no label contains although it is a letter or mark somewhere (a selection of
// RFC 5892's DISALLOWED).
bool HasForbiddenCharacter(std::string_view label) {
  constexpr std::string_view kForbidden[] = {"\u302e", "\u302f", "\u0640", "\u07fa", "\u3031", "\u3032",
                                             "\u3033", "\u3034", "\u3035", "\u303b", "\u2028", "\u2029",
                                             "\u00a0", "\u2000", "\u200b", "\ufeff"};
  return std::any_of(std::begin(kForbidden), std::end(kForbidden),
                     [&](std::string_view c) { return label.find(c) != std::string_view::npos; });
}

bool IsLabel(std::string_view label, Alphabet alphabet) {
  if (label.empty() || label.size() > 63 || label.front() == '-' || label.back() == '-') return false;
  // RFC 5890, section 2.3.1: hyphens in third and fourth place are for A-labels.
  const bool reserved = label.size() >= 4 && label[2] == '-' && label[3] == '-';
  if (reserved && (label.size() < 6 || (label.substr(0, 4) != "xn--" && label.substr(0, 4) != "XN--")))
    return false;
  if (alphabet == Alphabet::kUnicode && HasForbiddenCharacter(label)) return false;
  return std::all_of(label.begin(), label.end(), [&](char c) {
    return IsDigit(c) || IsLetter(c) || c == '-' || (alphabet == Alphabet::kUnicode && IsNotAscii(c));
  });
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
