// What Compile and Touched both need to know: who lives where, and what selects whom.
#pragma once

#include <optional>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "common/core/catalog.h"

namespace sluice::core {

// The life of `customer` where `cluster` is: kActive, kRetired, or nullopt if it never lived there.
std::optional<Life> PresenceOn(const Customer& customer, const Cluster& cluster);

// A customer selection that answers in constant time. Keeps views into the selection.
class SelectedCustomers {
 public:
  // What neither `all` nor names means: nobody for products, everybody for grants.
  enum class Empty { kNobody, kEverybody };
  SelectedCustomers(const CustomerSelection& selection, Empty empty);

  bool Contains(std::string_view customer) const { return all_ || names_.contains(customer); }
  bool all() const { return all_; }

 private:
  bool all_;
  std::unordered_set<std::string_view> names_;
};

// Customers that `selection` selects and that are registered, in the order of names.
std::vector<const Customer*> SelectCustomers(const Catalog& catalog, const CustomerSelection& selection);

// What of `product` is live in `environment`; nullptr: nothing.
const DataProduct* Released(const Catalog& catalog, std::string_view product, std::string_view environment);

// The environment at the end of the promotion path; nullptr: there is none.
const Environment* HighestEnvironment(const Catalog& catalog);

}  // namespace sluice::core
