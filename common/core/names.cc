#include "common/core/names.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <vector>

namespace sluice::core {
namespace {

constexpr size_t kMaxPrefix = 200;
constexpr size_t kMaxGroup = 249;
constexpr size_t kTopicSegments = 5;

bool IsLowerOrDigit(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

bool IsKafkaChar(char c) {
  return IsLowerOrDigit(c) || (c >= 'A' && c <= 'Z') || c == '.' || c == '_' || c == '-';
}

bool AllKafkaChars(std::string_view text) { return std::all_of(text.begin(), text.end(), IsKafkaChar); }

// Splits at `separator`; stops after `limit` parts, the last one then holds the rest.
std::vector<std::string_view> Split(std::string_view text, char separator, size_t limit) {
  std::vector<std::string_view> parts;
  while (parts.size() + 1 < limit) {
    const size_t at = text.find(separator);
    if (at == std::string_view::npos) break;
    parts.push_back(text.substr(0, at));
    text.remove_prefix(at + 1);
  }
  parts.push_back(text);
  return parts;
}

// The number in `v12`; nullopt: none, a leading zero, or too large.
std::optional<int32_t> MajorOf(std::string_view text) {
  if (text.size() < 2 || text[0] != 'v' || text[1] == '0') return std::nullopt;
  int32_t major = 0;
  const auto [end, error] = std::from_chars(text.data() + 1, text.data() + text.size(), major);
  if (error != std::errc() || end != text.data() + text.size() || major < 1) return std::nullopt;
  return major;
}

}  // namespace

bool IsSegment(std::string_view text) {
  return !text.empty() && text.size() <= kMaxSegment && IsLowerOrDigit(text.front()) &&
         IsLowerOrDigit(text.back()) &&
         std::all_of(text.begin(), text.end(), [](char c) { return IsLowerOrDigit(c) || c == '-'; });
}

bool LooksLikeMajor(std::string_view text) {
  return text.size() >= 2 && text[0] == 'v' &&
         std::all_of(text.begin() + 1, text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool IsKafkaUser(std::string_view text) {
  return !text.empty() && text.size() <= kMaxPrincipal &&
         std::all_of(text.begin(), text.end(), [](char c) { return IsKafkaChar(c) || c == '@'; });
}

bool IsGroupPrefix(std::string_view text) {
  // A lone `.` or `..` would be a prefix of names that nobody means.
  return text.size() >= 2 && text.size() <= kMaxPrefix && text.back() == '.' && text.front() != '.' &&
         AllKafkaChars(text);
}

bool IsGroupName(std::string_view text) {
  return !text.empty() && text.size() <= kMaxGroup && AllKafkaChars(text);
}

std::optional<ProductName> ParseProductName(std::string_view name) {
  const size_t dot = name.find('.');
  if (dot == std::string_view::npos) return std::nullopt;
  const ProductName parts{name.substr(0, dot), name.substr(dot + 1)};
  if (!IsSegment(parts.domain) || !IsSegment(parts.product)) return std::nullopt;
  return parts;
}

std::optional<GrantName> ParseGrantName(std::string_view name) {
  const size_t slash = name.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const GrantName parts{name.substr(0, slash), name.substr(slash + 1)};
  if (!ParseProductName(parts.product) || !IsSegment(parts.application)) return std::nullopt;
  return parts;
}

std::string TopicName(std::string_view customer, const DataProduct& product, int32_t major,
                      std::string_view suffix) {
  const std::string_view name = product.name;
  const size_t dot = std::min(name.find('.'), name.size());
  std::string topic;
  topic.reserve(customer.size() + name.size() + product.category.size() + suffix.size() + 16);
  topic.append(customer).append(".").append(name.substr(0, dot)).append(".").append(product.category);
  topic.append(".").append(name.substr(std::min(dot + 1, name.size())));
  if (major != 1 || product.major_in_name == MajorInName::kAlways)
    topic.append(".v").append(std::to_string(major));
  return topic.append(".").append(suffix);
}

std::optional<TopicParts> ParseTopicName(std::string_view topic) {
  if (topic.size() > kMaxTopicName) return std::nullopt;
  const std::vector<std::string_view> parts = Split(topic, '.', kTopicSegments + 2);
  if (parts.size() < kTopicSegments || parts.size() > kTopicSegments + 1) return std::nullopt;
  if (!std::all_of(parts.begin(), parts.end(), IsSegment) || LooksLikeMajor(parts.back()))
    return std::nullopt;
  TopicParts result{parts[0], parts[1], parts[2], parts[3], parts.back(), 1};
  if (parts.size() == kTopicSegments + 1) {
    const std::optional<int32_t> major = MajorOf(parts[4]);
    if (!major) return std::nullopt;
    result.major = *major;
  }
  return result;
}

std::string SubjectName(std::string_view topic) { return std::string(topic) + "-value"; }

std::string PrefixOf(const NameSpace& names, std::string_view application) {
  return names.prefix.empty() ? std::string(application) + "." : names.prefix;
}

}  // namespace sluice::core
