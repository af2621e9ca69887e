#include "common/schema/uri.h"

#include <algorithm>
#include <vector>

namespace sluice::schema {
namespace {

// The components of a URI reference (RFC 3986, appendix B), delimiters included: `http:`, `//host`, `/path`,
// `?query`.
struct Parts {
  std::string_view scheme, authority, path, query;
};

bool IsSchemeCharacter(char c) {
  const char lower = static_cast<char>(c | 0x20);
  return (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.';
}

Parts Split(std::string_view uri) {
  Parts parts;
  size_t colon = 0;
  while (colon < uri.size() && IsSchemeCharacter(uri[colon])) ++colon;
  if (colon > 0 && colon < uri.size() && uri[colon] == ':') {
    parts.scheme = uri.substr(0, colon + 1);
    uri.remove_prefix(colon + 1);
  }
  if (uri.substr(0, 2) == "//") {
    const size_t end = std::min(uri.find_first_of("/?", 2), uri.size());
    parts.authority = uri.substr(0, end);
    uri.remove_prefix(end);
  }
  const size_t query = std::min(uri.find('?'), uri.size());
  parts.path = uri.substr(0, query);
  parts.query = uri.substr(query);
  return parts;
}

// Section 5.2.4, for paths with and without a leading slash.
std::string RemoveDots(std::string_view path) {
  std::vector<std::string_view> segments;
  const bool rooted = path.substr(0, 1) == "/";
  size_t begin = rooted ? 1 : 0;
  bool directory = false;  // the path ends in a slash
  while (begin <= path.size()) {
    const size_t end = std::min(path.find('/', begin), path.size());
    const std::string_view segment = path.substr(begin, end - begin);
    directory = segment == "." || segment == "..";
    if (segment == "..") {
      if (!segments.empty()) segments.pop_back();
    } else if (segment != ".") {
      segments.push_back(segment);
    }
    begin = end + 1;
  }
  std::string clean = rooted ? "/" : "";
  for (size_t i = 0; i < segments.size(); ++i) clean.append(i == 0 ? "" : "/").append(segments[i]);
  if (directory && !segments.empty()) clean += '/';
  return clean;
}

}  // namespace

SplitUri SplitFragment(std::string_view uri) {
  const size_t hash = uri.find('#');
  if (hash == std::string_view::npos) return {uri, {}};
  return {uri.substr(0, hash), uri.substr(hash + 1)};
}

std::string ResolveUri(std::string_view base, std::string_view reference) {
  base = SplitFragment(base).resource;
  const std::string_view target = SplitFragment(reference).resource;
  const std::string_view fragment = reference.substr(target.size());  // with its #
  if (target.empty()) return std::string(base).append(fragment);
  const Parts from = Split(base);
  const Parts to = Split(target);
  std::string uri;
  if (!to.scheme.empty() || (from.path.empty() && from.authority.empty()))
    return std::string(target).append(fragment);
  uri.append(from.scheme);
  if (!to.authority.empty())
    return uri.append(to.authority).append(RemoveDots(to.path)).append(to.query).append(fragment);
  uri.append(from.authority);
  if (to.path.empty()) return uri.append(from.path).append(to.query).append(fragment);
  std::string path(to.path);
  if (path[0] != '/') {
    const size_t slash = from.path.rfind('/');
    if (slash != std::string_view::npos) {
      path.insert(0, from.path.substr(0, slash + 1));
    } else if (!from.authority.empty()) {
      path.insert(0, 1, '/');
    }
  }
  return uri.append(RemoveDots(path)).append(to.query).append(fragment);
}

std::string PercentDecode(std::string_view text) {
  const auto digit = [](char c) {
    const char lower = static_cast<char>(c | 0x20);
    return c >= '0' && c <= '9' ? c - '0' : lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
  };
  std::string decoded;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && digit(text[i + 1]) >= 0 && digit(text[i + 2]) >= 0) {
      decoded += static_cast<char>(digit(text[i + 1]) * 16 + digit(text[i + 2]));
      i += 2;
    } else {
      decoded += text[i];
    }
  }
  return decoded;
}

}  // namespace sluice::schema
