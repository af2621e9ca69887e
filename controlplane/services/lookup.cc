// Who: what a topic, subject, Kafka user, group or transactional id belongs to; and who the caller is here.
#include <algorithm>
#include <set>

#include "common/core/names.h"
#include "common/wire/wire.h"
#include "controlplane/services/changes/draft.h"
#include "controlplane/services/handlers.h"
#include "controlplane/services/page.h"
#include "controlplane/services/slice_status.h"

namespace sluice::controlplane {
namespace {

constexpr std::string_view kSubjectSuffix = "-value";
constexpr std::string_view kUserPrefix = "User:";
constexpr size_t kMaxResults = 200;

bool EndsWith(std::string_view text, std::string_view end) {
  return text.size() > end.size() && text.substr(text.size() - end.size()) == end;
}

void SetContact(const core::DataProduct& product, v1::LookupResult& result) {
  result.set_contact(product.channel.empty() ? product.email : product.channel);
}

// Whether an access opens this stream of this customer's topics.
bool Opens(const core::Access& access, const core::Stream& stream, int32_t major, std::string_view customer) {
  const bool all_customers = access.customers.all || access.customers.names.empty();
  const bool all_streams = access.streams.empty() && stream.purpose != core::Purpose::kDeadLetters;
  auto has = [](const auto& list, const auto& value) {
    return std::find(list.begin(), list.end(), value) != list.end();
  };
  return has(access.majors, major) && (all_streams || has(access.streams, stream.suffix)) &&
         (all_customers || has(access.customers.names, customer));
}

void AddUsers(const core::Catalog& catalog, const std::string& product, const core::Stream& stream,
              const core::TopicParts& parts, v1::LookupResult& result) {
  const auto [first, last] = catalog.grants.PrefixRange(product + "/");
  for (size_t i = first; i < last; ++i) {
    const core::Grant& grant = *catalog.grants.entries()[i].value;
    const std::string application = grant.name.substr(product.size() + 1);
    std::set<core::AccessRole> roles;
    for (const core::Access& access : grant.access) {
      if (Opens(access, stream, parts.major, parts.customer)) roles.insert(access.role);
    }
    if (roles.contains(core::AccessRole::kConsumer)) result.add_consumers(application);
    if (roles.contains(core::AccessRole::kProducer)) result.add_producers(application);
  }
}

// The change that last released the definition, and how many approved it.
absl::Status AddLastChange(const Context& context, core::Kind kind, const std::string& name,
                           v1::LookupResult& result) {
  absl::StatusOr<v1::Resource> resource = context.server.store.GetDefinition(kind, name);
  if (!resource.ok()) return absl::IsNotFound(resource.status()) ? absl::OkStatus() : resource.status();
  const v1::ResourceMeta& meta = *wire::MutableMeta(*resource);
  result.set_last_change(meta.change());
  *result.mutable_last_change_time() = meta.update_time();
  absl::StatusOr<int64_t> id = ParseChangeName(meta.change());
  if (!id.ok()) return absl::OkStatus();  // released by no change
  absl::StatusOr<StoredChange> change = context.server.store.GetChange(*id);
  if (!change.ok()) return change.status();
  std::set<std::string> people;
  for (const auto& approval : change->record.approvals()) people.insert(approval.actor().id());
  result.set_approvals(static_cast<int32_t>(people.size()));
  return absl::OkStatus();
}

absl::Status AddStatus(const Context& context, const core::Catalog& catalog, const std::string& key,
                       v1::LookupResult& result) {
  auto slices = context.server.store.ListSlices("", key);
  if (!slices.ok()) return slices.status();
  for (const SliceObservation& observation : *slices) {
    if (observation.slice.key == key && !observation.slice.gone)
      *result.add_status() = StatusOf(observation, catalog);
  }
  return absl::OkStatus();
}

// A topic or subject: of a declared stream of a product that carries this customer.
absl::Status FindTopic(const Context& context, const State& state, const std::string& topic, const char* type,
                       const std::string& name, v1::WhoResponse& response) {
  const std::optional<core::TopicParts> parts = core::ParseTopicName(topic);
  if (!parts) return absl::OkStatus();
  const std::string product_name = fmt::format("{}.{}", parts->domain, parts->product);
  const core::DataProduct* product = state.catalog.products.Find(product_name);
  if (product == nullptr || state.catalog.customers.Find(parts->customer) == nullptr) return absl::OkStatus();
  for (const core::ProductVersion& version : product->versions) {
    for (const core::Stream& stream : version.streams) {
      if (core::TopicName(parts->customer, *product, version.major, stream.suffix) != topic) continue;
      v1::LookupResult& result = *response.add_results();
      result.set_type(type);
      result.set_name(name);
      result.set_product(product_name);
      result.set_major(version.major);
      result.set_customer(std::string(parts->customer));
      for (const std::string& owner : product->owners) result.add_owners(owner);
      SetContact(*product, result);
      AddUsers(state.catalog, product_name, stream, *parts, result);
      const std::string key = core::ProductSliceKey(product_name, parts->customer);
      if (absl::Status status = AddStatus(context, state.catalog, key, result); !status.ok()) return status;
      return AddLastChange(context, core::Kind::kDataProduct, product_name, result);
    }
  }
  return absl::OkStatus();
}

absl::Status AddApplication(const Context& context, const State& state, const core::Application& application,
                            const char* type, const std::string& name, const std::string& cluster,
                            v1::WhoResponse& response) {
  if (response.results_size() >= static_cast<int>(kMaxResults)) return absl::OkStatus();
  v1::LookupResult& result = *response.add_results();
  result.set_type(type);
  result.set_name(name);
  result.set_cluster(cluster);
  result.set_application(application.name);
  for (const std::string& owner : application.owners) result.add_owners(owner);
  for (const auto& entry : state.catalog.grants.entries()) {
    const std::optional<core::GrantName> parts = core::ParseGrantName(entry.name);
    if (!parts || parts->application != application.name) continue;
    for (const core::Access& access : entry.value->access) {
      const char* role = access.role == core::AccessRole::kProducer ? "PRODUCER" : "CONSUMER";
      result.add_access(fmt::format("{} {}", parts->product, role));
    }
  }
  const std::string key = core::ApplicationSliceKey(application.name);
  if (absl::Status status = AddStatus(context, state.catalog, key, result); !status.ok()) return status;
  return AddLastChange(context, core::Kind::kApplication, application.name, result);
}

bool Owns(const core::NameSpace& names, const std::string& application, const std::string& name) {
  const std::string prefix = core::PrefixOf(names, application);
  return name.compare(0, prefix.size(), prefix) == 0 ||
         std::find(names.also.begin(), names.also.end(), name) != names.also.end();
}

absl::Status FindApplications(const Context& context, const State& state, const std::string& name,
                              v1::WhoResponse& response) {
  const std::string user =
      name.compare(0, kUserPrefix.size(), kUserPrefix) == 0 ? name.substr(kUserPrefix.size()) : name;
  for (const auto& entry : state.catalog.applications.entries()) {
    const core::Application& application = *entry.value;
    for (const core::Principal& principal : application.principals) {
      if (principal.user != user) continue;
      auto status =
          AddApplication(context, state, application, "principal", user, principal.cluster, response);
      if (!status.ok()) return status;
    }
    if (Owns(application.groups, application.name, name)) {
      auto status = AddApplication(context, state, application, "group", name, "", response);
      if (!status.ok()) return status;
    }
    if (Owns(application.transactional_ids, application.name, name)) {
      auto status = AddApplication(context, state, application, "transactional_id", name, "", response);
      if (!status.ok()) return status;
    }
  }
  return absl::OkStatus();
}

std::string RoleName(core::Role role) {
  switch (role) {
    case core::Role::kReviewBoard:
      return "review board";
    case core::Role::kDataProductsTeam:
      return "data products team";
    case core::Role::kPlatformOperator:
      return "platform operator";
    case core::Role::kAuditor:
      return "auditor";
  }
  return "";
}

}  // namespace

absl::StatusOr<v1::WhoResponse> Who(const Context& context, const v1::WhoRequest& request) {
  if (absl::Status status = CheckName(request.name()); !status.ok()) return status;
  const std::shared_ptr<const State> state = context.server.store.Current();
  const std::string& name = request.name();
  v1::WhoResponse response;
  absl::Status status = FindTopic(context, *state, name, "topic", name, response);
  if (status.ok() && EndsWith(name, kSubjectSuffix)) {
    const std::string topic = name.substr(0, name.size() - kSubjectSuffix.size());
    status = FindTopic(context, *state, topic, "subject", name, response);
  }
  if (status.ok()) status = FindApplications(context, *state, name, response);
  if (!status.ok()) return status;
  if (response.results().empty()) {
    return absl::NotFoundError(
        fmt::format("no declared topic, subject, principal, group or transactional id is named '{}'", name));
  }
  return response;
}

absl::StatusOr<v1::ServerInfo> GetServerInfo(const Context& context, const v1::GetServerInfoRequest&) {
  v1::ServerInfo info;
  info.set_version(context.server.version);
  info.set_revision(context.server.store.Current()->revision);
  info.set_caller(context.caller.display_name);
  for (const std::string& group : context.caller.groups) info.add_groups(group);
  for (const core::Role role : context.caller.roles) info.add_roles(RoleName(role));
  return info;
}

}  // namespace sluice::controlplane
