#include "common/core/compile_scope.h"

#include <algorithm>
#include <string>

#include "common/core/text.h"

namespace sluice::core {

std::optional<Life> PresenceOn(const Customer& customer, const Cluster& cluster) {
  std::optional<Life> life;
  for (const Presence& presence : customer.presence) {
    if (presence.region != cluster.region) continue;
    const auto& environments = presence.environments;
    if (std::find(environments.begin(), environments.end(), cluster.environment) == environments.end())
      continue;
    if (presence.state != Life::kRetired) return Life::kActive;
    life = Life::kRetired;
  }
  return life;
}

SelectedCustomers::SelectedCustomers(const CustomerSelection& selection, Empty empty)
    : all_(selection.all || (selection.names.empty() && empty == Empty::kEverybody)),
      names_(selection.names.begin(), selection.names.end()) {}

std::vector<const Customer*> SelectCustomers(const Catalog& catalog, const CustomerSelection& selection) {
  std::vector<const Customer*> customers;
  if (selection.all) {
    customers.reserve(catalog.customers.entries().size());
    for (const Entry<Customer>& entry : catalog.customers.entries()) customers.push_back(entry.value.get());
    return customers;
  }
  for (const std::string& name : selection.names) {
    if (const Customer* customer = catalog.customers.Find(name)) customers.push_back(customer);
  }
  const auto by_name = [](const Customer* a, const Customer* b) { return a->name < b->name; };
  std::sort(customers.begin(), customers.end(), by_name);
  customers.erase(std::unique(customers.begin(), customers.end()), customers.end());
  return customers;
}

const DataProduct* Released(const Catalog& catalog, std::string_view product, std::string_view environment) {
  return catalog.releases.Find(Cat(product, "/", environment));
}

const Environment* HighestEnvironment(const Catalog& catalog) {
  const Environment* highest = nullptr;
  for (const Entry<Environment>& entry : catalog.environments.entries()) {
    if (highest == nullptr || entry.value->order > highest->order) highest = entry.value.get();
  }
  return highest;
}

}  // namespace sluice::core
