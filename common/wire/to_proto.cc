// Definitions, findings, requirements and steps: from core's plain values to the public protos.
#include "common/wire/wire.h"

namespace sluice::wire {
namespace {

namespace v1 = sluice::v1;

template <typename T, typename Repeated>
void Fill(const std::vector<T>& from, Repeated* to) {
  to->Add(from.begin(), from.end());
}

template <typename Map>
void FillMap(const std::map<std::string, std::string>& from, Map* to) {
  to->insert(from.begin(), from.end());
}

void Fill(const core::TopicSettings& from, v1::TopicSettings* to) {
  to->set_partitions(from.partitions);
  to->set_replication_factor(from.replication_factor);
  FillMap(from.config, to->mutable_config());
}

void Fill(const core::CustomerSelection& from, v1::CustomerSelection* to) {
  to->set_all(from.all);
  Fill(from.names, to->mutable_names());
}

void Fill(const core::Environment& from, v1::Environment* to) {
  to->set_name(from.name);
  to->set_title(from.title);
  to->set_order(from.order);
  if (from.defaults != core::TopicSettings{}) Fill(from.defaults, to->mutable_defaults());
  to->set_self_service(from.self_service);
}

void Fill(const core::Category& from, v1::Category* to) {
  to->set_name(from.name);
  to->set_title(from.title);
}

void Fill(const core::Domain& from, v1::Domain* to) {
  to->set_name(from.name);
  to->set_title(from.title);
  Fill(from.owners, to->mutable_owners());
}

void Fill(const core::Customer& from, v1::Customer* to) {
  to->set_name(from.name);
  to->set_title(from.title);
  FillMap(from.labels, to->mutable_labels());
  for (const core::Presence& presence : from.presence) {
    v1::Presence* added = to->add_presence();
    added->set_region(presence.region);
    Fill(presence.environments, added->mutable_environments());
    added->set_state(presence.state == core::Life::kRetired ? v1::Presence::STATE_RETIRED
                                                            : v1::Presence::STATE_ACTIVE);
  }
}

void Fill(const core::NameSpace& from, v1::NameSpace* to) {
  to->set_prefix(from.prefix);
  Fill(from.also, to->mutable_also());
}

void Fill(const core::Application& from, v1::Application* to) {
  to->set_name(from.name);
  to->set_title(from.title);
  to->set_domain(from.domain);
  Fill(from.owners, to->mutable_owners());
  for (const core::Principal& principal : from.principals) {
    v1::Principal* added = to->add_principals();
    added->set_cluster(principal.cluster);
    added->set_user(principal.user);
  }
  if (from.groups != core::NameSpace{}) Fill(from.groups, to->mutable_groups());
  if (from.transactional_ids != core::NameSpace{})
    Fill(from.transactional_ids, to->mutable_transactional_ids());
}

void Fill(const core::Cluster& from, v1::Cluster* to) {
  to->set_name(from.name);
  to->set_title(from.title);
  to->set_region(from.region);
  to->set_environment(from.environment);
  to->set_mode(from.mode == core::Mode::kObserve ? v1::Cluster::MODE_OBSERVE : v1::Cluster::MODE_ACTIVE);
  Fill(from.agents, to->mutable_agents());
  if (!from.bootstrap_servers.empty()) to->mutable_clients()->set_bootstrap_servers(from.bootstrap_servers);
  if (!from.registry_url.empty()) to->mutable_clients()->set_registry_url(from.registry_url);
  Fill(from.reserved_principals, to->mutable_reserved_principals());
  if (from.partition_limit != 0) to->mutable_limits()->set_partitions(from.partition_limit);
  if (from.acl_limit != 0) to->mutable_limits()->set_acls(from.acl_limit);
}

void Fill(const core::Schema& from, v1::Schema* to) {
  to->set_format(from.format == core::SchemaFormat::kAvro ? v1::Schema::FORMAT_AVRO
                                                          : v1::Schema::FORMAT_JSON_SCHEMA);
  to->set_text(from.text);
  to->set_describes(from.describes == core::Describes::kMessage ? v1::Schema::DESCRIBES_MESSAGE
                                                                : v1::Schema::DESCRIBES_DATA);
  to->set_envelope(from.envelope);
  to->set_meaning(from.meaning);
}

v1::Stream::Purpose PurposeFor(core::Purpose purpose) {
  switch (purpose) {
    case core::Purpose::kDeadLetters:
      return v1::Stream::PURPOSE_DEAD_LETTERS;
    case core::Purpose::kInbox:
      return v1::Stream::PURPOSE_INBOX;
    case core::Purpose::kRecords:
      break;
  }
  return v1::Stream::PURPOSE_RECORDS;
}

void Fill(const core::Stream& from, v1::Stream* to) {
  to->set_suffix(from.suffix);
  to->set_state(from.state == core::Life::kRetired ? v1::Stream::STATE_RETIRED : v1::Stream::STATE_ACTIVE);
  to->set_purpose(PurposeFor(from.purpose));
  if (from.key) {
    Fill(from.key->fields, to->mutable_key()->mutable_fields());
    to->mutable_key()->set_text(from.key->text);
  }
  to->set_tombstones(from.tombstones);
  to->set_partitions(from.partitions);
  FillMap(from.config, to->mutable_config());
  for (const auto& [environment, settings] : from.overrides) {
    Fill(settings, &(*to->mutable_overrides())[environment]);
  }
}

v1::ProductVersion::State StateFor(core::Life life) {
  if (life == core::Life::kDeprecated) return v1::ProductVersion::STATE_DEPRECATED;
  return life == core::Life::kRetired ? v1::ProductVersion::STATE_RETIRED : v1::ProductVersion::STATE_ACTIVE;
}

void Fill(const core::ProductVersion& from, v1::ProductVersion* to) {
  to->set_major(from.major);
  to->set_state(StateFor(from.state));
  to->set_sunset(from.sunset);
  if (from.schema) Fill(*from.schema, to->mutable_schema());
  v1::ProductVersion::Compatibility level = v1::ProductVersion::COMPATIBILITY_UNSPECIFIED;
  if (v1::ProductVersion::Compatibility_Parse("COMPATIBILITY_" + from.compatibility, &level))
    to->set_compatibility(level);
  for (const core::EventType& event : from.events) {
    v1::EventType* added = to->add_events();
    added->set_type(event.type);
    added->set_description(event.description);
  }
  to->set_wire(from.wire == core::Wire::kConfluentPrefix ? v1::ProductVersion::WIRE_CONFLUENT_PREFIX
                                                         : v1::ProductVersion::WIRE_PLAIN_JSON);
  for (const core::Stream& stream : from.streams) Fill(stream, to->add_streams());
}

v1::DataProduct::Ownership OwnershipFor(core::Ownership ownership) {
  switch (ownership) {
    case core::Ownership::kDirect:
      return v1::DataProduct::OWNERSHIP_DIRECT;
    case core::Ownership::kBroadcasting:
      return v1::DataProduct::OWNERSHIP_BROADCASTING;
    case core::Ownership::kFunnel:
      return v1::DataProduct::OWNERSHIP_FUNNEL;
    case core::Ownership::kDataProduct:
      return v1::DataProduct::OWNERSHIP_DATA_PRODUCT;
    case core::Ownership::kUnspecified:
      break;
  }
  return v1::DataProduct::OWNERSHIP_UNSPECIFIED;
}

void Fill(const core::Expectations& from, v1::Expectations* to) {
  to->set_rate(from.rate);
  to->set_size(from.size);
  if (from.freshness_ms == 0) return;
  to->mutable_freshness()->set_seconds(from.freshness_ms / 1000);
  to->mutable_freshness()->set_nanos(static_cast<int32_t>(from.freshness_ms % 1000) * 1'000'000);
}

void Fill(const core::DataProduct& from, v1::DataProduct* to) {
  to->set_name(from.name);
  to->set_title(from.title);
  to->set_description(from.description);
  to->set_category(from.category);
  to->set_stage(from.stage == core::Stage::kGeneral ? v1::DataProduct::STAGE_GENERAL
                                                    : v1::DataProduct::STAGE_PILOT);
  to->set_ownership(OwnershipFor(from.ownership));
  to->set_reason(from.reason);
  Fill(from.owners, to->mutable_owners());
  if (!from.channel.empty()) to->mutable_contact()->set_channel(from.channel);
  if (!from.email.empty()) to->mutable_contact()->set_email(from.email);
  if (from.customers != core::CustomerSelection{}) Fill(from.customers, to->mutable_customers());
  if (from.expects != core::Expectations{}) Fill(from.expects, to->mutable_expects());
  for (const core::ProductVersion& version : from.versions) Fill(version, to->add_versions());
  to->set_major_in_name(from.major_in_name == core::MajorInName::kAlways
                            ? v1::DataProduct::MAJOR_IN_NAME_ALWAYS
                            : v1::DataProduct::MAJOR_IN_NAME_FROM_V2);
}

void Fill(const core::Usage& from, v1::Usage* to) {
  Fill(from.fields, to->mutable_fields());
  to->set_validates(from.validates);
  to->set_unknown_enum_values(from.unknown_enum_values == core::UnknownEnumValues::kFails
                                  ? v1::Usage::UNKNOWN_ENUM_VALUES_FAILS
                                  : v1::Usage::UNKNOWN_ENUM_VALUES_IGNORES);
}

void Fill(const core::Access& from, v1::Access* to) {
  if (from.role == core::AccessRole::kConsumer) to->set_role(v1::Access::ROLE_CONSUMER);
  if (from.role == core::AccessRole::kProducer) to->set_role(v1::Access::ROLE_PRODUCER);
  Fill(from.majors, to->mutable_majors());
  Fill(from.streams, to->mutable_streams());
  if (from.customers != core::CustomerSelection{}) Fill(from.customers, to->mutable_customers());
  Fill(from.environments, to->mutable_environments());
  if (from.uses != core::Usage{}) Fill(from.uses, to->mutable_uses());
}

void Fill(const core::Grant& from, v1::Grant* to) {
  to->set_name(from.name);
  to->set_purpose(from.purpose);
  for (const core::Access& access : from.access) Fill(access, to->add_access());
}

// Where each kind goes in a resource.
struct Place {
  v1::Resource* resource;
  void operator()(const core::Environment& from) const { Fill(from, resource->mutable_environment()); }
  void operator()(const core::Category& from) const { Fill(from, resource->mutable_category()); }
  void operator()(const core::Domain& from) const { Fill(from, resource->mutable_domain()); }
  void operator()(const core::Customer& from) const { Fill(from, resource->mutable_customer()); }
  void operator()(const core::Application& from) const { Fill(from, resource->mutable_application()); }
  void operator()(const core::Cluster& from) const { Fill(from, resource->mutable_cluster()); }
  void operator()(const core::DataProduct& from) const { Fill(from, resource->mutable_data_product()); }
  void operator()(const core::Grant& from) const { Fill(from, resource->mutable_grant()); }
};

}  // namespace

v1::Resource ToProto(const core::Definition& definition) {
  v1::Resource resource;
  std::visit(Place{&resource}, definition);
  return resource;
}

}  // namespace sluice::wire
