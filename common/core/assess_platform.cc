// Environments, categories, domains, customers, clusters and applications: who may bring them in and change
// them.
#include <algorithm>

#include "common/core/names.h"
#include "common/core/text.h"
#include "common/core/verdict.h"

namespace sluice::core {
namespace {

std::string_view Deed(const void* before, const void* after) {
  return before == nullptr ? "is new" : after == nullptr ? "is deleted" : "is changed";
}

template <typename T>
void AskDataProductsTeam(const T* before, const T* after, Verdict& verdict) {
  const T& value = after == nullptr ? *before : *after;
  const std::string what = Cat(KindName(T::kKind), " ", value.name, " ", Deed(before, after));
  verdict.Raise(ChangeClass::kOperation, what);
  verdict.OwnApply({"operation", "data products team", verdict.Holders(Role::kDataProductsTeam),
                    Cat(what, ": the data products team keeps the conventions"),
                    ResourceName(T::kKind, value.name)});
}

template <typename T>
void AskOperator(const T* before, const T* after, Verdict& verdict) {
  const T& value = after == nullptr ? *before : *after;
  const std::string what = Cat(KindName(T::kKind), " ", value.name, " ", Deed(before, after));
  verdict.Raise(ChangeClass::kOnboarding, what);
  verdict.OwnApply({"onboarding", "platform operator", verdict.Holders(Role::kPlatformOperator),
                    Cat(what, ": the platform operator keeps customers and clusters"),
                    ResourceName(T::kKind, value.name)});
}

// ---- Customers ----

using Place = std::pair<std::string, std::string>;  // region, environment

std::set<Place> PlacesOf(const Customer* customer) {
  std::set<Place> places;
  if (customer == nullptr) return places;
  for (const Presence& presence : customer->presence) {
    if (presence.state == Life::kRetired) continue;
    for (const std::string& environment : presence.environments) places.emplace(presence.region, environment);
  }
  return places;
}

// Places in `a` that are not in `b`, as `eu/prod`.
std::vector<std::string> Less(const std::set<Place>& a, const std::set<Place>& b) {
  std::vector<std::string> rest;
  for (const Place& place : a) {
    if (b.count(place) == 0) rest.push_back(Cat(place.first, "/", place.second));
  }
  return rest;
}

// Products that so far lived in self-service environments only, and would leave them with this customer.
void AssessNewPlaces(const Customer& customer, Verdict& verdict) {
  for (const auto& entry : verdict.before().products.entries()) {
    const DataProduct& product = *entry.value;
    const bool selected =
        product.customers.all || std::find(product.customers.names.begin(), product.customers.names.end(),
                                           customer.name) != product.customers.names.end();
    if (!selected || verdict.IsEdited(Kind::kDataProduct, product.name))
      continue;  // an edited product is asked for itself
    if (verdict.IsSelfService(Verdict::When::kBefore, product) &&
        !verdict.IsSelfService(Verdict::When::kAfter, product)) {
      AskNewProduct(product, "leaves the self-service environments with this customer", verdict);
    }
  }
}

// ---- Applications ----

std::vector<Principal> Added(const std::vector<Principal>& before, const std::vector<Principal>& after) {
  std::vector<Principal> added;
  for (const Principal& principal : after) {
    if (std::find(before.begin(), before.end(), principal) == before.end()) added.push_back(principal);
  }
  return added;
}

// An owner of each product whose grants the new principals would use, and the operator.
void AssessPrincipals(const Application* before, const Application& after, Verdict& verdict) {
  const std::vector<Principal> added =
      Added(before == nullptr ? std::vector<Principal>() : before->principals, after.principals);
  if (added.empty()) return;
  const std::string resource = ResourceName(Kind::kApplication, after.name);
  std::set<std::string> environments;
  std::vector<std::string> users;
  for (const Principal& principal : added) {
    users.push_back(Cat(principal.user, " on ", principal.cluster));
    const Cluster* cluster = verdict.after().clusters.Find(principal.cluster);
    if (cluster != nullptr) environments.insert(cluster->environment);
  }
  const std::string what = Cat("application ", after.name, " gets ", List(users));
  if (before != nullptr) verdict.Raise(ChangeClass::kAccess, what);
  verdict.OwnApply({"principal", "platform operator", verdict.Holders(Role::kPlatformOperator),
                    Cat(what, ": the platform operator gives out principals"), resource});
  if (before == nullptr)
    return;  // a new application has no grants yet, and new grants are asked for themselves
  const std::string ending = Cat("/", after.name);
  for (const auto& entry : verdict.before().grants.entries()) {
    if (!std::string_view(entry.name).ends_with(ending)) continue;
    const auto name = ParseGrantName(entry.name);
    const DataProduct* product = name ? verdict.after().products.Find(name->product) : nullptr;
    const bool opens =
        std::any_of(entry.value->access.begin(), entry.value->access.end(), [&](const Access& access) {
          return std::any_of(
              access.environments.begin(), access.environments.end(),
              [&](const std::string& environment) { return environments.count(environment) != 0; });
        });
    if (product == nullptr || !opens) continue;
    verdict.OwnApply({"access", Cat("owner of ", product->name), verdict.OwnersOf(*product),
                      Cat(what, ", which opens ", product->name, " to it"), resource});
  }
}

std::vector<std::string> DomainOwnersOrOperator(const std::string& domain, const Verdict& verdict) {
  std::vector<std::string> people = verdict.OwnersOfDomain(domain);
  const std::vector<std::string>& operators = verdict.Holders(Role::kPlatformOperator);
  people.insert(people.end(), operators.begin(), operators.end());
  return people;
}

void AskOnboarding(const Application* before, const Application* after, const std::string& domain,
                   Verdict& verdict) {
  const std::string& name = after == nullptr ? before->name : after->name;
  const std::string what = Cat("Application ", name, " ", Deed(before, after));
  verdict.Raise(ChangeClass::kOnboarding, what);
  verdict.OwnApply({"onboarding", Cat("Domain Owner of ", domain, " or platform operator"),
                    DomainOwnersOrOperator(domain, verdict),
                    Cat(what, ": its Domain Owner or the operator answers for it"),
                    ResourceName(Kind::kApplication, name)});
}

}  // namespace

void AssessEdit(const Environment* before, const Environment* after, Verdict& verdict) {
  AskDataProductsTeam(before, after, verdict);
  if (before == nullptr || after == nullptr || before->defaults.partitions == after->defaults.partitions)
    return;
  const std::string resource = ResourceName(Kind::kEnvironment, after->name);
  for (const auto& entry : verdict.before().products.entries()) {
    // An edited product is compared under both environments when its own turn comes.
    if (verdict.IsEdited(Kind::kDataProduct, entry.name)) continue;
    AssessPartitions(*entry.value, *entry.value, resource, verdict);
  }
}

void AssessEdit(const Category* before, const Category* after, Verdict& verdict) {
  AskDataProductsTeam(before, after, verdict);
}

void AssessEdit(const Domain* before, const Domain* after, Verdict& verdict) {
  if (before == nullptr || after == nullptr) return AskDataProductsTeam(before, after, verdict);
  Domain rest = *after;
  rest.owners = before->owners;
  if (rest != *before) AskDataProductsTeam(before, after, verdict);
  if (before->owners == after->owners) return;
  verdict.Raise(ChangeClass::kOperation, Cat("the owners of domain ", after->name, " change"));
  AskOwnersChange(Cat("Domain Owner of ", after->name), before->owners,
                  ResourceName(Kind::kDomain, after->name), verdict);
}

void AssessEdit(const Customer* before, const Customer* after, Verdict& verdict) {
  const std::set<Place> was = PlacesOf(before), is = PlacesOf(after);
  const std::vector<std::string> retired = Less(was, is);
  if (before == nullptr || after == nullptr || retired.empty()) AskOperator(before, after, verdict);
  if (after != nullptr && !Less(is, was).empty()) AssessNewPlaces(*after, verdict);
  if (after == nullptr || retired.empty()) return;
  const std::string what = Cat("customer ", after->name, " leaves ", List(retired));
  verdict.Raise(ChangeClass::kDeletion, what);
  verdict.Approval({"retirement", "platform operator", verdict.Holders(Role::kPlatformOperator),
                    Cat(what, ": its grants there are taken away"),
                    ResourceName(Kind::kCustomer, after->name)});
}

void AssessEdit(const Cluster* before, const Cluster* after, Verdict& verdict) {
  AskOperator(before, after, verdict);
}

void AssessEdit(const Application* before, const Application* after, Verdict& verdict) {
  if (before == nullptr || after == nullptr) {
    AskOnboarding(before, after, (after == nullptr ? before : after)->domain, verdict);
    if (after != nullptr) AssessPrincipals(nullptr, *after, verdict);
    return;
  }
  const std::string resource = ResourceName(Kind::kApplication, after->name);
  Application rest = *after;
  rest.owners = before->owners;
  rest.title = before->title;
  if (!Added(before->principals, after->principals).empty()) rest.principals = before->principals;
  if (rest != *before) {
    AskOnboarding(before, after, before->domain, verdict);
    if (before->domain != after->domain) AskOnboarding(before, after, after->domain, verdict);
  } else if (before->title != after->title) {
    verdict.Raise(ChangeClass::kConfig, Cat("the title of application ", after->name, " changes"));
    verdict.OwnApply(
        {"config", Cat("owner of ", after->name), before->owners, "its Module Owners describe it", resource});
  }
  AssessPrincipals(before, *after, verdict);
  if (before->owners == after->owners) return;
  verdict.Raise(ChangeClass::kOnboarding, Cat("the owners of application ", after->name, " change"));
  AskOwnersChange(Cat("owner of ", after->name), before->owners, resource, verdict);
}

void AskOwnersChange(std::string role, const std::vector<std::string>& existing, std::string resource,
                     Verdict& verdict) {
  std::vector<std::string> people = existing;
  const std::vector<std::string>& operators = verdict.Holders(Role::kPlatformOperator);
  people.insert(people.end(), operators.begin(), operators.end());
  verdict.Approval({"owners-change", role + " or platform operator", std::move(people),
                    "owners change: an existing owner or the operator agrees, other than who proposes it",
                    std::move(resource)});
}

}  // namespace sluice::core
