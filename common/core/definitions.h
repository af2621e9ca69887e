// Definitions: what people declare, as plain values. The protos of the same names (proto/sluice/v1) document every
// field for users; here stand only the meanings that code relies on. `common/wire` converts between the two.
//
// All values are in canonical form: defaults are spelled out where a proto's UNSPECIFIED means one, config values are
// plain numbers (`604800000`, never `7d`). Thread safety: plain values.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace sluice::core {

enum class Kind { kEnvironment, kCategory, kDomain, kCustomer, kApplication, kCluster, kDataProduct, kGrant };

using Config = std::map<std::string, std::string>;

struct TopicSettings {
  int32_t partitions = 0;          // 0: not set
  int32_t replication_factor = 0;  // 0: not set
  Config config;
  bool operator==(const TopicSettings&) const = default;
};

struct Environment {
  static constexpr Kind kKind = Kind::kEnvironment;
  std::string name;
  std::string title;
  int32_t order = 0;
  TopicSettings defaults;
  bool self_service = false;
  bool operator==(const Environment&) const = default;
};

struct Category {
  static constexpr Kind kKind = Kind::kCategory;
  std::string name;
  std::string title;
  bool operator==(const Category&) const = default;
};

struct Domain {
  static constexpr Kind kKind = Kind::kDomain;
  std::string name;
  std::string title;
  std::vector<std::string> owners;  // `group:NAME`, `user:SUBJECT`
  bool operator==(const Domain&) const = default;
};

// Life of a presence, version or stream. Only versions are ever deprecated.
enum class Life { kActive, kDeprecated, kRetired };

struct Presence {
  std::string region;
  std::vector<std::string> environments;
  Life state = Life::kActive;
  bool operator==(const Presence&) const = default;
};

struct Customer {
  static constexpr Kind kKind = Kind::kCustomer;
  std::string name;
  std::string title;
  std::map<std::string, std::string> labels;
  std::vector<Presence> presence;
  bool operator==(const Customer&) const = default;
};

struct Principal {
  std::string cluster;
  std::string user;  // without `User:`
  auto operator<=>(const Principal&) const = default;
};

// Consumer groups or transactional ids of an application. An empty prefix means `{application}.`.
struct NameSpace {
  std::string prefix;
  std::vector<std::string> also;
  bool operator==(const NameSpace&) const = default;
};

struct Application {
  static constexpr Kind kKind = Kind::kApplication;
  std::string name;
  std::string title;
  std::string domain;
  std::vector<std::string> owners;
  std::vector<Principal> principals;
  NameSpace groups;
  NameSpace transactional_ids;
  bool operator==(const Application&) const = default;
};

enum class Mode { kActive, kObserve };

struct Cluster {
  static constexpr Kind kKind = Kind::kCluster;
  std::string name;
  std::string title;
  std::string region;
  std::string environment;
  Mode mode = Mode::kActive;
  std::vector<std::string> agents;  // URI SANs
  std::string bootstrap_servers;
  std::string registry_url;
  std::vector<std::string> reserved_principals;  // users, without `User:`
  int64_t partition_limit = 0;                   // 0: none
  int64_t acl_limit = 0;                         // 0: none
  bool operator==(const Cluster&) const = default;
};

struct CustomerSelection {
  bool all = false;
  std::vector<std::string> names;
  bool operator==(const CustomerSelection&) const = default;
};

enum class SchemaFormat { kJsonSchema, kAvro };
enum class Describes { kData, kMessage };

struct Schema {
  SchemaFormat format = SchemaFormat::kJsonSchema;
  std::string text;
  Describes describes = Describes::kData;
  int32_t envelope = 1;  // version of the composed envelope, pinned at the first release
  int32_t meaning = 0;   // raised by hand when the meaning changes and the text does not show it
  bool operator==(const Schema&) const = default;
};

struct EventType {
  std::string type;
  std::string description;
  bool operator==(const EventType&) const = default;
};

struct StreamKey {
  std::vector<std::string> fields;  // JSON Pointers
  std::string text;
  bool operator==(const StreamKey&) const = default;
};

enum class Purpose { kRecords, kDeadLetters, kInbox };

struct Stream {
  std::string suffix;
  Life state = Life::kActive;
  Purpose purpose = Purpose::kRecords;
  std::optional<StreamKey> key;
  bool tombstones = false;
  int32_t partitions = 0;  // 0: the environment's default
  Config config;
  std::map<std::string, TopicSettings> overrides;  // by environment
  bool operator==(const Stream&) const = default;
};

enum class Wire { kPlainJson, kConfluentPrefix };

struct ProductVersion {
  int32_t major = 0;
  Life state = Life::kActive;
  std::string sunset;  // `2027-06-30`
  std::optional<Schema> schema;
  std::string compatibility = "FORWARD_TRANSITIVE";  // as registries say it
  std::vector<EventType> events;
  Wire wire = Wire::kPlainJson;
  std::vector<Stream> streams;
  bool operator==(const ProductVersion&) const = default;
};

enum class Stage { kPilot, kGeneral };
enum class Ownership { kUnspecified, kDirect, kBroadcasting, kFunnel, kDataProduct };
enum class MajorInName { kFromV2, kAlways };

struct Expectations {
  double rate = 0;       // messages a second
  int64_t size = 0;      // bytes
  int64_t freshness_ms = 0;
  bool operator==(const Expectations&) const = default;
};

struct DataProduct {
  static constexpr Kind kKind = Kind::kDataProduct;
  std::string name;  // `{domain}.{data-product}`
  std::string title;
  std::string description;
  std::string category;
  Stage stage = Stage::kPilot;
  Ownership ownership = Ownership::kUnspecified;
  std::string reason;
  std::vector<std::string> owners;  // `app:NAME`, `group:NAME`, `user:SUBJECT`
  std::string channel;
  std::string email;
  CustomerSelection customers;
  Expectations expects;
  std::vector<ProductVersion> versions;
  MajorInName major_in_name = MajorInName::kFromV2;
  bool operator==(const DataProduct&) const = default;
};

enum class AccessRole { kUnspecified, kConsumer, kProducer };
enum class UnknownEnumValues { kIgnores, kFails };

struct Usage {
  std::vector<std::string> fields;  // JSON Pointers, `*` for array items; empty: every field
  bool validates = false;
  UnknownEnumValues unknown_enum_values = UnknownEnumValues::kIgnores;
  bool operator==(const Usage&) const = default;
};

struct Access {
  AccessRole role = AccessRole::kUnspecified;
  std::vector<int32_t> majors;
  std::vector<std::string> streams;    // empty: all but dead letters
  CustomerSelection customers;         // neither all nor names: all customers of the product
  std::vector<std::string> environments;
  Usage uses;
  bool operator==(const Access&) const = default;
};

struct Grant {
  static constexpr Kind kKind = Kind::kGrant;
  std::string name;  // `{product}/{application}`
  std::string purpose;
  std::vector<Access> access;
  bool operator==(const Grant&) const = default;
};

}  // namespace sluice::core
