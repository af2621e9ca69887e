// Slice: the unit of desired state on one cluster. Every Kafka and registry resource belongs to exactly one slice.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "common/core/definitions.h"
#include "common/core/shared.h"

namespace sluice::core {

struct Topic {
  SharedText name;
  int32_t partitions = 1;
  int32_t replication_factor = 3;
  SharedConfig configs;     // overrides that are ours
  SharedText gate_subject;   // no new write grant before this subject is registered; empty: no gate
  bool operator==(const Topic&) const = default;
};

enum class ResourceType : uint8_t { kTopic, kGroup, kTransactionalId, kCluster };
enum class PatternType : uint8_t { kLiteral, kPrefixed };
enum class Permission : uint8_t { kAllow, kDeny };
// Kafka's operations that occur in ACLs.
enum class Operation : uint8_t {
  kAll,
  kRead,
  kWrite,
  kCreate,
  kDelete,
  kAlter,
  kDescribe,
  kClusterAction,
  kDescribeConfigs,
  kAlterConfigs,
  kIdempotentWrite,
  kCreateTokens,
  kDescribeTokens,
  kTwoPhaseCommit,
};

const SharedText& AnyHost();  // `*`

struct Acl {
  ResourceType resource_type = ResourceType::kTopic;
  PatternType pattern_type = PatternType::kLiteral;
  SharedText resource;   // name, prefix, or `*` (literal: everything)
  SharedText principal;  // `User:sa-a1b2c3`
  SharedText host = AnyHost();
  Operation operation = Operation::kRead;
  Permission permission = Permission::kAllow;
  auto operator<=>(const Acl&) const = default;
};

struct Subject {
  SharedText name;
  SharedText schema_type;  // `JSON`, `AVRO`
  SharedText schema;       // text to register
  SharedText level;        // `FORWARD_TRANSITIVE`
  bool operator==(const Subject&) const = default;
};

struct AbsentConfig {
  std::string topic;
  std::string key;
  auto operator<=>(const AbsentConfig&) const = default;
};

// A topic of ours that was lost (gone, or made anew by somebody else) and that a person gave up: where it is wanted, an
// empty one is made. It never deletes anything.
struct LostTopic {
  std::string topic;
  std::string id;           // of the topic that was ours
  std::string accepted_id;  // of the topic that stands in its place and is taken as ours; empty: none
  auto operator<=>(const LostTopic&) const = default;
};

// What an approved change took away. Stored by the release, stated to the agent until it has reported it gone.
struct Absence {
  std::variant<Acl, AbsentConfig, LostTopic> resource;
  int64_t since = 0;
  std::string change;
  bool operator==(const Absence&) const = default;
};

struct Note {
  std::string type;  // `NoPrincipal`
  std::string message;
  bool operator==(const Note&) const = default;
};

struct Slice {
  SharedText key;  // `product/{product}/{customer}`, `application/{application}`
  std::vector<Topic> topics;      // by name
  std::vector<Acl> acls;          // sorted, unique
  std::vector<Subject> subjects;  // by name
  std::vector<Absence> absences;
  std::vector<Note> notes;
  bool operator==(const Slice&) const = default;
};

std::string ProductSliceKey(std::string_view product, std::string_view customer);
std::string ApplicationSliceKey(std::string_view application);

// `User:sa-1 READ topic LITERAL acme.f-and-r.forecast.x.events`, with `DENY ` and `from HOST` where they apply.
std::string Describe(const Acl& acl);
// `topic`, `group`, `transactional-id`, `cluster`.
std::string_view Name(ResourceType type);
// `LITERAL`, `PREFIXED`.
std::string_view Name(PatternType type);
// `READ`, `DESCRIBE_CONFIGS` …
std::string_view Name(Operation operation);

}  // namespace sluice::core
