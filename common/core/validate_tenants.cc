// Customers and applications.
#include <map>
#include <set>

#include "common/core/checks.h"
#include "common/core/limits.h"
#include "common/core/names.h"
#include "common/core/text.h"

namespace sluice::core {
namespace {

using Place = std::pair<std::string, std::string>;  // region, environment

std::set<Place> PlacesOf(const Customer& customer) {
  std::set<Place> places;
  for (const Presence& presence : customer.presence) {
    for (const std::string& environment : presence.environments) places.emplace(presence.region, environment);
  }
  return places;
}

void CheckPresence(const CheckContext& context, const Customer& customer, Report& report) {
  if (!CheckCount(customer.presence.size(), kMaxPresence, "presence", report)) return;
  std::set<Place> seen;
  for (size_t i = 0; i < customer.presence.size(); ++i) {
    const Presence& presence = customer.presence[i];
    const std::string at = Item("presence", i);
    CheckSegment(presence.region, Cat(at, ".region"), report);
    if (presence.state == Life::kDeprecated) {
      report.Error(Cat(at, ".state"), "state", "a presence is never DEPRECATED", "say ACTIVE or RETIRED");
    }
    const std::vector<std::string>& environments = presence.environments;
    if (environments.empty()) {
      report.Error(Cat(at, ".environments"), "required", "no environment given",
                   "name the environments, for example [prod]");
    }
    if (!CheckCount(environments.size(), kMaxEnvironments, Cat(at, ".environments"), report)) continue;
    for (size_t e = 0; e < environments.size(); ++e) {
      if (seen.emplace(presence.region, environments[e]).second) continue;
      report.Error(Item(Cat(at, ".environments"), e), "duplicate",
                   Cat("region ", Quote(presence.region), " with environment ", Quote(environments[e]),
                       " is there twice"),
                   "say once whether it is ACTIVE or RETIRED");
    }
  }
  const Customer* before = context.before.customers.Find(customer.name);
  if (before == nullptr) return;
  for (const Place& place : PlacesOf(*before)) {
    if (seen.count(place) != 0) continue;
    report.Error(
        "presence", "presence-dropped",
        Cat("presence in region '", place.first, "', environment '", place.second,
            "' is gone from the manifest"),
        Cat("keep {region: ", place.first, ", environments: [", place.second, "]} and set state: RETIRED"));
  }
}

// Topic names that become too long with this customer in front.
void CheckTopicNames(const CheckContext& context, const Customer& customer, Report& report) {
  if (context.before.customers.Find(customer.name) != nullptr) return;
  for (const auto& entry : context.after.products.entries()) {
    const DataProduct& product = *entry.value;
    if (!Selects(product.customers, customer.name)) continue;
    for (const ProductVersion& version : product.versions) {
      for (const Stream& stream : version.streams) {
        const std::string topic = TopicName(customer.name, product, version.major, stream.suffix);
        if (topic.size() <= kMaxTopicName) continue;
        report.Error("name", "topic-name-length",
                     Cat("topic ", Quote(topic), " of product '", product.name, "' would have ", topic.size(),
                         " characters; Kafka takes ", kMaxTopicName),
                     "choose a shorter name for the customer, or leave it out of that product");
      }
    }
  }
}

void CheckLabels(const Customer& customer, Report& report) {
  if (!CheckCount(customer.labels.size(), kMaxLabels, "labels", report)) return;
  for (const auto& [key, value] : customer.labels) {
    CheckSegment(key, Cat("labels.", key), report);
    CheckText(value, kMaxLabelValue, Cat("labels.", key), report);
  }
}

void CheckPrincipal(const CheckContext& context, const Application& application, size_t index,
                    Report& report) {
  const Principal& principal = application.principals[index];
  const std::string field = Cat(Item("principals", index), ".user");
  if (principal.user == "ANONYMOUS" || principal.user == "*") {
    report.Error(field, "principal-everybody", Cat(Quote(principal.user), " is everybody"),
                 "name the application's own Kafka user");
    return;
  }
  if (!IsKafkaUser(principal.user)) {
    const bool typed = principal.user.rfind("User:", 0) == 0;
    report.Error(field, "principal", Cat(Quote(principal.user), " is no Kafka user"),
                 typed ? Cat("write ", Quote(principal.user.substr(5)), ", without 'User:'")
                       : "letters, digits and '._@-', at most 128");
    return;
  }
  const Claims::Holder holder = context.claims->OtherUser(principal, application.name);
  if (!holder.empty()) {
    report.Error(field, "principal-taken",
                 Cat(Quote(principal.user), " on cluster '", principal.cluster, "' belongs to application '",
                     holder, "'"),
                 "give each application a Kafka user of its own");
  }
  const Cluster* cluster = context.after.clusters.Find(principal.cluster);
  if (cluster != nullptr && Contains(cluster->reserved_principals, principal.user)) {
    report.Error(field, "principal-reserved",
                 Cat(Quote(principal.user), " is reserved on cluster '", principal.cluster, "'"),
                 "use a Kafka user of the application's own");
  }
}

void CheckPrincipals(const CheckContext& context, const Application& application, Report& report) {
  if (!CheckCount(application.principals.size(), kMaxPrincipals, "principals", report)) return;
  std::set<Principal> seen;
  for (size_t i = 0; i < application.principals.size(); ++i) {
    CheckPrincipal(context, application, i, report);
    if (seen.insert(application.principals[i]).second) continue;
    report.Error(Item("principals", i), "duplicate",
                 Cat(Quote(application.principals[i].user), " is there twice"), "remove one of them");
  }
}

using FindOverlap = Claims::Overlap (Claims::*)(const std::string&, bool, Claims::Holder) const;

void CheckNameSpace(const CheckContext& context, const Application& application, const NameSpace& names,
                    std::string_view field, FindOverlap find, Report& report) {
  const auto check = [&](const std::string& name, bool is_prefix, std::string at) {
    const Claims::Overlap overlap = ((*context.claims).*find)(name, is_prefix, application.name);
    if (overlap.application.empty()) return;
    report.Error(std::move(at), "names-overlap",
                 Cat(is_prefix ? "prefix " : "", Quote(name), " overlaps ", overlap.what, " of application '",
                     overlap.application, "'"),
                 "choose names that belong to this application alone");
  };
  if (!names.prefix.empty() && !IsGroupPrefix(names.prefix)) {
    report.Error(Cat(field, ".prefix"), "group-prefix", Cat(Quote(names.prefix), " is no prefix"),
                 "letters, digits and '._-', ending in '.', for example 'plan.' (without the '.', 'team-a' "
                 "would cover 'team-ab')");
  } else {
    check(PrefixOf(names, application.name), true, Cat(field, ".prefix"));
  }
  if (!CheckCount(names.also.size(), kMaxAlso, Cat(field, ".also"), report)) return;
  for (size_t i = 0; i < names.also.size(); ++i) {
    const std::string at = Item(Cat(field, ".also"), i);
    if (!IsGroupName(names.also[i])) {
      report.Error(at, "group-name", Cat(Quote(names.also[i]), " is no name of a group"),
                   "letters, digits and '._-', at most 249");
    } else {
      check(names.also[i], false, at);
    }
  }
  CheckUnique(names.also, Cat(field, ".also"), report);
}

}  // namespace

void Check(const CheckContext& context, const Customer& customer, Report& report) {
  CheckSegment(customer.name, "name", report);
  CheckText(customer.title, kMaxTitle, "title", report);
  CheckTopicNames(context, customer, report);
  CheckLabels(customer, report);
  CheckPresence(context, customer, report);
}

void Check(const CheckContext& context, const Application& application, Report& report) {
  CheckSegment(application.name, "name", report);
  CheckText(application.title, kMaxTitle, "title", report);
  CheckOwners(application.owners, AppOwners::kRefused, "name its Module Owners: group:NAME or user:SUBJECT",
              report);
  CheckPrincipals(context, application, report);
  CheckNameSpace(context, application, application.groups, "groups", &Claims::OtherGroup, report);
  CheckNameSpace(context, application, application.transactional_ids, "transactional_ids",
                 &Claims::OtherTransactionalId, report);
}

}  // namespace sluice::core
