// Definitions: from the public protos to core's plain values, in canonical form.
#include "common/wire/wire.h"

#include <algorithm>

namespace sluice::wire {
namespace {

namespace v1 = sluice::v1;

template <typename Repeated>
auto Copy(const Repeated& from) {
  return std::vector<typename Repeated::value_type>(from.begin(), from.end());
}

template <typename Map>
std::map<std::string, std::string> CopyMap(const Map& from) {
  return {from.begin(), from.end()};
}

// Canonical config: `.ms` and `.bytes` keys as plain numbers; what cannot be read stays as it is.
core::Config ConfigFrom(const google::protobuf::Map<std::string, std::string>& from) {
  core::Config config;
  for (const auto& [key, value] : from) {
    std::optional<int64_t> number;
    if (key.ends_with(".ms")) number = ParseDurationMs(value);
    if (key.ends_with(".bytes")) number = ParseBytes(value);
    config[key] = number ? std::to_string(*number) : value;
  }
  return config;
}

core::TopicSettings From(const v1::TopicSettings& from) {
  return {.partitions = from.partitions(),
          .replication_factor = from.replication_factor(),
          .config = ConfigFrom(from.config())};
}

core::CustomerSelection From(const v1::CustomerSelection& from) {
  return {.all = from.all(), .names = Copy(from.names())};
}

core::Environment From(const v1::Environment& from) {
  return {.name = from.name(),
          .title = from.title(),
          .order = from.order(),
          .defaults = From(from.defaults()),
          .self_service = from.self_service()};
}

core::Category From(const v1::Category& from) { return {.name = from.name(), .title = from.title()}; }

core::Domain From(const v1::Domain& from) {
  return {.name = from.name(), .title = from.title(), .owners = Copy(from.owners())};
}

core::Presence From(const v1::Presence& from) {
  return {.region = from.region(),
          .environments = Copy(from.environments()),
          .state = from.state() == v1::Presence::STATE_RETIRED ? core::Life::kRetired : core::Life::kActive};
}

core::Customer From(const v1::Customer& from) {
  core::Customer to{
      .name = from.name(), .title = from.title(), .labels = CopyMap(from.labels()), .presence = {}};
  for (const v1::Presence& presence : from.presence()) to.presence.push_back(From(presence));
  return to;
}

core::NameSpace From(const v1::NameSpace& from) {
  return {.prefix = from.prefix(), .also = Copy(from.also())};
}

core::Application From(const v1::Application& from) {
  core::Application to{.name = from.name(),
                       .title = from.title(),
                       .domain = from.domain(),
                       .owners = Copy(from.owners()),
                       .principals = {},
                       .groups = From(from.groups()),
                       .transactional_ids = From(from.transactional_ids())};
  for (const v1::Principal& principal : from.principals()) {
    to.principals.push_back({.cluster = principal.cluster(), .user = principal.user()});
  }
  return to;
}

core::Cluster From(const v1::Cluster& from) {
  return {.name = from.name(),
          .title = from.title(),
          .region = from.region(),
          .environment = from.environment(),
          .mode = from.mode() == v1::Cluster::MODE_OBSERVE ? core::Mode::kObserve : core::Mode::kActive,
          .agents = Copy(from.agents()),
          .bootstrap_servers = from.clients().bootstrap_servers(),
          .registry_url = from.clients().registry_url(),
          .reserved_principals = Copy(from.reserved_principals()),
          .partition_limit = from.limits().partitions(),
          .acl_limit = from.limits().acls()};
}

core::Schema From(const v1::Schema& from) {
  return {.format = from.format() == v1::Schema::FORMAT_AVRO ? core::SchemaFormat::kAvro
                                                             : core::SchemaFormat::kJsonSchema,
          .text = from.text(),
          .describes = from.describes() == v1::Schema::DESCRIBES_MESSAGE ? core::Describes::kMessage
                                                                         : core::Describes::kData,
          .envelope = from.envelope() > 0 ? from.envelope() : 1,
          .meaning = from.meaning()};
}

core::Purpose PurposeOf(const v1::Stream& stream) {
  switch (stream.purpose()) {
    case v1::Stream::PURPOSE_RECORDS:
      return core::Purpose::kRecords;
    case v1::Stream::PURPOSE_DEAD_LETTERS:
      return core::Purpose::kDeadLetters;
    case v1::Stream::PURPOSE_INBOX:
      return core::Purpose::kInbox;
    default:
      break;
  }
  if (stream.suffix() == "dlq") return core::Purpose::kDeadLetters;
  return stream.suffix() == "inbox" ? core::Purpose::kInbox : core::Purpose::kRecords;
}

core::Stream From(const v1::Stream& from) {
  core::Stream to;
  to.suffix = from.suffix();
  to.state = from.state() == v1::Stream::STATE_RETIRED ? core::Life::kRetired : core::Life::kActive;
  to.purpose = PurposeOf(from);
  if (from.has_key()) {
    to.key = core::StreamKey{.fields = Copy(from.key().fields()),
                             .text = from.key().text().empty() ? "{0}" : from.key().text()};
  }
  to.tombstones = from.tombstones();
  to.partitions = from.partitions();
  to.config = ConfigFrom(from.config());
  for (const auto& [environment, settings] : from.overrides()) to.overrides[environment] = From(settings);
  return to;
}

core::Life LifeOf(v1::ProductVersion::State state) {
  if (state == v1::ProductVersion::STATE_DEPRECATED) return core::Life::kDeprecated;
  return state == v1::ProductVersion::STATE_RETIRED ? core::Life::kRetired : core::Life::kActive;
}

// The level as registries say it; unknown numbers become the default, CheckResource names them.
std::string CompatibilityOf(v1::ProductVersion::Compatibility level) {
  std::string name = v1::ProductVersion::Compatibility_Name(level);
  if (name.empty() || level == v1::ProductVersion::COMPATIBILITY_UNSPECIFIED) return "FORWARD_TRANSITIVE";
  return name.substr(std::string_view("COMPATIBILITY_").size());
}

core::ProductVersion From(const v1::ProductVersion& from) {
  core::ProductVersion to;
  to.major = from.major();
  to.state = LifeOf(from.state());
  to.sunset = from.sunset();
  if (from.has_schema()) to.schema = From(from.schema());
  to.compatibility = CompatibilityOf(from.compatibility());
  for (const v1::EventType& event : from.events()) {
    to.events.push_back({.type = event.type(), .description = event.description()});
  }
  to.wire = from.wire() == v1::ProductVersion::WIRE_CONFLUENT_PREFIX ? core::Wire::kConfluentPrefix
                                                                     : core::Wire::kPlainJson;
  for (const v1::Stream& stream : from.streams()) to.streams.push_back(From(stream));
  return to;
}

core::Ownership OwnershipOf(v1::DataProduct::Ownership ownership) {
  switch (ownership) {
    case v1::DataProduct::OWNERSHIP_DIRECT:
      return core::Ownership::kDirect;
    case v1::DataProduct::OWNERSHIP_BROADCASTING:
      return core::Ownership::kBroadcasting;
    case v1::DataProduct::OWNERSHIP_FUNNEL:
      return core::Ownership::kFunnel;
    case v1::DataProduct::OWNERSHIP_DATA_PRODUCT:
      return core::Ownership::kDataProduct;
    default:
      return core::Ownership::kUnspecified;
  }
}

core::Expectations From(const v1::Expectations& from) {
  // The bounds of google.protobuf.Duration; CheckResource refuses what is outside of them.
  constexpr int64_t kMaxSeconds = 315'576'000'000;
  constexpr int32_t kMaxNanos = 999'999'999;
  int64_t seconds = std::clamp(from.freshness().seconds(), -kMaxSeconds, kMaxSeconds);
  int32_t nanos = std::clamp(from.freshness().nanos(), -kMaxNanos, kMaxNanos);
  return {.rate = from.rate(), .size = from.size(), .freshness_ms = seconds * 1000 + nanos / 1'000'000};
}

core::DataProduct From(const v1::DataProduct& from) {
  core::DataProduct to;
  to.name = from.name();
  to.title = from.title();
  to.description = from.description();
  to.category = from.category();
  to.stage = from.stage() == v1::DataProduct::STAGE_GENERAL ? core::Stage::kGeneral : core::Stage::kPilot;
  to.ownership = OwnershipOf(from.ownership());
  to.reason = from.reason();
  to.owners = Copy(from.owners());
  to.channel = from.contact().channel();
  to.email = from.contact().email();
  to.customers = From(from.customers());
  to.expects = From(from.expects());
  for (const v1::ProductVersion& version : from.versions()) to.versions.push_back(From(version));
  to.major_in_name = from.major_in_name() == v1::DataProduct::MAJOR_IN_NAME_ALWAYS
                         ? core::MajorInName::kAlways
                         : core::MajorInName::kFromV2;
  return to;
}

core::Access From(const v1::Access& from) {
  core::Access to;
  if (from.role() == v1::Access::ROLE_CONSUMER) to.role = core::AccessRole::kConsumer;
  if (from.role() == v1::Access::ROLE_PRODUCER) to.role = core::AccessRole::kProducer;
  to.majors = Copy(from.majors());
  to.streams = Copy(from.streams());
  to.customers = From(from.customers());
  to.environments = Copy(from.environments());
  to.uses = {.fields = Copy(from.uses().fields()),
             .validates = from.uses().validates(),
             .unknown_enum_values = from.uses().unknown_enum_values() == v1::Usage::UNKNOWN_ENUM_VALUES_FAILS
                                        ? core::UnknownEnumValues::kFails
                                        : core::UnknownEnumValues::kIgnores};
  return to;
}

core::Grant From(const v1::Grant& from) {
  core::Grant to{.name = from.name(), .purpose = from.purpose(), .access = {}};
  for (const v1::Access& access : from.access()) to.access.push_back(From(access));
  return to;
}

}  // namespace

core::Definition FromProto(const v1::Resource& resource) {
  switch (resource.definition_case()) {
    case v1::Resource::kCategory:
      return From(resource.category());
    case v1::Resource::kDomain:
      return From(resource.domain());
    case v1::Resource::kCustomer:
      return From(resource.customer());
    case v1::Resource::kApplication:
      return From(resource.application());
    case v1::Resource::kCluster:
      return From(resource.cluster());
    case v1::Resource::kDataProduct:
      return From(resource.data_product());
    case v1::Resource::kGrant:
      return From(resource.grant());
    case v1::Resource::kEnvironment:
    case v1::Resource::DEFINITION_NOT_SET:
      break;
  }
  return From(resource.environment());
}

}  // namespace sluice::wire
