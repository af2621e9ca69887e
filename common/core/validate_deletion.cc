#include <algorithm>
#include <set>

#include "common/core/checks.h"
#include "common/core/references.h"
#include "common/core/text.h"

namespace sluice::core {
namespace {

constexpr std::string_view kNever = "topics and subjects are never deleted until staged deletion exists";

// Resources that refer to `name`, as they will be.
std::vector<std::string> Referrers(const Catalog& after, Kind kind, const std::string& name) {
  std::vector<std::string> referrers;
  const auto look = [&](const auto& table) {
    for (const auto& entry : table.entries()) {
      const std::vector<Reference> references = ReferencesOf(*entry.value);
      for (const Reference& reference : references) {
        if (reference.kind != kind || reference.name != name) continue;
        referrers.push_back(ResourceName(entry.value->kKind, entry.name));
        break;
      }
    }
  };
  look(after.customers);
  look(after.applications);
  look(after.clusters);
  look(after.products);
  look(after.grants);
  return referrers;
}

// Whether `product` carries data of any of `customers`.
bool SelectsAny(const DataProduct& product, const std::set<std::string>& customers) {
  const std::vector<std::string>& names = product.customers.names;
  return product.customers.all ? !customers.empty()
                               : std::any_of(names.begin(), names.end(),
                                             [&](const auto& name) { return customers.count(name) != 0; });
}

bool AnySelects(const Catalog& catalog, const std::set<std::string>& customers) {
  const auto& products = catalog.products.entries();
  return std::any_of(products.begin(), products.end(),
                     [&](const auto& entry) { return SelectsAny(*entry.value, customers); });
}

bool HasTopics(const Catalog& catalog, const DataProduct& product) {
  std::set<std::string> living;
  for (const auto& customer : catalog.customers.entries()) {
    if (LivesSomewhere(catalog, *customer.value)) living.insert(customer.name);
  }
  return SelectsAny(product, living);
}

bool HasTopics(const Catalog& catalog, const Customer& customer) {
  return LivesSomewhere(catalog, customer) && AnySelects(catalog, {customer.name});
}

bool HasTopics(const Catalog& catalog, const Cluster& cluster) {
  std::set<std::string> living;
  for (const auto& customer : catalog.customers.entries()) {
    for (const Presence& presence : customer.value->presence) {
      if (presence.region == cluster.region && Contains(presence.environments, cluster.environment))
        living.insert(customer.name);
    }
  }
  return AnySelects(catalog, living);
}

template <typename T>
void CheckTopics(const CheckContext& context, const std::string& name, std::string_view remedy,
                 Report& report) {
  const T* before = context.before.Of<T>().Find(name);
  if (before == nullptr || !HasTopics(context.before, *before)) return;
  report.Error("", "has-topics", Cat(Quote(name), " has topics; ", kNever), std::string(remedy));
}

}  // namespace

void CheckDeletion(const CheckContext& context, const Definition& definition, Report& report) {
  const Kind kind = KindOf(definition);
  const std::string& name = NameOf(definition);
  const bool known = std::visit(
      [&](const auto& value) {
        return context.before.Of<std::decay_t<decltype(value)>>().Find(name) != nullptr;
      },
      definition);
  if (!known) {
    report.Error("", "unknown-resource", Cat("there is no ", ResourceName(kind, name), " to delete"),
                 "check the name, or leave the deletion out");
    return;
  }
  if (kind == Kind::kGrant) return;  // nothing refers to grants
  if (kind == Kind::kDataProduct)
    CheckTopics<DataProduct>(context, name, "set state: RETIRED on its versions", report);
  if (kind == Kind::kCustomer)
    CheckTopics<Customer>(context, name, "set state: RETIRED on its presence", report);
  if (kind == Kind::kCluster) CheckTopics<Cluster>(context, name, "retire what lives there first", report);
  const std::vector<std::string> referrers = Referrers(context.after, kind, name);
  if (referrers.empty()) return;
  report.Error("", "in-use", Cat(Quote(name), " is still used by ", List(referrers)),
               "take it out of these first, or in the same change");
}

}  // namespace sluice::core
