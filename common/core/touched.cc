// Touched: from edits to the slices that they can change.
#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <variant>
#include <vector>

#include "common/core/compile.h"
#include "common/core/compile_scope.h"
#include "common/core/names.h"
#include "common/core/text.h"

namespace sluice::core {
namespace {

// What of a product shows in slices.
bool SameSlices(const DataProduct* a, const DataProduct* b) {
  if (a == b) return true;
  if (a == nullptr || b == nullptr) return false;
  return a->category == b->category && a->customers == b->customers && a->versions == b->versions &&
         a->major_in_name == b->major_in_name;
}

// What of a grant shows in slices: all but its purpose and what it uses.
bool SameSlices(const Grant* a, const Grant* b) {
  if (a == nullptr || b == nullptr) return a == b;
  return std::equal(a->access.begin(), a->access.end(), b->access.begin(), b->access.end(),
                    [](const Access& x, const Access& y) {
                      return x.role == y.role && x.majors == y.majors && x.streams == y.streams &&
                             x.customers == y.customers && x.environments == y.environments;
                    });
}

std::set<std::string> UsersOn(const Application* application, std::string_view cluster) {
  std::set<std::string> users;
  if (application == nullptr) return users;
  for (const Principal& principal : application->principals) {
    if (principal.cluster == cluster) users.insert(principal.user);
  }
  return users;
}

bool Lists(const std::vector<std::string>& items, std::string_view item) {
  return std::find(items.begin(), items.end(), item) != items.end();
}

class Toucher {
 public:
  Toucher(const Catalog& before, const Catalog& after) : before_(before), after_(after) {}

  void operator()(const Environment& edited) { environments_.insert(edited.name); }
  void operator()(const Category&) {}  // a name of its own only
  void operator()(const Domain&) {}
  void operator()(const Customer& edited) { customers_.insert(edited.name); }
  void operator()(const Application& edited) { applications_.insert(edited.name); }

  void operator()(const Cluster& edited) {
    const Cluster* was = before_.clusters.Find(edited.name);
    const Cluster* is = after_.clusters.Find(edited.name);
    if (was != nullptr && is != nullptr && was->region == is->region && was->environment == is->environment)
      return;
    if (was != nullptr) AddEverything(before_, *was);
    if (is != nullptr) AddEverything(after_, *is);
  }

  void operator()(const DataProduct& edited) {
    ForEachCluster([&](const Catalog& catalog, const Cluster& cluster) {
      if (SameSlices(Released(before_, edited.name, cluster.environment),
                     Released(after_, edited.name, cluster.environment))) {
        return;
      }
      AddProduct(catalog, Released(catalog, edited.name, cluster.environment), cluster);
    });
  }

  void operator()(const Grant& edited) {
    const Grant* was = before_.grants.Find(edited.name);
    const Grant* is = after_.grants.Find(edited.name);
    if (SameSlices(was, is)) return;
    ForEachCluster([&](const Catalog& catalog, const Cluster& cluster) {
      for (const Grant* grant : {was, is}) {
        if (grant != nullptr) AddGrant(catalog, *grant, cluster);
      }
    });
  }

  std::vector<SliceAddress> Finish() && {
    AddEnvironments();
    AddCustomers();
    AddApplications();
    std::sort(addresses_.begin(), addresses_.end());
    addresses_.erase(std::unique(addresses_.begin(), addresses_.end()), addresses_.end());
    return std::move(addresses_);
  }

 private:
  template <typename Visit>
  void ForEachCluster(const Visit& visit) {
    for (const Catalog* catalog : {&before_, &after_}) {
      for (const Entry<Cluster>& entry : catalog->clusters.entries()) visit(*catalog, *entry.value);
    }
  }

  void Add(const Cluster& cluster, std::string key) { addresses_.push_back({cluster.name, std::move(key)}); }

  void AddProduct(const Catalog& catalog, const DataProduct* product, const Cluster& cluster) {
    if (product == nullptr) return;
    for (const Customer* customer : SelectCustomers(catalog, product->customers)) {
      if (PresenceOn(*customer, cluster)) Add(cluster, ProductSliceKey(product->name, customer->name));
    }
  }

  void AddGrant(const Catalog& catalog, const Grant& grant, const Cluster& cluster) {
    const std::optional<GrantName> name = ParseGrantName(grant.name);
    const DataProduct* product = name ? Released(catalog, name->product, cluster.environment) : nullptr;
    if (product == nullptr) return;
    for (const Access& access : grant.access) {
      if (!Lists(access.environments, cluster.environment)) continue;
      if (access.customers.all || access.customers.names.empty())
        return AddProduct(catalog, product, cluster);
      const SelectedCustomers selected(product->customers, SelectedCustomers::Empty::kNobody);
      for (const Customer* customer : SelectCustomers(catalog, access.customers)) {
        if (!selected.Contains(customer->name) || !PresenceOn(*customer, cluster)) continue;
        Add(cluster, ProductSliceKey(product->name, customer->name));
      }
    }
  }

  template <typename Visit>
  static void ForEachReleaseOn(const Catalog& catalog, const Cluster& cluster, const Visit& visit) {
    const std::string ending = Cat("/", cluster.environment);
    for (const Entry<DataProduct>& entry : catalog.releases.entries()) {
      if (std::string_view(entry.name).ends_with(ending)) visit(*entry.value);
    }
  }

  void AddEverything(const Catalog& catalog, const Cluster& cluster) {
    ForEachReleaseOn(catalog, cluster,
                     [&](const DataProduct& product) { AddProduct(catalog, &product, cluster); });
    for (const Entry<Application>& entry : catalog.applications.entries()) {
      if (!UsersOn(entry.value.get(), cluster.name).empty()) Add(cluster, ApplicationSliceKey(entry.name));
    }
  }

  // Defaults change every slice there; another last environment changes who needs a schema.
  void AddEnvironments() {
    if (environments_.empty()) return;
    std::set<std::string> changed;
    for (const std::string& name : environments_) {
      const Environment* was = before_.environments.Find(name);
      const Environment* is = after_.environments.Find(name);
      if (was == nullptr || is == nullptr || was->defaults != is->defaults) changed.insert(name);
    }
    const Environment* was_highest = HighestEnvironment(before_);
    const Environment* is_highest = HighestEnvironment(after_);
    const std::string was = was_highest == nullptr ? "" : was_highest->name;
    const std::string is = is_highest == nullptr ? "" : is_highest->name;
    if (was != is) changed.insert({was, is});
    ForEachCluster([&](const Catalog& catalog, const Cluster& cluster) {
      if (!changed.contains(cluster.environment)) return;
      ForEachReleaseOn(catalog, cluster,
                       [&](const DataProduct& product) { AddProduct(catalog, &product, cluster); });
    });
  }

  // Customers whose life where `cluster` is changed.
  std::unordered_set<std::string_view> CustomersThatMoved(const Cluster& cluster) const {
    const auto life = [&](const Catalog& catalog, const std::string& name) {
      const Customer* customer = catalog.customers.Find(name);
      return customer == nullptr ? std::nullopt : PresenceOn(*customer, cluster);
    };
    std::unordered_set<std::string_view> moved;
    for (const std::string& name : customers_) {
      if (life(before_, name) != life(after_, name)) moved.insert(name);
    }
    return moved;
  }

  // One pass over the releases for all edited customers.
  void AddCustomers() {
    if (customers_.empty()) return;
    ForEachCluster([&](const Catalog& catalog, const Cluster& cluster) {
      const std::unordered_set<std::string_view> moved = CustomersThatMoved(cluster);
      if (moved.empty()) return;
      ForEachReleaseOn(catalog, cluster, [&](const DataProduct& product) {
        const auto add = [&](std::string_view customer) {
          Add(cluster, ProductSliceKey(product.name, customer));
        };
        if (product.customers.all) return (void)std::for_each(moved.begin(), moved.end(), add);
        for (const std::string& name : product.customers.names) {
          if (moved.contains(name)) add(name);
        }
      });
    });
  }

  // One pass over the grants for all edited applications.
  void AddApplications() {
    std::map<std::string, std::vector<const Cluster*>, std::less<>>
        moved;  // application → clusters with other users
    for (const std::string& name : applications_) AddApplication(name, moved);
    if (moved.empty()) return;
    for (const Catalog* catalog : {&before_, &after_}) {
      for (const Entry<Grant>& entry : catalog->grants.entries()) {
        const size_t slash = entry.name.rfind('/');
        if (slash == std::string::npos) continue;
        const auto found = moved.find(std::string_view(entry.name).substr(slash + 1));
        if (found == moved.end()) continue;
        for (const Cluster* cluster : found->second) AddGrant(*catalog, *entry.value, *cluster);
      }
    }
  }

  void AddApplication(const std::string& name,
                      std::map<std::string, std::vector<const Cluster*>, std::less<>>& moved) {
    const Application* was = before_.applications.Find(name);
    const Application* is = after_.applications.Find(name);
    const bool same_names = was != nullptr && is != nullptr && was->groups == is->groups &&
                            was->transactional_ids == is->transactional_ids;
    ForEachCluster([&](const Catalog&, const Cluster& cluster) {
      const std::set<std::string> users_before = UsersOn(was, cluster.name);
      const std::set<std::string> users_after = UsersOn(is, cluster.name);
      if (users_before.empty() && users_after.empty()) return;
      if (users_before != users_after) moved[name].push_back(&cluster);
      if (users_before != users_after || !same_names) Add(cluster, ApplicationSliceKey(name));
    });
  }

  const Catalog& before_;
  const Catalog& after_;
  std::set<std::string> environments_, customers_, applications_;
  std::vector<SliceAddress> addresses_;
};

}  // namespace

std::vector<SliceAddress> Touched(const Catalog& before, const Catalog& after,
                                  const std::vector<Edit>& edits) {
  Toucher toucher(before, after);
  for (const Edit& edit : edits) std::visit(toucher, edit.definition);
  return std::move(toucher).Finish();
}

}  // namespace sluice::core
