#include <algorithm>
#include <cstddef>
#include <string_view>

#include "common/schema/format_parts.h"

namespace sluice::schema {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool IsHexDigit(char c) { return IsDigit(c) || (IsLetter(c) && (c | 0x20) <= 'f'); }
bool IsOneOf(char c, std::string_view set) { return set.find(c) != std::string_view::npos; }

// RFC 3986's unreserved and sub-delims, percent-encoded bytes, what is in `more`, and for IRIs all characters
// beyond ASCII.
bool HasOnly(std::string_view text, std::string_view more, Alphabet alphabet) {
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '%') {
      if (i + 2 >= text.size() || !IsHexDigit(text[i + 1]) || !IsHexDigit(text[i + 2])) return false;
      i += 2;
      continue;
    }
    const bool beyond = static_cast<unsigned char>(c) >= 0x80;
    if (beyond ? alphabet == Alphabet::kAscii
               : !IsLetter(c) && !IsDigit(c) && !IsOneOf(c, "-._~!$&'()*+,;=") && !IsOneOf(c, more)) {
      return false;
    }
  }
  return true;
}

// Of `scheme:` with the colon; 0: there is none.
size_t SchemeLength(std::string_view text) {
  const size_t colon = text.find(':');
  if (colon == std::string_view::npos || colon == 0 || !IsLetter(text[0])) return 0;
  const std::string_view scheme = text.substr(0, colon);
  const bool ok = std::all_of(scheme.begin(), scheme.end(),
                              [](char c) { return IsLetter(c) || IsDigit(c) || IsOneOf(c, "+-."); });
  return ok ? colon + 1 : 0;
}

// `v1.x` of RFC 3986, section 3.2.2.
bool IsFutureIp(std::string_view text) {
  const size_t dot = text.find('.');
  if (dot == std::string_view::npos || dot < 2 || dot + 1 == text.size() || (text[0] | 0x20) != 'v')
    return false;
  const std::string_view version = text.substr(1, dot - 1);
  return std::all_of(version.begin(), version.end(), IsHexDigit) &&
         text.find('%') == std::string_view::npos && HasOnly(text.substr(dot + 1), ":", Alphabet::kAscii);
}

bool IsAuthority(std::string_view text, Alphabet alphabet) {
  const size_t at = text.rfind('@');
  if (at != std::string_view::npos) {
    if (!HasOnly(text.substr(0, at), ":", alphabet)) return false;
    text.remove_prefix(at + 1);
  }
  size_t host_end = std::min(text.find(':'), text.size());
  if (!text.empty() && text[0] == '[') {
    host_end = text.find(']');
    if (host_end == std::string_view::npos) return false;
    const std::string_view literal = text.substr(1, host_end++ - 1);
    if (!IsIpv6(literal) && !IsFutureIp(literal)) return false;
  } else if (!HasOnly(text.substr(0, host_end), "", alphabet)) {
    return false;
  }
  const std::string_view port = text.substr(host_end);
  return port.empty() || (port[0] == ':' && std::all_of(port.begin() + 1, port.end(), IsDigit));
}

// What follows the scheme.
bool IsHierarchy(std::string_view text, bool has_scheme, Alphabet alphabet) {
  const size_t hash = std::min(text.find('#'), text.size());
  if (!HasOnly(text.substr(std::min(hash + 1, text.size())), ":@/?", alphabet)) return false;
  text = text.substr(0, hash);
  const size_t question = std::min(text.find('?'), text.size());
  if (!HasOnly(text.substr(std::min(question + 1, text.size())), ":@/?", alphabet)) return false;
  text = text.substr(0, question);
  if (text.substr(0, 2) == "//") {
    const size_t slash = std::min(text.find('/', 2), text.size());
    return IsAuthority(text.substr(2, slash - 2), alphabet) && HasOnly(text.substr(slash), ":@/", alphabet);
  }
  // Without a scheme the first segment has no colon.
  if (!has_scheme && text.substr(0, text.find('/')).find(':') != std::string_view::npos) return false;
  return HasOnly(text, ":@/", alphabet);
}

// What stands in the braces of a template (RFC 6570, section 2.2 to 2.4).
bool IsTemplateExpression(std::string_view text) {
  if (!text.empty() && IsOneOf(text[0], "+#./;?&=,!@|")) text.remove_prefix(1);
  for (;;) {
    const size_t comma = std::min(text.find(','), text.size());
    std::string_view name = text.substr(0, comma);
    if (!name.empty() && name.back() == '*') {
      name.remove_suffix(1);
    } else if (const size_t colon = name.find(':'); colon != std::string_view::npos) {
      const std::string_view length = name.substr(colon + 1);
      if (length.empty() || length.size() > 4 || length[0] == '0' ||
          !std::all_of(length.begin(), length.end(), IsDigit))
        return false;
      name = name.substr(0, colon);
    }
    const bool ok =
        !name.empty() && name.front() != '.' && name.back() != '.' && HasOnly(name, "", Alphabet::kAscii) &&
        std::none_of(name.begin(), name.end(), [](char c) { return IsOneOf(c, "-~!$&'()*+,;="); });
    if (!ok) return false;
    if (comma == text.size()) return true;
    text.remove_prefix(comma + 1);
  }
}

bool IsTemplateLiteral(char c) {
  return static_cast<unsigned char>(c) > 0x20 && c != 0x7F && !IsOneOf(c, "\"'<>\\^`{|}");
}

}  // namespace

bool IsUriReferenceText(std::string_view text, Alphabet alphabet) {
  return IsUriText(text, alphabet) || IsHierarchy(text, false, alphabet);
}

bool IsUriText(std::string_view text, Alphabet alphabet) {
  const size_t scheme = SchemeLength(text);
  return scheme > 0 && IsHierarchy(text.substr(scheme), true, alphabet);
}

bool IsUriTemplate(std::string_view text) {
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '{') {
      if (!IsTemplateLiteral(text[i])) return false;
      continue;
    }
    const size_t end = text.find('}', i);
    if (end == std::string_view::npos || !IsTemplateExpression(text.substr(i + 1, end - i - 1))) return false;
    i = end;
  }
  return true;
}

}  // namespace sluice::schema
