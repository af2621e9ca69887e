// Names: the grammar of everything that becomes part of a Kafka or registry name, and nothing else makes such names.
// Rules: DESIGN section 2; Kafka's own: org.apache.kafka.common.internals.Topic (249 characters, `[a-zA-Z0-9._-]`).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "common/core/definitions.h"

namespace sluice::core {

inline constexpr size_t kMaxSegment = 63;     // as DNS labels; keeps five segments well readable
inline constexpr size_t kMaxTopicName = 249;  // Kafka: a directory name on the broker
inline constexpr size_t kMaxPrincipal = 128;

bool IsSegment(std::string_view text);       // `[a-z0-9]([a-z0-9-]*[a-z0-9])?`, 1 to 63 characters
bool LooksLikeMajor(std::string_view text);  // `v2`: forbidden as a suffix
bool IsKafkaUser(std::string_view text);     // `[A-Za-z0-9._@-]+`, 1 to 128 characters
bool IsGroupPrefix(std::string_view text);   // `[A-Za-z0-9._-]+` ending in `.`, at most 200 characters
bool IsGroupName(std::string_view text);     // `[A-Za-z0-9._-]+`, at most 249 characters

struct ProductName {
  std::string_view domain;
  std::string_view product;
};
std::optional<ProductName> ParseProductName(std::string_view name);  // `{domain}.{data-product}`

struct GrantName {
  std::string_view product;
  std::string_view application;
};
std::optional<GrantName> ParseGrantName(std::string_view name);  // `{product}/{application}`

// `{customer}.{domain}.{category}.{data-product}[.v{MAJOR}].{suffix}`.
std::string TopicName(std::string_view customer, const DataProduct& product, int32_t major, std::string_view suffix);

// The segments of a topic name made by TopicName; nullopt: it was not. Major is 1 where the name carries none.
struct TopicParts {
  std::string_view customer, domain, category, product, suffix;
  int32_t major = 1;
};
std::optional<TopicParts> ParseTopicName(std::string_view topic);

std::string SubjectName(std::string_view topic);  // `{topic}-value`

// The group (or transactional id) prefix of an application: its own, else `{application}.`.
std::string PrefixOf(const NameSpace& names, std::string_view application);

}  // namespace sluice::core
