// Base64url as JOSE uses it (RFC 7515 section 2): no padding, nothing but its alphabet. cjose ends the
// process on some text that is none, so everything that it decodes is checked here first.
#pragma once

#include <algorithm>
#include <string_view>

namespace sluice::controlplane {

inline bool IsBase64Url(std::string_view text) {
  return text.size() % 4 != 1 && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                  c == '_';
         });
}

// `header.payload.signature`, each in base64url.
inline bool IsCompactJws(std::string_view text) {
  const size_t first = text.find('.');
  const size_t last = text.rfind('.');
  return first != last && IsBase64Url(text.substr(0, first)) &&
         IsBase64Url(text.substr(first + 1, last - first - 1)) && IsBase64Url(text.substr(last + 1));
}

}  // namespace sluice::controlplane
